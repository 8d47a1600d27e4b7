//! Intervals: what is drawn, how wide they are, and that threads change nothing.

use metrics::{Estimate, Measure, MetricError, bootstrap_interval, bootstrap_intervals};
use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

const MEASURES: [Measure; 6] = [
    Measure::Auc,
    Measure::AveragePrecision,
    Measure::EqualErrorRate,
    Measure::Accuracy { threshold: 0.5 },
    Measure::IntersectionOverUnion { threshold: 0.5 },
    Measure::F1 { threshold: 0.5 },
];

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(5)
}

/// Half real in [0, 1), half forged in [shift, 1 + shift).
fn rows(n: usize, shift: f64, rng: &mut impl Rng) -> (Vec<f64>, Vec<bool>) {
    let row = |i| {
        (
            rng.random::<f64>() + if i % 2 == 1 { shift } else { 0.0 },
            i % 2 == 1,
        )
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
    // Uniform scores shifted by 0.3: the AUC is 1 - 0.7^2 / 2.
    let truth = 1.0 - 0.7 * 0.7 / 2.0;
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
    let (scores, labels) = ([0.1, 0.2, 0.3, 0.9], [false, false, false, true]);
    let estimate =
        bootstrap_interval(&scores, &labels, None, Measure::Auc, 1000, &mut rng()).unwrap();
    assert_eq!(
        (estimate.low, estimate.value, estimate.high),
        (1.0, 1.0, 1.0)
    );
    // A draw misses the one forged row with probability (3/4)^4 = 0.316 and has no other with
    // 0.004: 471 failures are expected before 1,000 successes.
    assert!(
        (400..550).contains(&estimate.redrawn),
        "{}",
        estimate.redrawn
    );
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
