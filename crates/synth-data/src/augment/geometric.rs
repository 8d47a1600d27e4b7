//! Augmentations that move pixels, and mask and landmarks with them.

use face_preproc::geometry::{Similarity, mirror, transform};
use image::imageops::flip_horizontal;

use super::Sample;
use crate::{
    align::{Interpolation, warp, warp_mask},
    error::Error,
    mask::Mask,
    region::Region,
};

/// Mirrored left to right; the landmarks are renumbered into dlib's order. Twice is the identity.
pub fn flip(sample: &Sample) -> Sample {
    let mask: Mask = flip_horizontal(&sample.mask);
    Sample {
        image: flip_horizontal(&sample.image),
        mask,
        landmarks: mirror(&sample.landmarks, sample.image.width()),
    }
}

/// Turned clockwise about the centre by some degrees; the border continues outwards, so that
/// corners are never black.
///
/// # Errors
/// [`Error::EmptyPicture`] for a picture without pixels, [`Error::Degenerate`] for an angle that
/// is not finite.
pub fn rotate(sample: &Sample, degrees: f32) -> Result<Sample, Error> {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let cx = (sample.image.width() as f32 - 1.0) / 2.0;
    let cy = (sample.image.height() as f32 - 1.0) / 2.0;
    let turn = Similarity {
        a: cos,
        b: sin,
        tx: cx - cos * cx + sin * cy,
        ty: cy - sin * cx - cos * cy,
    };
    let whole = Region::whole(sample.image.dimensions());
    Ok(Sample {
        image: warp(&sample.image, &turn, whole, Interpolation::Bilinear)?,
        mask: warp_mask(&sample.mask, &turn)?,
        landmarks: transform(&sample.landmarks, &turn),
    })
}
