//! The report's charts, each with its title, legend and caption.

use std::borrow::Cow;

use metrics::Prior;

use crate::chart::{Axis, Chart, drawable, range};
use crate::data::{Curve, RocSeries, Scores, Training};
use crate::format;

const LARGE: (f64, f64) = (480.0, 430.0);
const SMALL: (f64, f64) = (330.0, 250.0);
/// Columns of the histogram.
const COLUMNS: usize = 40;
/// Bins of the reliability diagram.
const RELIABILITY_BINS: usize = 10;
/// Longer curves are averaged to this many points.
const MAX_POINTS: usize = 300;
/// The style sheet has this many colours for series.
const COLOURS: usize = 6;

/// A chart with words around it.
pub(crate) struct Figure {
    pub(crate) title: Cow<'static, str>,
    /// The drawing, or why there is none.
    pub(crate) chart: Result<Chart, &'static str>,
    pub(crate) legend: Vec<Entry>,
    pub(crate) caption: String,
}

/// A line of a legend.
pub(crate) struct Entry {
    /// The colour's class in the style sheet.
    pub(crate) class: String,
    pub(crate) name: String,
}

impl Figure {
    fn empty(title: &'static str, reason: &'static str) -> Self {
        Self {
            title: title.into(),
            chart: Err(reason),
            legend: Vec::new(),
            caption: String::new(),
        }
    }
}

/// ROC curves, with the diagonal of a guess.
pub(crate) fn roc(series: &[RocSeries]) -> Figure {
    const TITLE: &str = "ROC curve";
    if series.is_empty() {
        return Figure::empty(
            TITLE,
            "No ROC curve: no test set held both real and forged rows.",
        );
    }
    let names: Vec<&str> = series.iter().map(|series| series.name.as_str()).collect();
    let mut chart = Chart::new(
        format!("ROC curves of {}", names.join(", ")),
        Axis::fixed("False positive rate (real called forged)", 0.0, 1.0),
        Axis::fixed("True positive rate (forged found)", 0.0, 1.0),
        LARGE,
    );
    chart.line("guess", [(0.0, 0.0), (1.0, 1.0)]);
    for (i, RocSeries { curve, .. }) in series.iter().enumerate() {
        chart.line(
            &class(i),
            curve.fpr.iter().copied().zip(curve.tpr.iter().copied()),
        );
    }
    let caption = "Upper left is better; the dashed diagonal is guessing.".to_owned();
    Figure {
        title: TITLE.into(),
        chart: Ok(chart),
        legend: legend(&names),
        caption,
    }
}

/// How real and forged scores are distributed.
pub(crate) fn histogram(scores: &Scores) -> Figure {
    const TITLE: &str = "Score distribution";
    let kept = |scores: &[f64]| -> Vec<f64> {
        scores
            .iter()
            .copied()
            .filter(|score| drawable(*score))
            .collect()
    };
    let (real, forged) = (kept(&scores.real), kept(&scores.forged));
    let all = || real.iter().chain(&forged).copied();
    let Some(around) = range(all()) else {
        return Figure::empty(TITLE, "No histogram: nothing was scored.");
    };
    const X: &str = "Score (higher = more forged)";
    let probabilities = all().all(|score| (0.0..=1.0).contains(&score));
    let (low, high) = if probabilities { (0.0, 1.0) } else { around };
    let column = (high - low) / COLUMNS as f64;
    let edges: Vec<f64> = (0..=COLUMNS).map(|i| low + i as f64 * column).collect();
    let shares = |scores: &[f64]| {
        let mut shares = vec![0.0; COLUMNS];
        for score in scores {
            let i = ((score - low) / column) as usize;
            shares[i.min(COLUMNS - 1)] += 100.0 / scores.len() as f64;
        }
        shares
    };
    let (real_shares, forged_shares) = (shares(&real), shares(&forged));

    let mut chart = Chart::new(
        format!(
            "Histogram of the scores of {} real and {} forged",
            real.len(),
            forged.len()
        ),
        Axis::fixed(X, low, high),
        Axis::around(
            "Share of the class, %",
            real_shares
                .iter()
                .chain(&forged_shares)
                .copied()
                .chain([0.0]),
        ),
        LARGE,
    );
    chart.columns("real", &edges, &real_shares);
    chart.columns("forged", &edges, &forged_shares);
    if let Some(threshold) = scores.threshold {
        chart.upright("threshold", threshold, format!("threshold {threshold:.3}"));
    }
    let mut caption = "Scores at or above the threshold are called forged.".to_owned();
    let left_out = scores.real.len() + scores.forged.len() - real.len() - forged.len();
    if left_out > 0 {
        caption.push_str(&format!(
            " Left out: {left_out} scores that are not finite numbers."
        ));
    }
    let entry = |class: &str, name: &str, n: usize| Entry {
        class: class.into(),
        name: format!("{name} ({})", format::count(n as u64)),
    };
    let legend = vec![
        entry("real", "Real", real.len()),
        entry("forged", "Forged", forged.len()),
    ];
    Figure {
        title: TITLE.into(),
        chart: Ok(chart),
        legend,
        caption,
    }
}

/// What scores claim beside what is true; the diagonal is a calibrated detector.
pub(crate) fn reliability(scores: &Scores) -> Figure {
    const TITLE: &str = "Calibration";
    let all: Vec<f64> = scores.real.iter().chain(&scores.forged).copied().collect();
    let forged = |row| row >= scores.real.len();
    let labels: Vec<bool> = (0..all.len()).map(forged).collect();
    let Ok(bins) = metrics::reliability(&all, &labels, RELIABILITY_BINS, Prior::Even) else {
        return Figure::empty(
            TITLE,
            "No diagram: scores that are probabilities, of both classes, are needed.",
        );
    };
    let mut chart = Chart::new(
        "Reliability diagram".into(),
        Axis::fixed("Score", 0.0, 1.0),
        Axis::fixed("Share that is forged", 0.0, 1.0),
        LARGE,
    );
    chart.line("guess", [(0.0, 0.0), (1.0, 1.0)]);
    let points: Vec<_> = bins
        .iter()
        .map(|bin| (bin.mean_score, bin.forged_share))
        .collect();
    chart.line("s0", points.iter().copied());
    chart.dots("s0", points);
    Figure {
        title: TITLE.into(),
        chart: Ok(chart),
        legend: Vec::new(),
        caption: "On the dashed diagonal a score is the probability of forgery, where forged and \
                  real are equally frequent. Below it the detector accuses too readily."
            .to_owned(),
    }
}

/// Losses, validation measures and learning rates.
pub(crate) fn training(training: &Training) -> [Figure; 3] {
    let Training {
        losses,
        validation,
        learning_rate,
        best_step,
    } = training;
    // One step axis for all three, so that they can be compared.
    let steps = [losses, validation, learning_rate]
        .into_iter()
        .flatten()
        .flat_map(steps);
    let x = || Axis::around("Step", steps.clone().chain([0.0]));

    let y = Axis::positive("Loss", losses.iter().flat_map(values));
    let mut loss = curves("Loss", "No losses were logged.", losses, x(), y);

    let lowest = validation.iter().flat_map(values).fold(0.5, f64::min);
    let y = Axis::around("Validation measure", [lowest.max(0.0), 1.0].into_iter());
    let mut valid = curves(
        "Validation",
        "Nothing was validated during training.",
        validation,
        x(),
        y,
    );
    for figure in [&mut loss, &mut valid] {
        if let (Ok(chart), Some(step)) = (&mut figure.chart, best_step) {
            chart.upright(
                "threshold",
                *step as f64,
                format!("kept: step {}", format::count(*step)),
            );
        }
    }

    let y = Axis::around(
        "Learning rate",
        learning_rate.iter().flat_map(values).chain([0.0]),
    );
    let rate = curves(
        "Learning rate",
        "No learning rate was logged.",
        learning_rate,
        x(),
        y,
    );
    [loss, valid, rate]
}

fn steps(curve: &Curve) -> impl Iterator<Item = f64> + Clone {
    curve.points.iter().map(|(step, _)| *step)
}

fn values(curve: &Curve) -> impl Iterator<Item = f64> + Clone {
    curve.points.iter().map(|(_, value)| *value)
}

/// Named curves over the step; few points are marked with dots.
fn curves(title: &'static str, reason: &'static str, curves: &[Curve], x: Axis, y: Axis) -> Figure {
    let drawable = |curve: &Curve| {
        curve
            .points
            .iter()
            .any(|(x, y)| drawable(*x) && drawable(*y))
    };
    if !curves.iter().any(drawable) {
        return Figure::empty(title, reason);
    }
    let names: Vec<&str> = curves.iter().map(|curve| curve.name.as_str()).collect();
    let mut chart = Chart::new(
        format!("{title} by step: {}", names.join(", ")),
        x,
        y,
        SMALL,
    );
    let mut each = 1;
    for (i, curve) in curves.iter().enumerate() {
        let run = curve.points.len().div_ceil(MAX_POINTS).max(1);
        each = each.max(run);
        let points: Vec<(f64, f64)> = curve.points.chunks(run).map(mean).collect();
        if points.len() <= 30 {
            chart.dots(&class(i), points.iter().copied());
        }
        chart.line(&class(i), points);
    }
    let caption = if each > 1 {
        format!("Each point is the mean of {each} steps.")
    } else {
        String::new()
    };
    Figure {
        title: title.into(),
        chart: Ok(chart),
        legend: legend(&names),
        caption,
    }
}

/// Mean step and value.
fn mean(points: &[(f64, f64)]) -> (f64, f64) {
    let (x, y) = points
        .iter()
        .fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    (x / points.len() as f64, y / points.len() as f64)
}

pub(crate) fn class(i: usize) -> String {
    format!("s{}", i % COLOURS)
}

pub(crate) fn legend(names: &[&str]) -> Vec<Entry> {
    let entry = |(i, name): (usize, &&str)| Entry {
        class: class(i),
        name: (*name).to_owned(),
    };
    names.iter().enumerate().map(entry).collect()
}
