//! What can go wrong while training.

use std::path::PathBuf;

/// A training that cannot begin or go on. Each message says what was wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A resumed run was started on other data.
    #[error(
        "the run was trained on data with digest {expected}, but {path} has {found}; name the same data with --data",
        path = path.display()
    )]
    OtherData {
        /// The data given.
        path: PathBuf,
        /// Digest of the run's data.
        expected: String,
        /// Digest of the data given.
        found: String,
    },
    /// A loss that is not a number any more.
    #[error(
        "the loss became {loss} in step {step}; the batch is saved in {path}; try a lower learning rate (--set optimizer.learning_rate=...)",
        path = path.display()
    )]
    NonFinite {
        /// The step.
        step: usize,
        /// The loss.
        loss: f64,
        /// Where the batch is.
        path: PathBuf,
    },
    /// Training was stopped by Ctrl-C; nothing is lost.
    #[error("stopped after step {step}; go on with `cargo xtask train --resume {path}`", path = path.display())]
    Interrupted {
        /// Steps taken.
        step: usize,
        /// The run.
        path: PathBuf,
    },
    /// The data.
    #[error(transparent)]
    Data(#[from] face_data::Error),
    /// A recipe, or a file of a run.
    #[error(transparent)]
    Experiment(#[from] experiment::Error),
    /// The evaluation, while training and after it.
    #[error(transparent)]
    Evaluation(#[from] evaluation::Error),
    /// A device.
    #[error(transparent)]
    Device(#[from] runtime::DeviceError),
    /// A picture.
    #[error(transparent)]
    Picture(#[from] face_preproc::pictures::PictureError),
    /// A network that cannot be built.
    #[error("the recipe's model: {0}")]
    Model(#[from] inference::ModelError),
    /// Weights.
    #[error(transparent)]
    Weights(#[from] backbones::WeightsError),
}

impl Error {
    /// For data at `path`.
    pub(crate) fn data(path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        face_data::Error::data(path, reason).into()
    }
}
