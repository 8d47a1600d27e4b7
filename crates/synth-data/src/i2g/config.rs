//! What of the generator is chosen, and by default what the paper says.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{align::Interpolation, blend::Blending, error::Error, mask::Hull};

/// The options of the generator. Lengths are in pixels of a picture whose shorter side is
/// `reference_size`; with `scale_with_size` they grow and shrink with the picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct I2gConfig {
    /// Greatest distance of two faces' landmarks (Alg. 1, line 2), the l2 norm over all 136
    /// coordinates in pixels of the crop. The paper gives no value; 200 is a choice: a root
    /// mean square of 24 pixels a landmark in a crop of 256.
    pub epsilon: f32,
    /// Least and greatest standard deviation of the elastic grid's displacements (paper: 6 to 12).
    pub elastic_sigma: [f32; 2],
    /// Size of the Gaussian kernel that blurs the mask (paper: 16); see [`crate::mask::blur`].
    pub blur_kernel: f32,
    /// Shorter side of the pictures that the lengths are meant for (paper: 256).
    pub reference_size: u32,
    /// Whether lengths follow the picture's size (a choice: yes; without effect at the reference).
    pub scale_with_size: bool,
    /// How the source is resampled (a choice: bicubic).
    pub interpolation: Interpolation,
    /// How often each part of the face is taken (paper: always the whole face).
    pub hulls: HullWeights,
    /// How often each blending method is taken (a choice: all alike).
    pub blendings: BlendingWeights,
}

impl Default for I2gConfig {
    fn default() -> Self {
        Self {
            epsilon: 200.0,
            elastic_sigma: [6.0, 12.0],
            blur_kernel: 16.0,
            reference_size: 256,
            scale_with_size: true,
            interpolation: Interpolation::default(),
            hulls: HullWeights::default(),
            blendings: BlendingWeights::default(),
        }
    }
}

impl I2gConfig {
    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first field out of range.
    pub fn validate(&self) -> Result<(), Error> {
        let require =
            |ok: bool, field, expected| ok.then_some(()).ok_or(Error::Config { field, expected });
        let [low, high] = self.elastic_sigma;
        require(
            self.epsilon.is_finite() && self.epsilon > 0.0,
            "epsilon",
            "a positive number",
        )?;
        require(
            0.0 <= low && low <= high && high.is_finite(),
            "elastic_sigma",
            "two numbers from 0, the smaller first",
        )?;
        require(
            (0.0..=1024.0).contains(&self.blur_kernel),
            "blur_kernel",
            "from 0 to 1024",
        )?;
        require(self.reference_size > 0, "reference_size", "at least 1")?;
        require(
            self.hulls.valid(),
            "hulls",
            "weights from 0 with a positive sum",
        )?;
        require(
            positive_sum(&self.blendings.options()),
            "blendings",
            "weights from 0 with a positive sum",
        )
    }

    /// The factor from lengths of the configuration to those of a picture of that size.
    pub fn scale(&self, (width, height): (u32, u32)) -> f32 {
        if self.scale_with_size {
            width.min(height) as f32 / self.reference_size as f32
        } else {
            1.0
        }
    }
}

/// How often each [`Hull`] is drawn, relative to the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "each field is the weight of the method or part of its name"
)]
pub struct HullWeights {
    #[serde(default)]
    pub whole_face: f32,
    #[serde(default)]
    pub eyes: f32,
    #[serde(default)]
    pub nose: f32,
    #[serde(default)]
    pub mouth: f32,
    #[serde(default)]
    pub lower_half: f32,
}

/// The paper: always the whole face.
impl Default for HullWeights {
    fn default() -> Self {
        Self {
            whole_face: 1.0,
            eyes: 0.0,
            nose: 0.0,
            mouth: 0.0,
            lower_half: 0.0,
        }
    }
}

impl HullWeights {
    fn options(&self) -> [(Hull, f32); 5] {
        [
            (Hull::WholeFace, self.whole_face),
            (Hull::Eyes, self.eyes),
            (Hull::Nose, self.nose),
            (Hull::Mouth, self.mouth),
            (Hull::LowerHalf, self.lower_half),
        ]
    }

    /// Whether no weight is negative and some part can be drawn.
    pub(crate) fn valid(&self) -> bool {
        positive_sum(&self.options())
    }

    /// One part at random. The weights must be valid.
    pub(crate) fn draw(&self, rng: &mut impl Rng) -> Hull {
        pick(&self.options(), rng)
    }
}

/// How often each [`Blending`] is drawn, relative to the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(
    missing_docs,
    reason = "each field is the weight of the method or part of its name"
)]
pub struct BlendingWeights {
    #[serde(default)]
    pub alpha: f32,
    #[serde(default)]
    pub color_transfer: f32,
    #[serde(default)]
    pub poisson_normal: f32,
    #[serde(default)]
    pub poisson_mixed: f32,
    #[serde(default)]
    pub multiband: f32,
}

impl Default for BlendingWeights {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            color_transfer: 1.0,
            poisson_normal: 1.0,
            poisson_mixed: 1.0,
            multiband: 1.0,
        }
    }
}

impl BlendingWeights {
    /// Always this method.
    pub fn only(blending: Blending) -> Self {
        let weight = |b| f32::from(u8::from(b == blending));
        Self {
            alpha: weight(Blending::Alpha),
            color_transfer: weight(Blending::ColorTransfer),
            poisson_normal: weight(Blending::PoissonNormal),
            poisson_mixed: weight(Blending::PoissonMixed),
            multiband: weight(Blending::Multiband),
        }
    }

    fn options(&self) -> [(Blending, f32); 5] {
        [
            (Blending::Alpha, self.alpha),
            (Blending::ColorTransfer, self.color_transfer),
            (Blending::PoissonNormal, self.poisson_normal),
            (Blending::PoissonMixed, self.poisson_mixed),
            (Blending::Multiband, self.multiband),
        ]
    }

    /// One method at random. The weights must be valid.
    pub(super) fn draw(&self, rng: &mut impl Rng) -> Blending {
        pick(&self.options(), rng)
    }
}

pub(crate) fn positive_sum<T>(options: &[(T, f32)]) -> bool {
    options.iter().all(|(_, w)| w.is_finite() && *w >= 0.0) && options.iter().any(|(_, w)| *w > 0.0)
}

/// One of the options, each as often as its share of the weights. One draw of the generator.
pub(crate) fn pick<T: Copy>(options: &[(T, f32)], rng: &mut impl Rng) -> T {
    let total: f64 = options.iter().map(|(_, w)| f64::from(*w)).sum();
    let mut left = rng.random::<f64>() * total;
    let mut picked = options[0].0;
    for &(option, weight) in options.iter().filter(|(_, w)| *w > 0.0) {
        picked = option;
        left -= f64::from(weight);
        if left < 0.0 {
            break;
        }
    }
    picked
}
