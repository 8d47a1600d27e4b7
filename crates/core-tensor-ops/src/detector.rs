//! What every forgery detector can do, whatever its method.

use burn::tensor::Tensor;

use crate::InputSpec;

/// A detector's verdict on a batch of face crops.
#[derive(Clone, Debug)]
pub struct Detection {
    /// `[batch]`, in `0..=1`: the probability that the crop is forged.
    pub forged_probability: Tensor<1>,
    /// `[batch, height, width]` at the input's size, in `0..=1`, 1 = forged; `None` where the
    /// method does not localise.
    pub heat_map: Option<Tensor<3>>,
}

/// A network that judges face crops.
pub trait Detector {
    /// Size, normalisation and channel order of the images it was made for.
    fn input_spec(&self) -> InputSpec;

    /// Judges a batch.
    ///
    /// Batch normalisation uses its running statistics only on a device without autodiff: call
    /// this on `model.valid()` after training.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`, made by [`InputSpec::to_tensor`]
    fn detect(&self, images: Tensor<4>) -> Detection;
}
