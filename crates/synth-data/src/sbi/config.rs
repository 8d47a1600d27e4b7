//! What of self-blending is chosen; by default what its official code does.

use serde::{Deserialize, Serialize};

use super::ColorConfig;
use crate::{augment::Chance, error::Error, i2g::HullWeights};

/// The options of self-blending.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SbiConfig {
    /// Colours of the side that is changed: the source in half of the cases, else the target.
    pub color: ColorConfig,
    /// How its fine grain is changed thereafter.
    pub grain: GrainConfig,
    /// Greatest shift of the source and its mask along x and y, in shares of width and height,
    /// 0 ..= 1 (0.03 and 0.015).
    pub shift: [f32; 2],
    /// Least and greatest scale of the source and its mask, along x and y independently,
    /// 0.25 ..= 4 (0.95 to 1 / 0.95).
    pub scale: [f32; 2],
    /// The part of the face that is blended (a choice: the whole face).
    pub hulls: HullWeights,
    /// How the mask is deformed and blurred.
    pub mask: MaskConfig,
    /// What the mask is multiplied by, each as often as any other, 0 ..= 1.
    pub ratios: Vec<f32>,
    /// Colours of both pictures of the pair, by one draw.
    pub shared_color: ColorConfig,
    /// JPEG quality of both, by one draw, 1 ..= 100.
    pub shared_jpeg: Chance,
    /// The true boxes of the forgery, for a model that detects them (a choice: both).
    pub boxes: SbiBoxes,
}

/// How fine grain is changed: always either sharpened or made coarse, in half of the cases each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GrainConfig {
    /// Share of the sharpened picture, 0 ..= 1; see [`super::sharpen`].
    pub sharpening: [f32; 2],
    /// Its lightness, 0 ..= 2.
    pub lightness: [f32; 2],
    /// Factors by which the picture is shrunk before it is brought back, each as often as any
    /// other, 1 ..= 64.
    pub shrinking: Vec<u32>,
}

/// How the mask is deformed and blurred. Kernels are odd numbers of pixels of a square mask whose
/// side is drawn from `side`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MaskConfig {
    /// Strength of the elastic deformation, in square pixels at `elastic_side`.
    pub elastic_alpha: f32,
    /// Standard deviation of its smoothing, in pixels at `elastic_side`.
    pub elastic_sigma: f32,
    /// Shorter side of the pictures that these two are meant for (a choice: 380, the network's
    /// input; the official code deforms crops of the videos' own resolution).
    pub elastic_side: u32,
    /// Least and greatest side of the square that kernels are meant for.
    pub side: [u32; 2],
    /// Least and greatest size of both kernels, odd.
    pub kernel: [u32; 2],
    /// Least and greatest standard deviation of the second blur, in pixels.
    pub sigma: [f32; 2],
}

/// The true boxes of a self-blended image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SbiBoxes {
    /// The whole picture, as for a global swap of [`crate::mfs`].
    Picture,
    /// The box around the mask where it reaches half of its peak.
    Mask,
    /// The whole picture and the mask's box.
    #[default]
    PictureAndMask,
}

impl Default for GrainConfig {
    fn default() -> Self {
        Self {
            sharpening: [0.2, 0.5],
            lightness: [0.5, 1.0],
            shrinking: vec![2, 4],
        }
    }
}

impl Default for MaskConfig {
    fn default() -> Self {
        Self {
            elastic_alpha: 50.0,
            elastic_sigma: 7.0,
            elastic_side: 380,
            side: [192, 256],
            kernel: [5, 25],
            sigma: [5.0, 45.0],
        }
    }
}

impl Default for SbiConfig {
    fn default() -> Self {
        Self {
            color: ColorConfig {
                rgb: Chance::new(0.3, -20.0, 20.0),
                hsv: Chance::new(1.0, -0.3, 0.3),
                brightness_contrast: Chance::new(1.0, -0.1, 0.1),
            },
            grain: GrainConfig::default(),
            shift: [0.03, 0.015],
            scale: [0.95, 1.0 / 0.95],
            hulls: HullWeights::default(),
            mask: MaskConfig::default(),
            ratios: vec![0.25, 0.5, 0.75, 1.0, 1.0, 1.0],
            shared_color: ColorConfig {
                rgb: Chance::new(0.3, -20.0, 20.0),
                hsv: Chance::new(0.3, -0.3, 0.3),
                brightness_contrast: Chance::new(0.3, -0.3, 0.3),
            },
            shared_jpeg: Chance::new(0.5, 40.0, 100.0),
            boxes: SbiBoxes::default(),
        }
    }
}

impl SbiConfig {
    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Config`] or [`Error::Chance`] naming the first field out of range.
    pub fn validate(&self) -> Result<(), Error> {
        let require =
            |ok: bool, field, expected| ok.then_some(()).ok_or(Error::Config { field, expected });
        let within = |[low, high]: [f32; 2], least: f32, most: f32| {
            least <= low && low <= high && high <= most
        };
        let share = |v: &f32| (0.0..=1.0).contains(v);
        self.color.validate()?;
        self.shared_color.validate()?;
        self.shared_jpeg
            .check("shared_jpeg", "qualities, 1 to 100", 1.0, 100.0)?;
        let GrainConfig {
            sharpening,
            lightness,
            ref shrinking,
        } = self.grain;
        require(
            within(sharpening, 0.0, 1.0),
            "grain.sharpening",
            "shares from 0 to 1, the smaller first",
        )?;
        require(
            within(lightness, 0.0, 2.0),
            "grain.lightness",
            "from 0 to 2, the smaller first",
        )?;
        require(
            !shrinking.is_empty() && shrinking.iter().all(|n| (1..=64).contains(n)),
            "grain.shrinking",
            "at least one factor, 1 to 64",
        )?;
        require(
            self.shift.iter().all(share),
            "shift",
            "shares of the sides, 0 to 1",
        )?;
        require(
            within(self.scale, 0.25, 4.0),
            "scale",
            "from 0.25 to 4, the smaller first",
        )?;
        require(
            self.hulls.valid(),
            "hulls",
            "weights from 0 with a positive sum",
        )?;
        require(
            !self.ratios.is_empty() && self.ratios.iter().all(share),
            "ratios",
            "at least one share, 0 to 1",
        )?;
        let mask = &self.mask;
        require(
            (0.0..=65_536.0).contains(&mask.elastic_alpha),
            "mask.elastic_alpha",
            "from 0 to 65536",
        )?;
        require(
            mask.elastic_sigma > 0.0 && mask.elastic_sigma <= 1024.0,
            "mask.elastic_sigma",
            "a positive number, at most 1024",
        )?;
        require(mask.elastic_side > 0, "mask.elastic_side", "at least 1")?;
        require(
            0 < mask.side[0] && mask.side[0] <= mask.side[1],
            "mask.side",
            "two positive numbers, the smaller first",
        )?;
        let [least, most] = mask.kernel;
        require(
            least <= most && most <= 1023 && least % 2 == 1 && most % 2 == 1,
            "mask.kernel",
            "two odd numbers up to 1023, the smaller first",
        )?;
        require(
            within(mask.sigma, f32::MIN_POSITIVE, 1024.0),
            "mask.sigma",
            "two positive numbers up to 1024, the smaller first",
        )
    }
}
