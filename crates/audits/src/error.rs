//! What can go wrong while a detector is audited.

use std::path::PathBuf;

/// An audit that cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
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
    /// A run, or its faces.
    #[error(transparent)]
    Evaluation(#[from] evaluation::Error),
    /// The data.
    #[error(transparent)]
    Data(#[from] face_data::Error),
    /// A file of a run.
    #[error(transparent)]
    Experiment(#[from] experiment::Error),
    /// An explanation.
    #[error(transparent)]
    Explain(#[from] explain::ExplainError),
    /// A page.
    #[error(transparent)]
    Report(#[from] report::ReportError),
}
