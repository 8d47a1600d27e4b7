#![doc = include_str!("../README.md")]

mod error;
mod grad_cam;
mod pca;
mod probe;
mod tsne;

pub use error::ExplainError;
pub use grad_cam::{grad_cam, pooled_maps};
pub use pca::Pca;
pub use probe::LinearProbe;
pub use tsne::{Tsne, tsne};

/// Features of samples: a row for each sample, a column for each feature.
pub type Features = nalgebra::DMatrix<f64>;
