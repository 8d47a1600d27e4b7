//! What can be wrong with a file of weights.

use std::fmt;
use std::path::PathBuf;

use thiserror::Error;

/// A tensor of a file that does not fit the parameter of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Name of the parameter.
    pub name: String,
    /// Element type and shape that the module has.
    pub expected: String,
    /// Element type and shape in the file.
    pub found: String,
}

/// Names that keep a file from fitting a module; all lists are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mismatch {
    /// Names that the module has and the file lacks.
    pub missing: Vec<String>,
    /// Names that the file has and the module lacks.
    pub unexpected: Vec<String>,
    /// Names that both have, with another shape or kind of element.
    pub misfits: Vec<Misfit>,
}

impl Mismatch {
    pub(super) fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.misfits.is_empty()
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, names) in [("missing", &self.missing), ("unexpected", &self.unexpected)] {
            if !names.is_empty() {
                write!(f, "\n  {what} ({}): {}", names.len(), names.join(", "))?;
            }
        }
        for Misfit {
            name,
            expected,
            found,
        } in &self.misfits
        {
            write!(f, "\n  {name}: expected {expected}, found {found}")?;
        }
        Ok(())
    }
}

/// Why weights could not be read or written.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The file is absent, truncated, or not what its name says.
    #[error("cannot read weights from {path}: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        reason: String,
    },
    /// The file's names or shapes are not the module's.
    #[error("weights in {path} do not fit this network:{mismatch}")]
    Mismatch {
        /// The file.
        path: PathBuf,
        /// Every name that does not fit.
        mismatch: Mismatch,
    },
    /// The file could not be written.
    #[error("cannot write weights to {path}: {reason}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the writer says.
        reason: String,
    },
}
