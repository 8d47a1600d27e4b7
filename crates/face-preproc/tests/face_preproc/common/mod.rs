//! What several test files share; no single one uses all of it.
use std::path::PathBuf;

use face_preproc::geometry::Landmarks68;
use face_preproc::pictures::{Limits, read_rgb};
use image::RgbImage;

/// A file below `tests/golden`.
pub(crate) fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// A picture below `tests/golden`.
pub(crate) fn picture(name: &str) -> RgbImage {
    read_rgb(golden(name), &Limits::default()).unwrap()
}

/// The largest and the mean difference of two pictures of one size, in levels of 255.
pub(crate) fn difference(a: &RgbImage, b: &RgbImage) -> (u8, f64) {
    assert_eq!(a.dimensions(), b.dimensions());
    let pairs = || a.as_raw().iter().zip(b.as_raw());
    let largest = pairs().map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    let sum: f64 = pairs().map(|(a, b)| f64::from(a.abs_diff(*b))).sum();
    (largest, sum / a.as_raw().len() as f64)
}

/// The reference numbers beside the golden crops.
pub(crate) fn numbers() -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(golden("crops/numbers.json")).unwrap()).unwrap()
}

/// 68 landmarks of [`numbers`].
pub(crate) fn landmarks(numbers: &serde_json::Value, key: &str) -> Landmarks68 {
    let points: Vec<[f32; 2]> = serde_json::from_value(numbers[key].clone()).unwrap();
    points.try_into().unwrap()
}
