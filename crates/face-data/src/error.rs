//! What can be wrong with data.

use std::path::PathBuf;

use experiment::Generator;

/// Data that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Data that cannot be trained or evaluated on.
    #[error("{path}: {reason}", path = path.display())]
    Data {
        /// The manifest or folder.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// Videos where face crops are wanted.
    #[error("{path}: it holds videos and no face crops", path = path.display())]
    Videos {
        /// The folder.
        path: PathBuf,
    },
    /// Data without the faces that the recipe's generator forges.
    #[error("{path}: {reason}", path = path.display())]
    NothingToForge {
        /// The manifest or folder.
        path: PathBuf,
        /// What is needed.
        reason: String,
        /// The generator.
        generator: Generator,
    },
    /// A store of crops that cannot be read.
    #[error(transparent)]
    Store(#[from] face_store::StoreError),
    /// A manifest.
    #[error(transparent)]
    Manifest(#[from] face_preproc::manifest::ManifestError),
    /// A picture.
    #[error(transparent)]
    Picture(#[from] face_preproc::pictures::PictureError),
    /// A crop.
    #[error(transparent)]
    Crop(#[from] face_preproc::crop::CropError),
    /// A forgery.
    #[error(transparent)]
    Forgery(#[from] synth_data::Error),
    /// A file of records.
    #[error(transparent)]
    Experiment(#[from] experiment::Error),
    /// A device.
    #[error(transparent)]
    Device(#[from] runtime::DeviceError),
}

impl Error {
    /// For data at `path`.
    pub fn data(path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self::Data {
            path: path.into(),
            reason: reason.into(),
        }
    }
}
