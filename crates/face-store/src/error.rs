//! What can go wrong with a store.

use std::io;
use std::path::{Path, PathBuf};

use face_preproc::manifest::{ManifestError, RowError};
use face_preproc::pictures::PictureError;

/// Why a store could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file could not be read or written.
    #[error("{}: {source}; check the path, the permissions and the space on the disk", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The folder holds no store.
    #[error("{}: no face store: it has no store.json", path.display())]
    NoStore {
        /// The folder.
        path: PathBuf,
    },
    /// A file of the store does not hold what it should.
    #[error("{}: {reason}; the store is damaged: write it again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The store was written by a version of this format that is not known here.
    #[error("{}: written in format {found}, and this is format {known}", path.display())]
    Format {
        /// `store.json`.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version that is read and written here.
        known: u32,
    },
    /// The folder holds a store of other clips or other settings.
    #[error(
        "{}: holds a store of other clips or other settings; give another folder, or remove this one",
        path.display()
    )]
    OtherStore {
        /// The folder.
        path: PathBuf,
    },
    /// The names of the clips are not in ascending order, or are no names.
    #[error(
        "clip {index} of the plan is {name:?}: names must ascend, be unique and fit on one line"
    )]
    Plan {
        /// The clip's number, from 0.
        index: usize,
        /// Its name.
        name: String,
    },
    /// A setting is out of range.
    #[error("a shard must hold 1 clip or more")]
    EmptyShards,
    /// A clip that is not this writer's to write.
    #[error("clip {clip} is not pending here")]
    NotPending {
        /// The clip's number.
        clip: usize,
    },
    /// There is no such crop.
    #[error("crop {index} of {crops}")]
    NoSuchCrop {
        /// The crop asked for.
        index: usize,
        /// How many there are.
        crops: usize,
    },
    /// The row of a crop holds what no manifest may.
    #[error("clip {clip}, crop {face}: {source}")]
    Row {
        /// The clip's number.
        clip: usize,
        /// The crop's number in it.
        face: usize,
        /// What is wrong.
        source: RowError,
    },
    /// A crop's picture cannot be decoded.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// The index cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// Names the file in the operating system's errors.
pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    move |source| StoreError::Io {
        path: path.into(),
        source,
    }
}

pub(crate) fn damaged(path: &Path, reason: impl ToString) -> StoreError {
    StoreError::Damaged {
        path: path.into(),
        reason: reason.to_string(),
    }
}
