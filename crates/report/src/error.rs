use std::io;
use std::path::PathBuf;

use thiserror::Error;

/// Why there is no report.
#[derive(Debug, Error)]
pub enum ReportError {
    /// The page's template failed.
    #[error("the report cannot be rendered")]
    Template(#[from] askama::Error),

    /// A picture could not be encoded.
    #[error("a picture of the report cannot be encoded")]
    Picture(#[from] image::ImageError),

    /// The file could not be written.
    #[error("{} cannot be written", path.display())]
    Write {
        /// Where the report should have gone.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}
