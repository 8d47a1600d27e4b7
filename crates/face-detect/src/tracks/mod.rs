//! Faces joined over time, without a network: pure functions of boxes and pictures.

mod appearance;
mod choose;
mod link;

pub use appearance::Appearance;
pub use choose::{largest_track, masked_track};
pub use link::{LinkConfig, Linker, Observation, Track};
