//! A crop drawn anew about the face: random scale, shift and rotation.

use face_preproc::geometry::Similarity;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Normal};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// The least and the greatest scale of any crop; a normal distribution is cut off there.
const SCALES: [f32; 2] = [0.25, 4.0];

/// How a crop differs from the one that was given.
///
/// The default is that of ADM's official code (its paper names "Random Crop"): there the face is
/// aligned at 0.9 of a template, in training at N(0.9, 0.1) of it, which is N(1, 1/9) of the crop
/// at hand; it is shifted by up to 25 of 224 pixels along each axis and turned by `30 u^3` degrees
/// for a uniform `u` from -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Crop {
    /// The factor by which the picture's content grows about its centre.
    pub scale: Scale,
    /// How far the content moves.
    pub shift: Shift,
    /// The greatest rotation in degrees, 0 ..= 180; small ones are more frequent.
    pub rotation: f32,
}

/// A distribution of scales.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scale {
    /// A normal distribution, cut off at 0.25 and 4.
    Normal {
        /// Its mean, 0.25 ..= 4.
        mean: f32,
        /// Its standard deviation, 0 ..= 1.
        deviation: f32,
    },
    /// A uniform distribution.
    Uniform {
        /// The least scale, at least 0.25.
        least: f32,
        /// The greatest scale, at most 4.
        most: f32,
    },
}

/// A distribution of shifts, uniform and independent along both axes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Shift {
    /// By up to this share of the side, 0 ..= 1. What comes in from beyond the border is the
    /// outermost pixels repeated.
    UpTo(f32),
    /// Where the content is larger than the crop, any part of it is taken; where it is smaller, it
    /// lies anywhere within the crop.
    Room,
}

impl Default for Crop {
    fn default() -> Self {
        Self {
            scale: Scale::Normal {
                mean: 1.0,
                deviation: 1.0 / 9.0,
            },
            shift: Shift::UpTo(25.0 / 224.0),
            rotation: 30.0,
        }
    }
}

impl Crop {
    /// That of LiSiam's official code: resized by 0.8 to 1.2, then cut or padded to the size it had.
    pub fn lisiam() -> Self {
        Self {
            scale: Scale::Uniform {
                least: 0.8,
                most: 1.2,
            },
            shift: Shift::Room,
            rotation: 0.0,
        }
    }

    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first field out of range.
    pub fn validate(&self) -> Result<(), Error> {
        let [low, high] = SCALES;
        let require =
            |ok: bool, field, expected| ok.then_some(()).ok_or(Error::Config { field, expected });
        let scale = match self.scale {
            Scale::Normal { mean, deviation } => {
                (low..=high).contains(&mean) && (0.0..=1.0).contains(&deviation)
            }
            Scale::Uniform { least, most } => low <= least && least <= most && most <= high,
        };
        require(
            scale,
            "crop.scale",
            "scales from 0.25 to 4, the smaller first, and a deviation from 0 to 1",
        )?;
        let shift = match self.shift {
            Shift::UpTo(share) => (0.0..=1.0).contains(&share),
            Shift::Room => true,
        };
        require(shift, "crop.shift", "a share of the side, 0 to 1")?;
        require(
            (0.0..=180.0).contains(&self.rotation),
            "crop.rotation",
            "degrees, 0 to 180",
        )
    }

    /// One crop, as the similarity from the picture of that size to itself. Draws the scale, the
    /// shifts along x and y, and the rotation, in this order. The numbers must be valid.
    pub fn draw(&self, (width, height): (u32, u32), rng: &mut impl Rng) -> Similarity {
        let scale = match self.scale {
            Scale::Normal { mean, deviation } => {
                Normal::new(mean, deviation).map_or(mean, |normal| normal.sample(rng))
            }
            Scale::Uniform { least, most } => rng.random_range(least..=most),
        };
        let scale = scale.clamp(SCALES[0], SCALES[1]);
        let reach = match self.shift {
            Shift::UpTo(share) => share,
            Shift::Room => (scale - 1.0).abs() / 2.0,
        };
        let shift = [width, height].map(|n| n as f32 * reach * rng.random_range(-1.0..=1.0));
        let turn: f32 = rng.random_range(-1.0..=1.0);
        about_center((width, height), scale, self.rotation * turn.powi(3), shift)
    }
}

/// Scaled and turned clockwise about a picture's centre, then shifted by some pixels.
pub(super) fn about_center(
    (width, height): (u32, u32),
    scale: f32,
    degrees: f32,
    shift: [f32; 2],
) -> Similarity {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (a, b) = (scale * cos, scale * sin);
    let [cx, cy] = [width, height].map(|n| (n as f32 - 1.0) / 2.0);
    Similarity {
        a,
        b,
        tx: cx - a * cx + b * cy + shift[0],
        ty: cy - b * cx - a * cy + shift[1],
    }
}
