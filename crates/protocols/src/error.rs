//! What can be wrong with a protocol or a run beside it.

use std::{io, path::PathBuf};

/// A protocol that cannot be used, or a run that cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder that cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file that is no protocol.
    #[error("{path}: {source}", path = path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and in which line.
        source: Box<toml::de::Error>,
    },
    /// A folder without protocols.
    #[error("{path} holds no protocol", path = path.display())]
    NoProtocol {
        /// The folder.
        path: PathBuf,
    },
    /// A table without rows or columns.
    #[error("{path}: no rows, or no columns", path = path.display())]
    NoTable {
        /// The file.
        path: PathBuf,
    },
    /// A protocol that says what cannot be meant.
    #[error(
        "{path}: row `{row}`{column}: {wrong}",
        path = path.display(),
        column = column.as_ref().map_or(String::new(), |column| format!(", column `{column}`"))
    )]
    Meaning {
        /// The file.
        path: PathBuf,
        /// Its row.
        row: String,
        /// The column, where it is one's fault.
        column: Option<String>,
        /// What cannot be meant.
        wrong: Box<Wrong>,
    },
    /// A recipe, or a file of a run.
    #[error(transparent)]
    Experiment(#[from] experiment::Error),
}

/// What cannot be meant in a row of a protocol.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Wrong {
    /// Columns and published numbers are not as many.
    #[error("{numbers} numbers for {columns} columns")]
    Count {
        /// Published numbers of the row.
        numbers: usize,
        /// Columns of the table.
        columns: usize,
    },
    /// Something is to be trained, but it is not said what.
    #[error("without a recipe nothing is trained")]
    NothingTrained,
    /// It can be run, and it cannot.
    #[error("either recipe or missing")]
    RecipeAndMissing,
    /// The recipe does not resolve, or cannot be trained.
    #[error(transparent)]
    Recipe(Box<experiment::Error>),
    /// A store that is not listed.
    #[error("no store `{0}` in stores.toml")]
    UnknownStore(String),
    /// Row and column both say it.
    #[error("both name their {0}")]
    Twice(&'static str),
    /// Neither row nor column says it.
    #[error("no store to {0} on")]
    NoStore(&'static str),
}

impl From<experiment::Error> for Wrong {
    fn from(error: experiment::Error) -> Self {
        Self::Recipe(Box::new(error))
    }
}

impl Error {
    /// For `map_err` on file operations on `path`.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
