//! Augmentations that move pixels, and mask, landmarks and boxes with them.

use face_preproc::geometry::{Similarity, mirror, transform};
use image::imageops::flip_horizontal;

use super::{crop::about_center, sample::Sample};
use crate::{
    align::{Interpolation, warp, warp_mask},
    boxes,
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
        boxes: sample.boxes.iter().copied().map(boxes::mirror).collect(),
    }
}

/// Turned clockwise about the centre by some degrees; the border continues outwards, so that
/// corners are never black.
///
/// # Errors
/// As [`carry`], for an angle that is not finite.
pub fn rotate(sample: &Sample, degrees: f32) -> Result<Sample, Error> {
    let size = sample.image.dimensions();
    carry(sample, &about_center(size, 1.0, degrees, [0.0; 2]))
}

/// Carried through a similarity onto a picture of the same size; the border continues outwards. A
/// box becomes the smallest one around its corners, cut off at the picture's edges; one that is
/// left with no area is dropped.
///
/// # Errors
/// [`Error::EmptyPicture`] for a picture without pixels, [`Error::Degenerate`] for a similarity
/// that cannot be undone.
pub fn carry(sample: &Sample, by: &Similarity) -> Result<Sample, Error> {
    let size = sample.image.dimensions();
    let moved = |edges: &[f32; 4]| boxes::transform(*edges, by, size);
    Ok(Sample {
        image: warp(
            &sample.image,
            by,
            Region::whole(size),
            Interpolation::Bilinear,
        )?,
        mask: match sample.mask.is_empty() {
            true => Mask::default(),
            false => warp_mask(&sample.mask, by)?,
        },
        landmarks: transform(&sample.landmarks, by),
        boxes: sample.boxes.iter().filter_map(moved).collect(),
    })
}
