//! Blended images (BI) of Face X-ray (Li et al., CVPR 2020, section 3.3): two real faces whose landmarks are
//! alike, blended by a mask that is deformed and blurred at random. Their X-ray follows from the mask
//! (Eq. 2); the blending is Eq. 1, [`crate::blend::alpha`].

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{
    blend::Blending,
    elastic::Elastic,
    error::{Error, Role},
    i2g::{Face, Forgery, HullWeights, I2gConfig, check, stitch},
    mask::{self, Hull, Mask},
};

/// The options of the generator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BiConfig {
    /// Faces drawn at random among which a source is looked for (paper: "a random subset"; 5,000: the
    /// author's re-implementation).
    pub subset: usize,
    /// How many of these whose landmarks are the nearest may be the source, all alike likely (paper: 100;
    /// the author's re-implementation: 1).
    pub nearest: usize,
    /// How often each part of the face is taken (paper: the whole face's hull; the author's re-implementation has
    /// three more masks of the whole face).
    pub hulls: HullWeights,
    /// Least and greatest standard deviation of the displacements of a 4 x 4 grid that deforms the mask, in
    /// shares of the picture's shorter side (0.01 and 0.15: the author's re-implementation).
    pub deformation: [f32; 2],
    /// Least and greatest size of the Gaussian kernel that blurs the mask (paper: "random"), in pixels of a
    /// picture whose shorter side is `reference_size`; see [`crate::mask::blur`].
    pub blur_kernel: [f32; 2],
    /// Shorter side of the pictures that `blur_kernel` is meant for (paper: 256).
    pub reference_size: u32,
}

impl Default for BiConfig {
    fn default() -> Self {
        Self {
            subset: 5000,
            nearest: 100,
            hulls: HullWeights::default(),
            deformation: [0.01, 0.15],
            blur_kernel: [5.0, 41.0],
            reference_size: 256,
        }
    }
}

impl BiConfig {
    /// Checks every number.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first field out of range.
    pub fn validate(&self) -> Result<(), Error> {
        let require =
            |ok: bool, field, expected| ok.then_some(()).ok_or(Error::Config { field, expected });
        let ordered = |[low, high]: [f32; 2], most: f32| 0.0 <= low && low <= high && high <= most;
        require(self.subset > 0, "subset", "at least 1")?;
        require(self.nearest > 0, "nearest", "at least 1")?;
        let weights = "weights from 0 with a positive sum";
        require(self.hulls.valid(), "hulls", weights)?;
        let shares = "two numbers from 0 to 1, the smaller first";
        require(ordered(self.deformation, 1.0), "deformation", shares)?;
        let kernels = "two numbers from 0 to 1024, the smaller first";
        require(ordered(self.blur_kernel, 1024.0), "blur_kernel", kernels)?;
        require(self.reference_size > 0, "reference_size", "at least 1")
    }
}

/// Puts the source's face, in the target's colours, into the target.
///
/// The two pictures may differ in size. Draws from `rng`, in this order: the part of the face, the
/// deformation's strength and its 32 displacements, the size of the blur.
///
/// # Errors
/// As [`crate::i2g::forge`].
pub fn forge(
    target: Face<'_>,
    source: Face<'_>,
    config: &BiConfig,
    rng: &mut impl Rng,
) -> Result<Forgery, Error> {
    config.validate()?;
    check(target, Role::Target)?;
    check(source, Role::Source)?;
    let hull = config.hulls.draw(rng);
    let mask = draw_mask(target, hull, config, rng)?;
    let blending = Blending::ColorTransfer;
    let image = stitch(target, source, &mask, blending, &I2gConfig::default())?;
    Ok(Forgery {
        image,
        mask,
        blending,
        hull,
    })
}

/// The convex hull of a part of the target's face, deformed and blurred. Of the target's size.
fn draw_mask(
    target: Face<'_>,
    hull: Hull,
    config: &BiConfig,
    rng: &mut impl Rng,
) -> Result<Mask, Error> {
    let (width, height) = target.image.dimensions();
    let side = width.min(height) as f32;
    let corners = mask::convex_hull(&hull.select(target.landmarks));
    let drawn = mask::fill_convex(&corners, width, height);
    let [low, high] = config.deformation;
    let deviation = rng.random_range(low..=high) * side;
    let deformed = Elastic::random(deviation, rng).deform(&drawn);
    let [low, high] = config.blur_kernel;
    let kernel = rng.random_range(low..=high) * side / config.reference_size as f32;
    let mask = mask::blur(&deformed, kernel);
    match mask.iter().any(|&m| m > 0.0) {
        true => Ok(mask),
        false => Err(Error::EmptyMask),
    }
}
