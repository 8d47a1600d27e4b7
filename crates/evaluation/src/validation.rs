//! What a validation chooses: the best weights, and how their scores are to be read.

use std::{collections::HashMap, hash::Hash};

use experiment::{Best, CalibrationRule, Evaluation, FacesOfFrame};
use metrics::{
    Calibration, Decision, FrameScore, Prior, Ranking, VideoKey, aggregate_videos, fit_platt,
    fit_temperature,
};

use crate::Error;

/// Chooses as the recipe says, at the false positive rate if there is one; with it the AUC of the scores.
///
/// # Errors
/// Where a class is absent or a score is no number.
fn fit(
    scores: &[f64],
    labels: &[bool],
    rate: Option<f64>,
    evaluation: &Evaluation,
) -> Result<(Decision, f64), Error> {
    let calibration = match evaluation.calibration {
        CalibrationRule::None => Calibration::default(),
        CalibrationRule::Temperature => fit_temperature(scores, labels, Prior::Even)?,
        CalibrationRule::Platt => fit_platt(scores, labels, Prior::Even)?,
    };
    let scores: Vec<_> = scores.iter().map(|&s| calibration.apply(s)).collect();
    let ranking = Ranking::new(&scores, labels)?;
    let threshold = match rate {
        Some(rate) => ranking.threshold_at_fpr(rate)?,
        None => ranking.threshold_at_equal_error_rate(),
    };
    let uncertain_from = match evaluation.false_negative_rate {
        Some(rate) => Some(threshold_at_fnr(&scores, labels, rate)?.min(threshold)),
        None => None,
    };
    let decision = Decision {
        slope: calibration.slope,
        offset: calibration.offset,
        threshold,
        uncertain_from,
    };
    Ok((decision, ranking.auc()))
}

/// The false positive rates of faces and of videos.
fn rates(evaluation: &Evaluation) -> (Option<f64>, Option<f64>) {
    let of_faces = evaluation.false_positive_rate;
    (of_faces, evaluation.video_false_positive_rate.or(of_faces))
}

/// Accuracy of a network's own answers, forged from one half on, and the cross entropy of its scores, in
/// which both classes weigh the same.
fn own_answer(scores: &[f64], labels: &[bool]) -> (f64, f64) {
    let (mut right, mut losses, mut counts) = (0, [0.0; 2], [0.0; 2]);
    for (&score, &forged) in scores.iter().zip(labels) {
        right += usize::from((score >= 0.5) == forged);
        let of_truth = if forged { score } else { 1.0 - score };
        losses[usize::from(forged)] -= of_truth.max(1e-12).ln();
        counts[usize::from(forged)] += 1.0;
    }
    let loss = 0.5 * (losses[0] / counts[0] + losses[1] / counts[1]);
    (right as f64 / scores.len() as f64, loss)
}

/// The highest threshold below which at most that share of the forged rows lies: with the classes
/// exchanged, a threshold at a false positive rate.
fn threshold_at_fnr(scores: &[f64], labels: &[bool], max_fnr: f64) -> Result<f64, Error> {
    let turned: Vec<_> = scores.iter().map(|score| 1.0 - score).collect();
    let real: Vec<_> = labels.iter().map(|forged| !forged).collect();
    Ok(1.0 - Ranking::new(&turned, &real)?.threshold_at_fpr(max_fnr)?)
}

/// The scores of frames from those of their faces, in the order of each frame's first face. A face
/// whose frame is not known is a frame of its own.
fn of_frames<V: Clone + Eq + Hash>(
    rule: FacesOfFrame,
    faces: impl Iterator<Item = (V, Option<u64>, f64)>,
) -> Vec<(V, f64)> {
    let mut frames: Vec<(V, f64)> = Vec::new();
    let mut places: HashMap<(V, u64), usize> = HashMap::new();
    for (video, frame, score) in faces {
        let place = match (rule, frame) {
            (FacesOfFrame::Largest, Some(frame)) => {
                let next = frames.len();
                *places.entry((video.clone(), frame)).or_insert(next)
            }
            (FacesOfFrame::Largest, None) | (FacesOfFrame::Each, _) => frames.len(),
        };
        match frames.get_mut(place) {
            Some((_, largest)) => *largest = largest.max(score),
            None => frames.push((video, score)),
        }
    }
    frames
}

/// The score of the video of each face, which says of which frame it is.
pub(crate) fn of_videos<'a>(
    decision: &Decision,
    rule: FacesOfFrame,
    faces: impl Iterator<Item = (&'a VideoKey, Option<u64>, f64)> + Clone,
) -> Vec<f64> {
    let frames = of_frames(rule, faces.clone());
    let scores = decision.of_videos(frames.iter().copied());
    let videos = frames.iter().map(|(video, _)| *video);
    let videos: HashMap<&VideoKey, f64> = videos.zip(scores).collect();
    faces.map(|(video, ..)| videos[video]).collect()
}

/// What a validation chooses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Validated {
    /// Area under the ROC curve of what the network judges: frames or clips.
    pub auc: f64,
    /// Share of the same that the network's own answer is right about, 0..1.
    pub accuracy: f64,
    /// Cross entropy of its scores of the same, both classes weighing the same.
    pub loss: f64,
    /// For the network's score of a frame.
    pub frame: Decision,
    /// For the network's score of a clip; or, where it judges frames, for the mean of several
    /// frames' probabilities.
    pub video: Decision,
}

impl Validated {
    /// Of faces that were judged one by one, each with its frame's number and whether its video is
    /// forged anywhere.
    ///
    /// # Errors
    /// Where a class is absent or a score is no number.
    pub fn of_frames(
        mut frames: Vec<(FrameScore, Option<u64>, bool)>,
        evaluation: &Evaluation,
    ) -> Result<Self, Error> {
        let scores: Vec<_> = frames.iter().map(|(frame, ..)| frame.score).collect();
        let labels: Vec<_> = frames.iter().map(|(frame, ..)| frame.forged).collect();
        let (faces_rate, videos_rate) = rates(evaluation);
        let (frame, auc) = fit(&scores, &labels, faces_rate, evaluation)?;
        let (at_videos_rate, _) = fit(&scores, &labels, videos_rate, evaluation)?;
        let (accuracy, loss) = own_answer(&scores, &labels);
        for (seen, _, video_forged) in &mut frames {
            seen.score = frame.probability(seen.score);
            seen.forged = *video_forged;
        }
        let faces = frames
            .into_iter()
            .map(|(seen, number, _)| ((seen.video, seen.forged), number, seen.score));
        let frames = of_frames(evaluation.faces_of_a_frame, faces).into_iter();
        let frames: Vec<_> = frames
            .map(|((video, forged), score)| FrameScore {
                video,
                score,
                forged,
            })
            .collect();
        let (means, forged): (Vec<_>, Vec<_>) = aggregate_videos(&frames)?
            .into_iter()
            .filter(|video| video.frames > 1)
            .map(|video| (video.score, video.forged))
            .unzip();
        let video = match forged.contains(&true) && forged.contains(&false) {
            true => fit(&means, &forged, videos_rate, evaluation)?.0,
            // Pictures alone: there are no videos to learn from.
            false => Decision {
                threshold: at_videos_rate.threshold,
                uncertain_from: at_videos_rate.uncertain_from,
                ..Decision::default()
            },
        };
        Ok(Self {
            auc,
            accuracy,
            loss,
            frame,
            video,
        })
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
        let (faces_rate, videos_rate) = rates(evaluation);
        let (video, auc) = fit(clips.0, clips.1, videos_rate, evaluation)?;
        let (frame, _) = fit(frames.0, frames.1, faces_rate, evaluation)?;
        let (accuracy, loss) = own_answer(clips.0, clips.1);
        Ok(Self {
            auc,
            accuracy,
            loss,
            frame,
            video,
        })
    }

    /// As a run's records have it, after as many steps.
    #[must_use]
    pub fn after(&self, step: usize) -> Best {
        Best {
            step,
            auc: self.auc,
            accuracy: Some(self.accuracy),
            loss: Some(self.loss),
            frame: self.frame,
            video: self.video,
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    /// Videos of eight frames, each frame a little telling.
    fn frames(videos: usize) -> Vec<(FrameScore, Option<u64>, bool)> {
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
                (frame, Some(i as u64 % 8), forged)
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
    fn the_networks_own_answer_is_forged_from_one_half_on() {
        let (accuracy, loss) = own_answer(&[0.5, 0.25, 0.75, 0.25], &[true, true, false, false]);
        assert_eq!(accuracy, 0.5);
        let half = |a: f64, b: f64| -0.5 * (a.ln() + b.ln());
        let expected = 0.5 * (half(0.5, 0.25) + half(0.25, 0.75));
        assert!((loss - expected).abs() < 1e-12, "{loss} {expected}");
        let (_, sure) = own_answer(&[0.0, 1.0], &[true, false]);
        assert!(sure.is_finite());
    }

    /// Two people in the first frame of a video, one in the second: the larger score is the frame's,
    /// and a video is the mean of its frames.
    #[test]
    fn of_a_frames_faces_the_largest_score_counts_where_asked_for() {
        let faces = [
            ("a", Some(0), 0.1),
            ("a", Some(0), 0.9),
            ("a", Some(1), 0.3),
            ("b", Some(0), 0.2),
        ];
        let frames = |rule| of_frames(rule, faces.into_iter());
        let largest = [("a", 0.9), ("a", 0.3), ("b", 0.2)];
        assert_eq!(frames(FacesOfFrame::Largest), largest);
        assert_eq!(frames(FacesOfFrame::Each).len(), 4);
        let unknown = [("a", None, 0.1), ("a", None, 0.9)];
        let unknown = of_frames(FacesOfFrame::Largest, unknown.into_iter());
        assert_eq!(unknown.len(), 2);
        let video = VideoKey::default();
        let seen = [
            (&video, Some(0), 0.1),
            (&video, Some(0), 0.9),
            (&video, Some(1), 0.3),
        ];
        let of = |rule| of_videos(&Decision::default(), rule, seen.into_iter());
        assert!((of(FacesOfFrame::Largest)[2] - 0.6).abs() < 1e-12);
        assert!((of(FacesOfFrame::Each)[0] - 1.3 / 3.0).abs() < 1e-12);
    }

    /// No more than the asked-for share of either class is called by the other's name; where one
    /// threshold does both, nothing is uncertain.
    #[test]
    fn what_cannot_be_told_within_both_rates_is_uncertain() {
        let frames = frames(400);
        let rates = |rate| Evaluation {
            false_positive_rate: Some(rate),
            false_negative_rate: Some(rate),
            ..Evaluation::default()
        };
        let chosen = Validated::of_frames(frames.clone(), &rates(0.1))
            .unwrap()
            .frame;
        let words = |forged| -> Vec<_> {
            let of_class = frames
                .iter()
                .filter(move |(frame, ..)| frame.forged == forged);
            let word =
                |(frame, ..): &(FrameScore, _, _)| chosen.word(chosen.probability(frame.score));
            of_class.map(word).collect()
        };
        let share = |words: Vec<&str>, word| {
            words.iter().filter(|w| **w == word).count() as f64 / words.len() as f64
        };
        for (forged, wrong) in [(false, "forged"), (true, "real")] {
            let wrong = share(words(forged), wrong);
            assert!((0.08..=0.1).contains(&wrong), "{wrong}");
            assert!(share(words(forged), "uncertain") > 0.2);
        }
        let loose = Validated::of_frames(frames.clone(), &rates(0.5))
            .unwrap()
            .frame;
        assert_eq!(loose.uncertain_from, Some(loose.threshold));
    }

    #[test]
    fn single_pictures_teach_nothing_about_videos() {
        let mut pictures = frames(40);
        for (i, (frame, ..)) in pictures.iter_mut().enumerate() {
            frame.video.video = i.to_string();
        }
        let chosen = Validated::of_frames(pictures, &Evaluation::default()).unwrap();
        assert_eq!((chosen.video.slope, chosen.video.offset), (1.0, 0.0));
        assert_eq!(chosen.video.threshold, chosen.frame.threshold);
    }
}
