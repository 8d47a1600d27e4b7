//! What can go wrong while detectors are evaluated.

use std::path::PathBuf;

/// An evaluation that cannot be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
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
    /// A video.
    #[error(transparent)]
    Video(#[from] video::VideoError),
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
