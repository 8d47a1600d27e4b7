#![doc = include_str!("../README.md")]

mod detect;
mod detector;
mod error;
mod explain;
mod finding;
mod network;
mod predict;

pub use crate::explain::{ExplainOptions, ExplainOutcome, explain};
pub use detect::{
    Answer, DetectOptions, DetectOutcome, FaceAnswer, Moment, Partial, TrackAnswer, Verdict, detect,
};
pub use detector::Detector;
pub use error::{Error, ModelError};
pub use finding::{corners, face_and_finding};
pub use network::{Architecture, Network};
pub use predict::{Judged, JudgedClip, judge, judge_clip, to_clips};
