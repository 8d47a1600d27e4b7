//! What can go wrong. That a picture holds no face is no error: see
//! [`FaceSearch`](crate::FaceSearch).

use backbones::WeightsError;
use thiserror::Error;

/// Why faces could not be looked for.
#[derive(Debug, Error)]
pub enum FaceDetectError {
    /// The weights that come with this crate are not those that were published.
    #[error("the shipped weights {name} are damaged: {reason}; get the source code anew")]
    Shipped {
        /// Which weights.
        name: &'static str,
        /// What does not fit.
        reason: String,
    },
    /// A weight file could not be used.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A number of a configuration is out of its range.
    #[error("face detection: {name} is {found}, expected {expected}")]
    Config {
        /// The number's name.
        name: &'static str,
        /// Its value.
        found: f64,
        /// Its range.
        expected: &'static str,
    },
    /// The picture has no pixels.
    #[error("face detection: the picture has no pixels")]
    EmptyPicture,
    /// A box or landmark to start from is not finite, or spans no area.
    #[error("face detection: the face to look at spans no finite area")]
    Degenerate,
    /// The resampler refused.
    #[error("face detection: {0}")]
    Resample(#[from] fast_image_resize::ResizeError),
    /// The device could not hand a network's output over.
    #[error("face detection: the device returned no numbers: {0}")]
    Device(String),
}

impl FaceDetectError {
    /// A [`FaceDetectError::Config`] unless `fits`.
    pub(crate) fn check(
        fits: bool,
        name: &'static str,
        found: f64,
        expected: &'static str,
    ) -> Result<(), Self> {
        if fits {
            return Ok(());
        }
        Err(Self::Config {
            name,
            found,
            expected,
        })
    }
}
