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
    /// For each crop of the batch the regions that look forged, the surest first; empty lists
    /// where the method finds none, no lists at all where it has no boxes.
    pub boxes: Vec<Vec<ForgedBox>>,
}

/// A rectangle of a crop that looks forged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForgedBox {
    /// Left, top, right and lower edge in shares of the crop's width and height, in `0..=1`.
    pub corners: [f32; 4],
    /// How sure the detector is, in `0..=1`.
    pub confidence: f32,
}

impl Detection {
    /// A verdict without a place.
    pub fn of_probability(forged_probability: Tensor<1>) -> Self {
        Self {
            forged_probability,
            heat_map: None,
            boxes: Vec::new(),
        }
    }
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

/// A verdict on a batch of clips.
#[derive(Clone, Debug)]
pub struct ClipDetection {
    /// `[batch]`, in `0..=1`: the probability that the clip is forged.
    pub forged_probability: Tensor<1>,
    /// `[batch, U, T]`, in `0..=1`: the same for each frame of each snippet.
    pub frame_probability: Tensor<3>,
}

/// A network that judges clips of face crops: `U` snippets of `T` successive frames each.
pub trait ClipDetector {
    /// Size, normalisation and channel order of the frames it was made for.
    fn input_spec(&self) -> InputSpec;

    /// Judges a batch of clips; batch normalisation as in [`Detector::detect`].
    ///
    /// # Shapes
    ///
    /// - `frames`: `[batch, U, T, 3, height, width]`
    fn detect_clips(&self, frames: Tensor<6>) -> ClipDetection;
}
