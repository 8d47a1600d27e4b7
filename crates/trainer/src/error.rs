//! What can go wrong while training.

use std::path::PathBuf;

use face_data::Split;

/// A training that cannot begin or go on. Each message says what was wrong, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A resumed run was started on other data.
    #[error(
        "the run was trained on data with digest {expected}, but {path} has {found}",
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
    /// A batch that the devices cannot share equally.
    #[error(
        "schedule.batch_size = {size} cannot be divided into {parts} equal parts, schedule.micro_batches for each device"
    )]
    Indivisible {
        /// Samples in a batch.
        size: usize,
        /// Parts on all devices together.
        parts: usize,
    },
    /// A loss that is not a number any more.
    #[error(
        "the loss became {loss} in step {step}; the batch is saved in {path}",
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
    #[error("{path} stopped after step {step}", path = path.display())]
    Interrupted {
        /// Steps taken.
        step: usize,
        /// The run.
        path: PathBuf,
    },
    /// Too few clips of successive frames.
    #[error(
        "{path}: the split '{split}' needs real and forged clips with {length} successive frames; there are {real} and {forged}, and {shorter} shorter ones{}",
        advice.map(|advice| format!("; {advice}")).unwrap_or_default(),
        path = path.display()
    )]
    TooFewClips {
        /// The data.
        path: PathBuf,
        /// The split.
        split: Split,
        /// `T`, frames of a snippet.
        length: usize,
        /// Real clips that are long enough.
        real: usize,
        /// Forged ones.
        forged: usize,
        /// Clips that are not.
        shorter: usize,
        /// What to do with these data, where that helps.
        advice: Option<&'static str>,
    },
    /// The recipe wants pairs, and no forged clip says what it was made from.
    #[error(
        "{path}: no forged clip says which real one it was made from (`original`), as forgery.paired needs",
        path = path.display()
    )]
    NoPairs {
        /// The data.
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
    /// The detector that came of it.
    #[error(transparent)]
    Detector(#[from] inference::Error),
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
