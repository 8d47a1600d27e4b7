//! Are scores probabilities, and can they be made so: against NumPy, SciPy and scikit-learn, and
//! what must hold of any scores.

use metrics::{
    Calibration, Measure, MetricError, Prior, Ranking, auc, expected_calibration_error, fit_platt,
    fit_temperature, log_loss, reliability, true_positive_rate_at,
};
use proptest::prelude::*;
use serde::Deserialize;

/// Both sides add at most 300 numbers of order one in double precision, each rounded to 1e-16.
const SUMS: f64 = 1e-12;
/// Both sides find the zero of a gradient, known to 1e-15 or so, by a slope of at least 1e-4.
const MINIMA: f64 = 1e-9;
/// scikit-learn stops where the gradient is below 1e-6 or the loss changes by less than 1e-9 or so.
const SCIKIT_LEARN: f64 = 2e-6;

#[derive(Deserialize)]
struct Case {
    name: String,
    scores: Vec<f64>,
    labels: Vec<bool>,
    true_positive_rates: Vec<(f64, f64)>,
    diagrams: Vec<Diagram>,
    fits: Vec<Fit>,
    scikit_learn_platt: [f64; 2],
}

#[derive(Deserialize)]
struct Diagram {
    bins: usize,
    even: bool,
    rows: Vec<u64>,
    weight: Vec<f64>,
    mean_score: Vec<f64>,
    forged_share: Vec<f64>,
    error: f64,
}

#[derive(Deserialize)]
struct Fit {
    even: bool,
    platt: bool,
    slope: f64,
    offset: f64,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../golden/calibration.json")).expect("the golden file")
}

fn prior(even: bool) -> Prior {
    if even { Prior::Even } else { Prior::AsGiven }
}

#[track_caller]
fn assert_close(case: &str, what: &str, ours: f64, theirs: f64, tolerance: f64) {
    assert!(
        (ours - theirs).abs() <= tolerance,
        "{case}: {what} is {ours}, expected {theirs}"
    );
}

#[test]
fn true_positive_rates_agree() {
    for case in cases() {
        for (rate, theirs) in case.true_positive_rates {
            let ours = true_positive_rate_at(&case.scores, &case.labels, rate).expect("rows");
            assert_close(&case.name, "TPR", ours, theirs, SUMS);
        }
    }
}

#[test]
fn reliability_diagrams_agree() {
    for case in cases() {
        for diagram in &case.diagrams {
            let (bins, prior) = (diagram.bins, prior(diagram.even));
            let ours = reliability(&case.scores, &case.labels, bins, prior).expect("rows");
            let rows: Vec<u64> = ours.iter().map(|bin| bin.rows).collect();
            assert_eq!(rows, diagram.rows, "{}, {bins} bins", case.name);
            for (i, bin) in ours.iter().enumerate() {
                let close = |what, ours, theirs| assert_close(&case.name, what, ours, theirs, SUMS);
                close("weight", bin.weight, diagram.weight[i]);
                close("mean score", bin.mean_score, diagram.mean_score[i]);
                close("forged share", bin.forged_share, diagram.forged_share[i]);
            }
            let ours = expected_calibration_error(&case.scores, &case.labels, bins, prior);
            let ours = ours.expect("rows");
            assert_close(&case.name, "ECE", ours, diagram.error, SUMS);
        }
    }
}

#[test]
fn fits_agree() {
    for case in cases() {
        for fit in &case.fits {
            let how = if fit.platt {
                fit_platt
            } else {
                fit_temperature
            };
            let ours = how(&case.scores, &case.labels, prior(fit.even)).expect("both classes");
            let close = |what, ours, theirs| assert_close(&case.name, what, ours, theirs, MINIMA);
            close("slope", ours.slope, fit.slope);
            close("offset", ours.offset, fit.offset);
            close("temperature", ours.temperature() * fit.slope, 1.0);
        }
        let ours = fit_platt(&case.scores, &case.labels, Prior::AsGiven).expect("both classes");
        for (ours, theirs) in [ours.slope, ours.offset]
            .into_iter()
            .zip(case.scikit_learn_platt)
        {
            assert_close(&case.name, "Platt's fit", ours, theirs, SCIKIT_LEARN);
        }
    }
}

/// Probabilities, many on borders of bins, 0 and 1 among them; labels with both classes.
fn rows() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    let score = prop_oneof![
        (0..=10).prop_map(|tenths| f64::from(tenths) / 10.0),
        0.0..=1.0
    ];
    let rows = prop::collection::vec((score, any::<bool>()), 2..60);
    let rows = rows.prop_map(|rows| rows.into_iter().unzip());
    rows.prop_filter("both classes", |(_, labels): &(Vec<f64>, Vec<bool>)| {
        labels.contains(&true) && labels.contains(&false)
    })
}

fn priors() -> impl Strategy<Value = Prior> {
    prop_oneof![Just(Prior::AsGiven), Just(Prior::Even)]
}

/// The log-loss towards Platt's targets, which a fit minimises, written down plainly.
fn loss(of: Calibration, scores: &[f64], labels: &[bool], prior: Prior) -> f64 {
    let forged = labels.iter().filter(|label| **label).count() as f64;
    let real = labels.len() as f64 - forged;
    let row = |(score, label): (&f64, &bool)| {
        let (target, class) = match label {
            true => ((forged + 1.0) / (forged + 2.0), forged),
            false => (1.0 / (real + 2.0), real),
        };
        let p = of.apply(*score);
        let loss = -target * p.ln() - (1.0 - target) * (1.0 - p).ln();
        match prior {
            Prior::AsGiven => loss / labels.len() as f64,
            Prior::Even => loss / (2.0 * class),
        }
    };
    scores.iter().zip(labels).map(row).sum()
}

proptest! {
    #[test]
    fn bins_divide_the_rows((scores, labels) in rows(), bins in 1..40_usize, prior in priors()) {
        let diagram = reliability(&scores, &labels, bins, prior).unwrap();
        prop_assert_eq!(diagram.iter().map(|bin| bin.rows).sum::<u64>(), scores.len() as u64);
        let weight: f64 = diagram.iter().map(|bin| bin.weight).sum();
        prop_assert!((weight - 1.0).abs() < 1e-12);
        prop_assert!(diagram.is_sorted_by(|a, b| a.high <= b.low));
        for bin in &diagram {
            let inside = |p: f64| bin.low - 1e-12 <= p && p <= bin.high + 1e-12;
            prop_assert!(inside(bin.mean_score), "{:?}", bin);
            prop_assert!((0.0..=1.0).contains(&bin.forged_share));
        }
        let error = expected_calibration_error(&scores, &labels, bins, prior).unwrap();
        prop_assert!((0.0..=1.0).contains(&error));
        let measure = Measure::ExpectedCalibrationError { bins, prior };
        prop_assert_eq!(Ranking::new(&scores, &labels).unwrap().value(measure), Ok(error));
    }

    /// One bin: the error is the distance between the mean score and the share of forged rows.
    #[test]
    fn one_bin_compares_the_means((scores, labels) in rows()) {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let share = labels.iter().filter(|label| **label).count() as f64 / scores.len() as f64;
        let error = expected_calibration_error(&scores, &labels, 1, Prior::AsGiven).unwrap();
        prop_assert!((error - (mean - share).abs()).abs() < 1e-12);
    }

    /// However many copies of the forged rows a set holds, with an even prior it says the same.
    #[test]
    fn an_even_prior_forgets_the_share_of_forgeries((scores, labels) in rows(), copies in 1..5_usize) {
        let several = |row: usize| std::iter::repeat_n(row, if labels[row] { copies } else { 1 });
        let rows: Vec<usize> = (0..scores.len()).flat_map(several).collect();
        let more: Vec<f64> = rows.iter().map(|row| scores[*row]).collect();
        let more_labels: Vec<bool> = rows.iter().map(|row| labels[*row]).collect();
        let error = |scores, labels| expected_calibration_error(scores, labels, 10, Prior::Even);
        let (few, many) = (error(&scores, &labels).unwrap(), error(&more, &more_labels).unwrap());
        prop_assert!((few - many).abs() < 1e-12);
    }

    #[test]
    fn a_rate_is_the_best_of_the_curve((scores, labels) in rows(), rate in 0.0..=1.0) {
        let curve = metrics::roc_curve(&scores, &labels, false).unwrap();
        let points = curve.fpr.iter().zip(&curve.tpr);
        let best = points.filter(|(fpr, _)| **fpr <= rate).map(|(_, tpr)| *tpr).fold(0.0, f64::max);
        prop_assert_eq!(true_positive_rate_at(&scores, &labels, rate), Ok(best));
        let measure = Measure::TruePositiveRateAt { false_positive_rate: rate };
        prop_assert_eq!(Ranking::new(&scores, &labels).unwrap().value(measure), Ok(best));
    }

    /// No neighbour within the bounds has a lower loss, not even where scores separate the classes,
    /// are all equal, or are worse than chance.
    #[test]
    fn a_fit_is_the_minimum((scores, labels) in rows(), prior in priors()) {
        let temperature = fit_temperature(&scores, &labels, prior).unwrap();
        let platt = fit_platt(&scores, &labels, prior).unwrap();
        prop_assert_eq!(temperature.offset, 0.0);
        let of = |fit| loss(fit, &scores, &labels, prior);
        prop_assert!(of(platt) <= of(temperature) + 1e-12);
        prop_assert!(of(temperature) <= of(Calibration::default()) + 1e-12);
        for fit in [temperature, platt] {
            prop_assert!((0.01..=100.0).contains(&fit.slope) && fit.offset.is_finite(), "{:?}", fit);
            for factor in [0.99, 1.01] {
                let slope = (fit.slope * factor).clamp(0.01, 100.0);
                prop_assert!(of(fit) <= of(Calibration { slope, ..fit }) + 1e-12, "{:?}", fit);
            }
        }
        for change in [-0.01, 0.01] {
            let offset = platt.offset + change;
            prop_assert!(of(platt) <= of(Calibration { offset, ..platt }) + 1e-12, "{:?}", platt);
        }
    }

    #[test]
    fn a_calibration_keeps_the_order((scores, labels) in rows(), prior in priors()) {
        for fit in [fit_temperature, fit_platt] {
            let fit = fit(&scores, &labels, prior).unwrap();
            let after: Vec<f64> = scores.iter().map(|score| fit.apply(*score)).collect();
            prop_assert!(after.iter().all(|p| (0.0..=1.0).contains(p)));
            prop_assert!(log_loss(&after, &labels).is_ok());
            for (i, j) in [(0, 1), (0, scores.len() - 1)] {
                prop_assert!(scores[i] > scores[j] || after[i] <= after[j]);
            }
            prop_assert!((auc(&scores, &labels).unwrap() - auc(&after, &labels).unwrap()).abs() < 1e-12);
        }
    }

    #[test]
    fn what_is_calibrated_is_left_alone(p in 0.05..0.95, rows in 400..800_usize) {
        // Two scores, each forged as often as it says (within a row).
        let forged = |row: usize, p: f64| (row as f64) < p * rows as f64;
        let scores: Vec<f64> = (0..2 * rows).map(|row| if row < rows { p } else { 1.0 - p }).collect();
        let labels: Vec<bool> =
            (0..2 * rows).map(|row| forged(row % rows, scores[row])).collect();
        for fit in [fit_temperature, fit_platt] {
            let fit = fit(&scores, &labels, Prior::AsGiven).unwrap();
            prop_assert!((fit.apply(p) - p).abs() < 0.01, "{p} became {}", fit.apply(p));
        }
    }
}

#[test]
fn separable_and_exact_scores_stay_probabilities_that_their_number_supports() {
    // Ten of each: no more than 11 in 12 can be claimed.
    let scores = [[0.0; 10], [1.0; 10]].concat();
    let labels = [[false; 10], [true; 10]].concat();
    for fit in [fit_temperature, fit_platt] {
        let fit = fit(&scores, &labels, Prior::Even).expect("both classes");
        assert!((fit.apply(0.0) - 1.0 / 12.0).abs() < 1e-9);
        assert!((fit.apply(1.0) - 11.0 / 12.0).abs() < 1e-9);
    }
}

#[test]
fn scores_worse_than_chance_are_not_turned_around() {
    let scores = [0.9, 0.8, 0.2, 0.1];
    let labels = [false, false, true, true];
    for fit in [fit_temperature, fit_platt] {
        let fit = fit(&scores, &labels, Prior::AsGiven).expect("both classes");
        assert_eq!(fit.slope, 0.01);
        assert!((fit.apply(0.9) - 0.5).abs() < 0.01);
    }
}

#[test]
fn impossible_calibrations_are_errors() {
    let (scores, labels) = ([0.2, 0.9], [false, true]);
    let outside = MetricError::NotAProbability {
        index: 1,
        value: 1.5,
    };
    for fit in [fit_temperature, fit_platt] {
        assert_eq!(fit(&[], &[], Prior::Even), Err(MetricError::Empty));
        let one_class = fit(&scores, &[true; 2], Prior::Even);
        assert_eq!(one_class, Err(MetricError::NoReal { rows: 2 }));
        let one_class = fit(&scores, &[false; 2], Prior::Even);
        assert_eq!(one_class, Err(MetricError::NoForged { rows: 2 }));
        assert_eq!(fit(&[0.2, 1.5], &labels, Prior::Even), Err(outside.clone()));
    }
    let of = |scores: &[f64], bins| reliability(scores, &labels, bins, Prior::Even);
    assert_eq!(of(&[0.2, 1.5], 10), Err(outside));
    assert!(matches!(
        of(&scores, 0),
        Err(MetricError::Parameter { value: 0.0, .. })
    ));
    for rate in [-0.1, 1.1, f64::NAN] {
        let error = true_positive_rate_at(&scores, &labels, rate);
        assert!(
            matches!(error, Err(MetricError::Parameter { .. })),
            "{rate}"
        );
    }
    let ranking = Ranking::new(&[-3.0, 4.0], &labels).expect("any finite scores");
    let measure = Measure::ExpectedCalibrationError {
        bins: 10,
        prior: Prior::Even,
    };
    assert!(matches!(
        ranking.value(measure),
        Err(MetricError::NotAProbability { .. })
    ));
}
