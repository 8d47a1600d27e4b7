//! What can go wrong with the work as a whole; what is wrong with a clip is kept in the store.

use std::path::PathBuf;

use face_detect::FaceDetectError;
use face_store::StoreError;
use video::VideoError;

/// Why no store can be made, or no more of it.
#[derive(Debug, thiserror::Error)]
pub enum PrepError {
    /// A number of the configuration is out of its range.
    #[error("{field} must be {expected}")]
    Config {
        /// Which one.
        field: &'static str,
        /// What it may be.
        expected: &'static str,
    },
    /// Nothing to do.
    #[error("{0}: no clips")]
    NoClips(PathBuf),
    /// Videos of the data set cannot be read on this machine as it is.
    #[error("{path}: {source}")]
    NeedsFfmpeg {
        /// The first of them, relative to the data set's folder.
        path: String,
        /// Says which package to install.
        source: VideoError,
    },
    /// The store cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The networks cannot be run.
    #[error(transparent)]
    Detector(#[from] FaceDetectError),
}
