//! Golden values of a tensor.

use burn::tensor::Tensor;
use serde::Deserialize;

/// Every `step`-th value of a tensor, as a golden file has them.
#[derive(Clone, Debug, Deserialize)]
pub struct Sample {
    /// The tensor's shape.
    pub shape: Vec<usize>,
    /// Of how many values one is here.
    pub step: usize,
    /// These values, in the tensor's order.
    pub values: Vec<f32>,
}

impl Sample {
    /// The largest difference from a tensor.
    ///
    /// # Panics
    ///
    /// Panics if the tensor has another shape.
    pub fn error<const D: usize>(&self, what: &str, tensor: Tensor<D>) -> f32 {
        assert_eq!(tensor.dims().to_vec(), self.shape, "{what}");
        let values = values(tensor);
        let sampled = values.iter().step_by(self.step);
        assert_eq!(sampled.len(), self.values.len(), "{what}");
        let differences = sampled
            .zip(&self.values)
            .map(|(ours, theirs)| (ours - theirs).abs());
        differences.fold(0.0, f32::max)
    }

    /// The largest of the values, without its sign.
    #[must_use]
    pub fn largest(&self) -> f32 {
        let sizes = self.values.iter().map(|value| value.abs());
        sizes.fold(0.0, f32::max)
    }

    /// Refuses a tensor of which a value is farther off than `tolerance`.
    ///
    /// # Panics
    ///
    /// Panics if one is, or the shape is another.
    pub fn assert_close<const D: usize>(&self, what: &str, tensor: Tensor<D>, tolerance: f32) {
        let error = self.error(what, tensor);
        println!("{what}: largest error {error:e}");
        assert!(error <= tolerance, "{what}: largest error {error}");
    }
}

/// The values of a tensor.
///
/// # Panics
///
/// Panics if they are not of single precision.
pub fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let values = tensor.into_data().try_to_vec();
    values.expect("values of single precision")
}
