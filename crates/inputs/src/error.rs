//! What can be wrong with what a user names.

use std::{io, path::PathBuf};

use face_preproc::{manifest::ManifestError, pictures::PictureError};

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
    /// A picture.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A picture that FFmpeg reads, which is not installed.
    #[error(
        "{0}; or install the package `ffmpeg`, which opens it (`apt install ffmpeg`, `brew install ffmpeg`, \
         `winget install ffmpeg`)"
    )]
    NeedsFfmpeg(PictureError),
    /// A picture that is not decoded here, nor by FFmpeg.
    #[error("{picture}; {ffmpeg}")]
    NeitherReads {
        /// Why it is not decoded here.
        picture: PictureError,
        /// Why FFmpeg does not.
        ffmpeg: ffmpeg::Error,
    },
    /// A manifest.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}
