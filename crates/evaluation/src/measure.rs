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
    let resamples = recipe.evaluation.resamples;
    // The same resamples for both.
    let found = |scores: &[f64], measures: &[Measure]| {
        let mut rng = generator(recipe.seed, Purpose::Bootstrap, 0, 0);
        bootstrap_intervals(scores, labels, videos, measures, resamples, &mut rng)
    };
    // What ranks is the mean of the network's own scores, as papers have it: means of calibrated ones may
    // stand in another order.
    let of_raw = [
        Measure::Auc,
        Measure::AveragePrecision,
        Measure::EqualErrorRate,
        rate_at(0.01),
        rate_at(0.001),
        // The larger of the network's two scores.
        Measure::Accuracy { threshold: 0.5 },
    ];
    let of_raw = found(raw, &of_raw);
    let of_calibrated = [
        Measure::Accuracy { threshold },
        Measure::ExpectedCalibrationError {
            bins: RELIABILITY_BINS,
            prior: Prior::Even,
        },
    ];
    let of_calibrated = found(scores, &of_calibrated);
    let at = |found: &Result<Vec<_>, MetricError>, index: usize| -> Measured {
        let found = found.as_ref().map(|found| found[index]);
        found.map_err(Clone::clone)
    };
    let forged = labels.iter().filter(|label| **label).count() as u64;
    MetricsRow {
        dataset: dataset.into(),
        method: method.into(),
        real: labels.len() as u64 - forged,
        forged,
        auc: at(&of_raw, 0),
        average_precision: at(&of_raw, 1),
        equal_error_rate: at(&of_raw, 2),
        accuracy: at(&of_calibrated, 0),
        argmax_accuracy: at(&of_raw, 5),
        true_positive_rate_1: at(&of_raw, 3),
        true_positive_rate_01: at(&of_raw, 4),
        calibration_error: at(&of_calibrated, 1),
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

#[cfg(test)]
mod tests {
    use metrics::VideoKey;

    use super::*;
    use crate::scoring::Item;

    /// Means of calibrated scores may stand in another order than means of the network's own.
    #[test]
    fn videos_rank_by_the_mean_of_the_networks_own_scores() {
        let of = |number: usize, forged: bool, network: f64, calibrated: f64| Scored {
            item: Item {
                row: number,
                generated: false,
            },
            video: VideoKey {
                video: number.to_string(),
                ..VideoKey::default()
            },
            forged,
            video_forged: forged,
            network_score: network,
            score: calibrated,
            video_score: calibrated,
            video_network_score: network,
        };
        let scored: Vec<_> = (0..8)
            .map(|number| match number % 2 {
                0 => of(number, false, 0.4, 0.7),
                _ => of(number, true, 0.6, 0.3),
            })
            .collect();
        let recipe = Recipe::load("pcl-smoke", &["evaluation.resamples=4".into()]).unwrap();
        let tables = measure(&scored, [0.5, 0.5], &recipe);
        for table in &tables {
            let row = &table.rows[0];
            let value = |measured: &Measured| measured.as_ref().unwrap().value;
            assert_eq!(value(&row.auc), 1.0);
            assert_eq!(value(&row.equal_error_rate), 0.0);
            assert_eq!(value(&row.argmax_accuracy), 1.0);
            assert_eq!(value(&row.accuracy), 0.0);
        }
    }
}
