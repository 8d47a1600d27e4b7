//! From a data set's videos and pictures to a store of face crops: frames, faces, tracks, crops,
//! masks, in one pass that can be stopped and divided.
//!
//! | item | what |
//! |---|---|
//! | [`PrepConfig`] | what the crops look like: frames of a clip, margin, size, encoding, masks |
//! | [`first_look`] | whether this machine can read the videos |
//! | [`prepare`] | writes a store of some clips, or this machine's share of it |
//!
//! What a store holds depends on the clips and the configuration alone, neither on the number of
//! workers nor on how often the work was stopped and resumed.

mod annotated;
mod clip;
mod companions;
mod config;
mod cut;
mod error;
mod first_look;
mod frames;
mod places;
mod run;
mod track;
mod window;

pub use config::{FaceSource, PrepConfig};
pub use error::PrepError;
pub use first_look::first_look;
pub use run::{ClipDone, PrepOptions, Prepared, prepare};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
