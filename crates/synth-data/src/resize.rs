//! Resizing and stretching along the axes, without a filter against aliasing: nearest and bilinear
//! interpolation as OpenCV's and Pillow's.

use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Role};

/// How pixels are read between those of the other picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sampling {
    /// The nearest one.
    Nearest,
    /// Two by two neighbours.
    Bilinear,
}

/// How the pixels of one axis of a picture lie in another: the pixel `i` of the result shows
/// `scale i + offset`, both counted from the first pixel's centre.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Axis {
    /// Pixels of the result.
    pub length: u32,
    /// Pixels of the source from one to the next.
    pub scale: f32,
    /// What the first pixel shows.
    pub offset: f32,
}

impl Axis {
    /// The whole of `from` pixels as `length` pixels.
    pub fn whole(from: u32, length: u32) -> Self {
        let scale = from as f32 / length as f32;
        Self {
            length,
            scale,
            offset: (scale - 1.0) / 2.0,
        }
    }

    /// For each pixel of the result, the first of two neighbours and the second one's weight.
    fn taps(self, from: u32, sampling: Sampling) -> Vec<(usize, f32)> {
        let last = (from - 1) as f32;
        let tap = |i: u32| {
            let at = (self.scale * i as f32 + self.offset).clamp(0.0, last);
            match sampling {
                Sampling::Nearest => ((at + 0.5) as usize, 0.0),
                Sampling::Bilinear => (at as usize, at - at.floor()),
            }
        };
        (0..self.length).map(tap).collect()
    }
}

/// A picture read at the places of two axes; beyond its border the outermost pixels continue.
///
/// # Errors
/// [`Error::EmptyPicture`] for a picture without pixels.
pub fn stretch(image: &RgbImage, axes: [Axis; 2], sampling: Sampling) -> Result<RgbImage, Error> {
    let (width, height) = image.dimensions();
    if image.is_empty() {
        return Err(Error::EmptyPicture(Role::Source));
    }
    let [x, y] = axes;
    let mut out = RgbImage::new(x.length, y.length);
    if !out.is_empty() {
        pulp::Arch::new().dispatch(Stretching {
            image: image.as_raw(),
            stride: 3 * width as usize,
            columns: x.taps(width, sampling),
            rows: y.taps(height, sampling),
            out: out.as_chunks_mut::<3>().0,
        });
    }
    Ok(out)
}

/// The picture at another size; zero is taken for one.
///
/// # Errors
/// [`Error::EmptyPicture`] for a picture without pixels.
pub fn resize(
    image: &RgbImage,
    (width, height): (u32, u32),
    sampling: Sampling,
) -> Result<RgbImage, Error> {
    let axes = [
        Axis::whole(image.width(), width.max(1)),
        Axis::whole(image.height(), height.max(1)),
    ];
    stretch(image, axes, sampling)
}

/// The picture shrunk to a size and brought back bilinearly to its own.
///
/// # Errors
/// [`Error::EmptyPicture`] for a picture without pixels.
pub fn shrink_and_restore(
    image: &RgbImage,
    size: (u32, u32),
    shrinking: Sampling,
) -> Result<RgbImage, Error> {
    let small = resize(image, size, shrinking)?;
    resize(&small, image.dimensions(), Sampling::Bilinear)
}

/// [`stretch`] with the best vector instructions there are.
struct Stretching<'a> {
    image: &'a [u8],
    stride: usize,
    columns: Vec<(usize, f32)>,
    rows: Vec<(usize, f32)>,
    out: &'a mut [[u8; 3]],
}

impl pulp::NullaryFnOnce for Stretching<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let row = |y: usize| {
            let start = (y * self.stride).min(self.image.len() - self.stride);
            &self.image[start..start + self.stride]
        };
        // One row between two of the picture, with its last pixel repeated.
        let mut between = vec![0.0f32; self.stride + 3];
        for (out, &(y, t)) in self
            .out
            .chunks_exact_mut(self.columns.len())
            .zip(&self.rows)
        {
            for ((v, &a), &b) in between.iter_mut().zip(row(y)).zip(row(y + 1)) {
                let (a, b) = (f32::from(a), f32::from(b));
                *v = a + t * (b - a) + 0.5;
            }
            between.copy_within(self.stride - 3..self.stride, self.stride);
            for (pixel, &(x, t)) in out.iter_mut().zip(&self.columns) {
                let both = &between[3 * x..3 * x + 6];
                for (c, v) in pixel.iter_mut().enumerate() {
                    *v = (both[c] + t * (both[c + 3] - both[c])) as u8;
                }
            }
        }
    }
}
