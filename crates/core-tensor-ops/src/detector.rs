//! What every forgery detector can do, whatever its method.

use burn::module::Module;
use burn::tensor::Tensor;

use crate::{InputSpec, MapSpec, Tap, global_average_pool};

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

/// A network that judges face crops: one for as many threads as like.
pub trait Detector: Send + Sync {
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

    /// The backbone's feature maps that the class logits rest on, from the finest to the coarsest.
    fn layers(&self) -> Vec<MapSpec>;

    /// The logits of real and forged, with a [`Tap`] at every map of [`layers`](Self::layers).
    ///
    /// Batch normalisation uses its running statistics and nothing is dropped, whatever the device.
    /// Where the images are on a device with autodiff, gradients reach what the tap adds, and no
    /// parameter.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`, made by [`InputSpec::to_tensor`]
    /// - the tap's map `i`: `[batch, layers[i].channels, any, any]`
    /// - returns `[batch, 2]`
    fn class_logits(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Tensor<2>;

    /// What the classifier reads: the input of its last linear layer or, where it has several, of the
    /// first. By default the mean of the last of [`layers`](Self::layers); a network that puts more
    /// between says so itself. Batch normalisation as in [`class_logits`](Self::class_logits).
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`, made by [`InputSpec::to_tensor`]
    /// - returns `[batch, features]`
    ///
    /// # Panics
    ///
    /// Panics if the network comes by no map.
    fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let mut last = None;
        self.class_logits(images, &mut |_, map| {
            last = Some(global_average_pool(map.clone()));
            map
        });
        last.expect("a network has a feature map")
    }
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
pub trait ClipDetector: Send + Sync {
    /// Size, normalisation and channel order of the frames it was made for.
    fn input_spec(&self) -> InputSpec;

    /// Judges a batch of clips; batch normalisation as in [`Detector::detect`].
    ///
    /// # Shapes
    ///
    /// - `frames`: `[batch, U, T, 3, height, width]`
    fn detect_clips(&self, frames: Tensor<6>) -> ClipDetection;

    /// As [`Detector::layers`].
    fn layers(&self) -> Vec<MapSpec>;

    /// As [`Detector::class_logits`], of clips.
    ///
    /// # Shapes
    ///
    /// - `frames`: `[batch, U, T, 3, height, width]`
    /// - the tap's map `i`: `[batch * U * T, layers[i].channels, any, any]`
    /// - returns `[batch, 2]`
    fn clip_logits(&self, frames: Tensor<6>, tap: &mut Tap<'_>) -> Tensor<2>;
}

/// The network as it judges, on the device of `input`: batch normalisation uses its running
/// statistics, nothing is dropped, and no parameter gets a gradient, though what depends on `input`
/// does where that is on a device with autodiff. Parameters are shared, not copied.
pub fn judging<M: Module, const D: usize>(network: &M, input: &Tensor<D>) -> M {
    let network = network.valid();
    match input.is_autodiff() {
        // Burn's batch normalisation trains on a device with autodiff unless it is frozen.
        true => network.freeze().train(),
        false => network,
    }
}

/// The logit of forged minus that of real: the log-odds of forged.
///
/// # Shapes
///
/// - `class_logits`: `[batch, 2]`, of real and forged
/// - returns `[batch]`
pub fn forged_log_odds(class_logits: Tensor<2>) -> Tensor<1> {
    let logit = |class| class_logits.clone().narrow(1, class, 1);
    (logit(1) - logit(0)).squeeze_dim(1)
}
