//! What holds of boxes, matching and suppression, whatever the numbers.

use core_tensor_ops::ForgedBox;
use model_adm::boxes::{clipped, decode, encode, intersection_over_union};
use model_adm::{AdmTarget, BoxSelection, Prior, assign, map_sides, priors};
use proptest::prelude::*;

const VARIANCES: [f32; 2] = [0.1, 0.2];

/// A box on the crop, with sides of a hundredth of it or more.
fn corners() -> impl Strategy<Value = [f32; 4]> {
    let side = || (0.0f32..0.99, 0.01f32..1.0);
    (side(), side())
        .prop_map(|((x, width), (y, height))| [x, y, (x + width).min(1.0), (y + height).min(1.0)])
}

fn prior() -> impl Strategy<Value = Prior> {
    let all = priors(&[7, 5, 3, 1]);
    (0..all.len()).prop_map(move |index| all[index])
}

fn forged_box() -> impl Strategy<Value = ForgedBox> {
    // Few values, so that equal confidences and equal boxes occur.
    let confidence = (0u8..=20).prop_map(|twentieths| f32::from(twentieths) / 20.0);
    (corners(), confidence).prop_map(|(corners, confidence)| ForgedBox {
        corners: corners.map(|edge| (edge * 16.0).round() / 16.0),
        confidence,
    })
}

fn mirrored([x0, y0, x1, y1]: [f32; 4]) -> [f32; 4] {
    [1.0 - x1, y0, 1.0 - x0, y1]
}

fn close(ours: [f32; 4], theirs: [f32; 4], tolerance: f32) -> Result<(), TestCaseError> {
    for (ours, theirs) in ours.iter().zip(theirs) {
        prop_assert!((ours - theirs).abs() <= tolerance, "{ours} {theirs}");
    }
    Ok(())
}

proptest! {
    /// The largest offset is a window of a hundredth against a prior of the whole picture; a few
    /// roundings of numbers near one remain.
    #[test]
    fn decoding_undoes_encoding(window in corners(), prior in prior()) {
        let offsets = encode(window, &prior, VARIANCES);
        prop_assert!(offsets.iter().all(|offset| offset.is_finite()));
        close(decode(offsets, &prior, VARIANCES), window, 2e-6)?;
    }

    /// A mirror turns the sign of the first offset and of nothing else.
    #[test]
    fn mirrored_boxes_have_mirrored_offsets(window in corners(), prior in prior()) {
        let [x, y, width, height] = encode(window, &prior, VARIANCES);
        let other = Prior { centre: [1.0 - prior.centre[0], prior.centre[1]], ..prior };
        let ours = encode(mirrored(window), &other, VARIANCES);
        close(ours, [-x, y, width, height], 1e-3)?;
        let iou = intersection_over_union(window, prior.corners());
        let mirror = intersection_over_union(mirrored(window), other.corners());
        prop_assert!((iou - mirror).abs() < 1e-5);
    }

    #[test]
    fn overlap_is_a_share_and_symmetric(a in corners(), b in corners()) {
        let iou = intersection_over_union(a, b);
        prop_assert!((0.0..=1.0).contains(&iou));
        prop_assert_eq!(iou, intersection_over_union(b, a));
        prop_assert!((intersection_over_union(a, a) - 1.0).abs() < 1e-6);
        let apart = b[0] >= a[2] || b[2] <= a[0] || b[1] >= a[3] || b[3] <= a[1];
        prop_assert_eq!(iou == 0.0, apart);
    }

    /// Every positive anchor overlaps its window enough, or is the one that overlaps it most; that
    /// one is always positive, and a window without its anchor lost it to a later one.
    #[test]
    fn matching_takes_what_overlaps_and_forces_one_anchor_a_window(
        windows in prop::collection::vec(corners(), 0..4),
        levels in 1usize..=4,
    ) {
        let priors = priors(&[7, 5, 3, 1][..levels]);
        let target = AdmTarget::new(&windows).unwrap();
        let assignment = assign(&target, &priors, 0.5, VARIANCES);
        prop_assert_eq!(assignment.positive.len(), priors.len());
        let iou = |window: [f32; 4], prior: &Prior| intersection_over_union(window, prior.corners());
        let best: Vec<usize> = windows
            .iter()
            .map(|&window| {
                let most = priors.iter().map(|prior| iou(window, prior)).fold(0.0, f32::max);
                priors.iter().position(|prior| iou(window, prior) == most).unwrap()
            })
            .collect();
        for (index, prior) in priors.iter().enumerate() {
            let forced = best.iter().rposition(|&best| best == index);
            let overlapping = windows.iter().any(|&window| iou(window, prior) >= 0.5);
            prop_assert_eq!(assignment.positive[index], forced.is_some() || overlapping);
            let offsets = assignment.offsets[index];
            let Some(window) = forced else {
                if overlapping {
                    let found = decode(offsets, prior, VARIANCES);
                    let most = windows.iter().map(|&w| iou(w, prior)).fold(0.0, f32::max);
                    prop_assert!((iou(found, prior) - most).abs() < 1e-4);
                } else {
                    prop_assert_eq!(offsets, [0.0; 4]);
                }
                continue;
            };
            close(decode(offsets, prior, VARIANCES), windows[window], 2e-6)?;
        }
    }

    #[test]
    fn a_window_is_cut_to_the_crop_or_refused(window in prop::array::uniform4(-1.0f32..2.0)) {
        let visible = window.map(|edge| edge.clamp(0.0, 1.0));
        let has_area = visible[0] < visible[2] && visible[1] < visible[3];
        match AdmTarget::new(&[window]) {
            Ok(target) => prop_assert_eq!(target.windows(), [visible]),
            Err(error) => prop_assert!(!has_area, "{}", error),
        }
        prop_assert_eq!(clipped(window).is_some(), has_area);
    }

    /// What is kept is sure enough, in order, little overlapping and not too much; what is dropped
    /// overlaps a surer box, is not sure enough, or came too late.
    #[test]
    fn suppression_keeps_the_surest_of_what_overlaps(
        boxes in prop::collection::vec(forged_box(), 0..40),
        confidence in 0.0f32..1.0,
        overlap in 0.0f32..1.0,
        most in 0usize..30,
    ) {
        let selection = BoxSelection { confidence, overlap, most };
        let kept = selection.select(boxes.clone());
        prop_assert!(kept.len() <= most);
        prop_assert!(kept.iter().all(|one| boxes.contains(one) && one.confidence >= confidence));
        prop_assert!(kept.is_sorted_by(|a, b| a.confidence >= b.confidence));
        let clashes = |a: &ForgedBox, b: &ForgedBox| {
            intersection_over_union(a.corners, b.corners) > overlap
        };
        for (index, one) in kept.iter().enumerate() {
            prop_assert!(kept[..index].iter().all(|other| !clashes(one, other)));
        }
        for one in boxes.iter().filter(|one| one.confidence >= confidence && !kept.contains(one)) {
            let surer = kept.iter().filter(|other| other.confidence >= one.confidence);
            prop_assert!(kept.len() == most || surer.clone().any(|other| clashes(one, other)));
        }
        prop_assert_eq!(selection.select(kept.clone()), kept);
    }
}

#[test]
fn windows_that_are_none_are_refused() {
    for window in [
        [f32::NAN, 0.0, 1.0, 1.0],
        [0.0, 0.0, f32::INFINITY, 1.0],
        [0.5, 0.2, 0.4, 0.8],
        [0.5, 0.2, 0.5, 0.8],
        [1.0, 0.0, 1.5, 1.0],
    ] {
        let error = AdmTarget::new(&[AdmTarget::WHOLE, window]).unwrap_err();
        assert!(error.to_string().contains("area"), "{error}");
        assert_eq!(clipped(window), None);
    }
}

#[test]
fn the_whole_picture_is_added_once_and_only_to_forgeries() {
    let window = [0.1, 0.2, 0.5, 0.7];
    let partial = AdmTarget::new(&[window]).unwrap().with_whole();
    assert_eq!(partial.windows(), [AdmTarget::WHOLE, window]);
    assert_eq!(partial.with_whole(), partial);
    assert_eq!(AdmTarget::whole().with_whole(), AdmTarget::whole());
    assert_eq!(AdmTarget::real().with_whole(), AdmTarget::real());
}

/// A forgery of the whole picture: the three levels of section 4.1 have no anchor that overlaps it by
/// half, so its best one, 160 x 120 pixels in the middle of the third map, is forced; the official
/// 1x1 level has it exactly, twice.
#[test]
fn a_global_swap_is_one_forced_anchor_or_two_exact_ones() {
    let overlaps = |levels: usize| -> Vec<f32> {
        let priors = priors(&[7, 5, 3, 1][..levels]);
        let assignment = assign(&AdmTarget::whole(), &priors, 0.5, VARIANCES);
        let chosen = priors
            .iter()
            .zip(&assignment.positive)
            .filter(|(_, fake)| **fake);
        chosen
            .map(|(prior, _)| intersection_over_union(AdmTarget::WHOLE, prior.corners()))
            .collect()
    };
    let three = overlaps(3);
    assert_eq!(three.len(), 1);
    assert!(
        (three[0] - 120.0 * 160.0 / (224.0 * 224.0)).abs() < 0.01,
        "{three:?}"
    );
    assert_eq!(overlaps(4), [1.0, 1.0]);
}

/// The maps shrink as two 3x3 convolutions without padding shrink them, and the last is one
/// position, whatever the first.
#[test]
fn anchors_cover_the_crop_at_any_map() {
    assert_eq!(map_sides(4), None);
    assert_eq!(map_sides(5), Some([5, 3, 1, 1]));
    assert_eq!(map_sides(7), Some([7, 5, 3, 1]));
    for side in 5..=20 {
        let sides = map_sides(side).unwrap();
        let priors = priors(&sides);
        let positions: usize = sides.iter().map(|side| side * side).sum();
        assert_eq!(priors.len(), 2 * positions);
        for prior in &priors {
            let [x, y] = prior.centre;
            assert!((0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y));
            assert!(prior.size.iter().all(|side| *side > 0.0 && *side <= 1.0));
        }
        // Both orientations of a position, the standing one first.
        let [standing, lying] = [priors[0], priors[1]];
        assert!(standing.size[0] < standing.size[1]);
        assert_eq!(standing.size, [lying.size[1], lying.size[0]]);
        assert_eq!(standing.centre, lying.centre);
        // Columns run faster than rows.
        assert!(priors[2].centre[0] > standing.centre[0]);
        assert_eq!(priors[2].centre[1], standing.centre[1]);
    }
}
