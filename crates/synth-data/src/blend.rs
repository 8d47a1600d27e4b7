//! The ways to put a source into a target (Alg. 1, line 6).
//!
//! Each takes the target, the aligned source and the mask, all of one size, and returns a new
//! picture.

pub mod alpha;
pub mod multiband;
pub mod poisson;
pub mod reinhard;
mod sizes;

use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::{error::Error, mask::Mask};

/// One of the blending methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Blending {
    /// `mask * source + (1 - mask) * target`.
    Alpha,
    /// The source takes the target's mean and deviation of L*a*b* inside the mask, then alpha.
    ColorTransfer,
    /// Poisson editing with the source's gradients.
    PoissonNormal,
    /// Poisson editing with the stronger of both pictures' gradients.
    PoissonMixed,
    /// Each band of a Laplacian pyramid blended with the mask at its own scale.
    Multiband,
}

impl Blending {
    /// Every method.
    pub const ALL: [Self; 5] = [
        Self::Alpha,
        Self::ColorTransfer,
        Self::PoissonNormal,
        Self::PoissonMixed,
        Self::Multiband,
    ];

    /// The target with the source put in where the mask is set; all three of one size.
    ///
    /// # Errors
    /// [`Error::SizeMismatch`] when the sizes differ.
    pub fn blend(
        self,
        target: &RgbImage,
        source: &RgbImage,
        mask: &Mask,
    ) -> Result<RgbImage, Error> {
        match self {
            Self::Alpha => alpha::blend(target, source, mask),
            Self::ColorTransfer => {
                let recoloured = reinhard::transfer(source, target, mask)?;
                alpha::blend(target, &recoloured, mask)
            }
            Self::PoissonNormal => poisson::blend(target, source, mask, poisson::Gradients::Source),
            Self::PoissonMixed => {
                poisson::blend(target, source, mask, poisson::Gradients::Stronger)
            }
            Self::Multiband => multiband::blend(target, source, mask),
        }
    }

    /// Whether the method may change pixels where the mask is zero.
    pub fn reaches_beyond_mask(self) -> bool {
        matches!(self, Self::Multiband)
    }
}
