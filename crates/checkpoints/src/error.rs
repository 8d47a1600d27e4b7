//! What can go wrong while a checkpoint is imported.

use std::{fmt, io, path::PathBuf};

use backbones::weights::Mismatch;

use crate::{kind::Kind, looks::Looks};

/// A checkpoint that cannot be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be read.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file of Keras that is damaged, or holds something else than weights.
    #[error("{path} cannot be read as weights of Keras: {reason}", path = path.display())]
    Keras {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file is another's.
    #[error("{path} looks like {looks}, not like {wanted}", path = path.display(), wanted = wanted.what())]
    Other {
        /// The file.
        path: PathBuf,
        /// What it was to be.
        wanted: Kind,
        /// What it looks like.
        looks: Looks,
    },
    /// The file looks right, but a name or a shape in it is not the network's.
    #[error("{path} looks like {kind}, but {misfit}", path = path.display(), kind = kind.what())]
    Misfit {
        /// The file.
        path: PathBuf,
        /// What it looks like.
        kind: Kind,
        /// What does not fit.
        misfit: MisfitNames,
    },
    /// The file cannot be read as weights.
    #[error(transparent)]
    Weights(#[from] backbones::WeightsError),
    /// The run cannot be written.
    #[error(transparent)]
    Run(#[from] experiment::Error),
    /// The run cannot be opened.
    #[error(transparent)]
    Detector(#[from] inference::Error),
    /// The processor cannot be used.
    #[error(transparent)]
    Device(#[from] runtime::DeviceError),
}

/// Names that do not fit, the first of each kind.
#[derive(Debug)]
pub struct MisfitNames(pub Mismatch);

impl fmt::Display for MisfitNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch {
            missing,
            unexpected,
            misfits,
        } = &self.0;
        let mut parts = Vec::new();
        for (names, what) in [(missing, "lacks"), (unexpected, "has besides")] {
            match &names[..] {
                [] => {}
                [only] => parts.push(format!("{what} {only}")),
                [first, others @ ..] => {
                    parts.push(format!("{what} {first} and {} more", others.len()));
                }
            }
        }
        if let Some(first) = misfits.first() {
            parts.push(format!(
                "has {} of {} and not of {}",
                first.name, first.found, first.expected
            ));
        }
        f.write_str(&parts.join(", "))
    }
}
