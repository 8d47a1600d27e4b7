//! Landmarks that a snippet's window can be settled by.

use image::RgbImage;

use crate::detection::FaceDetector;
use crate::error::FaceDetectError;
use crate::finder::{Face, FaceFinder};
use crate::landmark68::LandmarkNetwork;

/// How often landmarks are refined: they may have been followed from a frame that is seconds old, and
/// each time what is left of the error is about a quarter.
const TIMES: usize = 4;

/// A face with its landmarks refined on its own frame until they hardly move; as it was where they
/// leave it.
///
/// # Errors
///
/// As [`FaceFinder::find`].
pub fn settled<D: FaceDetector, L: LandmarkNetwork>(
    finder: &FaceFinder<D, L>,
    picture: &RgbImage,
    face: &Face,
) -> Result<Face, FaceDetectError> {
    let mut settled = face.clone();
    for _ in 0..TIMES {
        let fits = finder.landmarks().refine(&[(picture, settled.landmarks)])?;
        let again = fits.first();
        match again.and_then(|fit| finder.plausible(fit, face.score)) {
            Some(again) => settled = again,
            None => break,
        }
    }
    Ok(settled)
}
