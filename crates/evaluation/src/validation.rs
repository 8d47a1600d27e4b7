//! What a validation chooses: the best weights, and how their scores are to be read.

use experiment::{CalibrationRule, Evaluation};
use metrics::{
    Calibration, Decision, FrameScore, Prior, Ranking, aggregate_videos, fit_platt, fit_temperature,
};

use crate::Error;

/// Chooses as the recipe says; with it the AUC of the scores.
///
/// # Errors
/// Where a class is absent or a score is no number.
fn fit(scores: &[f64], labels: &[bool], evaluation: &Evaluation) -> Result<(Decision, f64), Error> {
    let calibration = match evaluation.calibration {
        CalibrationRule::None => Calibration::default(),
        CalibrationRule::Temperature => fit_temperature(scores, labels, Prior::Even)?,
        CalibrationRule::Platt => fit_platt(scores, labels, Prior::Even)?,
    };
    let scores: Vec<_> = scores.iter().map(|&s| calibration.apply(s)).collect();
    let ranking = Ranking::new(&scores, labels)?;
    let decision = Decision {
        slope: calibration.slope,
        offset: calibration.offset,
        threshold: match evaluation.false_positive_rate {
            Some(rate) => ranking.threshold_at_fpr(rate)?,
            None => ranking.threshold_at_equal_error_rate(),
        },
    };
    Ok((decision, ranking.auc()))
}

/// What a validation chooses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Validated {
    /// Area under the ROC curve of what the network judges: frames or clips.
    pub auc: f64,
    /// For the network's score of a frame.
    pub frame: Decision,
    /// For the network's score of a clip; or, where it judges frames, for the mean of several
    /// frames' probabilities.
    pub video: Decision,
}

impl Validated {
    /// Of frames that were judged one by one, each with whether its video is forged anywhere.
    ///
    /// # Errors
    /// Where a class is absent or a score is no number.
    pub fn of_frames(
        mut frames: Vec<(FrameScore, bool)>,
        evaluation: &Evaluation,
    ) -> Result<Self, Error> {
        let scores: Vec<_> = frames.iter().map(|(frame, _)| frame.score).collect();
        let labels: Vec<_> = frames.iter().map(|(frame, _)| frame.forged).collect();
        let (frame, auc) = fit(&scores, &labels, evaluation)?;
        for (seen, video_forged) in &mut frames {
            seen.score = frame.probability(seen.score);
            seen.forged = *video_forged;
        }
        let frames: Vec<_> = frames.into_iter().map(|(frame, _)| frame).collect();
        let (means, forged): (Vec<_>, Vec<_>) = aggregate_videos(&frames)?
            .into_iter()
            .filter(|video| video.frames > 1)
            .map(|video| (video.score, video.forged))
            .unzip();
        let video = match forged.contains(&true) && forged.contains(&false) {
            true => fit(&means, &forged, evaluation)?.0,
            // Pictures alone: there are no videos to learn from.
            false => Decision {
                threshold: frame.threshold,
                ..Decision::default()
            },
        };
        Ok(Self { auc, frame, video })
    }

    /// Of clips that were judged whole: scores and labels of their frames, and of themselves.
    ///
    /// # Errors
    /// Where a class is absent or a score is no number.
    pub fn of_clips(
        frames: (&[f64], &[bool]),
        clips: (&[f64], &[bool]),
        evaluation: &Evaluation,
    ) -> Result<Self, Error> {
        let (video, auc) = fit(clips.0, clips.1, evaluation)?;
        let (frame, _) = fit(frames.0, frames.1, evaluation)?;
        Ok(Self { auc, frame, video })
    }
}

#[cfg(test)]
mod tests {
    use metrics::VideoKey;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Videos of eight frames, each frame a little telling.
    fn frames(videos: usize) -> Vec<(FrameScore, bool)> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        (0..8 * videos)
            .map(|i| {
                let forged = i / 8 % 2 == 1;
                let logit = rng.random_range(-3.0..3.0) + if forged { 0.7 } else { -0.7 };
                let frame = FrameScore {
                    video: VideoKey {
                        video: (i / 8).to_string(),
                        ..VideoKey::default()
                    },
                    score: 1.0 / (1.0 + f64::exp(-logit)),
                    forged,
                };
                (frame, forged)
            })
            .collect()
    }

    #[test]
    fn many_frames_are_surer_than_their_mean() {
        let chosen = Validated::of_frames(frames(400), &Evaluation::default()).unwrap();
        assert!(chosen.video.slope > 1.5, "{chosen:?}");
        let (one, many) = (
            chosen.video.of_video(&[0.8]),
            chosen.video.of_video(&[0.8; 8]),
        );
        assert!(one == 0.8 && many > 0.9, "{one} {many}");
    }

    #[test]
    fn single_pictures_teach_nothing_about_videos() {
        let mut pictures = frames(40);
        for (i, (frame, _)) in pictures.iter_mut().enumerate() {
            frame.video.video = i.to_string();
        }
        let chosen = Validated::of_frames(pictures, &Evaluation::default()).unwrap();
        assert_eq!((chosen.video.slope, chosen.video.offset), (1.0, 0.0));
        assert_eq!(chosen.video.threshold, chosen.frame.threshold);
    }
}
