//! Agreement with OpenCV and NumPy; `tests/golden/generate_perturb.py` makes the pictures.

use std::path::Path;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::*;

fn picture(name: &str) -> RgbImage {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    image::open(folder.join(name)).unwrap().to_rgb8()
}

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Compares the five levels with those that stand beside each other in a golden picture: by how much
/// a byte may differ, and what share of the bytes may differ at all.
fn compare(name: &str, (byte, share): (u8, f64), perturbed: impl Fn(Level) -> RgbImage) {
    let golden = picture(&format!("perturb_{name}.png"));
    let width = golden.width() / 5;
    for level in Level::ALL {
        let got = perturbed(level);
        let x = u32::from(level.number() - 1) * width;
        let want = imageops::crop_imm(&golden, x, 0, width, golden.height()).to_image();
        assert_eq!(got.dimensions(), want.dimensions());
        let differences = || got.iter().zip(want.iter()).map(|(a, b)| a.abs_diff(*b));
        let greatest = differences().max().unwrap();
        let differing = differences().filter(|d| *d > 0).count() as f64 / got.len() as f64;
        assert!(
            greatest <= byte && differing <= share,
            "{name} {level:?}: up to {greatest}, {differing:.3} of the bytes"
        );
    }
}

/// Both compute in single precision, so that only what falls between two bytes can differ.
const ROUNDING: (u8, f64) = (1, 0.005);
/// Where a byte times 0.85 ends in one half, as one in twenty does, NumPy rounds to even numbers.
const TIES: (u8, f64) = (1, 0.05);
/// OpenCV filters bytes with weights of eight bits. Against its own filter of floating-point numbers,
/// it differs in as many bytes (0.05 to 0.12 of them, by one).
const FIXED_POINT: (u8, f64) = (1, 0.14);
/// OpenCV rounds in fixed-point numbers twice, when it shrinks and when it restores: each differs from
/// its own floating-point numbers by one in 0.09 to 0.15 of the bytes.
const FIXED_POINT_TWICE: (u8, f64) = (2, 0.30);

#[test]
fn levels_are_those_of_opencv_and_numpy() {
    let source = picture("perturb.png");
    for (kind, tolerance) in [
        (Perturbation::Saturation, ROUNDING),
        (Perturbation::Contrast, TIES),
        (Perturbation::Blur, FIXED_POINT),
        (Perturbation::Pixelation, FIXED_POINT_TWICE),
    ] {
        compare(kind.name(), tolerance, |level| {
            perturb(&source, kind, level, &mut rng(1))
        });
    }
}

/// The same noise is given to both.
#[test]
fn noise_is_that_of_opencv_and_numpy() {
    let source = picture("perturb.png");
    compare("noise", ROUNDING, |level| {
        let mut place = 0;
        let noise = || {
            place += 1;
            (1.5 * f64::sin(f64::from(place) * 12.9898)) as f32
        };
        let variance = level.choose([0.001, 0.002, 0.005, 0.01, 0.05]).unwrap();
        color::add_noise(&source, variance, noise)
    });
}

#[test]
fn blocks_are_those_of_numpy() {
    let source = picture("perturb.png");
    compare("block", (0, 0.0), |level| {
        let places = (0..u32::from(level.number())).map(|i| (7 * i, 11 * i));
        cover(&source, places)
    });
}

/// The variance of drawn noise, where no value is cut off, is that of the level in compressed YCbCr.
#[test]
fn drawn_noise_has_the_levels_variance() {
    let grey = RgbImage::from_pixel(128, 128, Rgb([128; 3]));
    for (level, variance) in Level::ALL.into_iter().zip([0.001, 0.002, 0.005]) {
        let noisy = perturb(&grey, Perturbation::Noise, level, &mut rng(5));
        let luma: Vec<f64> = noisy
            .pixels()
            .map(|p| {
                let [r, g, b] = p.0.map(f64::from);
                (0.299 * r + 0.587 * g + 0.114 * b - 128.0) * 219.0 / 255.0 / 255.0
            })
            .collect();
        let mean = luma.iter().sum::<f64>() / luma.len() as f64;
        let found = luma.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / luma.len() as f64;
        // 16,384 values: one standard deviation of the estimate is 1.1 %.
        assert!(
            mean.abs() < 3e-3 && (found / variance - 1.0).abs() < 0.05,
            "{found}"
        );
    }
}

#[test]
fn blocks_are_counted_by_the_shorter_side_and_lie_within() {
    let black = RgbImage::new(600, 520);
    let covered = perturb(&black, Perturbation::Block, Level::ALL[0], &mut rng(2));
    let grey = covered.pixels().filter(|p| p.0 == [128; 3]).count();
    // Two times sixteen squares, a few of which overlap.
    assert!((24 * 64..=32 * 64).contains(&grey), "{grey}");
    let small = RgbImage::new(255, 400);
    let spared = perturb(&small, Perturbation::Block, Level::ALL[4], &mut rng(2));
    assert!(spared == small && Perturbation::Block.spares(small.dimensions()));
}

#[test]
fn level_zero_and_odd_pictures_are_no_trouble() {
    let source = picture("perturb.png");
    for kind in Perturbation::ALL {
        assert_eq!(perturb(&source, kind, Level::NONE, &mut rng(3)), source);
        for size in [(0, 0), (1, 1), (1, 9), (3, 2)] {
            let tiny = RgbImage::from_pixel(size.0, size.1, Rgb([9, 90, 200]));
            let out = perturb(&tiny, kind, Level::ALL[4], &mut rng(4));
            assert_eq!(out.dimensions(), size, "{kind}");
        }
        let repeat = || perturb(&source, kind, Level::ALL[2], &mut rng(6));
        assert_eq!(repeat(), repeat());
    }
}
