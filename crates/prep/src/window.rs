//! The part of a frame that is kept.

use face_preproc::geometry::{FaceBox, Landmarks68};
use face_preproc::pictures::Mask;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use image::{Luma, RgbImage};

use crate::PrepConfig;

/// Whole pixels of a frame, and the size they are kept in. No pixel is interpolated unless the
/// window is larger than allowed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Window {
    left: u32,
    top: u32,
    width: u32,
    height: u32,
    kept: [u32; 2],
}

impl Window {
    /// The square around a face with its margin, cut off at the picture's edges. `None` where
    /// nothing of it is inside.
    pub(crate) fn around(
        bounds: &FaceBox,
        (width, height): (u32, u32),
        config: &PrepConfig,
    ) -> Option<Self> {
        let wanted = bounds.squared().with_margin(config.margin);
        // A box's coordinates are of pixel centres: its left edge is half a pixel before.
        let first = |start: f32| (start + 0.5).floor().max(0.0);
        let end =
            |start: f32, extent: f32, most: u32| (start + extent + 0.5).ceil().min(most as f32);
        let (left, top) = (first(wanted.x), first(wanted.y));
        let across = end(wanted.x, wanted.width, width) - left;
        let down = end(wanted.y, wanted.height, height) - top;
        if !(across >= 1.0 && down >= 1.0) {
            return None;
        }
        let scale = (config.most_side as f32 / across.max(down)).min(1.0);
        let kept = [across, down].map(|side| ((side * scale).round() as u32).max(1));
        Some(Self {
            left: left as u32,
            top: top as u32,
            width: across as u32,
            height: down as u32,
            kept,
        })
    }

    /// The crop; what lies beyond a smaller picture than the window's own is missing.
    pub(crate) fn cut(&self, picture: &RgbImage) -> RgbImage {
        let crop = self.inside(picture);
        let [width, height] = self.kept;
        if self.kept == [self.width, self.height] {
            return crop;
        }
        let mut kept = RgbImage::new(width, height);
        if !crop.is_empty() {
            let bytes = "an RGB picture has three bytes a pixel";
            let source = TypedImageRef::<U8x3>::from_buffer(crop.width(), crop.height(), &crop);
            let canvas = TypedImage::<U8x3>::from_buffer(width, height, &mut kept);
            let options =
                ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
            Resizer::new()
                .resize_typed(&source.expect(bytes), &mut canvas.expect(bytes), &options)
                .expect("pictures of one kind, neither empty");
        }
        kept
    }

    /// The window's pixels, as far as the picture has them.
    fn inside(&self, picture: &RgbImage) -> RgbImage {
        let width = picture.width().saturating_sub(self.left).min(self.width);
        let height = picture.height().saturating_sub(self.top).min(self.height);
        let row = 3 * picture.width().max(1) as usize;
        let (first, length) = (3 * self.left as usize, 3 * width as usize);
        let mut pixels = Vec::with_capacity(length * height as usize);
        if length > 0 {
            let rows = picture.chunks_exact(row).skip(self.top as usize);
            for row in rows.take(height as usize) {
                pixels.extend_from_slice(&row[first..first + length]);
            }
        }
        RgbImage::from_raw(width, height, pixels).expect("three bytes a pixel")
    }

    /// A mask's crop: the luma of the mask's picture, 0 ..= 1.
    pub(crate) fn cut_mask(&self, picture: &RgbImage) -> Mask {
        let crop = self.cut(picture);
        Mask::from_fn(crop.width(), crop.height(), |x, y| {
            let [r, g, b] = crop.get_pixel(x, y).0.map(f32::from);
            Luma([(0.299 * r + 0.587 * g + 0.114 * b) / 255.0])
        })
    }

    /// Landmarks in pixels of the crop.
    pub(crate) fn landmarks(&self, landmarks: &Landmarks68) -> Landmarks68 {
        let scale = [
            self.kept[0] as f32 / self.width as f32,
            self.kept[1] as f32 / self.height as f32,
        ];
        let to_crop =
            |value: f32, start: u32, scale: f32| (value - start as f32 + 0.5) * scale - 0.5;
        landmarks.map(|[x, y]| {
            [
                to_crop(x, self.left, scale[0]),
                to_crop(y, self.top, scale[1]),
            ]
        })
    }

    /// Left, top, width and height in pixels of the frame.
    pub(crate) fn as_array(&self) -> [u32; 4] {
        [self.left, self.top, self.width, self.height]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn face(x: f32, y: f32, side: f32) -> FaceBox {
        FaceBox {
            x,
            y,
            width: side,
            height: side,
        }
    }

    /// Each pixel tells where it is.
    fn places(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| image::Rgb([x as u8, y as u8, 0]))
    }

    #[test]
    fn pixels_and_landmarks_keep_their_places() {
        let config = PrepConfig {
            margin: 0.5,
            ..PrepConfig::default()
        };
        let window = Window::around(&face(40.0, 30.0, 20.0), (200, 150), &config).unwrap();
        let crop = window.cut(&places(200, 150));
        let [left, top, ..] = window.as_array();
        assert_eq!(crop.get_pixel(0, 0).0, [left as u8, top as u8, 0]);
        let found = window.landmarks(&[[50.0, 40.0]; 68])[0];
        let pixel = crop.get_pixel(found[0] as u32, found[1] as u32);
        assert_eq!(pixel.0, [50, 40, 0]);
    }

    #[test]
    fn windows_end_at_the_picture_and_large_ones_are_scaled() {
        let config = PrepConfig {
            most_side: 64,
            ..PrepConfig::default()
        };
        let window = Window::around(&face(-20.0, -20.0, 100.0), (120, 90), &config).unwrap();
        assert_eq!(window.as_array(), [0, 0, 111, 90]);
        assert_eq!(window.cut(&places(120, 90)).dimensions(), (64, 52));
        // A forgery may be smaller than the clip that it was made from.
        for smaller in [(60, 90), (0, 0)] {
            let crop = window.cut(&places(smaller.0, smaller.1));
            assert_eq!(crop.dimensions(), (64, 52));
        }
        let corner = window.landmarks(&[[110.5, 89.5]; 68])[0];
        assert!((corner[0] - 63.5).abs() < 1e-4 && (corner[1] - 51.5).abs() < 1e-4);
        assert_eq!(
            Window::around(&face(500.0, 10.0, 20.0), (120, 90), &config),
            None
        );
    }
}
