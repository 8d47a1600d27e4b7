//! Faces for the tests: smooth seeded textures with the mean face's landmarks.
use face_preproc::geometry::{Landmarks68, MEAN_FACE68};
use image::{Rgb, RgbImage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use synth_data::Face;

pub(crate) struct Owned {
    pub(crate) image: RgbImage,
    pub(crate) landmarks: Landmarks68,
}

impl Owned {
    pub(crate) fn face(&self) -> Face<'_> {
        Face {
            image: &self.image,
            landmarks: &self.landmarks,
        }
    }
}

pub(crate) fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Waves of random direction, a random colour and a little grain.
pub(crate) fn texture(width: u32, height: u32, seed: u64) -> RgbImage {
    let mut rng = rng(seed);
    let color: [f32; 3] = std::array::from_fn(|_| rng.random_range(90.0..160.0));
    let [fx, fy]: [f32; 2] = std::array::from_fn(|_| rng.random_range(0.05..0.2));
    RgbImage::from_fn(width, height, |x, y| {
        let wave = 30.0 * (x as f32 * fx).sin() + 20.0 * (y as f32 * fy).cos();
        Rgb(color.map(|c| (c + wave + rng.random_range(-6.0..6.0)) as u8))
    })
}

/// The mean face in the middle of a crop, each landmark displaced by up to 2 % of the side.
pub(crate) fn face(side: u32, seed: u64) -> Owned {
    let mut rng = rng(seed);
    let length = side as f32;
    let noise = 0.02 * length;
    let landmarks =
        MEAN_FACE68.map(|p| p.map(|v| length * (0.5 + 0.7 * v) + rng.random_range(-noise..noise)));
    Owned {
        image: texture(side, side, seed),
        landmarks,
    }
}

/// The greatest difference of two pictures' bytes.
pub(crate) fn greatest_difference(a: &RgbImage, b: &RgbImage) -> u8 {
    assert_eq!(a.dimensions(), b.dimensions());
    let pairs = a.iter().zip(b.iter());
    pairs.map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

/// The mean absolute difference of the bytes of the pixels where `inside` holds.
pub(crate) fn mean_difference(
    a: &RgbImage,
    b: &RgbImage,
    inside: impl Fn(u32, u32) -> bool,
) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let (mut sum, mut count) = (0.0, 0.0);
    for ((x, y, a), b) in a.enumerate_pixels().zip(b.pixels()) {
        if inside(x, y) {
            for (a, b) in a.0.iter().zip(b.0) {
                sum += f64::from(a.abs_diff(b));
                count += 1.0;
            }
        }
    }
    assert!(count > 0.0, "no pixel compared");
    sum / count
}
