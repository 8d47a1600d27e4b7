//! Alignment of the source to the target (Alg. 1, line 3): one similarity, one warp.

use face_preproc::geometry::{Landmarks68, Similarity};
use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::{
    elastic::keys,
    error::{Error, Role},
    mask::Mask,
    region::Region,
};

/// How a warp reads between pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// Two by two neighbours: fast, but softens the source.
    Bilinear,
    /// Four by four neighbours (Keys 1981, a = -1/2): keeps more of the source's fine grain.
    #[default]
    Bicubic,
}

/// The similarity that carries the source's landmarks to the target's with the least squares.
///
/// # Errors
/// [`Error::Degenerate`] when the source's landmarks coincide, when no rotation is best, or when
/// the numbers overflow.
pub fn alignment(source: &Landmarks68, target: &Landmarks68) -> Result<Similarity, Error> {
    Similarity::fit(source, target)
        .filter(|s| s.is_finite() && s.inverse().is_some())
        .ok_or(Error::Degenerate(Role::Source))
}

/// The picture carried through a similarity: the result's pixel `(x, y)` is the picture's value at
/// the inverse of `(region.x + x, region.y + y)`. Only the region is made, so the result is of the
/// region's size. Beyond the border the outermost pixels continue; there is never black.
///
/// # Errors
/// [`Error::EmptyPicture`] for a picture without pixels, [`Error::Degenerate`] for a similarity
/// that cannot be undone.
pub fn warp(
    image: &RgbImage,
    by: &Similarity,
    region: Region,
    interpolation: Interpolation,
) -> Result<RgbImage, Error> {
    let mut out = RgbImage::new(region.width, region.height);
    let back = undo(by)?;
    if image.is_empty() {
        return Err(Error::EmptyPicture(Role::Source));
    }
    let mut pixels = out.as_chunks_mut::<3>().0.iter_mut();
    let put = |value: [f32; 3]| {
        if let Some(pixel) = pixels.next() {
            *pixel = value.map(|v| (v + 0.5) as u8);
        }
    };
    let grid = Grid {
        pixels: image.as_chunks::<3>().0,
        width: image.width() as usize,
    };
    match interpolation {
        Interpolation::Bilinear => grid.resample(&back, region, linear, put),
        Interpolation::Bicubic => grid.resample(&back, region, keys, put),
    }
    Ok(out)
}

/// A mask carried through a similarity, bilinearly, onto a picture of the same size; the outermost
/// values continue beyond the border. Values stay in 0 ..= 1.
///
/// # Errors
/// [`Error::Degenerate`] for a similarity that cannot be undone.
pub fn warp_mask(mask: &Mask, by: &Similarity) -> Result<Mask, Error> {
    let back = undo(by)?;
    let mut out = mask.clone();
    if mask.is_empty() {
        return Ok(out);
    }
    let mut values = out.iter_mut();
    let grid = Grid {
        pixels: mask.as_chunks::<1>().0,
        width: mask.width() as usize,
    };
    grid.resample(&back, Region::whole(mask.dimensions()), linear, |[v]| {
        if let Some(value) = values.next() {
            *value = v.clamp(0.0, 1.0);
        }
    });
    Ok(out)
}

fn undo(by: &Similarity) -> Result<Similarity, Error> {
    by.inverse()
        .filter(Similarity::is_finite)
        .ok_or(Error::Degenerate(Role::Source))
}

/// Weights of the two neighbours at 0 and 1 of a point `t` in 0 ..= 1.
fn linear(t: f32) -> [f32; 2] {
    [1.0 - t, t]
}

/// Row-major pixels of `C` interleaved values each.
struct Grid<'a, T, const C: usize> {
    pixels: &'a [[T; C]],
    width: usize,
}

impl<T: Copy + Into<f32>, const C: usize> Grid<'_, T, C> {
    /// Hands the value at `back(x, y)` to `put` for every pixel of the region, row by row.
    fn resample<const N: usize>(
        &self,
        back: &Similarity,
        region: Region,
        weights: impl Fn(f32) -> [f32; N],
        mut put: impl FnMut([f32; C]),
    ) {
        let right = (self.width - 1) as f32;
        let bottom = (self.pixels.len() / self.width - 1) as f32;
        for y in region.y..region.bottom() {
            let [x0, y0] = back.apply([0.0, y as f32]);
            for x in region.x..region.right() {
                let sx = (x0 + back.a * x as f32).clamp(0.0, right);
                let sy = (y0 + back.b * x as f32).clamp(0.0, bottom);
                put(self.sample(sx, sy, &weights));
            }
        }
    }

    /// The value at a point inside the picture, from `N` by `N` neighbours.
    #[inline(always)]
    fn sample<const N: usize>(
        &self,
        x: f32,
        y: f32,
        weights: &impl Fn(f32) -> [f32; N],
    ) -> [f32; C] {
        let (x0, y0) = (x as usize, y as usize);
        let (wx, wy) = (weights(x - x0 as f32), weights(y - y0 as f32));
        let before = N / 2 - 1;
        let last_row = self.pixels.len() / self.width - 1;
        let columns: [usize; N] =
            std::array::from_fn(|i| (x0 + i).saturating_sub(before).min(self.width - 1));
        let mut sum = [0.0; C];
        for (j, wy) in wy.into_iter().enumerate() {
            let row = (y0 + j).saturating_sub(before).min(last_row) * self.width;
            let row = &self.pixels[row..row + self.width];
            for (&column, wx) in columns.iter().zip(wx) {
                for (s, v) in sum.iter_mut().zip(row[column]) {
                    *s += wx * wy * v.into();
                }
            }
        }
        sum
    }
}
