//! ArcFace's five points, to which DeepfakeBench aligns faces.

use super::Landmarks68;

/// Pupils, nose tip and mouth corners in a crop of [`SIDE`] pixels (Deng et al., CVPR 2019).
const TEMPLATE: [[f64; 2]; 5] = [
    [38.2946, 51.6963],
    [73.5318, 51.5014],
    [56.0252, 71.7366],
    [41.5493, 92.3655],
    [70.7299, 92.2041],
];
const SIDE: f64 = 112.0;

/// What DeepfakeBench lays on the template: a point of each upper lid, the nose's tip, and of the lips the
/// points after the left and the right corner.
pub fn arcface_landmarks(landmarks: &Landmarks68) -> [[f32; 2]; 5] {
    [37, 44, 30, 49, 55].map(|index| landmarks[index])
}

/// The template of a crop of `size` x `size` pixels, in pixels of the crop.
///
/// - `margin`: what is added around the template, as a fraction of its side: 0.3 adds 15 % on every side
pub fn arcface_points(margin: f32, size: u32) -> [[f32; 2]; 5] {
    let margin = f64::from(margin);
    let scale = f64::from(size) / (1.0 + margin);
    TEMPLATE.map(|point| point.map(|c| ((c / SIDE + margin / 2.0) * scale) as f32))
}
