//! Perturbations of whole pictures for tests of robustness, five levels each: those of
//! DeeperForensics-1.0 (Jiang et al., 2020, 4.3), with which CADDM's Table 4 is made. Its seventh,
//! the compression of videos, needs a codec and is not here.
//!
//! YCbCr is that of the published code: OpenCV's for floating-point numbers, its luma compressed to
//! 219 levels and its chroma to 224. Where that code cuts decimals off, bytes are rounded here.

mod color;
#[cfg(test)]
mod golden;

use std::{fmt, str::FromStr};

use image::{Rgb, RgbImage, imageops};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

use crate::{
    blur::{convolve, gaussian},
    lanes::byte,
    resize::{Sampling, shrink_and_restore},
};

/// What is done to a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Perturbation {
    /// The distance of Cb and Cr from grey times 0.4, 0.3, 0.2, 0.1, 0.
    Saturation,
    /// Every value times 0.85, 0.725, 0.6, 0.475, 0.35: contrast falls, and the picture darkens.
    Contrast,
    /// Grey squares of 8 x 8 pixels at random places: 16, 32, 48, 64, 80 for each 256 pixels of the
    /// shorter side, rounded down. A picture below 256 pixels has none.
    Block,
    /// Gaussian noise in YCbCr of variance 0.001, 0.002, 0.005, 0.01, 0.05, where 1 is 255 levels.
    Noise,
    /// A Gaussian of 7, 9, 13, 17, 21 pixels and a sixth of that as standard deviation.
    Blur,
    /// Shrunk to one of 2, 3, 4, 5, 6 pixels a side and brought back, bilinearly.
    Pixelation,
}

impl Perturbation {
    /// All, in the order of CADDM's Table 4.
    pub const ALL: [Self; 6] = [
        Self::Saturation,
        Self::Contrast,
        Self::Block,
        Self::Noise,
        Self::Blur,
        Self::Pixelation,
    ];

    /// Its name on command lines and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Saturation => "saturation",
            Self::Contrast => "contrast",
            Self::Block => "block",
            Self::Noise => "noise",
            Self::Blur => "blur",
            Self::Pixelation => "pixelation",
        }
    }

    /// Whether a picture of this size stays as it is at every level.
    pub fn spares(self, (width, height): (u32, u32)) -> bool {
        self == Self::Block && width.min(height) < BLOCKS_FOR_EACH
    }
}

impl fmt::Display for Perturbation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How strongly: 0 (not at all) to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(u8);

impl Level {
    /// Untouched.
    pub const NONE: Self = Self(0);
    /// The levels 1 to 5.
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    /// A level of 0 to 5; `None` above.
    pub fn new(level: u8) -> Option<Self> {
        (level <= 5).then_some(Self(level))
    }

    /// 0 to 5.
    pub fn number(self) -> u8 {
        self.0
    }

    /// The value for this level; none for level 0.
    pub fn choose<T: Copy>(self, levels: [T; 5]) -> Option<T> {
        levels.get(usize::from(self.0).checked_sub(1)?).copied()
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let level = text.trim().parse().ok().and_then(Self::new);
        level.ok_or_else(|| format!("'{text}' is no level of 0 to 5"))
    }
}

/// The side of a grey square, and the pixels of the shorter side for which a level's number is meant.
const BLOCK: u32 = 8;
const BLOCKS_FOR_EACH: u32 = 256;

/// A perturbed copy of a picture; level 0 and a picture without pixels are copied as they are.
///
/// Draws from `rng`: for [`Perturbation::Block`] the column and row of each square, for
/// [`Perturbation::Noise`] three numbers a pixel, else nothing.
pub fn perturb(image: &RgbImage, kind: Perturbation, level: Level, rng: &mut impl Rng) -> RgbImage {
    perturbed(image, kind, level, rng).unwrap_or_else(|| image.clone())
}

/// None where the picture stays as it is.
fn perturbed(
    image: &RgbImage,
    kind: Perturbation,
    level: Level,
    rng: &mut impl Rng,
) -> Option<RgbImage> {
    if image.is_empty() {
        return None;
    }
    match kind {
        Perturbation::Saturation => {
            let keep = level.choose([0.4, 0.3, 0.2, 0.1, 0.0])?;
            Some(color::desaturate(image, keep))
        }
        Perturbation::Contrast => {
            let keep = level.choose([0.85, 0.725, 0.6, 0.475, 0.35])?;
            Some(darken(image, keep))
        }
        Perturbation::Block => {
            let count = level.choose([16, 32, 48, 64, 80])?;
            let (width, height) = image.dimensions();
            let count = width.min(height) / BLOCKS_FOR_EACH * count;
            let places = (0..count).map(|_| {
                let x = rng.random_range(0..=width - BLOCK);
                (x, rng.random_range(0..=height - BLOCK))
            });
            Some(cover(image, places))
        }
        Perturbation::Noise => {
            let variance: f32 = level.choose([0.001, 0.002, 0.005, 0.01, 0.05])?;
            let draw = || StandardNormal.sample(&mut *rng);
            Some(color::add_noise(image, variance, draw))
        }
        Perturbation::Blur => Some(blur(image, level.choose([7, 9, 13, 17, 21])?)),
        Perturbation::Pixelation => {
            let by = level.choose([2, 3, 4, 5, 6])?;
            let size = (image.width() / by, image.height() / by);
            shrink_and_restore(image, size, Sampling::Bilinear).ok()
        }
    }
}

fn darken(image: &RgbImage, keep: f32) -> RgbImage {
    let table: [u8; 256] = std::array::from_fn(|v| byte(v as f32 * keep));
    let mut out = image.clone();
    out.iter_mut().for_each(|v| *v = table[usize::from(*v)]);
    out
}

/// Grey squares with their top-left corners at `places`.
fn cover(image: &RgbImage, places: impl Iterator<Item = (u32, u32)>) -> RgbImage {
    let square = RgbImage::from_pixel(BLOCK, BLOCK, Rgb([128; 3]));
    let mut out = image.clone();
    for (x, y) in places {
        imageops::replace(&mut out, &square, x.into(), y.into());
    }
    out
}

/// OpenCV's Gaussian of `size` (odd) taps; beyond its border the picture is mirrored, the outermost
/// pixel once.
fn blur(image: &RgbImage, size: u32) -> RgbImage {
    let border = size / 2;
    let (width, height) = image.dimensions();
    let mirrored = |at: u32, len: u32| {
        let period = (2 * (i64::from(len) - 1)).max(1);
        let at = (i64::from(at) - i64::from(border)).rem_euclid(period);
        at.min(period - at).min(i64::from(len) - 1) as usize
    };
    let wide = width + 2 * border;
    let columns: Vec<usize> = (0..wide).map(|x| mirrored(x, width)).collect();
    let mut padded = Vec::with_capacity((wide * (height + 2 * border) * 3) as usize);
    for y in 0..height + 2 * border {
        let stride = 3 * width as usize;
        let row = &image.as_raw()[mirrored(y, height) * stride..][..stride];
        let row = row.as_chunks::<3>().0;
        padded.extend(columns.iter().flat_map(|&x| row[x].map(f32::from)));
    }
    let kernel = gaussian(size as f32 / 6.0, border as usize);
    let blurred = convolve(
        &padded,
        wide as usize,
        (height + 2 * border) as usize,
        3,
        &kernel,
    );
    let mut out = RgbImage::new(width, height);
    let rows = blurred.chunks_exact(3 * wide as usize);
    let inner = out.chunks_exact_mut(3 * width as usize);
    for (out, row) in inner.zip(rows.skip(border as usize)) {
        for (out, v) in out.iter_mut().zip(&row[3 * border as usize..]) {
            *out = byte(*v);
        }
    }
    out
}
