//! Crops, turns, mirrors and exchanged patches carry picture, mask, landmarks and boxes alike.

use crate::common;

use common::{face, rng};
use face_preproc::geometry::{Similarity, distance};
use image::{Luma, Rgb, RgbImage};
use proptest::prelude::*;
use synth_data::{
    Error, Mask, Region,
    augment::{
        Around, AugmentConfig, Crop, IGNORED, PatchShuffle, Sample, Scale, Shift, augment,
        geometric, pad, pad_mask, patch_shuffle,
    },
    boxes,
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

/// A patch of the sample painted white, its mask and its box.
fn marked(side: u32, [x0, y0, x1, y1]: [u32; 4]) -> Sample {
    let inside = |x, y| (x0..x1).contains(&x) && (y0..y1).contains(&y);
    Sample {
        image: RgbImage::from_fn(side, side, |x, y| {
            Rgb([if inside(x, y) { 255 } else { 0 }; 3])
        }),
        mask: Mask::from_fn(side, side, |x, y| Luma([f32::from(u8::from(inside(x, y)))])),
        landmarks: face(side, 1).landmarks,
        boxes: vec![[x0, y0, x1, y1].map(|v| v as f32 / side as f32)],
    }
}

/// The box around the mask where it is at least a half, in shares.
fn box_of(mask: &Mask) -> Option<[f32; 4]> {
    let region = synth_data::mask::support(mask, 0.49)?;
    Some(boxes::of_region(region, mask.dimensions()))
}

fn close(a: [f32; 4], b: [f32; 4], most: f32) -> bool {
    a.iter().zip(b).all(|(a, b)| (a - b).abs() <= most)
}

prop_compose! {
    /// Left, top, right and bottom edge of a patch in a picture of 96 pixels.
    fn patches()(x in 0u32..86, y in 0u32..86)
        (x1 in x + 8..96, y1 in y + 8..96, x in Just(x), y in Just(y)) -> [u32; 4] {
        [x, y, x1, y1]
    }
}

proptest! {
    #[test]
    fn mirroring_carries_boxes_and_undoes_itself(patch in patches()) {
        let sample = marked(96, patch);
        let once = geometric::flip(&sample);
        prop_assert!(close(once.boxes[0], box_of(&once.mask).unwrap(), 1e-5));
        // A point on the picture's left is one on its right, and eyes and brows keep their order.
        for (from, to) in [(0, 16), (36, 45), (48, 54), (17, 26)] {
            let want = 95.0 - sample.landmarks[from][0];
            prop_assert!((once.landmarks[to][0] - want).abs() < 1e-4);
        }
        prop_assert!(once.landmarks[36][0] < once.landmarks[45][0]);
        let twice = geometric::flip(&once);
        prop_assert_eq!(&twice.image, &sample.image);
        prop_assert_eq!(&twice.mask, &sample.mask);
        prop_assert!(close(twice.boxes[0], sample.boxes[0], 1e-6));
        for (a, b) in twice.landmarks.iter().zip(&sample.landmarks) {
            prop_assert!(distance(*a, *b) < 1e-4);
        }
    }

    /// Upright: the box is the moved mask's, to the pixel; and picture, mask and landmarks move
    /// alike.
    #[test]
    fn scale_and_shift_carry_boxes_exactly(
        patch in patches(),
        scale in 0.6f32..1.6,
        shift in prop::array::uniform2(-30f32..30.0),
    ) {
        let mut sample = marked(96, patch);
        sample.landmarks[0] = [0, 1].map(|k| (patch[k] + patch[k + 2] - 1) as f32 / 2.0);
        let by = Similarity {
            a: scale,
            b: 0.0,
            tx: 47.5 * (1.0 - scale) + shift[0],
            ty: 47.5 * (1.0 - scale) + shift[1],
        };
        let moved = geometric::carry(&sample, &by).unwrap();
        for (pixel, m) in moved.image.pixels().zip(moved.mask.iter()) {
            prop_assert!((f32::from(pixel.0[0]) / 255.0 - m).abs() < 0.01);
        }
        match (moved.boxes.first(), box_of(&moved.mask)) {
            // The repeated border continues a patch that touches it beyond its box.
            (Some(found), Some(seen)) if patch[0] > 0 && patch[1] > 0 && patch[2] < 95 && patch[3] < 95 => {
                // No pixel of a sliver is marked in full, so that its corners fall below a half.
                let thin = (found[2] - found[0]).min(found[3] - found[1]) < 3.0 / 96.0;
                let pixels = if thin { 2.1 } else { 1.1 };
                prop_assert!(close(*found, seen, pixels / 96.0), "{found:?} {seen:?}");
            }
            (Some(found), None) => {
                let area = (found[2] - found[0]) * (found[3] - found[1]);
                prop_assert!(area < 0.02, "{found:?}");
            }
            _ => {}
        }
        let [x, y] = moved.landmarks[0].map(f32::round);
        if (0.0..96.0).contains(&x) && (0.0..96.0).contains(&y) {
            prop_assert!(moved.mask.get_pixel(x as u32, y as u32).0[0] > 0.9);
        }
    }

    /// Turned: the box holds the turned mask, and is not larger than a turned rectangle's.
    #[test]
    fn rotation_carries_boxes(patch in patches(), degrees in -45f32..45.0) {
        let sample = marked(96, patch);
        let turned = geometric::rotate(&sample, degrees).unwrap();
        let touches = patch[0] == 0 || patch[1] == 0 || patch[2] == 95 || patch[3] == 95;
        if let (false, Some(found), Some(seen)) = (touches, turned.boxes.first(), box_of(&turned.mask)) {
            let slack = 1.1 / 96.0;
            for axis in 0..2 {
                prop_assert!(found[axis] <= seen[axis] + slack, "{found:?} {seen:?}");
                prop_assert!(found[axis + 2] >= seen[axis + 2] - slack, "{found:?} {seen:?}");
            }
            // Corners are thin, so that few of their pixels reach a half of the mask. A corner cut
            // off by the picture's edge still counts for the box.
            if found[..2].iter().all(|v| *v > 0.0) && found[2..].iter().all(|v| *v < 1.0) {
                prop_assert!(close(*found, seen, 4.0 / 96.0), "{found:?} {seen:?}");
            }
        }
        let back = geometric::rotate(&turned, -degrees).unwrap();
        for (a, b) in back.landmarks.iter().zip(&sample.landmarks) {
            prop_assert!(distance(*a, *b) < 1e-3);
        }
    }

    /// Crops drawn anew keep within their limits and carry everything alike.
    #[test]
    fn crops_keep_their_limits(seed: u64) {
        let lisiam = Crop::lisiam().draw((299, 299), &mut rng(seed));
        prop_assert!((0.8 - 1e-4..=1.2 + 1e-4).contains(&lisiam.scale()));
        prop_assert!(lisiam.angle().abs() < 1e-6);
        // Larger content fills the crop, smaller content lies within it.
        let [left, top] = lisiam.apply([-0.5, -0.5]);
        let [right, bottom] = lisiam.apply([298.5, 298.5]);
        for (low, high) in [(left, right), (top, bottom)] {
            let fills = low <= -0.49 && high >= 298.49;
            let within = low >= -0.51 && high <= 298.51;
            prop_assert!(fills || within, "{low} {high}");
        }
        let adm = Crop::default().draw((224, 224), &mut rng(seed));
        let upright = Crop { rotation: 0.0, ..Crop::default() };
        let upright = upright.draw((224, 224), &mut rng(seed));
        let still = [111.5, 0.377 * 224.0 - 0.5];
        let [x, y] = upright.apply(still);
        prop_assert!((x - still[0]).abs() <= 25.01 && (y - still[1]).abs() <= 25.01);
        prop_assert!(adm.angle().to_degrees().abs() <= 30.01);
        prop_assert!((0.25..=4.0).contains(&adm.scale()));
        let config = AugmentConfig {
            crop: Some(Crop::default()),
            ..AugmentConfig::none()
        };
        let sample = marked(96, [30, 40, 60, 55]);
        let cropped = augment(&sample, &config, &mut rng(seed)).unwrap();
        for (pixel, m) in cropped.image.pixels().zip(cropped.mask.iter()) {
            prop_assert!((f32::from(pixel.0[0]) / 255.0 - m).abs() < 0.01);
        }
    }

    /// Every patch is somewhere, with its mask and the landmarks in it.
    #[test]
    fn shuffled_patches_keep_their_content(seed: u64, grid in 1u32..14) {
        let mut sample = sample(60, 3);
        sample.mask = Mask::from_fn(60, 60, |x, y| {
            Luma([f32::from(sample.image.get_pixel(x, y).0[1]) / 255.0])
        });
        sample.boxes = vec![boxes::WHOLE, [0.2, 0.3, 0.5, 0.4]];
        let shuffled = patch_shuffle(&sample, grid, &mut rng(seed));
        let sorted = |image: &RgbImage| {
            let mut pixels: Vec<_> = image.pixels().map(|p| p.0).collect();
            pixels.sort_unstable();
            pixels
        };
        prop_assert_eq!(sorted(&shuffled.image), sorted(&sample.image));
        for (pixel, m) in shuffled.image.pixels().zip(shuffled.mask.iter()) {
            prop_assert_eq!(f32::from(pixel.0[1]) / 255.0, *m);
        }
        for (from, to) in sample.landmarks.iter().zip(&shuffled.landmarks) {
            let at = |p: &[f32; 2], i: &RgbImage| i.get_pixel(p[0].round() as u32, p[1].round() as u32).0;
            prop_assert_eq!(at(from, &sample.image), at(to, &shuffled.image));
        }
        prop_assert!(close(shuffled.boxes[0], boxes::WHOLE, 1e-6));
        let [x0, y0, x1, y1] = shuffled.boxes[1];
        prop_assert!(0.0 <= x0 && x0 < x1 && x1 <= 1.0 && 0.0 <= y0 && y0 < y1 && y1 <= 1.0);
    }
}

/// By hand: a quarter turn clockwise, and a box that leaves the picture.
#[test]
fn boxes_by_hand() {
    let turn = Similarity {
        a: 0.0,
        b: 1.0,
        tx: 9.0,
        ty: 0.0,
    };
    let turned = boxes::transform([0.1, 0.2, 0.4, 0.9], &turn, (10, 10)).unwrap();
    assert!(close(turned, [0.1, 0.1, 0.8, 0.4], 1e-6), "{turned:?}");
    let away = Similarity {
        tx: 20.0,
        ..Similarity::IDENTITY
    };
    assert_eq!(
        boxes::transform([0.1, 0.2, 0.4, 0.9], &away, (20, 20)),
        None
    );
    let cut = Similarity {
        tx: 5.0,
        ..Similarity::IDENTITY
    };
    let cut = boxes::transform([0.2, 0.0, 0.9, 0.5], &cut, (10, 20)).unwrap();
    assert!(close(cut, [0.7, 0.0, 1.0, 0.5], 1e-6), "{cut:?}");
    assert!(close(
        boxes::mirror([0.1, 0.2, 0.4, 0.9]),
        [0.6, 0.2, 0.9, 0.9],
        1e-6
    ));
    let region = Region {
        x: 3,
        y: 4,
        width: 5,
        height: 6,
    };
    assert_eq!(boxes::of_region(region, (10, 20)), [0.3, 0.2, 0.8, 0.5]);
}

/// LiSiam's official padding: content that is smaller lies in the middle, around it is grey, and the
/// mask says there that it says nothing.
#[test]
fn smaller_content_can_be_padded_and_ignored() {
    let crop = Crop {
        around: Around::Grey,
        ..Crop::lisiam()
    };
    let mut padded = 0;
    for seed in 0..40 {
        let drawn = crop.draw((299, 299), &mut rng(seed));
        let Some(content) = crop.content(&drawn, (299, 299)) else {
            assert!(drawn.scale() >= 1.0);
            continue;
        };
        padded += 1;
        let side = (299.0 * drawn.scale()) as u32;
        assert_eq!((content.width, content.height), (side, side));
        assert_eq!((content.x, content.y), ((299 - side) / 2, (299 - side) / 2));
        // The plain crop's corners come to lie on the content's, within a pixel.
        for (at, want) in [(-0.5, content.x), (298.5, content.right())] {
            let [x, y] = drawn.apply([at, at]);
            let want = want as f32 - 0.5;
            assert!((x - want).abs() <= 1.0 && (y - want).abs() <= 1.0);
        }
        let mut image = RgbImage::from_pixel(299, 299, Rgb([7; 3]));
        let mut mask = Mask::from_pixel(299, 299, Luma([0.5]));
        pad(&mut image, content);
        pad_mask(&mut mask, content);
        for (x, y, pixel) in image.enumerate_pixels() {
            let inside = content.contains(x, y);
            let want = if inside { (7, 0.5) } else { (128, IGNORED) };
            assert_eq!((pixel.0[0], mask.get_pixel(x, y).0[0]), want);
        }
    }
    assert!((10..30).contains(&padded), "{padded}");
    let never = Crop::lisiam().draw((299, 299), &mut rng(1));
    assert_eq!(Crop::lisiam().content(&never, (299, 299)), None);
    // Runs from before there was a choice were cropped about the middle.
    let before = "scale = { normal = { mean = 1.0, deviation = 0.1 } }\nshift = { up_to = 0.1 }\nrotation = 30.0";
    let before: Crop = toml::from_str(before).unwrap();
    assert_eq!((before.about, before.around), ([0.5; 2], Around::Picture));
}

#[test]
fn patches_change_places_with_neighbours() {
    let sample = sample(60, 4);
    let shuffled = |seed| patch_shuffle(&sample, 6, &mut rng(seed));
    let changed = (0..20)
        .filter(|&s| shuffled(s).image != sample.image)
        .count();
    assert_eq!(changed, 20);
    assert!(patch_shuffle(&sample, 1, &mut rng(1)) == sample);
    assert!(patch_shuffle(&sample, 61, &mut rng(1)) == sample);
    let config = AugmentConfig {
        patch_shuffle: Some(PatchShuffle::default()),
        ..AugmentConfig::none()
    };
    let kept = (0..100)
        .filter(|&s| augment(&sample, &config, &mut rng(s)).unwrap() == sample)
        .count();
    assert!(kept.abs_diff(50) < 20, "{kept}");
}

#[test]
fn presets_are_valid_and_crops_are_checked() {
    for config in [
        AugmentConfig::adm(),
        AugmentConfig::lisiam(),
        AugmentConfig::none(),
    ] {
        config.validate().unwrap();
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<AugmentConfig>(&text).unwrap(), config);
    }
    let wrong = [
        Crop {
            scale: Scale::Uniform {
                least: 1.2,
                most: 0.8,
            },
            ..Crop::default()
        },
        Crop {
            shift: Shift::UpTo(1.5),
            ..Crop::default()
        },
        Crop {
            rotation: f32::NAN,
            ..Crop::default()
        },
    ];
    for crop in wrong {
        assert!(matches!(crop.validate(), Err(Error::Config { .. })));
    }
    let shuffle = PatchShuffle {
        grid: 0,
        ..PatchShuffle::default()
    };
    assert!(matches!(shuffle.validate(), Err(Error::Config { .. })));
}
