//! A square of whole pixels in a picture, or partly beyond its edges.

use image::RgbImage;
use kornia_image::{Image, ImageSize};

use super::{Border, CropError};
use crate::geometry::{FaceBox, Similarity};

/// `side` x `side` pixels, the first of which is the picture's pixel `(x, y)`.
#[derive(Debug)]
pub(super) struct Window {
    x: i32,
    y: i32,
    pub(super) side: u32,
}

impl Window {
    /// How many times the picture's longer side a window may be: more is a sign of landmarks that
    /// belong to another picture, and would take memory without bounds.
    pub(super) const MAX_RATIO: u32 = 4;

    /// The window that comes closest to a square box.
    pub(super) fn of_box(square: &FaceBox, picture: &RgbImage) -> Result<Self, CropError> {
        let (width, height) = picture.dimensions();
        if width == 0 || height == 0 {
            return Err(CropError::EmptyPicture);
        }
        // The resampler's tables count source pixels in 16 bits.
        let longest = (width.max(height).saturating_mul(Self::MAX_RATIO)).min(u16::MAX.into());
        let inside = square
            .intersection(&FaceBox::of_picture(width, height))
            .is_some();
        let window = Self::of_square(square)?;
        if !inside || square.width > longest as f32 {
            return Err(CropError::OutsidePicture {
                side: square.width,
                x: square.x,
                y: square.y,
                width,
                height,
            });
        }
        Ok(window)
    }

    /// The same of a picture that is not known.
    pub(super) fn of_square(square: &FaceBox) -> Result<Self, CropError> {
        if square.width <= 0.0 {
            return Err(CropError::Degenerate);
        }
        let side = square.width.round().max(1.0);
        let [x, y] = square
            .center()
            .map(|c| (c - (side - 1.0) / 2.0).round() as i32);
        Ok(Self {
            x,
            y,
            side: side as u32,
        })
    }

    /// The whole picture, with its shorter side padded evenly.
    pub(super) fn of_whole(picture: &RgbImage) -> Result<Self, CropError> {
        let (width, height) = picture.dimensions();
        Self::of_box(&FaceBox::of_picture(width, height).squared(), picture)
    }

    /// The part of the picture that a warp into a crop of `size` x `size` pixels may read.
    pub(super) fn behind(
        transform: &Similarity,
        size: u32,
        picture: &RgbImage,
    ) -> Result<Self, CropError> {
        let back = transform.inverse().ok_or(CropError::Degenerate)?;
        let last = size as f32;
        let corners = [[0.0, 0.0], [last, 0.0], [0.0, last], [last, last]]
            .map(|[x, y]| back.apply([x - 0.5, y - 0.5]));
        let around = FaceBox::around(&corners)
            .ok_or(CropError::Degenerate)?
            .squared();
        // Three pixels of the shrunk window on each side: the bilinear warp's neighbour, and the
        // rounding of the window's edges.
        let pad = 6.0 * back.scale().max(1.0);
        Self::of_box(&around.with_margin(pad / around.width), picture)
    }

    /// The transform that makes this window a square of `size` x `size` pixels.
    pub(super) fn to_square(&self, size: u32) -> Similarity {
        let scale = f64::from(size) / f64::from(self.side);
        let shift = |start: i32| ((0.5 - f64::from(start)) * scale - 0.5) as f32;
        Similarity {
            a: scale as f32,
            b: 0.0,
            tx: shift(self.x),
            ty: shift(self.y),
        }
    }

    /// The window's pixels; those beyond the picture as `border` says.
    pub(super) fn copy(
        &self,
        picture: &RgbImage,
        border: Border,
    ) -> Result<Image<u8, 3>, CropError> {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let side = self.side as usize;
        // Columns and rows of the window, as places in the picture, which may lie beyond it.
        let (x, y) = (self.x as isize, self.y as isize);
        let rows = picture.as_raw().as_chunks::<3>().0;
        let mut pixels = vec![[0_u8; 3]; side * side];
        for (target, y) in pixels.chunks_exact_mut(side).zip(y..) {
            let inside = y.clamp(0, height as isize - 1);
            if border == Border::Constant && y != inside {
                continue;
            }
            let row = &rows[inside as usize * width..][..width];
            let left = (-x).clamp(0, side as isize) as usize;
            let right = (width as isize - x).clamp(left as isize, side as isize) as usize;
            let start = x.max(0) as usize;
            target[left..right].copy_from_slice(&row[start..start + right - left]);
            if border == Border::Replicate {
                target[..left].fill(row[0]);
                target[right..].fill(row[width - 1]);
            }
        }
        Ok(Image::new(square(self.side), pixels.into_flattened())?)
    }
}

pub(super) fn square(side: u32) -> ImageSize {
    ImageSize {
        width: side as usize,
        height: side as usize,
    }
}
