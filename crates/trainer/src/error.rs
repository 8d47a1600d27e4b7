//! What can go wrong while wiring.

use std::{io, path::PathBuf};

use crate::device::DeviceError;

/// An error of the trainer. Each message says what was wrong, where, and what to do.
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
    /// Faces cannot be looked for.
    #[error(transparent)]
    FaceDetect(#[from] face_detect::FaceDetectError),
    /// A store of crops that cannot be read.
    #[error(transparent)]
    Store(#[from] face_store::StoreError),
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
    #[error(
        "{path} holds a run already; go on with it by `--resume {path}`, or choose another --out",
        path = path.display()
    )]
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
    /// The run has no weights yet.
    #[error("{path} has no weights yet; go on with it by `cargo xtask train --resume {path}`", path = path.display())]
    Untrained {
        /// The run.
        path: PathBuf,
    },
    /// There are no runs with weights.
    #[error(
        "no trained run under {root}; train one with `cargo xtask train`, or name one with --run",
        root = root.display()
    )]
    NoRuns {
        /// Where runs were looked for.
        root: PathBuf,
    },
    /// A resumed run was started on other data.
    #[error(
        "the run was trained on data with digest {expected}, but {path} has {found}; name the same data with --data",
        path = path.display()
    )]
    OtherData {
        /// The data given.
        path: PathBuf,
        /// Digest of the run's data.
        expected: String,
        /// Digest of the data given.
        found: String,
    },
    /// Data that cannot be trained or evaluated on.
    #[error("{path}: {reason}", path = path.display())]
    Data {
        /// The manifest or folder.
        path: PathBuf,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// A loss that is not a number any more.
    #[error(
        "the loss became {loss} in step {step}; the batch is saved in {path}; try a lower learning rate (--set optimizer.learning_rate=...)",
        path = path.display()
    )]
    NonFinite {
        /// The step.
        step: usize,
        /// The loss.
        loss: f64,
        /// Where the batch is.
        path: PathBuf,
    },
    /// Training was stopped by Ctrl-C; nothing is lost.
    #[error("stopped after step {step}; go on with `cargo xtask train --resume {path}`", path = path.display())]
    Interrupted {
        /// Steps taken.
        step: usize,
        /// The run.
        path: PathBuf,
    },
    /// A device.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A manifest.
    #[error(transparent)]
    Manifest(#[from] face_preproc::manifest::ManifestError),
    /// A picture.
    #[error(transparent)]
    Picture(#[from] face_preproc::pictures::PictureError),
    /// A crop.
    #[error(transparent)]
    Crop(#[from] face_preproc::crop::CropError),
    /// A video.
    #[error(transparent)]
    Video(#[from] video::VideoError),
    /// A forgery.
    #[error(transparent)]
    Forgery(#[from] synth_data::Error),
    /// A network that cannot be built.
    #[error("the recipe's model: {0}")]
    Model(#[from] ModelError),
    /// Weights.
    #[error(transparent)]
    Weights(#[from] backbones::WeightsError),
    /// A measure.
    #[error(transparent)]
    Metric(#[from] metrics::MetricError),
    /// An explanation.
    #[error(transparent)]
    Explain(#[from] explain::ExplainError),
    /// A report.
    #[error(transparent)]
    Report(#[from] report::ReportError),
}

impl Error {
    /// For `map_err` on file operations on `path`.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    /// For the recipe of this name or file.
    pub(crate) fn recipe(name: &str, reason: impl Into<String>) -> Self {
        Self::Recipe {
            name: name.into(),
            reason: reason.into(),
        }
    }

    /// For data at `path`.
    pub(crate) fn data(path: impl Into<PathBuf>, reason: impl Into<String>) -> Self {
        Self::Data {
            path: path.into(),
            reason: reason.into(),
        }
    }
}

/// Why a recipe's network cannot be built.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum ModelError {
    /// ADM.
    Adm(#[from] model_adm::AdmConfigError),
    /// LiSiam.
    Lisiam(#[from] model_lisiam::LisiamConfigError),
    /// PCL.
    Pcl(#[from] model_pcl::PclConfigError),
    /// The snippet model.
    Snippet(#[from] model_snippet::SnippetConfigError),
}
