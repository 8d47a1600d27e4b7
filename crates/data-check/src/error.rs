//! Why nothing could be checked.

use datasets::DatasetError;
use face_store::StoreError;

/// Why nothing could be checked. What is wrong with the data is no error but a
/// [`Fault`](crate::Fault).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The folder is no known data set, or cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The folder is a store that cannot be opened.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No threads could be started.
    #[error("cannot start threads: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
}
