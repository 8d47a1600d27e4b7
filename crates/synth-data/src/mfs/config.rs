//! What of the facial swap is chosen: by default what the paper says, where it is silent what its
//! official code does.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::swap::SwapWeights;
use crate::{error::Error, i2g::positive_sum};

/// The options of the facial swap. Lengths are in pixels of a picture whose shorter side is
/// `reference_size`; with `scale_with_size` they grow and shrink with the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MfsConfig {
    /// How often each way of swapping is taken.
    pub swaps: SwapWeights,
    /// The windows of partial swaps, each as often as any other: pairs of sides (paper, 5.1:
    /// [40, 80], [80, 120], [120, 160], [224, 224]).
    pub windows: Vec<[f32; 2]>,
    /// How a window's shape follows from its pair of sides.
    pub window_shape: WindowShape,
    /// Where the window is looked for.
    pub search: SearchArea,
    /// Columns and rows from one place looked at to the next, in shares of the sides of the area
    /// searched; 0 looks at every pixel (paper: Eq. 2 has all places; official code: 0.2).
    pub stride: f32,
    /// The true boxes of a partial swap.
    pub partial_boxes: PartialBoxes,
    /// How often Poisson blending is taken, 0 ..= 1; otherwise alpha blending (official code: 0.5).
    /// Where there is nothing to solve for, alpha blending takes its place.
    pub poisson: f64,
    /// The elastic deformation of a global swap's mask.
    pub elastic: ElasticConfig,
    /// Size of the Gaussian kernel that blurs the mask, in pixels (official code: 5).
    pub blur_kernel: f32,
    /// Its standard deviation, in pixels (official code: 3).
    pub blur_sigma: f32,
    /// Shorter side of the pictures that the lengths are meant for (paper: 224).
    pub reference_size: u32,
    /// Whether lengths follow the picture's size (a choice: yes; without effect at the reference).
    pub scale_with_size: bool,
}

/// How the shape of a partial swap's window follows from its pair of sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowShape {
    /// Height and width, as in the official code.
    #[default]
    HeightWidth,
    /// Either side is the width, as with the model's anchors.
    EitherWay,
    /// Both sides are drawn independently from the range between the two.
    Between,
}

/// Where the window of a partial swap is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchArea {
    /// In the whole picture (paper, Eq. 2).
    #[default]
    Picture,
    /// In the landmarks' box, both sides times 1.2 about its centre, where only pixels inside the
    /// landmarks' convex hull count (official code). A window that this box does not hold is taken
    /// about the box's centre.
    Face,
}

/// The true boxes of a partial swap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartialBoxes {
    /// The window (paper, 4.2).
    #[default]
    Window,
    /// The whole picture and the window (official code).
    PictureAndWindow,
}

/// How a mask is deformed: see [`crate::smooth_field::SmoothField`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ElasticConfig {
    /// How often, 0 ..= 1 (official code: 0.5).
    pub probability: f64,
    /// Least and greatest strength, in square pixels (official code: 300 to 500).
    pub alpha: [f32; 2],
    /// Standard deviation of the smoothing, in shares of the picture's height (official code:
    /// 0.08).
    pub sigma: f32,
}

impl Default for ElasticConfig {
    fn default() -> Self {
        Self {
            probability: 0.5,
            alpha: [300.0, 500.0],
            sigma: 0.08,
        }
    }
}

impl Default for MfsConfig {
    fn default() -> Self {
        Self {
            swaps: SwapWeights::default(),
            windows: vec![[40.0, 80.0], [80.0, 120.0], [120.0, 160.0], [224.0, 224.0]],
            window_shape: WindowShape::default(),
            search: SearchArea::default(),
            stride: 0.0,
            partial_boxes: PartialBoxes::default(),
            poisson: 0.5,
            elastic: ElasticConfig::default(),
            blur_kernel: 5.0,
            blur_sigma: 3.0,
            reference_size: 224,
            scale_with_size: true,
        }
    }
}

impl MfsConfig {
    /// Where paper and official code differ, as the official code.
    pub fn official() -> Self {
        Self {
            search: SearchArea::Face,
            stride: 0.2,
            partial_boxes: PartialBoxes::PictureAndWindow,
            ..Self::default()
        }
    }

    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first field out of range.
    pub fn validate(&self) -> Result<(), Error> {
        let require =
            |ok: bool, field, expected| ok.then_some(()).ok_or(Error::Config { field, expected });
        let length = |v: f32| (0.0..=65_536.0).contains(&v);
        let range = |[low, high]: [f32; 2]| length(low) && length(high) && low <= high;
        require(
            positive_sum(&self.swaps.options()),
            "swaps",
            "weights from 0 with a positive sum",
        )?;
        let sides = self.windows.iter().flatten();
        require(
            !self.windows.is_empty() && sides.clone().all(|&v| length(v) && v > 0.0),
            "windows",
            "at least one pair of positive lengths",
        )?;
        require(
            self.window_shape != WindowShape::Between || self.windows.iter().all(|&w| range(w)),
            "windows",
            "pairs of lengths, the smaller first, for shapes in between",
        )?;
        require((0.0..=1.0).contains(&self.stride), "stride", "from 0 to 1")?;
        let probability = "a probability, 0 to 1";
        require((0.0..=1.0).contains(&self.poisson), "poisson", probability)?;
        require(
            (0.0..=1.0).contains(&self.elastic.probability),
            "elastic.probability",
            probability,
        )?;
        require(
            range(self.elastic.alpha),
            "elastic.alpha",
            "two numbers from 0, the smaller first",
        )?;
        require(
            self.elastic.sigma > 0.0 && self.elastic.sigma <= 1.0,
            "elastic.sigma",
            "a positive share, at most 1",
        )?;
        require(
            (0.0..=1024.0).contains(&self.blur_kernel),
            "blur_kernel",
            "from 0 to 1024",
        )?;
        require(
            self.blur_sigma > 0.0 && length(self.blur_sigma),
            "blur_sigma",
            "a positive number",
        )?;
        require(self.reference_size > 0, "reference_size", "at least 1")
    }

    /// The factor from lengths of the configuration to those of a picture of that size.
    pub fn scale(&self, (width, height): (u32, u32)) -> f32 {
        if self.scale_with_size {
            width.min(height) as f32 / self.reference_size as f32
        } else {
            1.0
        }
    }

    /// Width and height of a window for a picture of that size, at most the picture's. The
    /// configuration must be valid.
    pub(super) fn draw_window(&self, size: (u32, u32), rng: &mut impl Rng) -> (u32, u32) {
        let pair = self.windows[rng.random_range(0..self.windows.len())];
        let [height, width] = match self.window_shape {
            WindowShape::HeightWidth => pair,
            WindowShape::EitherWay if rng.random() => [pair[1], pair[0]],
            WindowShape::EitherWay => pair,
            WindowShape::Between => [(); 2].map(|()| rng.random_range(pair[0]..=pair[1])),
        };
        let side = |v: f32, most: u32| {
            let pixels = (v * self.scale(size)).round() as u32;
            pixels.clamp(1, most.max(1))
        };
        (side(width, size.0), side(height, size.1))
    }
}
