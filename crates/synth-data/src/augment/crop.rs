//! A crop drawn anew about the face: random scale, shift and rotation.

use face_preproc::geometry::Similarity;
use image::{Rgb, RgbImage};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, Normal};
use serde::{Deserialize, Serialize};

use crate::{error::Error, mask::Mask, region::Region};

/// The least and the greatest scale of any crop; a normal distribution is cut off there.
const SCALES: [f32; 2] = [0.25, 4.0];

/// How a crop differs from the one that was given.
///
/// The default is that of ADM's official code (its paper names "Random Crop"): there the face is
/// aligned to a template at 0.9, in training at N(0.9, 0.1) of its size. The template is stretched the
/// more the larger it is, so that a face grows by N(1, 0.143) about a point between its eyes, at 0.377
/// of the crop's height. It is shifted by up to 25 of 224 pixels along each axis and turned by `30 u^3`
/// degrees about the crop's centre for a uniform `u` from -1 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Crop {
    /// The factor by which the picture's content grows.
    pub scale: Scale,
    /// The place that it grows about, in shares of width and height, 0 ..= 1; where a recipe does not
    /// say, the middle.
    #[serde(default = "middle")]
    pub about: [f32; 2],
    /// How far the content moves.
    pub shift: Shift,
    /// The greatest rotation in degrees, 0 ..= 180; small ones are more frequent.
    pub rotation: f32,
    /// What stands around content that is smaller than the crop.
    pub around: Around,
}

/// What stands around content that is smaller than the crop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Around {
    /// What the picture shows there; beyond its border, its outermost pixels.
    #[default]
    Picture,
    /// Grey, which a network with values from -1 to 1 sees as zero, with the content in the middle and
    /// a mask of [`IGNORED`]: LiSiam's official code.
    Grey,
}

fn middle() -> [f32; 2] {
    [0.5; 2]
}

/// The value of a mask where it says nothing, and no loss is to be taken.
pub const IGNORED: f32 = -1.0;

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
    /// By up to this share of the side, 0 ..= 1.
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
                deviation: 0.143,
            },
            about: [0.5, 0.377],
            shift: Shift::UpTo(25.0 / 224.0),
            rotation: 30.0,
            around: Around::Picture,
        }
    }
}

impl Crop {
    /// The scales of LiSiam's official code, 0.8 to 1.2, then any part of what is larger, and what is
    /// smaller anywhere. (That code pads what is smaller: [`Around::Grey`].)
    pub fn lisiam() -> Self {
        Self {
            scale: Scale::Uniform {
                least: 0.8,
                most: 1.2,
            },
            about: [0.5; 2],
            shift: Shift::Room,
            rotation: 0.0,
            around: Around::Picture,
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
        let inside = self.about.iter().all(|share| (0.0..=1.0).contains(share));
        require(inside, "crop.about", "shares of width and height, 0 to 1")?;
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
    ///
    /// Where the picture was cut out of a larger one, cut it anew through this similarity
    /// (`face_preproc::crop::crop_face_moved`): that resamples once and repeats no border.
    pub fn draw(&self, (width, height): (u32, u32), rng: &mut impl Rng) -> Similarity {
        let scale = match self.scale {
            Scale::Normal { mean, deviation } => {
                Normal::new(mean, deviation).map_or(mean, |normal| normal.sample(rng))
            }
            Scale::Uniform { least, most } => rng.random_range(least..=most),
        };
        let scale = scale.clamp(SCALES[0], SCALES[1]);
        let padded = self.around == Around::Grey && scale < 1.0;
        let reach = match self.shift {
            _ if padded => 0.0,
            Shift::UpTo(share) => share,
            Shift::Room => (scale - 1.0).abs() / 2.0,
        };
        let shift = [width, height].map(|n| n as f32 * reach * rng.random_range(-1.0..=1.0));
        let turn: f32 = rng.random_range(-1.0..=1.0);
        let about = if padded { [0.5; 2] } else { self.about };
        let [x, y] =
            [(about[0], width), (about[1], height)].map(|(share, n)| share * n as f32 - 0.5);
        let grown = Similarity {
            a: scale,
            b: 0.0,
            tx: x - scale * x,
            ty: y - scale * y,
        };
        let degrees = self.rotation * turn.powi(3);
        grown.then(&about_center((width, height), 1.0, degrees, shift))
    }

    /// The part of a crop of that size that content fills which was drawn by `drawn`, where the rest
    /// is grey; [`None`] where all of it is the picture's.
    pub fn content(&self, drawn: &Similarity, (width, height): (u32, u32)) -> Option<Region> {
        let scale = drawn.scale();
        if self.around == Around::Picture || scale >= 1.0 {
            return None;
        }
        let [width, height] = [width, height].map(|n| {
            let filled = ((scale * n as f32) as u32).clamp(1, n.max(1));
            ((n - filled) / 2, filled)
        });
        Some(Region {
            x: width.0,
            y: height.0,
            width: width.1,
            height: height.1,
        })
    }
}

/// Makes grey what lies outside of a region, as the last of all changes of a picture.
pub fn pad(image: &mut RgbImage, content: Region) {
    const GREY: Rgb<u8> = Rgb([128; 3]);
    for (x, y, pixel) in image.enumerate_pixels_mut() {
        if !content.contains(x, y) {
            *pixel = GREY;
        }
    }
}

/// Sets a mask to [`IGNORED`] outside of a region.
pub fn pad_mask(mask: &mut Mask, content: Region) {
    for (x, y, pixel) in mask.enumerate_pixels_mut() {
        if !content.contains(x, y) {
            pixel.0 = [IGNORED];
        }
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
