//! Why a detector cannot be exported.

use std::{io, path::PathBuf};

/// A detector that cannot be exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Networks of its kind are not rebuilt here.
    #[error("{path}: a network of its kind cannot be exported", path = path.display())]
    NoExport {
        /// The detector's folder.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The weights cannot be written as safetensors.
    #[error("{path}: {reason}", path = path.display())]
    Tensors {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The detector.
    #[error(transparent)]
    Detector(#[from] inference::Error),
}
