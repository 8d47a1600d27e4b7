//! Blended images of Face X-ray.

use crate::common;

use common::{face, mean_difference, rng};
use proptest::prelude::*;
use synth_data::{BiConfig, Blending, Error, bi};

/// Hard masks but for the blur.
fn plain() -> BiConfig {
    BiConfig {
        deformation: [0.0, 0.0],
        blur_kernel: [25.0, 25.0],
        ..BiConfig::default()
    }
}

proptest! {
    /// Whatever is drawn, the mask is one, and what it leaves out is the target's.
    #[test]
    fn what_the_mask_leaves_out_stays_as_it_was(seed: u64, side in 40u32..160) {
        let (target, source) = (face(side, seed), face(side + 7, seed ^ 1));
        let config = BiConfig::default();
        match bi::forge(target.face(), source.face(), &config, &mut rng(seed)) {
            Ok(forged) => {
                prop_assert!(forged.mask.iter().all(|m| (0.0..=1.0).contains(m)));
                let pixels = forged.image.pixels().zip(target.image.pixels());
                for ((forged, target), mask) in pixels.zip(forged.mask.iter()) {
                    prop_assert!(*mask > 0.0 || forged == target);
                }
            }
            // A deformation may carry the face out of the picture.
            Err(error) => prop_assert_eq!(error, Error::EmptyMask),
        }
    }
}

#[test]
fn the_source_comes_in_with_the_targets_colours() {
    let (target, source) = (face(128, 1), face(128, 2));
    let forged = bi::forge(target.face(), source.face(), &plain(), &mut rng(3)).unwrap();
    assert_eq!(forged.blending, Blending::ColorTransfer);
    let inside = |x, y| forged.mask.get_pixel(x, y).0[0] > 0.9;
    assert!(mean_difference(&forged.image, &target.image, inside) > 2.0);
    let mean = |image: &image::RgbImage, channel: usize| {
        let pixels = image.enumerate_pixels().filter(|(x, y, _)| inside(*x, *y));
        let values: Vec<f64> = pixels.map(|(_, _, p)| f64::from(p.0[channel])).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    for channel in 0..3 {
        let [got, want] = [&forged.image, &target.image].map(|image| mean(image, channel));
        assert!((got - want).abs() < 3.0, "{channel}: {got} {want}");
    }
}

/// The border alone has shares of both faces: the X-ray (Eq. 2) is dark in the middle of the face and
/// around it, and reaches its peak between.
#[test]
fn the_mask_is_soft_at_its_border_alone() {
    let (target, source) = (face(128, 5), face(128, 6));
    let forged = bi::forge(target.face(), source.face(), &plain(), &mut rng(1)).unwrap();
    let xray = |x, y| {
        let m = forged.mask.get_pixel(x, y).0[0];
        4.0 * m * (1.0 - m)
    };
    assert_eq!((xray(64, 70), xray(1, 1)), (0.0, 0.0));
    let across = (0..128).map(|x| xray(x, 70)).fold(0.0, f32::max);
    assert!(across > 0.95, "{across}");
}

#[test]
fn a_wider_range_draws_other_masks_and_one_seed_the_same() {
    let (target, source) = (face(96, 5), face(96, 6));
    let config = BiConfig::default();
    let mask = |seed| {
        let forged = bi::forge(target.face(), source.face(), &config, &mut rng(seed));
        forged.map(|forged| forged.mask)
    };
    assert_eq!(mask(1), mask(1));
    assert_ne!(mask(1), mask(2));
}

#[test]
fn numbers_out_of_range_are_named() {
    let face = face(64, 1);
    let field = |config: BiConfig| {
        let refused = bi::forge(face.face(), face.face(), &config, &mut rng(1));
        match refused.unwrap_err() {
            Error::Config { field, .. } => field,
            other => panic!("{other}"),
        }
    };
    let default = BiConfig::default;
    for (config, name) in [
        (
            BiConfig {
                subset: 0,
                ..default()
            },
            "subset",
        ),
        (
            BiConfig {
                nearest: 0,
                ..default()
            },
            "nearest",
        ),
        (
            BiConfig {
                deformation: [0.2, 0.1],
                ..default()
            },
            "deformation",
        ),
        (
            BiConfig {
                blur_kernel: [f32::NAN, 3.0],
                ..default()
            },
            "blur_kernel",
        ),
        (
            BiConfig {
                reference_size: 0,
                ..default()
            },
            "reference_size",
        ),
    ] {
        assert_eq!(field(config), name);
    }
}
