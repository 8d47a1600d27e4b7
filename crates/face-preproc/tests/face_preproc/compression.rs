//! JPEG's traces against an independent measure of them.

use std::collections::BTreeMap;

use crate::common;

use common::{golden, picture};
use face_preproc::compression::jpeg_quality;
use image::{Rgb, RgbImage};

#[test]
fn the_quality_is_that_of_the_paper_and_falls_with_jpegs() {
    let numbers = std::fs::read(golden("compression/numbers.json")).unwrap();
    let numbers: BTreeMap<u32, f64> = serde_json::from_slice(&numbers).unwrap();
    let mut before = f64::NEG_INFINITY;
    for (level, expected) in numbers {
        let found = jpeg_quality(&picture(&format!("compression/{level}.png"))).unwrap();
        // Sums of whole numbers, then powers in double precision. The scale ends at 0.
        let expected = expected.max(0.0);
        assert!(
            (found - expected).abs() < 1e-9,
            "{level}: {found} {expected}"
        );
        assert!(found > before + 1.0, "{level}");
        before = found;
    }
}

#[test]
fn where_there_is_nothing_to_measure_nothing_is_said() {
    let flat = RgbImage::from_pixel(64, 64, Rgb([90, 120, 30]));
    assert_eq!(jpeg_quality(&flat), None);
    let small = RgbImage::from_fn(15, 400, |x, y| Rgb([(x * 7 + y * y) as u8; 3]));
    assert_eq!(jpeg_quality(&small), None);
    let one_block = RgbImage::from_fn(16, 16, |x, y| Rgb([(x * x * 7 + y * y * 13) as u8; 3]));
    assert!(jpeg_quality(&one_block).is_some_and(f64::is_finite));
}
