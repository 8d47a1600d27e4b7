//! Properties of self-blended images.

use crate::common;

use common::{face, greatest_difference, mean_difference, rng};
use proptest::prelude::*;
use synth_data::{
    Error, SbiConfig, SbiForgery,
    augment::Chance,
    boxes,
    sbi::{self, ColorConfig, ColorShift, SbiBoxes, sharpen},
};

fn never() -> Chance {
    Chance {
        probability: 0.0,
        range: [1.0, 1.0],
    }
}

/// Nothing that both pictures of a pair share.
fn unshared() -> SbiConfig {
    SbiConfig {
        shared_color: ColorConfig {
            rgb: never(),
            hsv: never(),
            brightness_contrast: never(),
        },
        shared_jpeg: never(),
        ..SbiConfig::default()
    }
}

fn forge(side: u32, config: &SbiConfig, seed: u64) -> SbiForgery {
    sbi::forge(face(side, seed).face(), config, &mut rng(seed)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn forgeries_are_well_formed(seed: u64, side in 24u32..140) {
        let made = forge(side, &SbiConfig::default(), seed);
        prop_assert_eq!(made.image.dimensions(), (side, side));
        prop_assert_eq!(made.real.dimensions(), (side, side));
        prop_assert_eq!(made.mask.dimensions(), (side, side));
        prop_assert!(made.mask.iter().all(|m| (0.0..=1.0).contains(m)));
        prop_assert_eq!(made.boxes.len(), 2);
        let [x0, y0, x1, y1] = made.boxes[1];
        prop_assert!(0.0 <= x0 && x0 < x1 && x1 <= 1.0 && 0.0 <= y0 && y0 < y1 && y1 <= 1.0);
    }

    /// Outside the mask the two pictures of a pair are one.
    #[test]
    fn pairs_differ_inside_the_mask_alone(seed: u64) {
        let made = forge(96, &unshared(), seed);
        let pixels = made.image.pixels().zip(made.real.pixels());
        let mut outside = 0;
        for ((fake, real), &m) in pixels.zip(made.mask.iter()) {
            if m == 0.0 {
                prop_assert_eq!(fake, real);
                outside += 1;
            }
        }
        prop_assert!(outside > 500);
        prop_assert_ne!(&made.image, &made.real);
    }
}

/// Either side of the pair is the changed one about as often: the real picture of a pair is the
/// original bytes in half of the cases.
#[test]
fn the_changed_side_is_drawn_evenly() {
    let original = face(64, 1);
    let mut rng = rng(1);
    let config = unshared();
    let kept = (0..400)
        .map(|_| sbi::forge(original.face(), &config, &mut rng).unwrap())
        .filter(|made| made.real == original.image)
        .count();
    assert!(kept.abs_diff(200) < 50, "{kept}");
}

/// Ratios scale the mask's peak, and come in their shares: one of 1/4, one of 1/2, one of 3/4,
/// three of 1.
#[test]
fn masks_peak_at_the_ratios() {
    let original = face(64, 2);
    let mut rng = rng(2);
    let mut counts = [0usize; 4];
    for _ in 0..600 {
        let made = sbi::forge(original.face(), &unshared(), &mut rng).unwrap();
        let peak = made.mask.iter().fold(0.0f32, |a, &m| a.max(m));
        let quarter = (4.0 * peak).round();
        assert!((4.0 * peak - quarter).abs() < 1e-4, "{peak}");
        counts[quarter as usize - 1] += 1;
    }
    for (count, want) in counts.into_iter().zip([100, 100, 100, 300]) {
        assert!(count.abs_diff(want) < 60, "{counts:?}");
    }
}

/// What both share is drawn once: two equal pictures stay equal.
#[test]
fn shared_changes_are_the_same_for_both() {
    let config = SbiConfig {
        ratios: vec![0.0],
        ..SbiConfig::default()
    };
    let mut changed = 0;
    for seed in 0..12 {
        let made = forge(64, &config, seed);
        assert_eq!(made.image, made.real);
        changed += usize::from(made.real != forge(64, &unshared(), seed).real);
    }
    assert!(changed > 4, "{changed}");
}

#[test]
fn a_seed_fixes_the_bytes() {
    let run = |seed| forge(72, &SbiConfig::default(), seed);
    let (a, b) = (run(3), run(3));
    assert_eq!((a.image, a.real, a.mask), (b.image, b.real, b.mask));
}

#[test]
fn boxes_are_those_asked_for() {
    let with = |boxes| {
        let config = SbiConfig {
            boxes,
            ..unshared()
        };
        forge(96, &config, 4)
    };
    assert_eq!(with(SbiBoxes::Picture).boxes, [boxes::WHOLE]);
    let made = with(SbiBoxes::Mask);
    assert_eq!(
        with(SbiBoxes::PictureAndMask).boxes,
        [boxes::WHOLE, made.boxes[0]]
    );
    let peak = made.mask.iter().fold(0.0f32, |a, &m| a.max(m));
    let [x0, y0, x1, y1] = made.boxes[0].map(|v| (v * 96.0).round() as u32);
    for (x, y, m) in made.mask.enumerate_pixels() {
        let inside = (x0..x1).contains(&x) && (y0..y1).contains(&y);
        assert!(inside || m.0[0] < 0.5 * peak + 1e-6);
    }
}

#[test]
fn colors_are_shifted_as_asked() {
    let image = face(48, 5).image;
    let shift = |rgb, hsv, brightness, contrast| {
        ColorShift {
            rgb,
            hsv,
            brightness,
            contrast,
        }
        .apply(&image)
    };
    let zero = [0.0; 3];
    assert_eq!(shift(zero, zero, 0.0, 0.0), image);
    for (c, (a, b)) in shift([7.0, 0.0, -9.0], zero, 0.0, 0.0)
        .iter()
        .zip(image.iter())
        .enumerate()
    {
        let want = i32::from(*b) + [7, 0, -9][c % 3];
        assert_eq!(i32::from(*a), want.clamp(0, 255));
    }
    let scaled = shift(zero, zero, 0.1, -0.2);
    for (a, b) in scaled.iter().zip(image.iter()) {
        let want = f32::from(*b) * 0.8 + 25.5;
        assert!((f32::from(*a) - want).abs() <= 0.51);
    }
    // There and back again, and a whole turn.
    let turned = shift(zero, [20.0, 0.0, 0.0], 0.0, 0.0);
    assert!(greatest_difference(&turned, &image) > 5);
    let back = ColorShift {
        hsv: [-20.0, 0.0, 0.0],
        ..ColorShift::default()
    };
    assert!(greatest_difference(&back.apply(&turned), &image) <= 3);
    assert!(greatest_difference(&shift(zero, [180.0, 0.0, 0.0], 0.0, 0.0), &image) <= 1);
    let grey = shift(zero, [0.0, -180.0, 0.0], 0.0, 0.0);
    assert!(grey.pixels().zip(image.pixels()).all(|(g, p)| {
        let spread = |p: &image::Rgb<u8>| p.0.iter().max().unwrap() - p.0.iter().min().unwrap();
        spread(g) <= spread(p)
    }));
}

#[test]
fn sharpening_widens_differences_and_keeps_flat_areas() {
    let image = face(48, 6).image;
    let flat = image::RgbImage::from_pixel(9, 7, image::Rgb([90, 140, 200]));
    assert_eq!(sharpen(&flat, 0.4, 1.0), flat);
    assert_eq!(sharpen(&image, 0.0, 0.7), image);
    let blurred = synth_data::augment::photometric::gaussian_blur(&image, 1.0);
    let roughness = |i: &image::RgbImage| mean_difference(i, &blurred, |_, _| true);
    assert!(roughness(&sharpen(&image, 0.3, 1.0)) > 1.5 * roughness(&image));
    assert_eq!(sharpen(&image::RgbImage::new(0, 0), 0.3, 1.0).len(), 0);
}

#[test]
fn bad_input_is_refused() {
    let good = face(64, 7);
    let mut broken = face(64, 7);
    broken.landmarks.fill([10.0, 10.0]);
    let error = sbi::forge(broken.face(), &SbiConfig::default(), &mut rng(1)).unwrap_err();
    assert!(matches!(error, Error::Degenerate(_)), "{error}");

    type Break = fn(&mut SbiConfig);
    let breaks: [(&str, Break); 9] = [
        ("grain.sharpening", |c| c.grain.sharpening = [0.5, 0.2]),
        ("grain.shrinking", |c| c.grain.shrinking.clear()),
        ("grain.shrinking", |c| c.grain.shrinking = vec![0]),
        ("shift", |c| c.shift[1] = f32::NAN),
        ("scale", |c| c.scale = [0.0, 1.0]),
        ("ratios", |c| c.ratios.clear()),
        ("mask.kernel", |c| c.mask.kernel = [4, 8]),
        ("mask.side", |c| c.mask.side = [0, 4]),
        ("mask.sigma", |c| c.mask.sigma = [0.0, 4.0]),
    ];
    for (name, broken) in breaks {
        let mut config = SbiConfig::default();
        broken(&mut config);
        let error = sbi::forge(good.face(), &config, &mut rng(1)).unwrap_err();
        assert!(
            matches!(error, Error::Config { field, .. } if field == name),
            "{name}: {error}"
        );
    }
    let mut config = SbiConfig::default();
    config.shared_jpeg.range = [0.0, 50.0];
    let error = sbi::forge(good.face(), &config, &mut rng(1)).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Chance {
                field: "shared_jpeg",
                ..
            }
        ),
        "{error}"
    );
    assert!(toml::from_str::<SbiConfig>("ratio = [1.0]").is_err());
    let text = toml::to_string(&SbiConfig::default()).unwrap();
    assert_eq!(
        toml::from_str::<SbiConfig>(&text).unwrap(),
        SbiConfig::default()
    );
}
