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
    /// No test is left once what the run has seen is left out.
    #[error("{path}: of what it has not seen, too little is left for a test: {left}", path = path.display())]
    NothingUnseen {
        /// The run.
        path: PathBuf,
        /// What is left, and what was left out.
        left: String,
    },
    /// Nobody knows what a run has seen.
    #[error(
        "{path}: its records do not say which methods and videos it has seen, and the data that it was trained on are not at {data} any more",
        path = path.display(), data = data.display()
    )]
    Forgotten {
        /// The run.
        path: PathBuf,
        /// Where its data were.
        data: PathBuf,
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
