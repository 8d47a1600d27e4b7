//! A face as a network gets it, whether or not its landmarks are known.

use image::RgbImage;

use super::{CropError, CropSpec, crop_face, resize_whole};
use crate::geometry::{Landmarks68, Similarity};

/// A face, cut out and scaled to the model's input.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// `size` x `size` RGB.
    pub image: RgbImage,
    /// In pixels of the crop; absent where they are not known: the crop is then the whole picture.
    pub landmarks: Option<Landmarks68>,
    /// From pixels of the picture to pixels of the crop.
    pub transform: Similarity,
}

impl Face {
    /// Cuts a face out of a picture: by its landmarks, or the whole picture where there are none.
    ///
    /// # Errors
    /// Where the landmarks do not allow a crop, as [`crop_face`].
    pub fn cut(
        picture: &RgbImage,
        landmarks: Option<&Landmarks68>,
        spec: &CropSpec,
    ) -> Result<Self, CropError> {
        Ok(match landmarks {
            Some(landmarks) => {
                let crop = crop_face(picture, landmarks, spec)?;
                Self {
                    image: crop.image,
                    landmarks: Some(crop.landmarks),
                    transform: crop.transform,
                }
            }
            None => {
                let (image, transform) = resize_whole(picture, spec.size)?;
                Self {
                    image,
                    landmarks: None,
                    transform,
                }
            }
        })
    }
}
