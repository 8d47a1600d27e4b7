//! What can go wrong while a detector is opened or asked.

use std::{io, path::PathBuf};

/// A detector that cannot be opened, or an answer that cannot be given.
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
    /// A file that does not hold what it should.
    #[error("{path} is damaged: {reason}", path = path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A folder that a later version of this program wrote.
    #[error(
        "{path} has version {found} of its format, and this program knows {known}",
        path = path.display()
    )]
    Newer {
        /// The detector's file.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The newest version that is known.
        known: u32,
    },
    /// The weights are not those that the folder speaks of.
    #[error(
        "{path} is not the file that the detector was described with: its SHA-256 is {found}, not {expected}",
        path = path.display()
    )]
    OtherWeights {
        /// The weights.
        path: PathBuf,
        /// The SHA-256 that is stated.
        expected: String,
        /// The file's.
        found: String,
    },
    /// The folder is none of a detector.
    #[error(
        "{path} is no detector: it has neither detector.json nor a run's recipe.toml",
        path = path.display()
    )]
    NotADetector {
        /// The folder.
        path: PathBuf,
    },
    /// The run has no weights yet.
    #[error("{path} has no weights yet", path = path.display())]
    Untrained {
        /// The run.
        path: PathBuf,
    },
    /// The network has no layer of this name.
    #[error(
        "{path}: its network has no layer '{wanted}'; known: {known}",
        path = path.display()
    )]
    NoLayer {
        /// The detector's folder.
        path: PathBuf,
        /// The layer asked for.
        wanted: String,
        /// The layers that there are.
        known: String,
    },
    /// A picture.
    #[error(transparent)]
    Picture(#[from] face_preproc::pictures::PictureError),
    /// A network that cannot be built.
    #[error("the recipe's model: {0}")]
    Model(#[from] ModelError),
    /// Weights.
    #[error(transparent)]
    Weights(#[from] backbones::WeightsError),
    /// An explanation.
    #[error(transparent)]
    Explain(#[from] explain::ExplainError),
    /// A page.
    #[error(transparent)]
    Report(#[from] report::ReportError),
}

impl Error {
    /// For `map_err` on file operations on `path`.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// Why a network cannot be built.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum ModelError {
    /// ADM.
    Adm(#[from] model_adm::AdmConfigError),
    /// Face X-ray.
    FaceXray(#[from] model_face_xray::FaceXrayConfigError),
    /// LiSiam.
    Lisiam(#[from] model_lisiam::LisiamConfigError),
    /// MesoInception-4.
    Meso(#[from] model_meso::MesoConfigError),
    /// PCL.
    Pcl(#[from] model_pcl::PclConfigError),
    /// The snippet model.
    Snippet(#[from] model_snippet::SnippetConfigError),
    /// The toy.
    Toy(#[from] toy_detector::ToyConfigError),
}
