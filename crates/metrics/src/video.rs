use std::collections::HashMap;

use crate::error::MetricError;
use crate::video_key::VideoKey;

/// The score of one frame.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameScore {
    /// The frame's video.
    pub video: VideoKey,
    /// Higher = more forged. Finite.
    pub score: f64,
    /// True where the frame is forged.
    pub forged: bool,
}

/// The score of one video: the mean of its frames' scores.
#[derive(Clone, Debug, PartialEq)]
pub struct VideoScore {
    /// The video.
    pub video: VideoKey,
    /// Mean score of its frames.
    pub score: f64,
    /// True where the video is forged.
    pub forged: bool,
    /// How many frames were scored.
    pub frames: usize,
}

/// One score a video, in the order in which the videos first appear among the frames.
///
/// # Errors
///
/// No rows, a score is not finite, or a video has frames of both labels.
pub fn aggregate_videos(rows: &[FrameScore]) -> Result<Vec<VideoScore>, MetricError> {
    if rows.is_empty() {
        return Err(MetricError::Empty);
    }
    let mut videos: Vec<VideoScore> = Vec::new();
    for (index, (row, video)) in rows.iter().zip(video_indices(rows)).enumerate() {
        if !row.score.is_finite() {
            return Err(MetricError::NonFinite {
                index,
                value: row.score,
            });
        }
        let video = video as usize;
        if video == videos.len() {
            let key = row.video.clone();
            videos.push(VideoScore {
                video: key,
                score: 0.0,
                forged: row.forged,
                frames: 0,
            });
        }
        let seen = &mut videos[video];
        if seen.forged != row.forged {
            return Err(MetricError::ContradictoryLabels {
                video: Box::new(row.video.clone()),
            });
        }
        seen.score += row.score;
        seen.frames += 1;
    }
    for video in &mut videos {
        video.score /= video.frames as f64;
    }
    Ok(videos)
}

/// For each frame, which video it belongs to, numbered from 0 in the order of first appearance:
/// the place of its video in [`aggregate_videos`], and the `groups` of a bootstrap over frames.
pub fn video_indices(rows: &[FrameScore]) -> Vec<u32> {
    let mut known: HashMap<&VideoKey, u32> = HashMap::new();
    let number = |row| {
        let next = known.len() as u32;
        *known.entry(row).or_insert(next)
    };
    rows.iter().map(|row| &row.video).map(number).collect()
}
