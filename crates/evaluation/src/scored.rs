//! A face and what the network says of it.

use metrics::VideoKey;

use crate::scoring::Item;

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
