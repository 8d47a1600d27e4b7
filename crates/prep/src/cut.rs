//! The crop of a face in one frame.

use face_preproc::geometry::Landmarks68;
use image::RgbImage;

use crate::window::Window;

/// The crop of a face in one frame.
pub(crate) struct Cut {
    pub(crate) frame: usize,
    pub(crate) window: Window,
    pub(crate) picture: RgbImage,
    pub(crate) landmarks: Landmarks68,
    pub(crate) score: f32,
    /// Known to be real although the clip is forged elsewhere.
    pub(crate) pristine: bool,
}
