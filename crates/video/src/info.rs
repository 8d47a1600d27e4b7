//! What is known of a video before anything is decoded.

use image::metadata::Orientation;

use crate::colour::swaps_sides;
use crate::samples::SampleIndex;

/// What is known of a video before anything is decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoInfo {
    /// Width of the upright picture, pixels.
    pub width: u32,
    /// Height of the upright picture, pixels.
    pub height: u32,
    /// Number of frames shown.
    pub frame_count: usize,
    /// Mean frames a second: frames over duration.
    pub frame_rate: f64,
    /// From frame 0 to the end of the last frame, seconds.
    pub duration_seconds: f64,
    /// When each frame is shown, seconds after frame 0, ascending.
    pub times_seconds: Vec<f64>,
}

impl VideoInfo {
    /// What an index says, of so many ticks a second, of pictures of a size before they are turned.
    pub(crate) fn of(
        index: &SampleIndex,
        ticks: u32,
        (width, height): (u32, u32),
        orientation: Orientation,
    ) -> Self {
        let ticks = f64::from(ticks);
        let frame_count = index.frame_count();
        let sample = |frame: usize| index.sample(index.sample_of(frame));
        let start = sample(0).shown_at;
        let times_seconds: Vec<f64> = (0..frame_count)
            .map(|frame| sample(frame).shown_at.saturating_sub(start) as f64 / ticks)
            .collect();
        let last = f64::from(sample(frame_count - 1).duration) / ticks;
        let duration_seconds = times_seconds[frame_count - 1] + last;
        let (width, height) = match swaps_sides(orientation) {
            true => (height, width),
            false => (width, height),
        };
        Self {
            width,
            height,
            frame_count,
            // A single frame may be said to last no time at all.
            frame_rate: match duration_seconds > 0.0 {
                true => frame_count as f64 / duration_seconds,
                false => 0.0,
            },
            duration_seconds,
            times_seconds,
        }
    }
}
