//! What can go wrong while detectors are evaluated.

use std::path::PathBuf;

/// An evaluation that cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The part to be judged is empty.
    #[error("{path}: its part '{part}' is empty (there are: {rows})", path = path.display())]
    EmptyPart {
        /// The data.
        path: PathBuf,
        /// The part.
        part: &'static str,
        /// What there is, by part.
        rows: String,
    },
    /// An audit of identities was asked of a run that judges clips.
    #[error(
        "{path}: this run judges clips, and the identity audit is for detectors of single faces",
        path = path.display()
    )]
    JudgesClips {
        /// The run.
        path: PathBuf,
    },
    /// Too few people to tell apart.
    #[error(
        "{path}: an audit of identities needs two people or more with two real faces or more each",
        path = path.display()
    )]
    TooFewPeople {
        /// The data.
        path: PathBuf,
    },
    /// The data.
    #[error(transparent)]
    Data(#[from] face_data::Error),
    /// A recipe, or a file of a run.
    #[error(transparent)]
    Experiment(#[from] experiment::Error),
    /// The detector.
    #[error(transparent)]
    Inference(#[from] inference::Error),
    /// A device.
    #[error(transparent)]
    Device(#[from] runtime::DeviceError),
    /// A measure.
    #[error(transparent)]
    Metric(#[from] metrics::MetricError),
    /// An explanation.
    #[error(transparent)]
    Explain(#[from] explain::ExplainError),
    /// A report.
    #[error(transparent)]
    Report(#[from] report::ReportError),
}

impl Error {
    /// For data at `path`.
    pub(crate) fn data(path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        face_data::Error::data(path, reason).into()
    }
}
