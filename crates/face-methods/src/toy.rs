//! The toy of `examples/toy-detector`: what a method of one's own says of its training.

use burn::tensor::Device;
use inference::ModelError;
use toy_detector::{Toy, ToyConfig};

use crate::method::{FaceBatch, FaceMethod, Losses};

impl FaceMethod for ToyConfig {
    type Model = Toy;

    fn init(&self, device: &Device, rng: &mut impl rand::Rng) -> Result<Toy, ModelError> {
        Ok(self.init(device, rng)?)
    }

    fn losses(
        &self,
        model: &Toy,
        batch: FaceBatch,
        _terms: &[String],
        _rng: &mut impl rand::Rng,
    ) -> Losses {
        let total = model.loss(batch.images, batch.labels);
        Losses {
            parts: vec![("cls", total.clone())],
            total,
        }
    }
}
