//! MesoInception-4: a classifier and nothing besides.

use burn::tensor::Device;
use inference::ModelError;
use model_meso::{Meso, MesoConfig};

use crate::method::{FaceBatch, FaceMethod, Losses};

impl FaceMethod for MesoConfig {
    type Model = Meso;

    fn init(&self, device: &Device, rng: &mut impl rand::Rng) -> Result<Meso, ModelError> {
        Ok(self.init(device, rng)?)
    }

    fn losses(
        &self,
        model: &Meso,
        batch: FaceBatch,
        _terms: &[String],
        rng: &mut impl rand::Rng,
    ) -> Losses {
        let total = model.loss(model.training_forward(batch.images, rng), batch.labels);
        Losses {
            parts: vec![("cls", total.clone())],
            total,
        }
    }
}
