//! Writes a report of made-up data, to look at:
//! `cargo run -p report --example sample_report -- sample_report.html`.

use std::env;
use std::error::Error;
use std::path::PathBuf;

use image::{Luma, Rgb, RgbImage};
use metrics::{
    Estimate, Measure, MetricError, bootstrap_intervals, roc_curve, threshold_at_equal_error_rate,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use report::{
    Curve, GalleryItem, Headline, Kind, Level, Map, MetricsRow, MetricsTable, NextStep, PlacesRow,
    Report, RocSeries, Scores, Training,
};

const METHODS: [(&str, f64); 3] = [("I2G", 2.6), ("identity swap", 1.7), ("mouth swap", 1.2)];

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args_os()
        .nth(1)
        .map_or_else(|| "sample_report.html".into(), PathBuf::from);
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    report::write(&sample(&mut rng)?, &path)?;
    println!("{}", path.display());
    Ok(())
}

/// Scores of one method with their labels.
type Set = (Vec<f64>, Vec<bool>);

fn sample(rng: &mut impl Rng) -> Result<Report, MetricError> {
    let frames: Vec<Set> = METHODS
        .iter()
        .map(|(_, gap)| scores(600, *gap, rng))
        .collect();
    let videos: Vec<Set> = METHODS
        .iter()
        .map(|(_, gap)| scores(20, gap + 0.6, rng))
        .collect();
    let threshold = threshold_at_equal_error_rate(&frames[0].0, &frames[0].1)?;
    let mut rows = |sets: &[Set]| -> Result<Vec<MetricsRow>, MetricError> {
        let named = METHODS.iter().zip(sets);
        named
            .map(|((method, _), set)| row(method, set, threshold, rng))
            .collect()
    };
    let frame_rows = rows(&frames)?;
    let mut video_rows = rows(&videos)?;
    video_rows.push(undefined("no real videos"));
    let mut roc = Vec::new();
    for ((method, _), (scores, labels)) in METHODS.iter().zip(&frames) {
        roc.push(RocSeries {
            name: (*method).into(),
            curve: roc_curve(scores, labels, true)?,
        });
    }
    let of = |class| {
        let rows = frames
            .iter()
            .flat_map(|(scores, labels)| scores.iter().zip(labels));
        rows.filter(|(_, label)| **label == class)
            .map(|(score, _)| *score)
            .collect()
    };
    Ok(Report {
        title: "Sample: PCL + I2G on made-up numbers".into(),
        subtitle: "A small ResNet trained for 1,200 steps to find blended regions. Nothing here \
                   was measured; the page shows what a report looks like."
            .into(),
        headline: Some(Headline {
            level: Level::Frame,
            result: frame_rows[0].clone(),
        }),
        notes: vec!["These data are made up by the sample's source code.".into()],
        tables: vec![
            MetricsTable {
                level: Level::Frame,
                rows: frame_rows,
            },
            MetricsTable {
                level: Level::Video,
                rows: video_rows,
            },
        ],
        places: METHODS
            .iter()
            .map(|(method, _)| PlacesRow {
                method: (*method).into(),
                faces: 200,
                pixel_overlap: Some(0.5),
                ..PlacesRow::default()
            })
            .collect(),
        in_time: String::new(),
        roc,
        scores: Scores {
            real: of(false),
            forged: of(true),
            threshold: Some(threshold),
        },
        training: training(rng),
        gallery: gallery(threshold, rng),
        provenance: [
            ("Recipe", "pcl-cpu"),
            ("Seed", "7"),
            (
                "Training data",
                "sample faces, 240 identities, 7,680 frames",
            ),
            (
                "Data digest",
                "sha256 5d41402abc4b2a76b9719d911017c592ae1f9f4b1b3c5ad9e6c2a0f6d1b7e310",
            ),
            ("Versions", "burn 0.22.1, trainer 0.1.0"),
            ("Device", "CPU, 2 threads"),
            ("Time", "4 min 52 s"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .to_vec(),
        command: "cargo xtask train --recipe pcl-cpu --seed 7".into(),
        next_steps: [
            (
                "Judge a picture of your own:",
                "cargo xtask detect picture.jpg",
            ),
            (
                "Evaluate on another data set:",
                "cargo xtask eval --data manifest.json",
            ),
        ]
        .map(|(what, command)| NextStep {
            what: what.into(),
            command: command.into(),
        })
        .to_vec(),
    })
}

/// `n` real and `n` forged scores whose logits are `gap` apart.
fn scores(n: usize, gap: f64, rng: &mut impl Rng) -> Set {
    let score = |forged: bool| {
        let logit = normal(rng) * 1.3 + if forged { gap } else { -gap } / 2.0;
        (1.0 / (1.0 + (-logit).exp()), forged)
    };
    (0..2 * n).map(|i| i % 2 == 0).map(score).unzip()
}

/// About normal: twelve uniform numbers.
fn normal(rng: &mut impl Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

fn row(
    method: &str,
    (scores, labels): &Set,
    threshold: f64,
    rng: &mut impl Rng,
) -> Result<MetricsRow, MetricError> {
    let measures = [
        Measure::Auc,
        Measure::AveragePrecision,
        Measure::EqualErrorRate,
        Measure::Accuracy { threshold },
        Measure::TruePositiveRateAt {
            false_positive_rate: 0.01,
        },
        Measure::TruePositiveRateAt {
            false_positive_rate: 0.001,
        },
        Measure::ExpectedCalibrationError {
            bins: 10,
            prior: metrics::Prior::Even,
        },
    ];
    let found = bootstrap_intervals(scores, labels, None, &measures, 500, rng)?;
    let forged = labels.iter().filter(|label| **label).count();
    Ok(MetricsRow {
        dataset: "sample".into(),
        method: method.into(),
        real: (labels.len() - forged) as u64,
        forged: forged as u64,
        auc: Ok(found[0]),
        average_precision: Ok(found[1]),
        equal_error_rate: Ok(found[2]),
        accuracy: Ok(found[3]),
        argmax_accuracy: Ok(found[3]),
        true_positive_rate_1: Ok(found[4]),
        true_positive_rate_01: Ok(found[5]),
        calibration_error: Ok(found[6]),
    })
}

/// A method of which nothing real was scored.
fn undefined(method: &str) -> MetricsRow {
    let none = || Err::<Estimate, _>(MetricError::NoReal { rows: 12 });
    MetricsRow {
        dataset: "sample".into(),
        method: method.into(),
        real: 0,
        forged: 12,
        auc: none(),
        average_precision: none(),
        equal_error_rate: none(),
        accuracy: none(),
        argmax_accuracy: none(),
        true_positive_rate_1: none(),
        true_positive_rate_01: none(),
        calibration_error: none(),
    }
}

fn training(rng: &mut impl Rng) -> Training {
    let mut curve = |name: &str, start: f64, end: f64| {
        let mut value = |step: f64| {
            let level = end + (start - end) * (-step / 250.0).exp();
            (step, level * (1.0 + 0.08 * normal(rng)))
        };
        Curve {
            name: name.into(),
            points: (0..1200).map(|step| value(f64::from(step))).collect(),
        }
    };
    let losses = vec![
        curve("total", 7.6, 2.3),
        curve("10 x consistency", 6.9, 2.05),
        curve("class", 0.7, 0.25),
    ];
    let auc = |epoch: i32| {
        (
            f64::from(epoch * 100),
            0.5 + 0.42 * (1.0 - (-0.5 * f64::from(epoch)).exp()),
        )
    };
    let rate = |step: i32| {
        let share = f64::from(step) / 1200.0;
        (
            f64::from(step),
            5e-5 * (share / 0.25).min(1.0).min((1.0 - share) / 0.25),
        )
    };
    Training {
        losses,
        validation: vec![Curve {
            name: "frame AUC".into(),
            points: (1..=12).map(auc).collect(),
        }],
        learning_rate: vec![Curve {
            name: "all weights".into(),
            points: (0..1200).map(rate).collect(),
        }],
        best_step: Some(1100),
    }
}

fn gallery(threshold: f64, rng: &mut impl Rng) -> Vec<GalleryItem> {
    let kinds = [
        Kind::TruePositive,
        Kind::FalseNegative,
        Kind::FalsePositive,
        Kind::TrueNegative,
    ];
    let item = |i: usize| {
        let kind = kinds[i % 4];
        let forged = matches!(kind, Kind::TruePositive | Kind::FalseNegative);
        let called = matches!(kind, Kind::TruePositive | Kind::FalsePositive);
        let share: f64 = rng.random();
        let (x, y) = (rng.random_range(-0.15..0.15), rng.random_range(-0.2..0.3));
        let heat = if called { 0.95 } else { 0.25 };
        GalleryItem {
            kind,
            picture: face(rng),
            boxes: None,
            heat_map: (i != 7).then(|| blob(8, (x, y), 0.35, heat)),
            mask: forged.then(|| blob(128, (x, y), 0.3, 1.0)),
            score: if called {
                threshold + (1.0 - threshold) * share
            } else {
                threshold * share
            },
            caption: format!(
                "sample / {} / video {i:03}, frame {}",
                METHODS[i % 3].0,
                17 * i
            ),
        }
    };
    (0..11).map(item).collect()
}

/// A soft disc: `size` x `size`, centre and radius in half-widths.
fn blob(size: u32, (x, y): (f32, f32), radius: f32, height: f32) -> Map {
    let half = size as f32 / 2.0;
    Map::from_fn(size, size, |column, row| {
        let (dx, dy) = (
            (column as f32 + 0.5) / half - 1.0 - x,
            (row as f32 + 0.5) / half - 1.0 - y,
        );
        Luma([height / (1.0 + ((dx.hypot(dy) - radius) * 14.0).exp())])
    })
}

/// Two eyes, a nose and a mouth: enough to see where a heat map lies.
fn face(rng: &mut impl Rng) -> RgbImage {
    let tone: f32 = rng.random_range(0.55..1.0);
    let (hue, wide) = (rng.random_range(0.7..1.0), rng.random_range(0.55..0.68));
    let mut noise = || rng.random_range(-6.0..6.0_f32);
    RgbImage::from_fn(128, 128, |column, row| {
        let (x, y) = (column as f32 / 64.0 - 1.0, row as f32 / 64.0 - 1.0);
        let disc = |cx: f32, cy: f32, rx: f32, ry: f32| ((x - cx) / rx).hypot((y - cy) / ry) < 1.0;
        let shade = 1.0 - 0.25 * (x + y).abs();
        let [r, g, b] = if disc(-0.26, -0.15, 0.07, 0.05) || disc(0.26, -0.15, 0.07, 0.05) {
            [30.0, 26.0, 24.0]
        } else if disc(0.0, 0.45, 0.24, 0.06) {
            [170.0 * tone, 70.0, 76.0]
        } else if disc(0.0, 0.15, 0.07, 0.13) {
            [205.0 * tone, 150.0 * tone * hue, 120.0 * tone * hue]
        } else if disc(0.0, 0.05, wide, 0.8) {
            [
                228.0 * tone * shade,
                176.0 * tone * hue * shade,
                146.0 * tone * hue * shade,
            ]
        } else if disc(0.0, -0.2, wide + 0.14, 0.74) {
            [58.0 * hue, 42.0 * hue, 34.0]
        } else {
            [110.0, 128.0 * hue, 140.0]
        };
        Rgb([r, g, b].map(|channel| (channel + noise()).clamp(0.0, 255.0) as u8))
    })
}
