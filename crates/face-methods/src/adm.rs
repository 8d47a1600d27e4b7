//! ADM: the network on any backbone, the losses of its section 4.3.

use std::path::Path;

use backbones::{AnyBackbone, WeightsError};
use burn::tensor::Device;
use inference::ModelError;
use model_adm::{Adm, AdmConfig, AdmTarget};

use crate::method::{FaceBatch, FaceMethod, Losses};

impl FaceMethod for AdmConfig {
    type Model = Adm<AnyBackbone>;

    fn init(&self, device: &Device, rng: &mut impl rand::Rng) -> Result<Self::Model, ModelError> {
        Ok(self.init(device, rng)?)
    }

    fn load_backbone(&self, model: &mut Self::Model, path: &Path) -> Result<(), WeightsError> {
        model.base_model.load_published(path)
    }

    fn losses(
        &self,
        model: &Self::Model,
        batch: FaceBatch,
        _terms: &[String],
        rng: &mut impl rand::Rng,
    ) -> Losses {
        let targets: Vec<AdmTarget> = batch
            .boxes
            .iter()
            // Boxes of the generators lie within the picture and have an area.
            .map(|boxes| AdmTarget::new(boxes).unwrap_or_default())
            .collect();
        let loss = model.loss(
            model.training_forward(batch.images, rng),
            &targets,
            batch.labels,
        );
        Losses {
            total: loss.total,
            parts: vec![("cls", loss.cls), ("conf", loss.conf), ("loc", loss.loc)],
        }
    }
}
