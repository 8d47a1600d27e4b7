//! Landmarks, similarity transforms and boxes.
//!
//! One coordinate convention holds everywhere in this crate: `x` points right, `y` points down, the
//! unit is the pixel, and the CENTRE of the top-left pixel is `(0, 0)`. A picture of `w` x `h`
//! pixels therefore spans `-0.5 .. w - 0.5` by `-0.5 .. h - 0.5`.

mod arcface;
mod face_box;
mod landmarks;
mod pupils;
mod similarity;
mod template;

pub use arcface::{arcface_landmarks, arcface_points};
pub use face_box::FaceBox;
pub use landmarks::{
    Landmarks68, MIRROR68, all_finite, distance, five_points, mean_point, mirror, transform,
};
pub use pupils::pupil_points;
pub use similarity::Similarity;
pub use template::MEAN_FACE68;
