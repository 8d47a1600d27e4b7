//! A method that judges single faces, as a training sees it.

use std::path::Path;

use backbones::WeightsError;
use burn::{
    module::Module,
    tensor::{Device, Int, Tensor},
};
use core_tensor_ops::Detector;
use inference::ModelError;
use rand::Rng;

/// A method that judges single faces: its network and its loss.
pub trait FaceMethod: Sync {
    /// The network.
    type Model: Module + Detector + 'static;

    /// The untrained network.
    ///
    /// # Errors
    /// Where it cannot be built.
    fn init(&self, device: &Device, rng: &mut impl Rng) -> Result<Self::Model, ModelError>;

    /// Loads published weights of the backbone.
    ///
    /// # Errors
    /// Where the file does not hold them; by default always, as of a network that has no backbone.
    fn load_backbone(&self, _model: &mut Self::Model, path: &Path) -> Result<(), WeightsError> {
        Err(WeightsError::Read {
            path: path.to_owned(),
            reason: "the network has no backbone with published weights; it starts from random ones, or from the folder of a run".into(),
        })
    }

    /// Whether two parts of a batch may be worked on at once and the result still be the same in every run: where a
    /// step passes through the network once.
    fn runs_in_parts_at_once(&self) -> bool {
        true
    }

    /// Whether frozen parts keep their running statistics.
    fn keeps_frozen_statistics(&self) -> bool {
        true
    }

    /// The losses of a batch; of their terms those count that `terms` names, or all where it names
    /// none. What a network draws while it is trained, it draws from `rng`.
    fn losses(
        &self,
        model: &Self::Model,
        batch: FaceBatch,
        terms: &[String],
        rng: &mut impl Rng,
    ) -> Losses;
}

/// Samples on the device.
#[derive(Debug)]
pub struct FaceBatch {
    /// `[batch, 3, size, size]`, normalised as the network wants it.
    pub images: Tensor<4>,
    /// The same, degraded; where the method has no use for it, as `images`.
    pub degraded: Tensor<4>,
    /// `[batch, 1, size, size]`, 1 = forged.
    pub masks: Tensor<4>,
    /// Of each image the boxes around what is forged, `[x0, y0, x1, y1]` in shares of the crop.
    pub boxes: Vec<Vec<[f32; 4]>>,
    /// `[batch]`, 0 = real, 1 = forged.
    pub labels: Tensor<1, Int>,
}

/// The losses of a batch, each a mean over it.
#[derive(Debug)]
pub struct Losses {
    /// What training minimises. `[1]`.
    pub total: Tensor<1>,
    /// Its parts by name, before their weights. `[1]` each.
    pub parts: Vec<(&'static str, Tensor<1>)>,
}
