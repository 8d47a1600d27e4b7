//! The alignments of ADM's official code and of DeepfakeBench, and crops that are drawn anew.

use crate::common::golden;

use face_preproc::crop::{
    Border, CropMethod, CropSpec, crop_face, crop_face_moved, crop_mask, resize_whole,
    resize_whole_moved,
};
use face_preproc::geometry::{Landmarks68, MEAN_FACE68, Similarity, five_points, pupil_points};
use face_preproc::pictures::Mask;
use image::{Luma, Rgb, RgbImage};
use serde::Deserialize;

/// The official configuration: 0.9 of 80 of 224 pixels.
const OFFICIAL: CropSpec = CropSpec {
    size: 224,
    method: CropMethod::Pupils5 {
        distance: 0.9 * 80.0 / 224.0,
    },
    border: Border::Replicate,
};

#[derive(Deserialize)]
struct Numbers {
    template: Vec<[f32; 2]>,
    faces: Vec<Aligned>,
}

#[derive(Deserialize)]
struct Aligned {
    landmarks: Vec<[f32; 2]>,
    aligned: Vec<[f32; 2]>,
    deepfakebench: Vec<[f32; 2]>,
}

fn all(points: &[[f32; 2]]) -> Landmarks68 {
    points.try_into().unwrap()
}

fn apart(p: [f32; 2], q: [f32; 2]) -> f32 {
    (p[0] - q[0]).hypot(p[1] - q[1])
}

/// Every landmark lies where the official code puts it, within a pixel: that code cuts the eyes'
/// centres to whole pixels of the picture first, which moves two of five points by up to a pixel.
#[test]
fn faces_lie_where_the_official_code_puts_them() {
    let text = std::fs::read(golden("pupils/numbers.json")).unwrap();
    let numbers: Numbers = serde_json::from_slice(&text).unwrap();
    let template = pupil_points(0.9 * 80.0 / 224.0, 224);
    for (ours, theirs) in template.iter().zip(&numbers.template) {
        assert!(apart(*ours, *theirs) < 0.01, "{ours:?} {theirs:?}");
    }
    let scene = RgbImage::new(1280, 960);
    let mut largest = 0.0_f32;
    for face in &numbers.faces {
        let crop = crop_face(&scene, &all(&face.landmarks), &OFFICIAL).unwrap();
        for (ours, theirs) in crop.landmarks.iter().zip(&face.aligned) {
            largest = largest.max(apart(*ours, *theirs));
        }
    }
    println!("largest distance {largest} px");
    assert!(largest < 1.0, "{largest}");
}

#[test]
fn faces_lie_where_deepfakebench_puts_them() {
    let text = std::fs::read(golden("pupils/numbers.json")).unwrap();
    let numbers: Numbers = serde_json::from_slice(&text).unwrap();
    let spec = CropSpec {
        size: 256,
        method: CropMethod::Arcface5 { margin: 0.3 },
        border: Border::Constant,
    };
    let scene = RgbImage::new(1280, 960);
    for face in &numbers.faces {
        let crop = crop_face(&scene, &all(&face.landmarks), &spec).unwrap();
        for (ours, theirs) in crop.landmarks.iter().zip(&face.deepfakebench) {
            assert!(apart(*ours, *theirs) < 0.01, "{ours:?} {theirs:?}");
        }
    }
}

/// The face fills the crop: eyes above its middle, the mean face's chin below its edge.
#[test]
fn a_mean_face_reaches_beyond_the_lower_edge() {
    let face = MEAN_FACE68.map(|p| p.map(|c| c * 200.0 + 300.0));
    let crop = crop_face(&RgbImage::new(600, 600), &face, &OFFICIAL).unwrap();
    let jaw = crop.landmarks[16][0] - crop.landmarks[0][0];
    assert!((jaw - 183.0).abs() < 1.0, "{jaw}");
    assert!((crop.landmarks[8][1] - 242.0).abs() < 1.0);
    let [left, right, ..] = five_points(&crop.landmarks);
    assert!((apart(left, right) - 80.5).abs() < 0.5);
}

/// Smooth, so that filters agree, and without a period within the picture.
fn scene(side: u32) -> RgbImage {
    RgbImage::from_fn(side, side, |x, y| {
        let value = |at: u32, by: f32| 120.0 + 100.0 * (at as f32 / by).sin();
        Rgb([
            value(x, 37.0) as u8,
            value(y, 41.0) as u8,
            value(x + y, 53.0) as u8,
        ])
    })
}

fn moved(scale: f32, shift: [f32; 2]) -> Similarity {
    Similarity {
        a: scale,
        b: 0.1,
        tx: shift[0],
        ty: shift[1],
    }
}

/// A crop moved by nothing is the crop; moved by something it shows the picture where the transform
/// says, also where the plain crop ends.
#[test]
fn a_moved_crop_reads_the_picture_beyond_the_plain_one() {
    let scene = scene(400);
    let face = MEAN_FACE68.map(|p| p.map(|c| c * 90.0 + 200.0));
    for method in [
        CropMethod::Box { margin: 0.3 },
        CropMethod::Align5 { face_width: 0.7 },
        OFFICIAL.method,
        CropMethod::Arcface5 { margin: 0.0 },
        CropMethod::Align68 { face_width: 0.7 },
    ] {
        let spec = CropSpec {
            size: 96,
            method,
            border: Border::Constant,
        };
        let plain = crop_face(&scene, &face, &spec).unwrap();
        let still = crop_face_moved(&scene, &face, &spec, &Similarity::IDENTITY).unwrap();
        assert_eq!(still.transform, plain.transform);
        let off = plain.image.iter().zip(still.image.iter());
        assert!(
            off.map(|(a, b)| a.abs_diff(*b)).max().unwrap() <= 3,
            "{method:?}"
        );

        let by = moved(0.6, [30.0, 25.0]);
        let crop = crop_face_moved(&scene, &face, &spec, &by).unwrap();
        assert_eq!(crop.transform, plain.transform.then(&by));
        let back = crop.transform.inverse().unwrap();
        for (x, y, pixel) in crop.image.enumerate_pixels() {
            let [u, v] = back.apply([x as f32, y as f32]);
            // All of the wider crop is in the picture: nothing is black, nothing repeated.
            assert!((3.0..396.0).contains(&u) && (3.0..396.0).contains(&v));
            let expected = scene.get_pixel(u.round() as u32, v.round() as u32);
            let near = |a: u8, b: u8| a.abs_diff(b) <= 8;
            assert!(
                pixel.0.iter().zip(expected.0).all(|(a, b)| near(*a, b)),
                "{method:?} {x} {y}"
            );
        }
        for (p, q) in plain.landmarks.iter().zip(crop.landmarks) {
            assert!(apart(by.apply(*p), q) < 1e-2);
        }
    }
}

/// The same of a picture without landmarks; its mask goes along.
#[test]
fn a_whole_picture_can_be_moved_too() {
    let scene = scene(200);
    let (plain, transform) = resize_whole(&scene, 100).unwrap();
    let (still, same) = resize_whole_moved(&scene, 100, &Similarity::IDENTITY).unwrap();
    assert_eq!(same, transform);
    let off = plain.iter().zip(still.iter());
    assert!(off.map(|(a, b)| a.abs_diff(*b)).max().unwrap() <= 3);
    let by = Similarity {
        tx: 20.0,
        ..Similarity::IDENTITY
    };
    let (_, shifted) = resize_whole_moved(&scene, 100, &by).unwrap();
    assert_eq!(shifted, transform.then(&by));
    let mask = Mask::from_fn(200, 200, |x, _| Luma([f32::from(u8::from(x < 100))]));
    let mask = crop_mask(&mask, &shifted, 100).unwrap();
    for (x, expected) in [(60, 1.0), (80, 0.0)] {
        let found = mask.get_pixel(x, 50).0[0];
        assert!((found - expected).abs() < 1e-4, "{x}: {found}");
    }
}

#[test]
fn a_distance_out_of_range_is_named() {
    for distance in [0.0, -1.0, 0.7, f32::NAN] {
        let spec = CropSpec {
            method: CropMethod::Pupils5 { distance },
            ..OFFICIAL
        };
        let refusal = spec.check().unwrap_err().to_string();
        assert!(refusal.contains("distance"), "{refusal}");
    }
}
