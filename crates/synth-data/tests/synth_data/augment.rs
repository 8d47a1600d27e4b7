//! Properties of the augmentations.

use crate::common;

use common::{face, greatest_difference, mean_difference, rng, texture};
use face_preproc::geometry::distance;
use image::{Luma, Rgb, RgbImage};
use synth_data::{
    Error, Mask,
    augment::{AugmentConfig, Chance, Sample, augment, geometric, jpeg, photometric},
    mask::{convex_hull, fill_convex},
};

fn sample(side: u32, seed: u64) -> Sample {
    let face = face(side, seed);
    Sample {
        mask: fill_convex(&convex_hull(&face.landmarks), side, side),
        image: face.image,
        landmarks: face.landmarks,
        boxes: Vec::new(),
    }
}

/// A mirror that returns its input would pass the second half alone.
#[test]
fn flipping_mirrors_once_and_undoes_itself_twice() {
    let sample = sample(64, 1);
    let flipped = geometric::flip(&sample);
    for (x, y, pixel) in flipped.image.enumerate_pixels() {
        assert_eq!(pixel, sample.image.get_pixel(63 - x, y));
        assert_eq!(
            flipped.mask.get_pixel(x, y),
            sample.mask.get_pixel(63 - x, y)
        );
    }
    assert_ne!(flipped.image, sample.image);
    // The right eye's outer corner becomes the left one's, on the same side of the picture.
    assert!((flipped.landmarks[36][0] - (63.0 - sample.landmarks[45][0])).abs() < 1e-4);
    assert!(flipped.landmarks[36][0] < 32.0);
    let twice = geometric::flip(&flipped);
    assert_eq!(twice.image, sample.image);
    assert_eq!(twice.mask, sample.mask);
    for (a, b) in twice.landmarks.iter().zip(&sample.landmarks) {
        assert!(distance(*a, *b) < 1e-4);
    }
}

/// Dots painted at the landmarks are found at the turned landmarks.
#[test]
fn rotation_carries_landmarks_and_mask() {
    let mut sample = sample(128, 2);
    sample.image = RgbImage::from_fn(128, 128, |x, y| {
        let near = |p: &[f32; 2]| distance(*p, [x as f32, y as f32]) < 2.5;
        Rgb([if sample.landmarks.iter().any(near) {
            255
        } else {
            0
        }; 3])
    });
    sample.mask = Mask::from_fn(128, 128, |x, y| {
        Luma([f32::from(sample.image.get_pixel(x, y).0[0]) / 255.0])
    });
    let turned = geometric::rotate(&sample, 25.0).unwrap();
    // Clockwise on the screen: what was on the right goes down.
    assert!(turned.landmarks[16][1] > sample.landmarks[16][1] + 10.0);
    for [x, y] in turned.landmarks {
        let (x, y) = (x.round() as u32, y.round() as u32);
        assert!(turned.image.get_pixel(x, y).0[0] > 200, "{x} {y}");
        assert!(turned.mask.get_pixel(x, y).0[0] > 0.8);
    }
}

#[test]
fn rotation_leaves_no_black_corners() {
    let mut sample = sample(64, 3);
    sample.image = RgbImage::from_pixel(64, 64, Rgb([200, 150, 100]));
    let turned = geometric::rotate(&sample, 30.0).unwrap();
    assert_eq!(turned.image, sample.image);
}

#[test]
fn jpeg_loses_more_at_lower_quality() {
    let image = photometric::gaussian_blur(&texture(70, 50, 4), 1.0);
    let loss = |quality| {
        let back = jpeg::recompress(&image, quality).unwrap();
        assert_eq!(back.dimensions(), image.dimensions());
        mean_difference(&back, &image, |_, _| true)
    };
    let (high, low) = (loss(95), loss(20));
    assert!(high > 0.0 && high < 2.0 && low > 1.5 * high, "{high} {low}");
    let none = RgbImage::new(0, 0);
    assert!(matches!(jpeg::recompress(&none, 90), Err(Error::Jpeg(_))));
}

/// 4:2:0 halves the chroma: columns of alternating colour come back grey-ish, of alternating
/// brightness intact.
#[test]
fn jpeg_subsamples_chroma() {
    let stripes = |odd| {
        RgbImage::from_fn(
            64,
            64,
            move |x, _| if x % 2 == 0 { Rgb([200, 60, 60]) } else { odd },
        )
    };
    let colour = jpeg::recompress(&stripes(Rgb([60, 108, 200])), 100).unwrap();
    let [r, _, b] = colour.get_pixel(30, 30).0;
    assert!(r.abs_diff(b) < 60, "{r} {b}");
    let light = stripes(Rgb([240, 240, 240]));
    let luma = |p: &Rgb<u8>| p.0[1];
    let back = jpeg::recompress(&light, 100).unwrap();
    assert!(luma(back.get_pixel(31, 30)) > luma(back.get_pixel(30, 30)) + 60);
}

#[test]
fn photometric_steps_do_what_they_say() {
    let image = texture(80, 60, 5);
    let grey = photometric::color_jitter(&image, 0.0, 0.0);
    assert!(grey.pixels().all(|p| p.0[0].abs_diff(p.0[2]) <= 1));
    let luma =
        |p: &Rgb<u8>| 0.299 * f32::from(p[0]) + 0.587 * f32::from(p[1]) + 0.114 * f32::from(p[2]);
    let turned = photometric::color_jitter(&image, 15.0, 1.0);
    assert!(greatest_difference(&turned, &image) > 2);
    for (a, b) in turned.pixels().zip(image.pixels()) {
        assert!((luma(a) - luma(b)).abs() < 1.5);
    }
    assert!(greatest_difference(&photometric::color_jitter(&image, 0.0, 1.0), &image) <= 1);

    let brighter = photometric::brightness_contrast(&image, 0.1, 1.0);
    assert!(
        brighter
            .iter()
            .zip(image.iter())
            .all(|(b, v)| b.abs_diff(v.saturating_add(26)) <= 1)
    );
    assert_eq!(photometric::brightness_contrast(&image, 0.0, 1.0), image);
    let flat = photometric::brightness_contrast(&image, 0.0, 0.0);
    assert!(flat.iter().all(|v| (127..=128).contains(v)));

    let noisy = photometric::gaussian_noise(&image, 5.0, &mut rng(1));
    let squares = noisy
        .iter()
        .zip(image.iter())
        .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
    let deviation = (squares.sum::<f64>() / image.len() as f64).sqrt();
    assert!((deviation - 5.0).abs() < 0.2, "{deviation}");

    let blurred = photometric::gaussian_blur(&image, 1.5);
    let roughness =
        |i: &RgbImage| mean_difference(i, &photometric::gaussian_blur(i, 1.0), |_, _| true);
    assert!(roughness(&blurred) < 0.5 * roughness(&image));
    assert_eq!(photometric::gaussian_blur(&image, 0.0), image);
}

#[test]
fn erasing_changes_about_its_share() {
    let image = RgbImage::from_pixel(100, 100, Rgb([128; 3]));
    for seed in 0..20 {
        let erased = photometric::erase(&image, 0.1, &mut rng(seed));
        let changed = erased.pixels().filter(|p| p.0 != [128; 3]).count();
        assert!((850..1150).contains(&changed), "{changed}");
    }
    assert_eq!(photometric::erase(&image, 0.0, &mut rng(1)), image);
    assert_eq!(
        photometric::erase(&RgbImage::new(0, 0), 0.5, &mut rng(1)).len(),
        0
    );
}

/// A blur done in place on an array that the clean branch shares would show here.
#[test]
fn inputs_are_left_alone() {
    let sample = sample(64, 6);
    let before = sample.clone();
    for seed in 0..20 {
        augment(&sample, &AugmentConfig::default(), &mut rng(seed)).unwrap();
        assert!(sample == before);
    }
}

#[test]
fn seeds_fix_the_result_and_none_changes_nothing() {
    let sample = sample(64, 7);
    let run = |seed| augment(&sample, &AugmentConfig::default(), &mut rng(seed)).unwrap();
    assert!(run(1) == run(1));
    assert!((0..8).any(|seed| run(seed) != run(100 + seed)));
    assert!(augment(&sample, &AugmentConfig::none(), &mut rng(1)).unwrap() == sample);
}

/// LiSiam's degradations as augmentation, which its table V gives a plain Xception: what `degrade` makes
/// of the augmented picture, mask and landmarks as they were.
#[test]
fn degradations_can_be_an_augmentation() {
    let sample = sample(64, 9);
    let config: AugmentConfig = toml::from_str(
        "flip = 0.0\ndegrade = {}\n\
         rotation = { probability = 0.0, range = [0, 0] }\nhue = { probability = 0.0, range = [0, 0] }\n\
         saturation = { probability = 0.0, range = [1, 1] }\nbrightness = { probability = 0.0, range = [0, 0] }\n\
         contrast = { probability = 0.0, range = [1, 1] }\nblur = { probability = 0.0, range = [0, 0] }\n\
         noise = { probability = 0.0, range = [0, 0] }\nerasing = { probability = 0.0, range = [0, 0] }\n\
         jpeg = { probability = 0.0, range = [100, 100] }",
    )
    .unwrap();
    assert_eq!(
        config.degrade,
        Some(synth_data::degrade::DegradeConfig::default())
    );
    let changed = (0..200).filter(|&seed| {
        let seen = augment(&sample, &config, &mut rng(seed)).unwrap();
        assert!(seen.mask == sample.mask && seen.landmarks == sample.landmarks);
        seen.image != sample.image
    });
    // Each of three comes in half of the cases: seven of eight have one.
    let changed = changed.count();
    assert!(changed.abs_diff(175) < 25, "{changed}");
    let wrong = AugmentConfig {
        degrade: Some(synth_data::degrade::DegradeConfig {
            jpeg: Chance {
                probability: 2.0,
                range: [10.0, 99.0],
            },
            ..synth_data::degrade::DegradeConfig::default()
        }),
        ..AugmentConfig::none()
    };
    assert!(augment(&sample, &wrong, &mut rng(1)).is_err());
}

#[test]
fn bad_input_is_refused() {
    let mut sample = sample(64, 8);
    let mut config = AugmentConfig::default();
    config.jpeg = Chance {
        probability: 1.5,
        ..config.jpeg
    };
    let error = augment(&sample, &config, &mut rng(1)).unwrap_err();
    assert!(
        matches!(error, Error::Chance { field: "jpeg", .. }),
        "{error}"
    );
    config = AugmentConfig::default();
    config.noise.range = [9.0, 1.0];
    let error = augment(&sample, &config, &mut rng(1)).unwrap_err();
    assert!(
        matches!(error, Error::Chance { field: "noise", .. }),
        "{error}"
    );
    config = AugmentConfig {
        flip: f64::NAN,
        ..AugmentConfig::default()
    };
    let error = augment(&sample, &config, &mut rng(1)).unwrap_err();
    assert!(
        matches!(error, Error::Config { field: "flip", .. }),
        "{error}"
    );
    sample.mask = Mask::new(3, 4);
    let error = augment(&sample, &AugmentConfig::default(), &mut rng(1)).unwrap_err();
    assert!(matches!(error, Error::SizeMismatch { .. }), "{error}");
    assert!(toml::from_str::<AugmentConfig>("blurr = 1.0").is_err());
}
