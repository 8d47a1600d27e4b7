//! Agreement with OpenCV and scikit-image; `golden/generate.py` makes the files.

use crate::common;

use std::path::Path;

use common::{greatest_difference, mean_difference};
use face_preproc::geometry::Similarity;
use image::RgbImage;
use serde::Deserialize;
use synth_data::{
    Mask, Region,
    align::{Interpolation, warp},
    blend::poisson::{self, Gradients},
    color::{lab_to_rgb, rgb_to_lab},
    mask::blur,
};

#[derive(Deserialize)]
struct Numbers {
    blur: Blur,
    lab: Lab,
    warp: Warp,
}

#[derive(Deserialize)]
struct Blur {
    width: u32,
    height: u32,
    mask: Vec<f32>,
    blurred: Vec<f32>,
}

#[derive(Deserialize)]
struct Lab {
    rgb: Vec<[u8; 3]>,
    lab: Vec<[f32; 3]>,
}

#[derive(Deserialize)]
struct Warp {
    a: f32,
    b: f32,
    tx: f32,
    ty: f32,
}

fn numbers() -> Numbers {
    serde_json::from_str(include_str!("../golden/numbers.json")).unwrap()
}

fn picture(name: &str) -> RgbImage {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    image::open(folder.join(name)).unwrap().to_rgb8()
}

fn mask(name: &str) -> Mask {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mask = image::open(folder.join(name)).unwrap().to_luma8();
    Mask::from_fn(mask.width(), mask.height(), |x, y| {
        image::Luma([f32::from(mask.get_pixel(x, y).0[0]) / 255.0])
    })
}

/// Both are convolutions with the same 17 taps in single precision; the file has six digits.
#[test]
fn mask_blur_is_opencvs_gaussian_blur() {
    let Blur {
        width,
        height,
        mask,
        blurred,
    } = numbers().blur;
    let mask = Mask::from_raw(width, height, mask).unwrap();
    for (got, want) in blur(&mask, 16.0).iter().zip(blurred) {
        assert!((got - want).abs() < 5e-6, "{got} {want}");
    }
}

/// The tables' interpolation moves a* and b* by less than 0.02, a fifth of what an eye can see.
#[test]
fn lab_is_scikit_images() {
    let Lab { rgb, lab } = numbers().lab;
    for (rgb, want) in rgb.into_iter().zip(lab) {
        let got = rgb_to_lab(rgb);
        for c in 0..3 {
            assert!((got[c] - want[c]).abs() < 0.02, "{rgb:?} {got:?} {want:?}");
        }
        assert_eq!(lab_to_rgb(got), rgb);
    }
}

/// OpenCV rounds coordinates to 1/32 of a pixel, which on this texture moves values by a level or
/// two; half a pixel of shift would give a mean difference of four.
#[test]
fn bilinear_warp_is_opencvs_inside_the_picture() {
    let Warp { a, b, tx, ty } = numbers().warp;
    let source = picture("source.png");
    let by = Similarity { a, b, tx, ty };
    let whole = Region::whole(source.dimensions());
    let got = warp(&source, &by, whole, Interpolation::Bilinear).unwrap();
    let back = by.inverse().unwrap();
    let (right, bottom) = (source.width() as f32 - 1.0, source.height() as f32 - 1.0);
    let inside = |x: u32, y: u32| {
        let [x, y] = back.apply([x as f32, y as f32]);
        (0.0..=right).contains(&x) && (0.0..=bottom).contains(&y)
    };
    let difference = mean_difference(&got, &picture("warp.png"), inside);
    assert!(difference < 0.5, "mean difference {difference}");
}

/// The equation is the same on the same box: OpenCV cuts decimals off where we round, so half a
/// level on average and one at most, and one more where single precision tips the rounding.
fn assert_like_opencv(prefix: &str) {
    let mask = mask(&format!("{prefix}mask.png"));
    let (target, source) = (picture("target.png"), picture("source.png"));
    let inside = |x, y| mask.get_pixel(x, y).0[0] > 0.0;
    for (gradients, name) in [
        (Gradients::Source, "normal"),
        (Gradients::Stronger, "mixed"),
    ] {
        let got = poisson::blend(&target, &source, &mask, gradients).unwrap();
        // The clone must be far from both inputs, or nothing would be tested.
        assert!(mean_difference(&got, &source, inside) > 3.0);
        assert!(mean_difference(&got, &target, inside) > 3.0);
        let want = picture(&format!("{prefix}{name}.png"));
        let difference = mean_difference(&got, &want, inside);
        assert!(difference < 0.6, "{name}: mean difference {difference}");
        let greatest = greatest_difference(&got, &want);
        assert!(greatest <= 2, "{name}: greatest difference {greatest}");
    }
}

#[test]
fn poisson_is_opencvs_seamless_clone_in_an_ellipse() {
    assert_like_opencv("");
}

#[test]
fn poisson_is_opencvs_seamless_clone_around_a_hole() {
    assert_like_opencv("ring_");
}

#[test]
fn poisson_is_opencvs_seamless_clone_in_two_parts() {
    assert_like_opencv("parts_");
}

#[test]
fn poisson_is_opencvs_seamless_clone_at_the_frame() {
    assert_like_opencv("frame_");
}
