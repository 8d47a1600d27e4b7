#![doc = include_str!("../README.md")]

mod config;
pub mod equations;
pub mod fusion;
mod model;

pub use config::{ClassHead, PclConfig, PclConfigError};
pub use fusion::Fusion;
pub use model::{Pcl, PclLoss, PclOutput};
