//! What can go wrong with the workbench itself.

use std::{io, net::SocketAddr, path::PathBuf};

/// Why the workbench cannot start or go on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It cannot listen.
    #[error("{address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// Another one has the folder.
    #[error("{path} is another workbench's that is running", path = path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// The folder of cases.
    #[error("{path}: {source}", path = path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The store of cases.
    #[error("{path}: {source}", path = path.display())]
    Store {
        /// The database.
        path: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// The store is of a later version.
    #[error(
        "{path} was written by a later version (its format is {found}, the last that is known {known})",
        path = path.display()
    )]
    Newer {
        /// The database.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The newest known.
        known: i64,
    },
    /// The worker did not get ready.
    #[error("the worker did not open the detector")]
    Worker,
    /// Threads, or the system's random numbers.
    #[error("{0}")]
    System(#[from] io::Error),
}
