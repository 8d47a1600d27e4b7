use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::calibration::Calibration;
use crate::video_key::VideoKey;

/// How scores are read, chosen on the validation split: as a probability of forged where forgeries
/// are as frequent as real ones, `sigmoid(slope logit(score) + offset)`, and from which probability
/// on the answer is "forged".
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// What the logit of the score is multiplied by: one over the temperature.
    #[serde(default = "one")]
    pub slope: f64,
    /// What is then added to it.
    #[serde(default)]
    pub offset: f64,
    /// The probability from which on the answer is "forged", 0..1.
    pub threshold: f64,
    /// The probability from which on, and below the threshold, the answer is "uncertain", 0..1; absent:
    /// there is no such answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uncertain_from: Option<f64>,
}

fn one() -> f64 {
    1.0
}

impl Default for Decision {
    /// Scores are probabilities, and one half is the threshold.
    fn default() -> Self {
        Self {
            slope: 1.0,
            offset: 0.0,
            threshold: 0.5,
            uncertain_from: None,
        }
    }
}

impl Decision {
    /// The probability that a score, 0..1, stands for.
    #[must_use]
    pub fn probability(&self, score: f64) -> f64 {
        let calibration = Calibration {
            slope: self.slope,
            offset: self.offset,
        };
        calibration.apply(score)
    }

    /// `forged` from the threshold on; below it `uncertain` where that is an answer, else `real`.
    #[must_use]
    pub fn word(&self, probability: f64) -> &'static str {
        let from = |least: f64| probability >= least;
        match (from(self.threshold), self.uncertain_from.is_some_and(from)) {
            (true, _) => "forged",
            (false, true) => "uncertain",
            (false, false) => "real",
        }
    }

    /// The probability that a video is forged, from those of its frames, 0..1. This decision is that
    /// for means of several frames; one frame alone is as it was.
    /// Not a number without frames.
    #[must_use]
    pub fn of_video(&self, frames: &[f64]) -> f64 {
        let mean = frames.iter().sum::<f64>() / frames.len() as f64;
        match frames {
            [_] => mean,
            _ => self.probability(mean),
        }
    }

    /// [`of_video`](Self::of_video) for each frame's video, in the order of the frames.
    #[must_use]
    pub fn of_videos<'a>(
        &self,
        frames: impl Iterator<Item = (&'a VideoKey, f64)> + Clone,
    ) -> Vec<f64> {
        let mut videos: HashMap<&VideoKey, Vec<f64>> = HashMap::new();
        for (video, score) in frames.clone() {
            videos.entry(video).or_default().push(score);
        }
        let videos: HashMap<_, _> = videos
            .into_iter()
            .map(|(video, scores)| (video, self.of_video(&scores)))
            .collect();
        frames.map(|(video, _)| videos[video]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_its_two_limits_an_answer_is_uncertain() {
        let plain = Decision::default();
        assert_eq!([0.4, 0.5].map(|p| plain.word(p)), ["real", "forged"]);
        let three = Decision {
            uncertain_from: Some(0.3),
            ..plain
        };
        let words = [0.29, 0.3, 0.49, 0.5].map(|p| three.word(p));
        assert_eq!(words, ["real", "uncertain", "uncertain", "forged"]);
    }

    #[test]
    fn every_frame_has_its_videos_probability() {
        let keys = ["a", "b", "a"].map(|video| VideoKey {
            video: video.into(),
            ..VideoKey::default()
        });
        let seen = keys.iter().zip([0.2, 0.9, 0.4]);
        let videos = Decision::default().of_videos(seen);
        assert!((videos[0] - 0.3).abs() < 1e-12 && videos[0] == videos[2]);
        assert_eq!(videos[1], 0.9);
    }
}
