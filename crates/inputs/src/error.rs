//! What can be wrong with what a user names.

use std::{io, path::PathBuf};

use face_preproc::manifest::ManifestError;

use crate::shown;

/// Why a file, a folder or a manifest is not looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InputError {
    /// The system refused.
    #[error("{}: {source}", shown(.path))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A folder without a picture or a video.
    #[error("{}: no pictures or videos in it", shown(.path))]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A file that is neither.
    #[error("{}: {kind}, neither a picture nor a video", shown(.path))]
    Neither {
        /// The file.
        path: PathBuf,
        /// What it is.
        kind: &'static str,
    },
    /// A manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}
