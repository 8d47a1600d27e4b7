#![doc = include_str!("../README.md")]

mod clips;
mod error;
mod faces;
mod forger;
mod gallery;
mod listing;
mod order;
mod pairs;
mod sampler;
mod seen;
mod videos;
mod windows;

pub use clips::{Clip, Clips, crops};
pub use error::Error;
pub use face_preproc::split::Split;
pub use faces::Faces;
pub use forger::{Forged, Forger, around};
pub use gallery::{SynthOptions, synth};
pub use listing::data_digest;
pub use order::Order;
pub use pairs::Pairs;
pub use sampler::{FaceSample, Sampler};
pub use seen::source;
