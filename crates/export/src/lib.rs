#![doc = include_str!("../README.md")]

mod affine;
mod error;
mod export;
mod layers;
mod metadata;
mod model;
mod networks;
mod published;
mod verdict;

pub use error::Error;
pub use export::{Exported, Format, UnknownFormat, export};
