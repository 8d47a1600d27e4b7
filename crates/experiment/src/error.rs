//! What can be wrong with a recipe or a run's records.

use std::{io, path::PathBuf};

/// A recipe or a record of a run that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder that cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of a run that does not hold what it should.
    #[error("{path} is damaged: {reason}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A recipe with a wrong key or value.
    #[error("recipe {name}: {reason}")]
    Recipe {
        /// Name or file of the recipe.
        name: String,
        /// Key, value and what was expected.
        reason: String,
    },
    /// The directory holds a run already.
    #[error("{path} holds a run already", path = path.display())]
    RunExists {
        /// The directory.
        path: PathBuf,
    },
    /// The directory holds no run.
    #[error("{path} is not a run: it has no recipe.toml and run.json", path = path.display())]
    NotARun {
        /// The directory.
        path: PathBuf,
    },
    /// The run was imported: neither its data nor its training are here.
    #[error("{path} was imported: what it was trained on is not here", path = path.display())]
    Imported {
        /// The run.
        path: PathBuf,
    },
    /// There are no runs with weights.
    #[error("no trained run under {root}", root = root.display())]
    NoRuns {
        /// Where runs were looked for.
        root: PathBuf,
    },
}

impl Error {
    /// For `map_err` on file operations on `path`.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// For the recipe of this name or file.
    pub fn recipe(name: &str, reason: impl Into<String>) -> Self {
        Self::Recipe {
            name: name.into(),
            reason: reason.into(),
        }
    }
}
