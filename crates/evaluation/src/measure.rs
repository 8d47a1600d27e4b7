//! The measures of an evaluation, as data, as text and as JSON.

use std::{collections::BTreeSet, fmt::Write};

use experiment::Recipe;
use metrics::{
    FrameScore, Measure, MetricError, Prior, VideoScore, aggregate_videos, bootstrap_intervals,
    video_indices,
};
use report::{Level, Measured, MetricsRow, MetricsTable};
use runtime::{Purpose, generator};
use serde_json::{Value, json};

use crate::{
    in_time::InTime,
    localize::Localization,
    scored::{Evaluation, Scored},
};

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

/// A measure with its interval, or why there is none.
pub(crate) fn measured_json(measured: &Measured) -> Value {
    match measured {
        Ok(m) => json!({ "value": m.value, "low": m.low, "high": m.high }),
        Err(error) => json!({ "undefined": error.to_string() }),
    }
}

/// Lines of cells as text, numbers to the right.
pub(crate) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<_> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let mut text = String::new();
    for line in lines {
        let cells = line
            .iter()
            .zip(&widths)
            .map(|(cell, &width)| match cell.parse::<f64>() {
                Ok(_) => format!("{cell:>width$}"),
                Err(_) => format!("{cell:<width$}"),
            });
        let cells: Vec<_> = cells.collect();
        let _ = writeln!(text, "{}", cells.join("  ").trim_end());
    }
    text
}

impl Evaluation {
    /// The row to read first: the first with an AUC, by frame, or by video where the network judges
    /// clips.
    #[must_use]
    pub fn headline(&self) -> Option<(Level, &MetricsRow)> {
        let mut tables: Vec<_> = self.tables.iter().collect();
        tables.sort_by_key(|table| table.level != self.level);
        tables.into_iter().find_map(|table| {
            let row = table.rows.iter().find(|row| row.auc.is_ok());
            row.map(|row| (table.level, row))
        })
    }

    /// The tables as aligned text.
    #[must_use]
    pub fn table(&self) -> String {
        let header = [
            "level",
            "data set",
            "method",
            "real",
            "forged",
            "AUC",
            "AP",
            "EER",
            "accuracy",
            "by argmax",
            "ECE",
        ];
        let mut lines = vec![header.map(String::from).to_vec()];
        let mut reasons = BTreeSet::new();
        for table in &self.tables {
            for row in &table.rows {
                let mut shown = |measured: &Measured| match measured {
                    Ok(m) => format!("{:.3} [{:.3}, {:.3}]", m.value, m.low, m.high),
                    Err(error) => {
                        reasons.insert(format!("no measures of {}: {error}", row.dataset));
                        "-".into()
                    }
                };
                lines.push(vec![
                    table.level.noun().into(),
                    row.dataset.clone(),
                    row.method.clone(),
                    row.real.to_string(),
                    row.forged.to_string(),
                    shown(&row.auc),
                    shown(&row.average_precision),
                    shown(&row.equal_error_rate),
                    shown(&row.accuracy),
                    shown(&row.argmax_accuracy),
                    shown(&row.calibration_error),
                ]);
            }
        }
        let mut text = aligned(&lines);
        for reason in reasons {
            let _ = writeln!(text, "{reason}");
        }
        text
    }

    /// The answer in one sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let synthetic = if self.synthetic { "synthetic " } else { "" };
        let Some((level, row)) = self.headline() else {
            let scored = self.scored.len();
            return format!(
                "{scored} {synthetic}faces were scored; without real and forged ones there is no AUC."
            );
        };
        let auc = row
            .auc
            .as_ref()
            .map_or((0.0, 0.0, 0.0), |auc| (auc.value, auc.low, auc.high));
        let things = match level {
            Level::Frame => "faces",
            Level::Video => "videos",
        };
        format!(
            "{} AUC {:.3} (95 % interval {:.3} to {:.3}) on {} real and {} forged {synthetic}{things} of the split '{}'; scores from {:.3} on are called forged (chosen on the validation split).",
            match level {
                Level::Frame => "Frame",
                Level::Video => "Video",
            },
            auc.0,
            auc.1,
            auc.2,
            row.real,
            row.forged,
            self.split,
            match level {
                Level::Frame => self.threshold,
                Level::Video => self.video_threshold,
            },
        )
    }

    /// How well places of forgeries are found, within faces and in time: a line each.
    #[must_use]
    pub fn places(&self) -> Vec<String> {
        let in_faces = self.localization.iter().map(Localization::sentence);
        let in_time = self.in_time.iter().map(InTime::sentence);
        in_faces.chain(in_time).collect()
    }

    /// Everything but the single scores.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let measured = measured_json;
        let rows: Vec<_> = self
            .tables
            .iter()
            .flat_map(|table| {
                table.rows.iter().map(move |row| {
                    json!({
                        "level": table.level.noun(),
                        "dataset": row.dataset,
                        "method": row.method,
                        "real": row.real,
                        "forged": row.forged,
                        "auc": measured(&row.auc),
                        "average_precision": measured(&row.average_precision),
                        "equal_error_rate": measured(&row.equal_error_rate),
                        "accuracy": measured(&row.accuracy),
                        "argmax_accuracy": measured(&row.argmax_accuracy),
                        "true_positive_rate_at_1_percent": measured(&row.true_positive_rate_1),
                        "true_positive_rate_at_0.1_percent": measured(&row.true_positive_rate_01),
                        "expected_calibration_error": measured(&row.calibration_error),
                    })
                })
            })
            .collect();
        json!({
            "data": self.data,
            "split": self.split,
            "synthetic": self.synthetic,
            "threshold": self.threshold,
            "video_threshold": self.video_threshold,
            "skipped": self.skipped,
            "in_time": self.in_time.as_ref().map(InTime::to_json),
            "localization": self.localization.iter().map(Localization::to_json).collect::<Vec<_>>(),
            "groups": rows,
        })
    }
}
