//! The toy of `examples/toy-detector`: what a method of one's own says of its training.

use std::path::Path;

use burn::tensor::Device;
use inference::ModelError;
use toy_detector::{Toy, ToyConfig};

use super::{
    Losses,
    face::{FaceBatch, FaceMethod},
};
use crate::Error;

impl FaceMethod for ToyConfig {
    type Model = Toy;

    fn init(&self, device: &Device, rng: &mut impl rand::Rng) -> Result<Toy, Error> {
        Ok(self.init(device, rng).map_err(ModelError::from)?)
    }

    fn load_backbone(&self, _model: &mut Toy, path: &Path) -> Result<(), Error> {
        Err(face_data::Error::data(path, "the toy has no backbone with published weights").into())
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
