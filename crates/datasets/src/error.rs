//! What can be wrong with a data set's folder.

use std::io;
use std::path::PathBuf;

use face_preproc::manifest::{ManifestError, RowError};

/// Why a data set could not be listed. Files that are merely absent are no error: see
/// [`Listing::missing`](crate::Listing::missing).
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// A file or folder could not be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A name in the folder is not Unicode.
    #[error("{}: the name is not valid Unicode; rename the file", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// A list is longer than any of the published ones could be.
    #[error("{}: longer than {limit} bytes", path.display())]
    TooLarge {
        /// The list.
        path: PathBuf,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A list does not say what it should.
    #[error("{}: {source}", path.display())]
    List {
        /// The list.
        path: PathBuf,
        /// What is wrong in it.
        source: ListError,
    },
    /// The folder is none of the known layouts.
    #[error("{}: no known data set{}", path.display(), inside_of(inside, folders))]
    Unknown {
        /// The folder.
        path: PathBuf,
        /// The first few of the folders in it.
        folders: Vec<String>,
        /// One of them that is a known data set, and of which layout.
        inside: Option<(PathBuf, &'static str)>,
    },
    /// The manifest cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// What is in a folder of no known layout.
fn inside_of(known: &Option<(PathBuf, &'static str)>, folders: &[String]) -> String {
    match (known, folders) {
        (Some((path, layout)), _) => format!("; {} is one: {layout}", path.display()),
        (None, []) => String::new(),
        (None, folders) => format!("; its folders are {}", folders.join(", ")),
    }
}

/// What is wrong in a list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It is not the JSON it should be.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// It is not the table it should be.
    #[error("{0}")]
    Csv(#[from] csv::Error),
    /// A path in it leads out of the data set's folder, or nowhere.
    #[error("{0}")]
    Path(#[from] RowError),
    /// A line, counted from 1, is not what it should be.
    #[error("line {line}: expected {expected}, found {found:?}")]
    Line {
        /// The line.
        line: usize,
        /// What it should be.
        expected: &'static str,
        /// What it is, cut to a readable length.
        found: String,
    },
    /// An entry contradicts itself or the layout.
    #[error("{entry}: {problem}")]
    Entry {
        /// The entry.
        entry: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl ListError {
    pub(crate) fn line(index: usize, expected: &'static str, found: &str) -> Self {
        Self::Line {
            line: index + 1,
            expected,
            found: found.chars().take(60).collect(),
        }
    }

    pub(crate) fn entry(entry: &str, problem: &'static str) -> Self {
        Self::Entry {
            entry: entry.chars().take(60).collect(),
            problem,
        }
    }
}
