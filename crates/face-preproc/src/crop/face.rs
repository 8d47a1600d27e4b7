//! A face as a network gets it, whether or not its landmarks are known.

use image::RgbImage;

use super::{CropError, CropSpec, crop_face, crop_face_moved, resize_whole, resize_whole_moved};
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
    /// How the crop was moved when it was cut, from pixels of the plain crop to those of this one;
    /// absent where it was not.
    pub moved: Option<Similarity>,
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
        let (image, landmarks, transform) = match landmarks {
            Some(landmarks) => {
                let crop = crop_face(picture, landmarks, spec)?;
                (crop.image, Some(crop.landmarks), crop.transform)
            }
            None => {
                let (image, transform) = resize_whole(picture, spec.size)?;
                (image, None, transform)
            }
        };
        Ok(Self {
            image,
            landmarks,
            transform,
            moved: None,
        })
    }

    /// As [`cut`](Self::cut), moved within the crop: one warp of the picture, whose own pixels stand
    /// wherever the moved crop reaches beyond the plain one.
    ///
    /// # Errors
    /// As [`cut`](Self::cut), and for a similarity that cannot be undone.
    pub fn cut_moved(
        picture: &RgbImage,
        landmarks: Option<&Landmarks68>,
        spec: &CropSpec,
        moved: &Similarity,
    ) -> Result<Self, CropError> {
        let (image, landmarks, transform) = match landmarks {
            Some(landmarks) => {
                let crop = crop_face_moved(picture, landmarks, spec, moved)?;
                (crop.image, Some(crop.landmarks), crop.transform)
            }
            None => {
                let (image, transform) = resize_whole_moved(picture, spec.size, moved)?;
                (image, None, transform)
            }
        };
        Ok(Self {
            image,
            landmarks,
            transform,
            moved: Some(*moved),
        })
    }
}
