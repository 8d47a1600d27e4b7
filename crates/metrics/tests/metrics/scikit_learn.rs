//! Every measure against scikit-learn's answers.

use metrics::{PixelSummary, RocCurve, Summary, accuracy, log_loss, roc_curve};
use serde::Deserialize;

/// Both sides add at most 400 numbers of order one in double precision, each rounded to 1e-16.
const TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Case {
    name: String,
    scores: Vec<f64>,
    labels: Vec<bool>,
    auc: f64,
    average_precision: f64,
    equal_error_rate: f64,
    accuracy_at_half: f64,
    jaccard_at_half: f64,
    f1_at_half: f64,
    log_loss: f64,
    roc: Option<Curve>,
    roc_dropped: Option<Curve>,
}

#[derive(Deserialize)]
struct Curve {
    fpr: Vec<f64>,
    tpr: Vec<f64>,
    finite_thresholds: Vec<f64>,
}

fn cases() -> Vec<Case> {
    serde_json::from_str(include_str!("../golden/scikit_learn.json")).expect("the golden file")
}

#[track_caller]
fn assert_close(case: &str, what: &str, ours: f64, theirs: f64) {
    assert!(
        (ours - theirs).abs() <= TOLERANCE,
        "{case}: {what} is {ours}, expected {theirs}"
    );
}

#[test]
fn measures_agree() {
    for case in cases() {
        let Case {
            name,
            scores,
            labels,
            ..
        } = &case;
        let summary = Summary::new(scores, labels).expect("both classes");
        assert_close(name, "AUC", summary.auc, case.auc);
        assert_close(
            name,
            "AP",
            summary.average_precision,
            case.average_precision,
        );
        assert_close(name, "EER", summary.equal_error_rate, case.equal_error_rate);
        let ours = accuracy(scores, labels, 0.5).expect("rows");
        assert_close(name, "accuracy", ours, case.accuracy_at_half);
        let pixels = PixelSummary::new(scores, labels, 0.5).expect("both classes");
        assert_close(name, "pixel AUC", pixels.auc, case.auc);
        assert_close(
            name,
            "pixel accuracy",
            pixels.accuracy,
            case.accuracy_at_half,
        );
        let ours = pixels.intersection_over_union;
        assert_close(name, "IoU", ours, case.jaccard_at_half);
        assert_close(name, "F1", pixels.f1, case.f1_at_half);
        let ours = log_loss(scores, labels).expect("probabilities");
        assert_close(name, "log-loss", ours, case.log_loss);
    }
}

#[test]
fn roc_curves_agree_point_for_point() {
    let mut compared = 0;
    for case in cases() {
        for (curve, drop) in [(&case.roc, false), (&case.roc_dropped, true)] {
            let Some(theirs) = curve else { continue };
            let RocCurve {
                fpr,
                tpr,
                thresholds,
            } = roc_curve(&case.scores, &case.labels, drop).expect("both classes");
            assert_eq!(thresholds[0], f64::INFINITY);
            assert_eq!(thresholds[1..], theirs.finite_thresholds, "{}", case.name);
            assert_eq!(fpr.len(), theirs.fpr.len());
            for (a, b) in fpr
                .iter()
                .chain(&tpr)
                .zip(theirs.fpr.iter().chain(&theirs.tpr))
            {
                assert_close(&case.name, "a rate", *a, *b);
            }
            compared += 1;
        }
    }
    assert_eq!(compared, 22);
}
