//! What can be wrong with a manifest.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Why a manifest could not be read or written. Rows are counted from 0.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// A file or folder could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The manifest is longer than [`Manifest::MAX_BYTES`](super::Manifest::MAX_BYTES).
    #[error("{}: longer than {limit} bytes; split it into several manifests", path.display())]
    TooLarge {
        /// The manifest.
        path: PathBuf,
        /// The limit, in bytes.
        limit: u64,
    },
    /// The manifest is not a JSON array.
    #[error("{}: expected a JSON array of rows: {source}", path.display())]
    Json {
        /// The manifest.
        path: PathBuf,
        /// What the parser said, with line and column.
        source: serde_json::Error,
    },
    /// There is nothing in it.
    #[error("{}: no pictures in it; a manifest needs at least one row, a folder one picture", path.display())]
    Empty {
        /// The manifest or folder.
        path: PathBuf,
    },
    /// One key of one row is wrong.
    #[error("{}: row {row}: {key}: expected {expected}, found {found}", path.display())]
    Row {
        /// The manifest.
        path: PathBuf,
        /// The row's index, from 0.
        row: usize,
        /// The key.
        key: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// Two rows share data set, method, video, frame and file.
    #[error(
        "{}: rows {first} and {second} are the same frame: both have the data set, method, video, \
         frame and file of {file:?}; remove one, or give them different `video`s",
        path.display()
    )]
    Duplicate {
        /// The manifest.
        path: PathBuf,
        /// The first of them, from 0.
        first: usize,
        /// The second.
        second: usize,
        /// Their file.
        file: String,
    },
    /// Followed through symbolic links, a path leads out of the manifest's folder.
    #[error("{}: leads to {}, outside {}", path.display(), resolved.display(), root.display())]
    Escapes {
        /// The path as it stands in the manifest.
        path: PathBuf,
        /// Where it leads.
        resolved: PathBuf,
        /// The manifest's folder.
        root: PathBuf,
    },
    /// A file's name in a folder of pictures is not Unicode, so no manifest can hold it.
    #[error("{}: the name is not valid Unicode; rename the file", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
}

/// What is wrong with a key of a row, before it is known which row of which manifest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: expected {expected}, found {found}")]
pub struct RowError {
    key: &'static str,
    expected: &'static str,
    found: String,
}

impl RowError {
    pub(super) fn new(key: &'static str, expected: &'static str, found: impl Into<String>) -> Self {
        Self {
            key,
            expected,
            found: found.into(),
        }
    }

    /// With the value that was found, cut to a readable length.
    pub(super) fn of(key: &'static str, expected: &'static str, found: &Value) -> Self {
        const LONGEST: usize = 60;
        let text = found.to_string();
        let short: String = text.chars().take(LONGEST).collect();
        let dots = if short.len() < text.len() { "..." } else { "" };
        Self::new(key, expected, short + dots)
    }

    pub(super) fn at(self, path: &Path, row: usize) -> ManifestError {
        ManifestError::Row {
            path: path.into(),
            row,
            key: self.key,
            expected: self.expected,
            found: self.found,
        }
    }
}
