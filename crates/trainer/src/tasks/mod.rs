//! What differs between the methods: the samples, the network, the loss.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};
use core_tensor_ops::Detector;

use crate::Error;

pub(crate) mod pcl;

/// One method's training. Everything else (order, schedule, optimiser, checkpoints, validation)
/// is the same for all methods.
pub(crate) trait Task: Sync {
    /// The network.
    type Model: Module + Detector;
    /// One training sample, made on a CPU thread.
    type Sample: Send + Sync;

    /// The untrained network, seeded by the recipe.
    ///
    /// # Errors
    /// Where the recipe's network cannot be built.
    fn model(&self, device: &Device) -> Result<Self::Model, Error>;

    /// The sample at `place` in the batch of `step`, drawn from `row`: a pure function of these
    /// and the seed.
    ///
    /// # Errors
    /// Where the row's picture cannot be read any more.
    fn sample(&self, step: usize, place: usize, row: usize) -> Result<Self::Sample, Error>;

    /// The losses of a batch.
    fn losses(&self, model: &Self::Model, batch: &[Self::Sample], device: &Device) -> Losses;

    /// The batch as pictures, for a person who looks for what went wrong.
    fn pictures(&self, batch: &[Self::Sample]) -> Vec<image::RgbImage>;
}

/// The losses of a batch, each a mean over it.
pub(crate) struct Losses {
    /// What training minimises. `[1]`.
    pub total: Tensor<1>,
    /// Its parts by name, before their weights. `[1]` each.
    pub parts: Vec<(&'static str, Tensor<1>)>,
}
