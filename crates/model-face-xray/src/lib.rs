#![doc = include_str!("../README.md")]

mod config;
pub mod equations;
mod model;

pub use config::{FaceXrayConfig, FaceXrayConfigError};
pub use model::{FaceXray, FaceXrayLoss, FaceXrayOutput};
