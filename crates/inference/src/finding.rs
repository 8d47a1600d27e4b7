//! A face and what the network sees in it.

use core_tensor_ops::ForgedBox;
use image::RgbImage;
use report::overlay;

use crate::predict::Judged;

/// Boxes drawn over a face.
const BOXES: usize = 3;

/// The face beside what the network sees in it: in grey under its heat map, or with its boxes; the
/// face alone where the method shows neither.
pub fn face_and_finding(face: &RgbImage, judged: &Judged) -> RgbImage {
    let shown = match (&judged.heat_map, &judged.boxes) {
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

/// The surest boxes: more would hide the face.
pub fn corners(boxes: &[ForgedBox]) -> Vec<[f32; 4]> {
    boxes
        .iter()
        .take(BOXES)
        .map(|found| found.corners)
        .collect()
}
