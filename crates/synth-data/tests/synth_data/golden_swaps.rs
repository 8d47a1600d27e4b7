//! Agreement of swaps and self-blended images with NumPy, scikit-image and OpenCV;
//! `golden/generate_swaps.py` makes the files.

use std::path::Path;

use forgery_masks::dssim_map;
use image::{GrayImage, RgbImage};
use serde::Deserialize;
use synth_data::{
    Mask, Region, crop,
    mfs::most_dissimilar_window,
    resize::{Sampling, resize},
    sbi::{ColorShift, sharpen, soft_mask},
};

#[derive(Deserialize)]
struct Numbers {
    windows: Vec<Window>,
    small: Small,
    sharpen: Sharpen,
    hsv: Hsv,
    resize: Vec<Resized>,
    soft: Soft,
}

#[derive(Deserialize)]
struct Window {
    window: (u32, u32),
    step: [u32; 2],
    found: (u32, u32),
    sum: f64,
}

#[derive(Deserialize)]
struct Small {
    x: u32,
    y: u32,
    width: u32,
    height: u32,
}

#[derive(Deserialize)]
struct Sharpen {
    strength: f32,
    lightness: f32,
    values: Vec<f32>,
}

#[derive(Deserialize)]
struct Hsv {
    shift: [f32; 3],
    values: Vec<f32>,
}

#[derive(Deserialize)]
struct Resized {
    width: u32,
    height: u32,
    values: Vec<f32>,
}

#[derive(Deserialize)]
struct Soft {
    radii: [usize; 2],
    sigma: f32,
}

fn numbers() -> Numbers {
    serde_json::from_str(include_str!("../golden/swaps.json")).unwrap()
}

fn open(name: &str) -> image::DynamicImage {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    image::open(folder.join(name)).unwrap()
}

fn small(at: &Small) -> RgbImage {
    let region = Region {
        x: at.x,
        y: at.y,
        width: at.width,
        height: at.height,
    };
    crop(&open("source.png").to_rgb8(), region).unwrap()
}

fn assert_rounded(got: &RgbImage, want: &[f32], slack: f32) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!(
            (f32::from(*got) - want).abs() <= 0.5 + slack,
            "{got} {want}"
        );
    }
}

/// The similarity of both is computed differently, but to more digits than the best window differs
/// from the second best.
#[test]
fn windows_are_those_of_numpy() {
    let (target, source) = (open("target.png").to_rgb8(), open("source.png").to_rgb8());
    let dssim = dssim_map(&source, &target).unwrap();
    let whole = Region::whole(dssim.dimensions());
    for case in numbers().windows {
        let found = most_dissimilar_window(&dssim, case.window, whole, case.step).unwrap();
        assert_eq!((found.x, found.y), case.found, "{:?}", case.window);
        let sum: f64 = crop(&dssim, found)
            .unwrap()
            .iter()
            .map(|&d| f64::from(d))
            .sum();
        assert!((sum - case.sum).abs() < 1e-4 * case.sum.max(1.0), "{sum}");
    }
}

/// Ours round to bytes; single precision moves a value by less than a hundredth.
#[test]
fn sharpening_is_opencvs_filter() {
    let Numbers {
        small: at,
        sharpen: want,
        ..
    } = numbers();
    let got = sharpen(&small(&at), want.strength, want.lightness);
    assert_rounded(&got, &want.values, 0.01);
}

/// As above; OpenCV divides by chroma and value with a small number added.
#[test]
fn hue_saturation_and_value_are_opencvs() {
    let Numbers { small: at, hsv, .. } = numbers();
    let shift = ColorShift {
        hsv: hsv.shift,
        ..ColorShift::default()
    };
    assert_rounded(&shift.apply(&small(&at)), &hsv.values, 0.01);
}

#[test]
fn bilinear_resizing_is_opencvs() {
    let Numbers {
        small: at,
        resize: cases,
        ..
    } = numbers();
    for case in cases {
        let got = resize(&small(&at), (case.width, case.height), Sampling::Bilinear).unwrap();
        assert_rounded(&got, &case.values, 0.01);
    }
}

/// The file has eight bits.
#[test]
fn the_soft_mask_is_opencvs() {
    let Soft { radii, sigma } = numbers().soft;
    let to_mask = |grey: GrayImage| {
        Mask::from_fn(grey.width(), grey.height(), |x, y| {
            image::Luma([f32::from(grey.get_pixel(x, y).0[0]) / 255.0])
        })
    };
    let got = soft_mask(&to_mask(open("mask.png").to_luma8()), radii, sigma);
    let want = to_mask(open("soft.png").to_luma8());
    for (got, want) in got.iter().zip(want.iter()) {
        assert!((got - want).abs() <= 0.502 / 255.0, "{got} {want}");
    }
}
