//! Multi-band blending with Laplacian pyramids (Burt and Adelson, ACM TOG 1983).
//!
//! Both pyramids are linear, so one of `source - target` is enough: the result is the target plus
//! the sum of its bands, each times the mask's Gaussian pyramid at that scale.

use image::RgbImage;

use super::sizes::check;
use crate::{error::Error, mask::Mask};

/// The coarsest band keeps at least this many pixels on its shorter side.
const COARSEST_SIDE: usize = 16;

/// Burt and Adelson's generating kernel with a = 3/8.
const KERNEL: [f32; 5] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];

/// The target with the source put in band by band: coarse bands change over a wide seam, fine ones
/// over a narrow one, so pixels near the mask change too. All three of one size; halvings go on
/// while the shorter side stays at 16 pixels or more (four for 256).
///
/// # Errors
/// [`Error::SizeMismatch`] when the three sizes differ.
pub fn blend(target: &RgbImage, source: &RgbImage, mask: &Mask) -> Result<RgbImage, Error> {
    check(target, source, mask)?;
    let size = (target.width() as usize, target.height() as usize);
    let difference = Plane::<3> {
        size,
        values: source
            .as_chunks::<3>()
            .0
            .iter()
            .zip(target.as_chunks::<3>().0)
            .map(|(s, t)| std::array::from_fn(|c| f32::from(s[c]) - f32::from(t[c])))
            .collect(),
    };
    let mask = Plane::<1> {
        size,
        values: mask.iter().map(|&m| [m]).collect(),
    };
    let blended = blend_bands(difference, mask);
    let mut out = target.clone();
    for (pixel, d) in out.as_chunks_mut::<3>().0.iter_mut().zip(&blended.values) {
        for (v, d) in pixel.iter_mut().zip(d) {
            *v = (f32::from(*v) + d + 0.5) as u8;
        }
    }
    Ok(out)
}

/// This band and all coarser ones of `difference`, each times the mask, summed.
fn blend_bands(mut difference: Plane<3>, mask: Plane<1>) -> Plane<3> {
    let (width, height) = difference.size;
    if width.min(height) < 2 * COARSEST_SIDE {
        difference.times(&mask);
        return difference;
    }
    let coarse = difference.reduce();
    let mut band = difference;
    band.add(&coarse.expand(band.size), -1.0);
    band.times(&mask);
    let rest = blend_bands(coarse, mask.reduce());
    band.add(&rest.expand(band.size), 1.0);
    band
}

/// Row-major pixels of `C` values.
struct Plane<const C: usize> {
    size: (usize, usize),
    values: Vec<[f32; C]>,
}

impl<const C: usize> Plane<C> {
    fn add(&mut self, other: &Self, factor: f32) {
        let values = self.values.as_flattened_mut().iter_mut();
        for (v, o) in values.zip(other.values.as_flattened()) {
            *v += factor * o;
        }
    }

    fn times(&mut self, mask: &Plane<1>) {
        for (v, [m]) in self.values.iter_mut().zip(&mask.values) {
            v.iter_mut().for_each(|v| *v *= m);
        }
    }

    /// Blurred and every second pixel kept: REDUCE of the paper. Borders are replicated.
    fn reduce(&self) -> Self {
        let (width, height) = self.size;
        let size = (width.div_ceil(2), height.div_ceil(2));
        let mut values = Vec::with_capacity(size.0 * size.1);
        let mut line = vec![[0.0; C]; width + 4];
        for y in 0..size.1 {
            let rows: [&[[f32; C]]; 5] = std::array::from_fn(|t| {
                let y = (2 * y + t).saturating_sub(2).min(height - 1);
                &self.values[y * width..(y + 1) * width]
            });
            let inner = &mut line[2..width + 2];
            for (i, v) in inner.as_flattened_mut().iter_mut().enumerate() {
                *v = (0..5).map(|t| KERNEL[t] * rows[t].as_flattened()[i]).sum();
            }
            (line[0], line[1]) = (line[2], line[2]);
            (line[width + 2], line[width + 3]) = (line[width + 1], line[width + 1]);
            values.extend((0..size.0).map(|x| {
                let taps = &line[2 * x..2 * x + 5];
                std::array::from_fn(|c| (0..5).map(|t| KERNEL[t] * taps[t][c]).sum())
            }));
        }
        Self { size, values }
    }

    /// Twice as large, to `size`, by the same kernel: EXPAND of the paper. Even pixels take
    /// 1/8, 6/8, 1/8 of their neighbours, odd ones the mean of two; borders are replicated.
    fn expand(&self, size: (usize, usize)) -> Self {
        let (width, height) = self.size;
        let mut values = Vec::with_capacity(size.0 * size.1);
        let mut line = vec![[0.0; C]; width + 2];
        for y in 0..size.1 {
            let row = |y: usize| {
                let y = y.min(height - 1);
                self.values[y * width..(y + 1) * width].as_flattened()
            };
            let at = y / 2;
            let inner = line[1..=width].as_flattened_mut().iter_mut();
            if y % 2 == 0 {
                let (a, b, c) = (row(at.saturating_sub(1)), row(at), row(at + 1));
                for (i, v) in inner.enumerate() {
                    *v = 0.125 * (a[i] + c[i]) + 0.75 * b[i];
                }
            } else {
                let (a, b) = (row(at), row(at + 1));
                for (i, v) in inner.enumerate() {
                    *v = 0.5 * (a[i] + b[i]);
                }
            }
            (line[0], line[width + 1]) = (line[1], line[width]);
            values.extend((0..size.0).map(|x| -> [f32; C] {
                let taps = &line[x / 2..x / 2 + 3];
                std::array::from_fn(|c| {
                    if x % 2 == 0 {
                        0.125 * (taps[0][c] + taps[2][c]) + 0.75 * taps[1][c]
                    } else {
                        0.5 * (taps[1][c] + taps[2][c])
                    }
                })
            }));
        }
        Self { size, values }
    }
}
