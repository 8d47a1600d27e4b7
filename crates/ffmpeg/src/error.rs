//! What can be wrong with a call of FFmpeg.

use std::io;

/// Why FFmpeg did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system refused.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// In its own words, or in the system's where it cannot be started.
    #[error("FFmpeg: {0}")]
    Said(String),
    /// The file has more packets or frames than are allowed.
    #[error("number of frames: {count}, but the limit is {limit}")]
    TooManyFrames {
        /// As far as it was counted.
        count: u64,
        /// What is allowed.
        limit: u64,
    },
}

/// FFmpeg's words as an error.
pub(crate) fn said(reason: impl Into<String>) -> Error {
    Error::Said(reason.into())
}
