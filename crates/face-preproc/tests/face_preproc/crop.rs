//! Crops against Pillow and OpenCV, against a formula, and with bad input.

use crate::common;

use std::f32::consts::{PI, TAU};

use common::{difference, landmarks, numbers, picture};
use face_preproc::crop::{
    Border, CropError, CropMethod, CropSpec, crop_face, crop_landmarks, crop_mask, resize_whole,
};
use face_preproc::geometry::{Landmarks68, MEAN_FACE68, Similarity};
use face_preproc::pictures::Mask;
use image::{Luma, Rgb, RgbImage};
use proptest::prelude::*;

fn box_crop(size: u32, border: Border) -> CropSpec {
    CropSpec {
        size,
        method: CropMethod::Box { margin: 0.3 },
        border,
    }
}

/// The mean face in a picture: turned, `width` pixels wide, its box's centre at `center`.
fn face(width: f32, degrees: f32, center: [f32; 2]) -> Landmarks68 {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let place = Similarity {
        a: width * cos,
        b: width * sin,
        tx: center[0],
        ty: center[1],
    };
    MEAN_FACE68.map(|p| place.apply(p))
}

#[test]
fn where_landmarks_come_to_lie_is_known_without_the_picture() {
    let picture = RgbImage::new(300, 260);
    let landmarks = face(90.0, 20.0, [150.0, 120.0]);
    for method in [
        CropMethod::Box { margin: 0.3 },
        CropMethod::Align5 { face_width: 0.7 },
        CropMethod::Pupils5 { distance: 0.3 },
        CropMethod::Arcface5 { margin: 0.3 },
        CropMethod::Align68 { face_width: 0.7 },
    ] {
        let spec = CropSpec {
            method,
            ..box_crop(112, Border::Replicate)
        };
        let cut = crop_face(&picture, &landmarks, &spec).unwrap();
        assert_eq!(
            crop_landmarks(&landmarks, &spec).unwrap(),
            cut.landmarks,
            "{method:?}"
        );
    }
    let one_point = [[5.0; 2]; 68];
    let spec = box_crop(112, Border::Replicate);
    assert!(matches!(
        crop_landmarks(&one_point, &spec),
        Err(CropError::Degenerate)
    ));
}

/// Pillow's `BICUBIC` on the same window. Both round the filter's weights and the result of each of
/// the two passes, Pillow to 8 bits in between, kornia finer: up to two levels apart, rarely.
#[test]
fn box_crops_agree_with_pillow() {
    let scene = picture("crops/scene.png");
    let face = landmarks(&numbers(), "landmarks68");
    for (name, size, border) in [
        ("box_shrunk", 48, Border::Replicate),
        ("box_enlarged", 128, Border::Replicate),
        ("box_constant", 48, Border::Constant),
    ] {
        let crop = crop_face(&scene, &face, &box_crop(size, border)).unwrap();
        let (largest, mean) = difference(&crop.image, &picture(&format!("crops/{name}.png")));
        println!("{name}: {largest} {mean:.4}");
        assert!(largest <= 2 && mean < 0.1, "{name}: {largest}, mean {mean}");
    }
}

/// OpenCV's `warpAffine` where the crop enlarges. Coordinates are rounded to 2^-16 pixel here and
/// otherwise there; the scene's steepest edge has 100 levels a pixel.
#[test]
fn aligned_crops_agree_with_opencv() {
    let warp: [f32; 4] = serde_json::from_value(numbers()["warp"].clone()).unwrap();
    let [a, b, tx, ty] = warp;
    let transform = Similarity { a, b, tx, ty };
    let back = transform.inverse().unwrap();
    // The face that Align68 carries to its template by exactly this transform.
    let face = MEAN_FACE68.map(|p| back.apply(p.map(|c| c * 0.6 * 128.0 + 63.5)));
    let spec = CropSpec {
        size: 128,
        method: CropMethod::Align68 { face_width: 0.6 },
        border: Border::Replicate,
    };
    let crop = crop_face(&picture("crops/scene.png"), &face, &spec).unwrap();
    let (largest, mean) = difference(&crop.image, &picture("crops/warp.png"));
    println!("warp: {largest} {mean:.4}");
    assert!(largest <= 3 && mean < 0.5, "{largest}, mean {mean}");
}

/// A picture that is smooth enough for every filter to agree on, given by a formula: whatever the
/// method and the scale, a crop's pixel must be the formula at the place the transform says. Bilinear
/// samples of a wave of `p` pixels lose up to `1 - cos(pi / p)` of it, and rounding to bytes one
/// level; half a pixel of drift would be twice as much as both. The outermost pixels of a box crop
/// see nothing beyond its window, as with Pillow, and are left out.
#[test]
fn crops_do_not_drift() {
    let formula = |x: f32, y: f32| 128.0 + 55.0 * (x / 9.0).sin() + 55.0 * (y / 9.0).cos();
    let scene = RgbImage::from_fn(300, 260, |x, y| {
        Rgb([formula(x as f32, y as f32).round() as u8; 3])
    });
    let mask = Mask::from_fn(300, 260, |x, y| Luma([formula(x as f32, y as f32) / 255.0]));
    for degrees in [0.0, 20.0, -75.0] {
        let face = face(110.0, degrees, [151.3, 128.6]);
        for size in [40, 64, 110, 220] {
            for method in [
                CropMethod::Box { margin: 0.3 },
                CropMethod::Align5 { face_width: 0.7 },
                CropMethod::Align68 { face_width: 0.7 },
            ] {
                let spec = CropSpec {
                    size,
                    method,
                    border: Border::Replicate,
                };
                let crop = crop_face(&scene, &face, &spec).unwrap();
                let masked = crop_mask(&mask, &crop.transform, size).unwrap();
                let back = crop.transform.inverse().unwrap();
                let period = TAU * 9.0 * crop.transform.scale();
                let tolerance = 1.5 + 110.0 * (1.0 - (PI / period).cos());
                for (x, y, pixel) in crop.image.enumerate_pixels() {
                    let [sx, sy] = back.apply([x as f32, y as f32]);
                    if x.min(y) < 3 || x.max(y) >= size - 3 {
                        continue;
                    }
                    if !(8.0..290.0).contains(&sx) || !(8.0..250.0).contains(&sy) {
                        continue;
                    }
                    let expected = formula(sx, sy);
                    let off = (f32::from(pixel[0]) - expected).abs();
                    assert!(
                        off < tolerance,
                        "{method:?} {size} {degrees}: {off} at {x} {y}"
                    );
                    let off = (masked.get_pixel(x, y)[0] * 255.0 - expected).abs();
                    assert!(
                        off < tolerance,
                        "mask {method:?} {size} {degrees}: {off} at {x} {y}"
                    );
                }
                for (p, q) in face.iter().zip(crop.landmarks) {
                    let [x, y] = crop.transform.apply(*p);
                    assert_eq!(q, [x, y]);
                }
            }
        }
    }
}

/// A box crop of the template's own size and place is a copy.
#[test]
fn a_crop_at_scale_one_is_a_copy() {
    let scene = picture("crops/scene.png");
    // A box of 40 pixels about (50, 40), no margin.
    let mut face = [[50.0, 40.0]; 68];
    face[0] = [29.5, 40.0];
    face[16] = [69.5, 40.0];
    let spec = CropSpec {
        size: 40,
        method: CropMethod::Box { margin: 0.0 },
        border: Border::Replicate,
    };
    let crop = crop_face(&scene, &face, &spec).unwrap();
    let expected = image::imageops::crop_imm(&scene, 30, 21, 40, 40).to_image();
    assert_eq!(crop.image, expected);
    assert_eq!(crop.transform.apply([30.0, 21.0]), [0.0, 0.0]);
}

#[test]
fn aligned_faces_come_to_lie_on_the_template() {
    let scene = RgbImage::new(400, 300);
    for method in [
        CropMethod::Align5 { face_width: 0.5 },
        CropMethod::Align68 { face_width: 0.5 },
    ] {
        let spec = CropSpec {
            size: 128,
            method,
            border: Border::Constant,
        };
        let crop = crop_face(&scene, &face(150.0, 33.0, [210.0, 140.0]), &spec).unwrap();
        for (p, q) in crop.landmarks.iter().zip(MEAN_FACE68) {
            let expected = q.map(|c| c * 64.0 + 63.5);
            assert!((p[0] - expected[0]).abs() < 1e-3 && (p[1] - expected[1]).abs() < 1e-3);
        }
    }
}

#[test]
fn borders_are_black_or_replicated() {
    let white = RgbImage::from_pixel(100, 100, Rgb([255; 3]));
    // A face half beyond the left edge.
    let face = face(60.0, 10.0, [0.0, 50.0]);
    for method in [
        CropMethod::Box { margin: 0.3 },
        CropMethod::Align68 { face_width: 0.7 },
    ] {
        let crop = |border| {
            crop_face(
                &white,
                &face,
                &CropSpec {
                    size: 64,
                    method,
                    border,
                },
            )
            .unwrap()
            .image
        };
        assert!(crop(Border::Replicate).as_raw().iter().all(|&v| v == 255));
        let black = crop(Border::Constant);
        assert_eq!(black.get_pixel(2, 32), &Rgb([0; 3]));
        assert_eq!(black.get_pixel(60, 32), &Rgb([255; 3]));
    }
}

#[test]
fn whole_pictures_are_padded_evenly() {
    let wide = RgbImage::from_fn(100, 50, |x, _| Rgb([if x < 50 { 0 } else { 250 }; 3]));
    let (square, transform) = resize_whole(&wide, 50).unwrap();
    assert_eq!(square.dimensions(), (50, 50));
    assert_eq!(transform.scale(), 0.5);
    // The picture's corners, at the outer edges of its pixels, and its padding of 25 rows.
    let [x, y] = transform.apply([-0.5, -0.5]);
    assert!((x + 0.5).abs() < 1e-5 && (y - 12.0).abs() < 1e-5);
    assert_eq!(square.get_pixel(10, 0), &Rgb([0; 3]));
    assert_eq!(square.get_pixel(40, 49), &Rgb([250; 3]));
    assert_eq!(
        resize_whole(&wide, 100).unwrap().0.get_pixel(50, 25),
        wide.get_pixel(50, 0)
    );
    assert!(matches!(
        resize_whole(&wide, 0),
        Err(CropError::Spec { .. })
    ));
    assert!(matches!(
        resize_whole(&RgbImage::new(0, 9), 8),
        Err(CropError::EmptyPicture)
    ));
    for (width, height) in [(1, 1), (1, 7), (3, 2)] {
        let tiny = RgbImage::from_pixel(width, height, Rgb([9, 99, 199]));
        let (square, _) = resize_whole(&tiny, 16).unwrap();
        assert!(square.pixels().all(|p| *p == Rgb([9, 99, 199])));
    }
}

/// Shrinking a mask keeps its area, and what is beyond the picture is pristine.
#[test]
fn masks_keep_their_area() {
    let inside = |x: u32, y: u32| (x as f32 - 100.0).hypot(y as f32 - 90.0) < 40.0;
    let mask = Mask::from_fn(200, 180, |x, y| Luma([f32::from(u8::from(inside(x, y)))]));
    let area: f32 = mask.as_raw().iter().sum();
    let (sin, cos) = 0.4_f32.sin_cos();
    for scale in [0.1, 0.25, 0.7, 1.5] {
        let size = 300;
        let turn = Similarity {
            a: scale * cos,
            b: scale * sin,
            tx: 90.0,
            ty: 60.0,
        };
        let moved = crop_mask(&mask, &turn, size).unwrap();
        let found: f32 = moved.as_raw().iter().sum::<f32>() / (scale * scale);
        assert!((found / area - 1.0).abs() < 0.01, "{scale}: {found} {area}");
        assert!(moved.as_raw().iter().all(|v| (0.0..=1.0).contains(v)));
        assert_eq!(moved.get_pixel(299, 0)[0], 0.0);
    }
    let flat = Similarity {
        a: 0.0,
        b: 0.0,
        tx: 0.0,
        ty: 0.0,
    };
    assert!(matches!(
        crop_mask(&mask, &flat, 8),
        Err(CropError::Degenerate)
    ));
}

#[test]
fn bad_input_is_named() {
    let scene = RgbImage::new(100, 80);
    let good = face(40.0, 0.0, [50.0, 40.0]);
    let error = |scene: &RgbImage, face: &Landmarks68, method, size| {
        let spec = CropSpec {
            size,
            method,
            border: Border::Replicate,
        };
        crop_face(scene, face, &spec).unwrap_err()
    };
    let methods = [
        CropMethod::Box { margin: 0.3 },
        CropMethod::Align5 { face_width: 0.6 },
        CropMethod::Align68 { face_width: 0.6 },
    ];
    for method in methods {
        let mut nan = good;
        nan[30][0] = f32::NAN;
        assert!(matches!(
            error(&scene, &nan, method, 64),
            CropError::LandmarksNotFinite
        ));
        assert!(matches!(
            error(&scene, &[[5.0; 2]; 68], method, 64),
            CropError::Degenerate
        ));
        for center in [[500.0, 40.0], [1e30, 40.0], [50.0, -300.0]] {
            let away = good.map(|[x, y]| [x - 50.0 + center[0], y - 40.0 + center[1]]);
            let error = error(&scene, &away, method, 64);
            // At 1e30 pixels f32 no longer tells the landmarks apart.
            assert!(
                matches!(
                    error,
                    CropError::OutsidePicture { .. } | CropError::Degenerate
                ),
                "{error}"
            );
        }
        let giant = good.map(|p| p.map(|c| (c - 40.0) * 1e4));
        assert!(matches!(
            error(&scene, &giant, method, 64),
            CropError::OutsidePicture { .. }
        ));
        assert!(matches!(
            error(&RgbImage::new(0, 0), &good, method, 64),
            CropError::EmptyPicture
        ));
        for size in [0, 8193, u32::MAX] {
            assert!(matches!(
                error(&scene, &good, method, size),
                CropError::Spec { name: "size", .. }
            ));
        }
    }
    for bad in [f32::NAN, f32::INFINITY, -1.0, 11.0] {
        let method = CropMethod::Box { margin: bad };
        assert!(matches!(
            error(&scene, &good, method, 64),
            CropError::Spec { name: "margin", .. }
        ));
        let method = CropMethod::Align68 { face_width: bad };
        assert!(matches!(
            error(&scene, &good, method, 64),
            CropError::Spec {
                name: "face_width",
                ..
            }
        ));
    }
}

proptest! {
    /// Whatever the landmarks and the picture: a crop of the right size or an error, no panic.
    #[test]
    fn no_landmarks_break_a_crop(
        width in 1..40_u32, height in 1..40_u32, size in 1..40_u32,
        scale in -3.0..5.0_f32, shift in prop::array::uniform2(-60.0..60.0_f32), degrees in 0.0..360.0_f32,
    ) {
        let scene = RgbImage::from_pixel(width, height, Rgb([77; 3]));
        let face = face(10.0_f32.powf(scale), degrees, shift);
        for method in [
            CropMethod::Box { margin: 0.3 },
            CropMethod::Align5 { face_width: 0.6 },
            CropMethod::Align68 { face_width: 0.6 },
        ] {
            let spec = CropSpec { size, method, border: Border::Replicate };
            if let Ok(crop) = crop_face(&scene, &face, &spec) {
                prop_assert_eq!(crop.image.dimensions(), (size, size));
                prop_assert!(crop.image.as_raw().iter().all(|&v| v == 77));
            }
        }
    }
}
