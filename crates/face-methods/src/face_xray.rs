//! Face X-ray: the network on any backbone, the losses of its section 3.2.

use std::path::Path;

use backbones::{AnyBackbone, WeightsError};
use burn::tensor::Device;
use inference::ModelError;
use model_face_xray::{FaceXray, FaceXrayConfig};

use crate::method::{FaceBatch, FaceMethod, Losses};

impl FaceMethod for FaceXrayConfig {
    type Model = FaceXray<AnyBackbone>;

    fn init(&self, device: &Device, rng: &mut impl rand::Rng) -> Result<Self::Model, ModelError> {
        Ok(self.init(device, rng)?)
    }

    fn load_backbone(&self, model: &mut Self::Model, path: &Path) -> Result<(), WeightsError> {
        model.backbone.load_published(path)
    }

    fn losses(
        &self,
        model: &Self::Model,
        batch: FaceBatch,
        _terms: &[String],
        rng: &mut impl rand::Rng,
    ) -> Losses {
        let output = model.training_forward(batch.images, rng);
        let loss = model.loss(output, batch.masks, batch.labels);
        Losses {
            total: loss.total,
            parts: vec![("xray", loss.xray), ("cls", loss.class)],
        }
    }
}
