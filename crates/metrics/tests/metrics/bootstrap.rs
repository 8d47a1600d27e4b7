//! Intervals: what is drawn, how wide they are, and that threads change nothing.

use metrics::{
    Estimate, Measure, MetricError, Prior, bootstrap_interval, bootstrap_intervals,
    paired_difference,
};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const MEASURES: [Measure; 8] = [
    Measure::Auc,
    Measure::AveragePrecision,
    Measure::EqualErrorRate,
    Measure::Accuracy { threshold: 0.5 },
    Measure::IntersectionOverUnion { threshold: 0.5 },
    Measure::F1 { threshold: 0.5 },
    Measure::TruePositiveRateAt {
        false_positive_rate: 0.1,
    },
    CALIBRATION,
];

const CALIBRATION: Measure = Measure::ExpectedCalibrationError {
    bins: 10,
    prior: Prior::Even,
};

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(5)
}

/// Half real in [0, 1 - shift), half forged in [shift, 1).
fn rows(n: usize, shift: f64, rng: &mut impl Rng) -> (Vec<f64>, Vec<bool>) {
    let row = |i| {
        let score = (1.0 - shift) * rng.random::<f64>();
        (score + if i % 2 == 1 { shift } else { 0.0 }, i % 2 == 1)
    };
    (0..n).map(row).unzip()
}

#[test]
fn threads_do_not_change_the_answer() {
    let (scores, labels) = rows(500, 0.3, &mut rng());
    let groups: Vec<u32> = (0..500).map(|row| row / 10).collect();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("threads");
        pool.install(|| {
            bootstrap_intervals(&scores, &labels, Some(&groups), &MEASURES, 200, &mut rng())
        })
    };
    let one = on(1).expect("both classes");
    assert_eq!(Ok(one), on(7));
}

#[test]
fn measures_share_their_resamples() {
    let (scores, labels) = rows(60, 0.5, &mut rng());
    let all = bootstrap_intervals(&scores, &labels, None, &MEASURES, 100, &mut rng()).unwrap();
    for (measure, together) in MEASURES.into_iter().zip(all) {
        let alone = bootstrap_interval(&scores, &labels, None, measure, 100, &mut rng()).unwrap();
        assert_eq!(alone, together);
    }
}

#[test]
fn the_interval_holds_the_truth_about_as_often_as_it_says() {
    // Uniform scores shifted by 3/7 of their range: the AUC is 1 - (4/7)^2 / 2.
    let truth = 1.0 - (4.0_f64 / 7.0).powi(2) / 2.0;
    let mut rng = rng();
    let holds = (0..200).filter(|_| {
        let (scores, labels) = rows(160, 0.3, &mut rng);
        let Estimate { low, high, .. } =
            bootstrap_interval(&scores, &labels, None, Measure::Auc, 300, &mut rng).unwrap();
        low <= truth && truth <= high
    });
    // 190 expected; four standard deviations are 12.
    let holds = holds.count();
    assert!((178..=200).contains(&holds), "{holds} of 200");
}

#[test]
fn drawing_copies_together_equals_drawing_the_originals() {
    // Thirty equal frames a video carry what one frame carries, no more.
    let (scores, labels) = rows(80, 0.3, &mut rng());
    let videos = bootstrap_intervals(&scores, &labels, None, &MEASURES, 400, &mut rng()).unwrap();

    let copies = |row: usize| std::iter::repeat_n(row, 30);
    let frames: Vec<usize> = (0..80).flat_map(copies).collect();
    let frame_scores: Vec<f64> = frames.iter().map(|row| scores[*row]).collect();
    let frame_labels: Vec<bool> = frames.iter().map(|row| labels[*row]).collect();
    let groups: Vec<u32> = frames.iter().map(|row| 1000 - *row as u32).collect();
    let interval = |groups| {
        bootstrap_intervals(
            &frame_scores,
            &frame_labels,
            groups,
            &MEASURES,
            400,
            &mut rng(),
        )
        .unwrap()
    };
    let width = |estimate: &Estimate| estimate.high - estimate.low;
    let (clustered, single) = (interval(Some(groups.as_slice())), interval(None));
    for i in 0..MEASURES.len() {
        assert!((videos[i].value - clustered[i].value).abs() < 1e-12);
        let ratio = width(&clustered[i]) / width(&videos[i]);
        assert!((0.8..1.25).contains(&ratio), "{:?}: {ratio}", MEASURES[i]);
        // Frames drawn singly claim 30 times the data: about 5.5 times too narrow.
        assert!(width(&single[i]) < width(&videos[i]) / 3.0);
    }
}

#[test]
fn draws_without_a_class_are_drawn_again_and_counted() {
    let scores = [0.1, 0.2, 0.3, 0.4, 0.8, 0.9];
    let labels = [false, false, false, false, true, true];
    let estimate =
        bootstrap_interval(&scores, &labels, None, Measure::Auc, 1000, &mut rng()).unwrap();
    assert_eq!(
        (estimate.low, estimate.value, estimate.high),
        (1.0, 1.0, 1.0)
    );
    // A draw misses both forged rows with probability (4/6)^6 = 0.088 and has no other with 0.001: 98
    // failures are expected before 1,000 successes.
    assert!(
        (60..140).contains(&estimate.redrawn),
        "{}",
        estimate.redrawn
    );
}

/// Of one unit of a class every draw that counts has the same: no interval of width 0 comes of it.
#[test]
fn one_unit_of_a_class_has_a_value_and_no_interval() {
    let scores = [0.1, 0.2, 0.8, 0.9, 0.7];
    for (labels, groups, word) in [
        (
            [false, false, true, true, true],
            [0, 0, 1, 1, 1],
            Some("each class"),
        ),
        (
            [false, false, true, true, true],
            [0, 0, 1, 2, 2],
            Some("one real"),
        ),
        (
            [true, false, true, true, true],
            [0, 1, 0, 0, 0],
            Some("each class"),
        ),
        ([false, false, true, true, true], [0, 3, 1, 2, 2], None),
    ] {
        let of = |measure| {
            bootstrap_interval(&scores, &labels, Some(&groups), measure, 20, &mut rng()).unwrap()
        };
        for measure in MEASURES {
            let Estimate {
                value,
                low,
                high,
                no_interval,
                ..
            } = of(measure);
            assert!(value.is_finite());
            let why = no_interval.unwrap_or_default();
            assert_eq!(low.is_nan() && high.is_nan(), word.is_some(), "{groups:?}");
            assert!(why.contains(word.unwrap_or_default()), "{why}");
        }
        let shown = of(Measure::Auc).to_string();
        assert_eq!(shown.contains("[no interval]"), word.is_some(), "{shown}");
    }
}

#[test]
fn impossible_bootstraps_are_errors() {
    let (scores, labels) = ([0.1, 0.9], [false, true]);
    let of = |groups, measure, resamples| {
        bootstrap_interval(&scores, &labels, groups, measure, resamples, &mut rng())
    };
    assert_eq!(
        of(Some(&[4, 4]), Measure::Auc, 10),
        Err(MetricError::TooFewUnits { units: 1 })
    );
    let mismatch = MetricError::LengthMismatch {
        what: "groups",
        scores: 2,
        others: 1,
    };
    assert_eq!(of(Some(&[4]), Measure::Auc, 10), Err(mismatch));
    assert!(matches!(
        of(None, Measure::Auc, 0),
        Err(MetricError::Parameter { .. })
    ));
    let nan = Measure::Accuracy {
        threshold: f64::NAN,
    };
    assert!(matches!(
        of(None, nan, 10),
        Err(MetricError::Parameter { .. })
    ));
    let one_class = bootstrap_interval(&scores, &[true; 2], None, Measure::Auc, 9, &mut rng());
    assert_eq!(one_class, Err(MetricError::NoReal { rows: 2 }));
}

#[test]
fn equal_scores_do_not_differ() {
    let (scores, labels) = rows(60, 0.3, &mut rng());
    let of = paired_difference(&scores, &scores, &labels, None, &MEASURES, 50, &mut rng());
    for estimate in of.expect("both classes") {
        let Estimate {
            value, low, high, ..
        } = estimate;
        assert_eq!([value, low, high], [0.0; 3]);
    }
}

#[test]
fn a_paired_difference_is_narrower_where_scores_go_together() {
    let mut draws = rng();
    let (a, labels) = rows(300, 0.3, &mut draws);
    let better = |(score, forged): (&f64, &bool)| {
        let shift = if *forged { 0.05 } else { 0.0 };
        (0.9 * score + shift + 0.05 * draws.random::<f64>()).min(1.0)
    };
    let b: Vec<f64> = a.iter().zip(&labels).map(better).collect();
    let groups: Vec<u32> = (0..300).map(|row| row / 3).collect();
    let measures = &MEASURES[..3];
    let alone = |scores: &[f64]| {
        bootstrap_intervals(scores, &labels, Some(&groups), measures, 400, &mut rng()).unwrap()
    };
    let (of_a, of_b) = (alone(&a), alone(&b));
    let paired = paired_difference(&a, &b, &labels, Some(&groups), measures, 400, &mut rng());
    let width = |estimate: &Estimate| estimate.high - estimate.low;
    for (i, difference) in paired.unwrap().iter().enumerate() {
        assert_eq!(difference.value, of_b[i].value - of_a[i].value);
        assert!(difference.low <= difference.value && difference.value <= difference.high);
        // Independent sets: variances, so squared widths, add.
        let unpaired = width(&of_a[i]).hypot(width(&of_b[i]));
        assert!(width(difference) < unpaired / 2.0, "{:?}", MEASURES[i]);
        if measures[i] == Measure::Auc {
            assert!(difference.low > 0.0, "{difference:?}");
        }
    }
}

#[test]
fn a_difference_turns_its_sign_with_the_order() {
    let (a, labels) = rows(80, 0.3, &mut rng());
    let (b, _) = rows(80, 0.2, &mut ChaCha8Rng::seed_from_u64(6));
    let of = |a, b| paired_difference(a, b, &labels, None, &MEASURES, 101, &mut rng()).unwrap();
    for (there, back) in of(&a, &b).iter().zip(of(&b, &a)) {
        assert_eq!(there.value, -back.value);
        assert!((there.low + back.high).abs() < 1e-12 && (there.high + back.low).abs() < 1e-12);
    }
}

#[test]
fn impossible_comparisons_are_errors() {
    let (a, labels) = ([0.1, 0.9, 0.4], [false, true, true]);
    let of = |b: &[f64], measure| {
        paired_difference(&a, b, &labels, None, &[measure], 10, &mut rng()).map(|_| ())
    };
    let mismatch = MetricError::LengthMismatch {
        what: "scores to compare with",
        scores: 3,
        others: 2,
    };
    assert_eq!(of(&[0.1, 0.2], Measure::Auc), Err(mismatch));
    let logits = [0.1, 3.0, 0.2];
    assert_eq!(of(&logits, Measure::Auc), Ok(()));
    let outside = MetricError::NotAProbability {
        index: 1,
        value: 3.0,
    };
    assert_eq!(of(&logits, CALIBRATION), Err(outside));
}
