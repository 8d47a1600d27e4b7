//! What augmentations carry along with a picture.

use face_preproc::geometry::Landmarks68;
use image::RgbImage;

use crate::mask::Mask;

/// A picture with its mask, landmarks and boxes.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// A real or forged face crop.
    pub image: RgbImage,
    /// Of the same size, all zero for a real one; without pixels where none is needed.
    pub mask: Mask,
    /// In the picture's pixels.
    pub landmarks: Landmarks68,
    /// Around forged areas, see [`crate::boxes`]; none where they are not needed.
    pub boxes: Vec<[f32; 4]>,
}
