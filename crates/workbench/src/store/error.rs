//! Why the store could not do something.

use rusqlite::ErrorCode;

use super::files::is_full;

pub(crate) type Result<T> = std::result::Result<T, StoreError>;

/// Why the store could not do something.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("{0}")]
    Rows(#[from] rusqlite::Error),
    #[error("{0}")]
    Files(#[from] std::io::Error),
    #[error("{0}")]
    Json(#[from] serde_json::Error),
}

impl StoreError {
    /// Whether there is no room left.
    pub(crate) fn is_full(&self) -> bool {
        match self {
            Self::Rows(error) => error.sqlite_error_code() == Some(ErrorCode::DiskFull),
            Self::Files(error) => is_full(error),
            Self::Json(_) => false,
        }
    }
}
