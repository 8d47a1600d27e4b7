//! What scores are worth: the measures of each data set and method.

use std::collections::BTreeSet;

use experiment::Recipe;
use metrics::{
    FrameScore, Measure, MetricError, Prior, VideoScore, aggregate_videos, bootstrap_intervals,
    video_indices,
};
use report::{Level, Measured, MetricsRow, MetricsTable};
use runtime::{Purpose, generator};

use crate::scored::Scored;

/// Bins of the calibration error and its diagram.
pub(crate) const RELIABILITY_BINS: usize = 10;

/// The name of all methods, or all data sets, together.
const ALL: &str = "all";

/// Whether a face counts in the row of a data set and a method: forgeries by their method, and all
/// real faces.
pub(crate) fn counts(face: &Scored, dataset: &str, method: &str) -> bool {
    let among = |name: &str, wanted: &str| wanted == ALL || name == wanted;
    among(&face.video.dataset, dataset) && (!face.forged || among(&face.video.method, method))
}

/// The same of a face's video.
fn video_counts(face: &Scored, dataset: &str, method: &str) -> bool {
    let among = |name: &str, wanted: &str| wanted == ALL || name == wanted;
    among(&face.video.dataset, dataset) && (!face.video_forged || among(&face.video.method, method))
}

/// All data sets together, where there are several, then each of them; in each, all methods
/// together, then each method against the real faces; by frame and by video, with the threshold of
/// each.
pub(crate) fn measure(
    scored: &[Scored],
    [of_frames, of_videos]: [f64; 2],
    recipe: &Recipe,
) -> Vec<MetricsTable> {
    let datasets: BTreeSet<_> = scored
        .iter()
        .map(|face| face.video.dataset.as_str())
        .collect();
    let mut frame_rows = Vec::new();
    let mut video_rows = Vec::new();
    let together = (datasets.len() > 1).then_some(ALL);
    for dataset in together.into_iter().chain(datasets) {
        let here = scored.iter().filter(|face| counts(face, dataset, ALL));
        let forged = here.filter(|face| face.forged);
        let methods: BTreeSet<_> = forged.map(|face| face.video.method.as_str()).collect();
        let all = (methods.len() != 1).then_some(ALL);
        for method in all.into_iter().chain(methods) {
            let frames: Vec<_> = scored
                .iter()
                .filter(|face| counts(face, dataset, method))
                .map(|face| FrameScore {
                    video: face.video.clone(),
                    score: face.score,
                    forged: face.forged,
                })
                .collect();
            let row = |scores: [&[f64]; 2], labels: &[bool], videos: Option<&[u32]>| {
                // What has no videos is videos.
                let threshold = videos.map_or(of_videos, |_| of_frames);
                measure_group([dataset, method], scores, labels, videos, threshold, recipe)
            };
            let (scores, labels): (Vec<_>, Vec<_>) = frames
                .iter()
                .map(|frame| (frame.score, frame.forged))
                .unzip();
            let raw: Vec<_> = scored
                .iter()
                .filter(|face| counts(face, dataset, method))
                .map(|face| face.network_score)
                .collect();
            frame_rows.push(row([&scores, &raw], &labels, Some(&video_indices(&frames))));
            let of_all_videos = |score: fn(&Scored) -> f64| {
                let faces = scored
                    .iter()
                    .filter(|face| video_counts(face, dataset, method));
                let frames: Vec<_> = faces
                    .map(|face| FrameScore {
                        video: face.video.clone(),
                        score: score(face),
                        forged: face.video_forged,
                    })
                    .collect();
                aggregate_videos(&frames)
            };
            let [calibrated, raw] = [
                of_all_videos(|face| face.video_score),
                of_all_videos(|face| face.video_network_score),
            ];
            video_rows.push(match calibrated.and_then(|videos| Ok((videos, raw?))) {
                Ok((videos, raw)) => {
                    let scores = |videos: &[VideoScore]| -> Vec<f64> {
                        videos.iter().map(|video| video.score).collect()
                    };
                    let labels: Vec<_> = videos.iter().map(|video| video.forged).collect();
                    row([&scores(&videos), &scores(&raw)], &labels, None)
                }
                Err(error) => undefined([dataset, method], &error),
            });
        }
    }
    vec![
        MetricsTable {
            level: Level::Frame,
            rows: frame_rows,
        },
        MetricsTable {
            level: Level::Video,
            rows: video_rows,
        },
    ]
}

fn measure_group(
    [dataset, method]: [&str; 2],
    [scores, raw]: [&[f64]; 2],
    labels: &[bool],
    videos: Option<&[u32]>,
    threshold: f64,
    recipe: &Recipe,
) -> MetricsRow {
    let measures = [
        Measure::Auc,
        Measure::AveragePrecision,
        Measure::EqualErrorRate,
        Measure::Accuracy { threshold },
        rate_at(0.01),
        rate_at(0.001),
        Measure::ExpectedCalibrationError {
            bins: RELIABILITY_BINS,
            prior: Prior::Even,
        },
    ];
    let mut rng = generator(recipe.seed, Purpose::Bootstrap, 0, 0);
    let resamples = recipe.evaluation.resamples;
    let estimates = bootstrap_intervals(scores, labels, videos, &measures, resamples, &mut rng);
    // The larger of the network's two scores: forged from one half on.
    let argmax = [Measure::Accuracy { threshold: 0.5 }];
    let mut rng = generator(recipe.seed, Purpose::Bootstrap, 0, 0);
    let argmax = bootstrap_intervals(raw, labels, videos, &argmax, resamples, &mut rng);
    let measured = |index: usize| -> Measured {
        estimates
            .as_ref()
            .map(|estimates| estimates[index])
            .map_err(Clone::clone)
    };
    let forged = labels.iter().filter(|label| **label).count() as u64;
    MetricsRow {
        dataset: dataset.into(),
        method: method.into(),
        real: labels.len() as u64 - forged,
        forged,
        auc: measured(0),
        average_precision: measured(1),
        equal_error_rate: measured(2),
        accuracy: measured(3),
        argmax_accuracy: argmax.map(|found| found[0]),
        true_positive_rate_1: measured(4),
        true_positive_rate_01: measured(5),
        calibration_error: measured(6),
    }
}

fn rate_at(false_positive_rate: f64) -> Measure {
    Measure::TruePositiveRateAt {
        false_positive_rate,
    }
}

/// A group that has no measures, with the reason.
fn undefined([dataset, method]: [&str; 2], error: &MetricError) -> MetricsRow {
    let measured = || Err(error.clone());
    MetricsRow {
        dataset: dataset.into(),
        method: method.into(),
        real: 0,
        forged: 0,
        auc: measured(),
        average_precision: measured(),
        equal_error_rate: measured(),
        accuracy: measured(),
        argmax_accuracy: measured(),
        true_positive_rate_1: measured(),
        true_positive_rate_01: measured(),
        calibration_error: measured(),
    }
}
