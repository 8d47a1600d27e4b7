//! What every way of blending asks of its pictures.

use image::RgbImage;

use crate::{error::Error, mask::Mask, region::same_size};

/// Refuses pictures that are not all of one size.
pub(super) fn check(target: &RgbImage, source: &RgbImage, mask: &Mask) -> Result<(), Error> {
    same_size(target.dimensions(), source.dimensions())?;
    same_size(target.dimensions(), mask.dimensions())
}
