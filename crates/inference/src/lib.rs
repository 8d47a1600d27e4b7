#![doc = include_str!("../README.md")]

mod compression;
mod config;
mod detect;
mod detector;
mod error;
mod explain;
mod files;
mod follow;
mod forward;
mod images;
mod network;
mod not_judged;
mod overlay;
mod pack;
mod prediction;
mod turn;
mod videos;
mod windows;

pub use crate::explain::{ExplainOptions, ExplainOutcome, explain};
pub use answers::{
    About, Answer, BoxAnswer, Coverage, FaceAnswer, MomentAnswer, Origin, Partial, Stretch,
    TrackAnswer,
};
pub use config::{DetectorConfig, Measured};
pub use detect::{DetectOptions, DetectOutcome, detect, detect_file};
pub use detector::{Detector, PredictOptions};
pub use error::{Error, ModelError};
pub use follow::Progress;
pub use forward::{ClipPrediction, predict, predict_clip, to_clips};
pub use inputs::{FileName, Kind, PassedOver, shown};
pub use network::{Architecture, Network, Weights};
pub use not_judged::{NotJudged, TooCompressed, Unreadable};
pub use overlay::{corners, face_and_finding};
pub use pack::pack;
pub use prediction::{
    FacePrediction, FramePrediction, ImagePrediction, Prediction, TrackPrediction, VideoPrediction,
    highest_stretch,
};
