//! What can go wrong while robustness is measured.

use std::path::PathBuf;

/// A measurement that cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The rows to be judged are of one class, so there is no AUC to lose.
    #[error(
        "{path}: the rows to be judged are all real or all forged, so there is no AUC to lose (forgeries made in passing do not count: they would be made of pictures already perturbed)",
        path = path.display()
    )]
    OneClass {
        /// The data.
        path: PathBuf,
    },
    /// Several runs were named, of which one alone can be shared out.
    #[error("work on one run at a time is shared out")]
    SeveralRuns,
    /// No run was named.
    #[error("no run was named")]
    NoRun,
    /// A run, or what is measured of it.
    #[error(transparent)]
    Evaluation(#[from] evaluation::Error),
    /// The data.
    #[error(transparent)]
    Data(#[from] face_data::Error),
    /// A file of a run.
    #[error(transparent)]
    Experiment(#[from] experiment::Error),
    /// Pictures that cannot be coded as a video.
    #[error(transparent)]
    Video(#[from] video::VideoError),
    /// A page.
    #[error(transparent)]
    Report(#[from] report::ReportError),
}
