//! Overlap of forged pixels: what must hold, and what has no answer.

use metrics::{Confusion, Measure, MetricError, PixelSummary, Ranking, bootstrap_interval};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Of an image, the score of each pixel and whether it is forged; both classes, and forged ones.
fn image() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    let pixels = prop::collection::vec((0.0..1.0, any::<bool>()), 2..60);
    let image = pixels.prop_map(|pixels| pixels.into_iter().unzip());
    image.prop_filter("both classes", |(_, labels): &(Vec<f64>, Vec<bool>)| {
        labels.contains(&true) && labels.contains(&false)
    })
}

proptest! {
    #[test]
    fn counts_of_images_add_up_to_those_of_all_pixels(
        a in image(), b in image(), threshold in 0.0..1.0,
    ) {
        let of = |(scores, labels): &(Vec<f64>, Vec<bool>)| {
            Confusion::new(scores, labels, threshold).unwrap()
        };
        let sum: Confusion = [of(&a), of(&b)].into_iter().sum();
        let all = ([a.0, b.0].concat(), [a.1, b.1].concat());
        prop_assert_eq!(sum, of(&all));
        prop_assert_eq!(Ranking::new(&all.0, &all.1).unwrap().confusion(threshold), sum);
    }

    #[test]
    fn f1_and_iou_are_two_views_of_one_overlap((scores, labels) in image(), threshold in 0.0..1.0) {
        let summary = PixelSummary::new(&scores, &labels, threshold).unwrap();
        let iou = summary.intersection_over_union;
        prop_assert!((summary.f1 - 2.0 * iou / (1.0 + iou)).abs() < 1e-12);
        prop_assert!(summary.f1 >= iou);
    }

    #[test]
    fn a_summary_answers_as_its_parts_do((scores, labels) in image(), threshold in 0.0..1.0) {
        let summary = PixelSummary::new(&scores, &labels, threshold).unwrap();
        let ranking = Ranking::new(&scores, &labels).unwrap();
        for (measure, value) in [
            (Measure::Auc, summary.auc),
            (Measure::Accuracy { threshold }, summary.accuracy),
            (Measure::IntersectionOverUnion { threshold }, summary.intersection_over_union),
            (Measure::F1 { threshold }, summary.f1),
        ] {
            prop_assert_eq!(ranking.value(measure), Ok(value));
        }
    }
}

/// Two images by hand: one with three of its four forged pixels found and one real pixel accused,
/// one real image without a fault.
#[test]
fn numbers_by_hand() {
    let scores = [0.9, 0.8, 0.7, 0.2, 0.6, 0.1, 0.1, 0.3, 0.3, 0.3];
    let forged = [0, 1, 2, 3];
    let labels: Vec<bool> = (0..scores.len()).map(|i| forged.contains(&i)).collect();
    let summary = PixelSummary::new(&scores, &labels, 0.5).unwrap();
    assert_eq!(summary.intersection_over_union, 3.0 / 5.0);
    assert_eq!(summary.f1, 6.0 / 8.0);
    assert_eq!(summary.accuracy, 8.0 / 10.0);
    // Of 24 pairs one forged pixel loses four: to 0.6 and thrice to 0.3.
    assert_eq!(summary.auc, 20.0 / 24.0);
    assert_eq!((summary.real, summary.forged), (6, 4));
}

#[test]
fn nothing_forged_and_nothing_called_so_has_no_overlap() {
    let counts = Confusion::new(&[0.1, 0.2], &[false; 2], 0.5).unwrap();
    let nothing = MetricError::NothingForged { rows: 2 };
    assert_eq!(counts.accuracy(), 1.0);
    assert_eq!(counts.intersection_over_union(), Err(nothing.clone()));
    assert_eq!(counts.f1(), Err(nothing));
    let false_alarm = Confusion::new(&[0.1, 0.2], &[false; 2], 0.2).unwrap();
    assert_eq!(false_alarm.intersection_over_union(), Ok(0.0));
    assert!(PixelSummary::new(&[0.1, 0.2], &[false; 2], 0.5).is_err());
    assert!(PixelSummary::new(&[0.1, 0.2], &[false, true], f64::NAN).is_err());
}

/// The image is what is drawn: two images of many pixels give two draws, not many.
#[test]
fn an_interval_over_images_is_as_wide_as_images_differ() {
    let scores = [[0.9; 50], [0.1; 50]].concat();
    let labels: Vec<bool> = (0..100).map(|pixel| pixel % 2 == 0).collect();
    let images: Vec<u32> = (0..100).map(|pixel| pixel / 50).collect();
    let measure = Measure::IntersectionOverUnion { threshold: 0.5 };
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let estimate =
        bootstrap_interval(&scores, &labels, Some(&images), measure, 200, &mut rng).unwrap();
    // The one image alone has 25 of 50, the other none, both together 25 of 75.
    assert_eq!(
        [estimate.low, estimate.value, estimate.high],
        [0.0, 1.0 / 3.0, 0.5]
    );
}
