#![doc = include_str!("../README.md")]

pub mod boxes;
mod config;
pub mod equations;
mod init;
mod interaction;
mod matching;
mod model;
mod module;
mod nms;
mod official;
mod priors;

pub use config::{AdmConfig, AdmConfigError, PixelInput, TrueBoxes};
pub use equations::Negatives;
pub use interaction::{ScalarScore, identity_interaction};
pub use matching::{AdmTarget, Assignment, WindowError, assign};
pub use model::{Adm, AdmLoss, AdmOutput};
pub use module::{AnchorOutput, ArtifactDetection};
pub use nms::BoxSelection;
pub use official::official_names;
pub use priors::{ORIENTATIONS, Prior, map_sides, priors};
