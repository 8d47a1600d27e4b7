//! Pictures of a prediction: a face and what the network sees in it.

use core_tensor_ops::ForgedBox;
use image::RgbImage;
use report::overlay;

use crate::prediction::FacePrediction;

/// Boxes drawn over a face.
const BOXES: usize = 3;

/// The face beside what the network sees in it: in grey under its heat map, or with its boxes; the
/// face alone where the method shows neither.
#[must_use]
pub fn face_and_finding(judged: &FacePrediction) -> RgbImage {
    let FacePrediction { face, prediction } = judged;
    let face = &face.image;
    let shown = match (&prediction.heat_map, &prediction.boxes) {
        (Some(map), _) => overlay::overlay(face, map),
        (None, Some(found)) => {
            let mut shown = face.clone();
            overlay::boxes(&mut shown, &corners(found));
            shown
        }
        (None, None) => return face.clone(),
    };
    overlay::side_by_side(&[face, &shown], 4)
}

/// The most confident boxes: more would hide the face.
#[must_use]
pub fn corners(boxes: &[ForgedBox]) -> Vec<[f32; 4]> {
    boxes
        .iter()
        .take(BOXES)
        .map(|found| found.corners)
        .collect()
}
