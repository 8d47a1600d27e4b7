//! What an evaluation finds: every face's score, and what the scores are worth.

use std::path::PathBuf;

use metrics::VideoKey;
use report::{Level, MetricsTable};

use crate::{in_time::InTime, localize::Localization, scoring::Item};

/// A scored face.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// The face.
    pub item: Item,
    /// Data set, method and video.
    pub video: VideoKey,
    /// Whether it is forged.
    pub forged: bool,
    /// Whether any frame of its video is forged.
    pub video_forged: bool,
    /// What the network says, 0..1, before calibration.
    pub network_score: f64,
    /// Probability that it is forged, 0..1, calibrated on the run's validation split.
    pub score: f64,
    /// Probability that its video is forged, 0..1: of a network that judges clips, what it says of
    /// the clip; else from the mean of the video's frames, calibrated once more.
    pub video_score: f64,
    /// What the network says of its video, 0..1, before calibration: of a network that judges clips,
    /// of the clip; else the mean of its frames.
    pub video_network_score: f64,
}

/// An evaluation.
#[derive(Debug, Clone)]
pub struct Evaluation {
    /// The data.
    pub data: PathBuf,
    /// Which rows: train, val, test or all.
    pub split: String,
    /// Whether the data are rendered, not photographs.
    pub synthetic: bool,
    /// What the network judges: single frames, or clips.
    pub level: Level,
    /// Probability from which a face is called forged, chosen on the run's validation split.
    pub threshold: f64,
    /// The same of a video.
    pub video_threshold: f64,
    /// Rows that could not be scored.
    pub skipped: usize,
    /// The measures of each data set and method, by frame and by video.
    pub tables: Vec<MetricsTable>,
    /// How well forgeries are found within the faces, by method; empty where the method does not
    /// localise or no truth is known.
    pub localization: Vec<Localization>,
    /// How well forged stretches of clips are found; absent where no clip is forged in part.
    pub in_time: Option<InTime>,
    /// Every face.
    pub scored: Vec<Scored>,
}
