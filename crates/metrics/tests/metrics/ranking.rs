//! What must hold of any ranking, and what has no answer.

use metrics::{
    Confusion, MetricError, Ranking, accuracy, auc, average_precision, equal_error_rate, log_loss,
    roc_curve, threshold_at_equal_error_rate, threshold_at_fpr,
};
use proptest::prelude::*;

/// Scores with many ties and labels with both classes.
fn rows() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    let score = prop_oneof![(-5..5).prop_map(f64::from), -5.0..5.0];
    let rows = prop::collection::vec((score, any::<bool>()), 2..60);
    let rows = rows.prop_map(|rows| rows.into_iter().unzip());
    rows.prop_filter("both classes", |(_, labels): &(Vec<f64>, Vec<bool>)| {
        labels.contains(&true) && labels.contains(&false)
    })
}

/// The definition, pair by pair.
fn auc_of_pairs(scores: &[f64], labels: &[bool]) -> f64 {
    let of = |class| {
        scores
            .iter()
            .zip(labels)
            .filter(move |(_, l)| **l == class)
            .map(|(s, _)| *s)
    };
    let (mut right, mut pairs) = (0.0, 0.0);
    for forged in of(true) {
        for real in of(false) {
            right += if forged > real {
                1.0
            } else {
                f64::from(u8::from(forged == real)) / 2.0
            };
            pairs += 1.0;
        }
    }
    right / pairs
}

proptest! {
    #[test]
    fn auc_is_the_share_of_pairs_in_order((scores, labels) in rows()) {
        let ours = auc(&scores, &labels).unwrap();
        prop_assert!((ours - auc_of_pairs(&scores, &labels)).abs() < 1e-12);
    }

    #[test]
    fn negated_scores_mirror_the_curve((scores, labels) in rows()) {
        let negated: Vec<f64> = scores.iter().map(|score| -score).collect();
        let sum = auc(&scores, &labels).unwrap() + auc(&negated, &labels).unwrap();
        prop_assert!((sum - 1.0).abs() < 1e-12);
        let sum =
            equal_error_rate(&scores, &labels).unwrap() + equal_error_rate(&negated, &labels).unwrap();
        prop_assert!((sum - 1.0).abs() < 1e-12);
    }

    #[test]
    fn only_the_order_counts((scores, labels) in rows()) {
        let stretched: Vec<f64> = scores.iter().map(|s| s.powi(3) + 2.0 * s).collect();
        let (a, b) = (Ranking::new(&scores, &labels).unwrap(), Ranking::new(&stretched, &labels).unwrap());
        prop_assert_eq!(a.auc(), b.auc());
        prop_assert_eq!(a.average_precision(), b.average_precision());
        prop_assert_eq!(a.equal_error_rate(), b.equal_error_rate());
    }

    #[test]
    fn the_order_of_rows_does_not_count((scores, labels) in rows()) {
        let reversed: (Vec<f64>, Vec<bool>) =
            scores.iter().copied().zip(labels.iter().copied()).rev().unzip();
        prop_assert_eq!(auc(&scores, &labels), auc(&reversed.0, &reversed.1));
        prop_assert_eq!(
            average_precision(&scores, &labels),
            average_precision(&reversed.0, &reversed.1)
        );
    }

    #[test]
    fn the_curve_is_a_stair_from_corner_to_corner((scores, labels) in rows(), drop: bool) {
        let curve = roc_curve(&scores, &labels, drop).unwrap();
        let area: f64 = (1..curve.fpr.len())
            .map(|i| (curve.fpr[i] - curve.fpr[i - 1]) * (curve.tpr[i] + curve.tpr[i - 1]) / 2.0)
            .sum();
        prop_assert!((area - auc(&scores, &labels).unwrap()).abs() < 1e-12);
        prop_assert_eq!((curve.fpr[0], curve.tpr[0]), (0.0, 0.0));
        prop_assert_eq!((curve.fpr.last(), curve.tpr.last()), (Some(&1.0), Some(&1.0)));
        prop_assert!(curve.fpr.is_sorted() && curve.tpr.is_sorted());
        prop_assert!(curve.thresholds.is_sorted_by(|a, b| a > b));
    }

    #[test]
    fn the_chosen_threshold_balances_the_errors_best((scores, labels) in rows()) {
        let difference = |threshold| {
            let c = Confusion::new(&scores, &labels, threshold).unwrap();
            let real = (c.false_positives + c.true_negatives) as f64;
            let forged = (c.true_positives + c.false_negatives) as f64;
            (c.false_positives as f64 / real - c.false_negatives as f64 / forged).abs()
        };
        let chosen = difference(threshold_at_equal_error_rate(&scores, &labels).unwrap());
        for score in &scores {
            prop_assert!(chosen <= difference(*score) + 1e-12);
        }
    }

    #[test]
    fn the_false_positive_rate_is_held((scores, labels) in rows(), max_fpr in 0.0..=1.0) {
        let fpr = |threshold| {
            let c = Confusion::new(&scores, &labels, threshold).unwrap();
            c.false_positives as f64 / (c.false_positives + c.true_negatives) as f64
        };
        let threshold = threshold_at_fpr(&scores, &labels, max_fpr).unwrap();
        prop_assert!(fpr(threshold) <= max_fpr + 1e-12);
        // A threshold at the next score below would have called too many real rows forged.
        let below = scores.iter().copied().filter(|score| *score < threshold).reduce(f64::max);
        if let Some(next) = below {
            prop_assert!(fpr(next) > max_fpr - 1e-12);
        }
    }

    #[test]
    fn a_ranking_answers_as_the_functions_do((scores, labels) in rows(), threshold in -6.0..6.0) {
        let ranking = Ranking::new(&scores, &labels).unwrap();
        prop_assert_eq!(ranking.accuracy(threshold), accuracy(&scores, &labels, threshold).unwrap());
        prop_assert_eq!((ranking.real() + ranking.forged()) as usize, scores.len());
    }
}

#[test]
fn undefined_measures_are_errors() {
    for measure in [
        auc,
        average_precision,
        equal_error_rate,
        threshold_at_equal_error_rate,
    ] {
        assert_eq!(measure(&[], &[]), Err(MetricError::Empty));
        assert_eq!(
            measure(&[0.5; 3], &[false; 3]),
            Err(MetricError::NoForged { rows: 3 })
        );
        assert_eq!(
            measure(&[0.5; 3], &[true; 3]),
            Err(MetricError::NoReal { rows: 3 })
        );
        let mismatch = MetricError::LengthMismatch {
            what: "labels",
            scores: 2,
            others: 1,
        };
        assert_eq!(measure(&[0.5, 0.6], &[true]), Err(mismatch));
        let infinite = MetricError::NonFinite {
            index: 1,
            value: f64::INFINITY,
        };
        assert_eq!(
            measure(&[0.5, f64::INFINITY], &[true, false]),
            Err(infinite)
        );
        let nan = measure(&[0.5, 0.1, f64::NAN], &[true, false, true]);
        assert!(matches!(nan, Err(MetricError::NonFinite { index: 2, .. })));
    }
}

#[test]
fn parameters_out_of_range_are_errors() {
    let (scores, labels) = ([0.2, 1.5], [false, true]);
    let outside = MetricError::NotAProbability {
        index: 1,
        value: 1.5,
    };
    assert_eq!(log_loss(&scores, &labels), Err(outside));
    for bad in [-0.1, 1.1, f64::NAN] {
        let error = threshold_at_fpr(&scores, &labels, bad);
        assert!(matches!(error, Err(MetricError::Parameter { .. })), "{bad}");
    }
    assert!(matches!(
        accuracy(&scores, &labels, f64::NAN),
        Err(MetricError::Parameter { .. })
    ));
}

#[test]
fn thresholds_lie_between_scores() {
    let (scores, labels) = ([0.1, 0.3, 0.5, 0.9], [false, false, true, true]);
    assert_eq!(threshold_at_equal_error_rate(&scores, &labels), Ok(0.4));
    assert_eq!(threshold_at_fpr(&scores, &labels, 0.5), Ok(0.2));
    assert_eq!(threshold_at_fpr(&scores, &labels, 1.0), Ok(0.1));
    // The highest score is a real row's: a rate of 0 calls nothing forged.
    let swapped = [true, true, false, false];
    assert_eq!(
        threshold_at_fpr(&scores, &swapped, 0.0),
        Ok(0.9_f64.next_up())
    );
    // Neighbouring numbers have no middle, and huge ones no sum.
    assert_eq!(
        threshold_at_equal_error_rate(&[1.0, 1.0_f64.next_up()], &[false, true]),
        Ok(1.0_f64.next_up())
    );
    assert_eq!(
        threshold_at_equal_error_rate(&[f64::MIN, f64::MAX], &[false, true]),
        Ok(0.0)
    );
}

#[test]
fn minus_zero_ties_with_zero() {
    assert_eq!(auc(&[0.0, -0.0], &[true, false]), Ok(0.5));
}
