//! Alignment of the source to the target (Alg. 1, line 3): one similarity, one warp.

use face_preproc::geometry::{Landmarks68, Similarity};
use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::{
    elastic::keys,
    error::{Error, Role},
    lanes::{BLOCK, RAMP, byte, index},
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
    let put = |values: &[[f32; 4]; BLOCK], count| {
        let mut bytes = [[0; 4]; BLOCK];
        let flat = bytes.as_flattened_mut().iter_mut();
        for (b, &v) in flat.zip(values.as_flattened()) {
            *b = byte(v);
        }
        for (pixel, &[r, g, b, _]) in pixels.by_ref().take(count).zip(&bytes) {
            *pixel = [r, g, b];
        }
    };
    let source = image.as_chunks::<3>().0.iter();
    let source = source.map(|rgb| [rgb[0].into(), rgb[1].into(), rgb[2].into(), 0.0]);
    let grid = Grid::new(source, image.dimensions());
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
    let grid = Grid::new(mask.iter().map(|&m| [m]), mask.dimensions());
    let whole = Region::whole(mask.dimensions());
    grid.resample(&back, whole, linear, |block, count| {
        for (value, [m]) in values.by_ref().take(count).zip(block) {
            *value = m.clamp(0.0, 1.0);
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
#[inline(always)]
fn linear(t: f32) -> [f32; 2] {
    [1.0 - t, t]
}

/// Pixels repeated beyond each border, enough for four by four neighbours.
const PAD: usize = 2;

/// Row-major pixels of `C` values with a border of `PAD` repeated pixels, so that no neighbour of a
/// point inside the picture needs a check. Colours take four values: one vector register.
struct Grid<const C: usize> {
    pixels: Vec<[f32; C]>,
    width: usize,
    height: usize,
}

impl<const C: usize> Grid<C> {
    /// From the pixels of a picture that has some, in reading order.
    fn new(mut source: impl Iterator<Item = [f32; C]>, (width, height): (u32, u32)) -> Self {
        let (width, height) = (width as usize, height as usize);
        let stride = width + 2 * PAD;
        let mut pixels = vec![[0.0; C]; stride * (height + 2 * PAD)];
        for row in pixels.chunks_exact_mut(stride).skip(PAD).take(height) {
            for (pixel, value) in row[PAD..PAD + width].iter_mut().zip(&mut source) {
                *pixel = value;
            }
            let (left, right) = (row[PAD], row[PAD + width - 1]);
            row[..PAD].fill(left);
            row[PAD + width..].fill(right);
        }
        for border in 0..PAD {
            let (first, last) = (PAD * stride, (PAD + height - 1) * stride);
            pixels.copy_within(first..first + stride, border * stride);
            pixels.copy_within(last..last + stride, (PAD + height + border) * stride);
        }
        Self {
            pixels,
            width,
            height,
        }
    }

    /// Hands the values at `back(x, y)` of the region's pixels to `put`, row by row in blocks of
    /// which the first so many values count.
    fn resample<const N: usize>(
        &self,
        back: &Similarity,
        region: Region,
        weights: impl Fn(f32) -> [f32; N],
        put: impl FnMut(&[[f32; C]; BLOCK], usize),
    ) {
        pulp::Arch::new().dispatch(Resampling::<_, _, C, N> {
            grid: self,
            back,
            region,
            weights,
            put,
        });
    }
}

/// [`Grid::resample`] with the best vector instructions there are.
struct Resampling<'a, W, P, const C: usize, const N: usize> {
    grid: &'a Grid<C>,
    back: &'a Similarity,
    region: Region,
    weights: W,
    put: P,
}

impl<const C: usize, const N: usize, W, P> pulp::NullaryFnOnce for Resampling<'_, W, P, C, N>
where
    W: Fn(f32) -> [f32; N],
    P: FnMut(&[[f32; C]; BLOCK], usize),
{
    type Output = ();

    #[inline(always)]
    fn call(mut self) {
        let Region { x, y, width, .. } = self.region;
        let mut taps = Taps {
            columns: [0; BLOCK],
            rows: [0; BLOCK],
            along_x: [[0.0; BLOCK]; N],
            along_y: [[0.0; BLOCK]; N],
        };
        let mut values = [[0.0; C]; BLOCK];
        for y in y..self.region.bottom() {
            for start in (0..width).step_by(BLOCK) {
                let count = BLOCK.min((width - start) as usize);
                self.locate(&mut taps, x.saturating_add(start) as f32, y as f32);
                self.combine(&taps, &mut values[..count]);
                (self.put)(&values, count);
            }
        }
    }
}

/// Where a block of pixels is read.
struct Taps<const N: usize> {
    /// Column and row of the first neighbour in the padded picture.
    columns: [u32; BLOCK],
    rows: [u32; BLOCK],
    /// The neighbours' weights, `[neighbour][pixel]`.
    along_x: [[f32; BLOCK]; N],
    along_y: [[f32; BLOCK]; N],
}

impl<const C: usize, const N: usize, W, P> Resampling<'_, W, P, C, N>
where
    W: Fn(f32) -> [f32; N],
{
    /// The taps of the pixels from `x` on in row `y`, each inside the picture.
    #[inline(always)]
    fn locate(&self, taps: &mut Taps<N>, x: f32, y: f32) {
        // The first neighbour is at the floor - (N / 2 - 1), and the border moves it by PAD.
        let first = (PAD + 1 - N / 2) as u32;
        let (last_column, last_row) = (self.grid.width - 1, self.grid.height - 1);
        let (right, bottom) = (last_column as f32, last_row as f32);
        let Similarity { a, b, tx, ty } = *self.back;
        for (i, step) in RAMP.into_iter().enumerate() {
            let x = x + step;
            let sx = ((tx - b * y) + a * x).clamp(0.0, right);
            let sy = ((ty + a * y) + b * x).clamp(0.0, bottom);
            let (column, row) = (sx.floor(), sy.floor());
            // Numbers that are not finite must not lead out of the picture either.
            taps.columns[i] = index(column).min(last_column as u32).wrapping_add(first);
            taps.rows[i] = index(row).min(last_row as u32).wrapping_add(first);
            let along_x = (self.weights)(sx - column);
            let along_y = (self.weights)(sy - row);
            for n in 0..N {
                taps.along_x[n][i] = along_x[n];
                taps.along_y[n][i] = along_y[n];
            }
        }
    }

    /// The weighted sums of the `N` by `N` neighbours.
    #[inline(always)]
    fn combine(&self, taps: &Taps<N>, values: &mut [[f32; C]]) {
        let stride = self.grid.width + 2 * PAD;
        for (i, value) in values.iter_mut().enumerate() {
            let corner = taps.rows[i] as usize * stride + taps.columns[i] as usize;
            let mut columns = [[0.0; C]; N];
            for (j, weights) in taps.along_y.iter().enumerate() {
                let row = &self.grid.pixels[corner + j * stride..][..N];
                for (column, pixel) in columns.iter_mut().zip(row) {
                    for (sum, v) in column.iter_mut().zip(pixel) {
                        *sum += weights[i] * v;
                    }
                }
            }
            *value = [0.0; C];
            for (weights, column) in taps.along_x.iter().zip(columns) {
                for (sum, v) in value.iter_mut().zip(column) {
                    *sum += weights[i] * v;
                }
            }
        }
    }
}
