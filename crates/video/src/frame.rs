//! One frame.

use image::RgbImage;

/// One frame of a video.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Place in display order, from 0.
    pub index: usize,
    /// When it is shown, in seconds after frame 0.
    pub time_seconds: f64,
    /// The picture, upright: height x width x RGB, sRGB bytes.
    pub picture: RgbImage,
}
