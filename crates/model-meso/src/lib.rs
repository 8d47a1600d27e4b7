#![doc = include_str!("../README.md")]

mod config;
mod inception;
mod init;
mod model;
mod official;

pub use config::{MesoConfig, MesoConfigError, MesoLoss};
pub use model::Meso;
pub use official::official_names;
