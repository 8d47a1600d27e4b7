//! PCL: the network on a ResNet, the losses of section 3.1.

use std::path::Path;

use backbones::WeightsError;
use burn::tensor::Device;
use inference::ModelError;
use model_pcl::{Pcl, PclConfig};

use crate::method::{FaceBatch, FaceMethod, Losses};

impl FaceMethod for PclConfig {
    type Model = Pcl<backbones::ResNet>;

    fn init(&self, device: &Device, rng: &mut impl rand::Rng) -> Result<Self::Model, ModelError> {
        Ok(self.init(device, rng)?)
    }

    fn load_backbone(&self, model: &mut Self::Model, path: &Path) -> Result<(), WeightsError> {
        let mut options = backbones::LoadOptions::default().without_head();
        // Stages that the network does not build may be in the file.
        options.ignore.extend(model.backbone.names_beyond());
        backbones::load_weights(&mut model.backbone, path, &options)?;
        Ok(())
    }

    fn losses(
        &self,
        model: &Self::Model,
        batch: FaceBatch,
        _terms: &[String],
        _rng: &mut impl rand::Rng,
    ) -> Losses {
        // The volume V follows from the mask by Eq. 2 on the device.
        let loss = model.loss(model.forward(batch.images), batch.masks, batch.labels);
        Losses {
            total: loss.total,
            parts: vec![("pcl", loss.pcl), ("cls", loss.cls)],
        }
    }
}
