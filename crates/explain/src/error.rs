//! What cannot be explained.

use thiserror::Error;

/// Why there is no explanation.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExplainError {
    /// The forward pass did not come by the layer.
    #[error("the network has no layer {layer}: its forward pass came by {layers}")]
    NoSuchLayer {
        /// The layer asked for, from 0.
        layer: usize,
        /// Layers that the pass came by.
        layers: usize,
    },
    /// The forward pass ran on a device without autodiff.
    #[error("Grad-CAM needs images on a device with autodiff")]
    NoAutodiff,
    /// Too few samples.
    #[error("{samples} samples are too few: at least {least} are needed")]
    TooFew {
        /// Samples given.
        samples: usize,
        /// Samples needed.
        least: usize,
    },
    /// A feature that is not a finite number.
    #[error("feature {feature} of sample {sample} is not a finite number")]
    NotFinite {
        /// Row.
        sample: usize,
        /// Column.
        feature: usize,
    },
    /// All samples have the same features.
    #[error("all samples have the same features: there is nothing to tell them apart by")]
    Constant,
    /// Labels that do not fit the samples.
    #[error("{labels} labels for {samples} samples of {classes} classes: {reason}")]
    Labels {
        /// Labels given.
        labels: usize,
        /// Samples given.
        samples: usize,
        /// Distinct labels.
        classes: usize,
        /// What is wrong.
        reason: &'static str,
    },
}
