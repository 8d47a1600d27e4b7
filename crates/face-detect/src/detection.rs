//! What every face detector can do, and how overlapping answers are thinned out.

use face_preproc::geometry::FaceBox;
use image::RgbImage;

use crate::FaceDetectError;

/// A face that a detector found.
#[derive(Clone, Debug, PartialEq)]
pub struct Detection {
    /// Where, in pixels of the picture; may reach beyond its edges.
    pub bounds: FaceBox,
    /// How sure the detector is, `0..=1`. Not comparable between detectors.
    pub score: f32,
    /// Eye centres (the picture's left one first), nose tip and mouth corners, in pixels, where the
    /// detector gives them.
    pub points: Option<[[f32; 2]; 5]>,
}

/// A network, or a cascade of them, that finds faces.
pub trait FaceDetector {
    /// The faces in each of some pictures (8-bit sRGB, any sizes), the surest first. No faces is an
    /// empty list.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::EmptyPicture`] for a picture without pixels,
    /// [`FaceDetectError::Device`] if the device fails.
    fn detect_batch(&self, pictures: &[&RgbImage]) -> Result<Vec<Vec<Detection>>, FaceDetectError>;

    /// The faces in one picture, as [`Self::detect_batch`].
    ///
    /// # Errors
    ///
    /// As [`Self::detect_batch`].
    fn detect(&self, picture: &RgbImage) -> Result<Vec<Detection>, FaceDetectError> {
        let mut found = self.detect_batch(&[picture])?;
        Ok(found.pop().unwrap_or_default())
    }

    /// The faces in a frame of a video of which many frames are looked at: what takes long may be left
    /// out.
    ///
    /// # Errors
    ///
    /// As [`Self::detect_batch`].
    fn detect_quickly(&self, picture: &RgbImage) -> Result<Vec<Detection>, FaceDetectError> {
        self.detect(picture)
    }
}

impl<D: FaceDetector + ?Sized> FaceDetector for &D {
    fn detect_batch(&self, pictures: &[&RgbImage]) -> Result<Vec<Vec<Detection>>, FaceDetectError> {
        (**self).detect_batch(pictures)
    }

    fn detect_quickly(&self, picture: &RgbImage) -> Result<Vec<Detection>, FaceDetectError> {
        (**self).detect_quickly(picture)
    }
}

impl<D: FaceDetector + ?Sized> FaceDetector for Box<D> {
    fn detect_batch(&self, pictures: &[&RgbImage]) -> Result<Vec<Vec<Detection>>, FaceDetectError> {
        (**self).detect_batch(pictures)
    }

    fn detect_quickly(&self, picture: &RgbImage) -> Result<Vec<Detection>, FaceDetectError> {
        (**self).detect_quickly(picture)
    }
}

/// What the area shared by two boxes is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overlap {
    /// The area that either covers: intersection over union.
    Union,
    /// The smaller box's area: a box inside another overlaps it wholly.
    Minimum,
}

impl Overlap {
    /// The overlap of two boxes, 0 (apart) ..= 1.
    pub(crate) fn of(self, one: &FaceBox, other: &FaceBox) -> f32 {
        match self {
            Self::Union => one.iou(other),
            Self::Minimum => one
                .intersection(other)
                .map_or(0.0, |shared| shared.area() / one.area().min(other.area())),
        }
    }
}

/// What non-maximum suppression chooses among.
pub(crate) trait Candidate {
    fn bounds(&self) -> FaceBox;
    fn score(&self) -> f32;
}

impl Candidate for Detection {
    fn bounds(&self) -> FaceBox {
        self.bounds
    }

    fn score(&self) -> f32 {
        self.score
    }
}

/// Non-maximum suppression: from the surest candidate down, keeps those that overlap none kept
/// before by more than `most`. Candidates of equal score keep their order.
pub(crate) fn suppress<C: Candidate>(
    mut candidates: Vec<C>,
    overlap: Overlap,
    most: f32,
) -> Vec<C> {
    candidates.sort_by(|one, other| other.score().total_cmp(&one.score()));
    let mut kept: Vec<C> = Vec::new();
    for candidate in candidates {
        let bounds = candidate.bounds();
        if kept
            .iter()
            .all(|better| overlap.of(&better.bounds(), &bounds) <= most)
        {
            kept.push(candidate);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detection(x: f32, side: f32, score: f32) -> Detection {
        Detection {
            bounds: FaceBox {
                x,
                y: x,
                width: side,
                height: side,
            },
            score,
            points: None,
        }
    }

    #[test]
    fn the_surest_of_overlapping_boxes_stays() {
        let candidates = vec![
            detection(0.0, 10.0, 0.6),
            detection(1.0, 10.0, 0.9),
            detection(50.0, 10.0, 0.7),
        ];
        let kept = suppress(candidates.clone(), Overlap::Union, 0.4);
        assert_eq!(kept, [candidates[1].clone(), candidates[2].clone()]);
        // 81 of 119 square pixels are shared: 0.68.
        assert_eq!(suppress(candidates, Overlap::Union, 0.7).len(), 3);
    }

    #[test]
    fn a_box_within_a_box_overlaps_it_by_the_minimum_only() {
        let candidates = vec![detection(0.0, 100.0, 0.9), detection(10.0, 20.0, 0.8)];
        assert_eq!(suppress(candidates.clone(), Overlap::Union, 0.4).len(), 2);
        assert_eq!(suppress(candidates, Overlap::Minimum, 0.4).len(), 1);
    }
}
