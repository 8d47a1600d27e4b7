//! Poisson image editing (Pérez et al., SIGGRAPH 2003), solved directly.
//!
//! As in OpenCV's `seamlessClone`, the equation is solved on the bounding box of the mask: inside
//! the mask, eroded a little, the guidance field is the source's gradient (or the stronger one),
//! elsewhere the target's, and the box's outline keeps the target's values. The unknown here is
//! the correction `e = result - target`, which is zero on the outline, so that
//! `laplace(e) = div(guidance - gradient of the target)`.
//!
//! Outside the mask but inside the box the correction is smooth: colours shift a little while the
//! target's texture, and with it the traces of its camera, stays.

use std::cell::RefCell;

use image::RgbImage;

use crate::{
    error::Error,
    mask::{Mask, support},
    region::Region,
};

mod solver;

use solver::Solver;

/// Whose gradients guide the solution inside the mask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gradients {
    /// The source's ("normal" or "importing gradients", equation 11 of the Poisson paper).
    Source,
    /// At every pixel and channel, those of the picture that varies more ("mixing gradients", its
    /// equation 13). How much a picture varies is measured as OpenCV does, by `|gx - gy|` of the
    /// two differences, where the paper has the gradient's length.
    Stronger,
}

/// Pixels by which the region of the source's gradients is eroded, OpenCV's choice: gradients
/// that straddle the mask's edge belong to neither picture.
const EROSION: usize = 3;

/// The share of the mask's greatest value from which a pixel belongs to the region.
const INSIDE: f32 = 0.5;

thread_local! {
    /// Transforms' tables and buffers, reused by the calls of one thread.
    static SOLVER: RefCell<Solver> = RefCell::new(Solver::default());
}

/// The target with the source's gradients where the mask reaches half of its greatest value; all
/// three of one size. The outermost pixels of the picture are never part of the region. A region
/// too small to be solved leaves the target as it is.
///
/// # Errors
/// [`Error::SizeMismatch`] when the three sizes differ.
pub fn blend(
    target: &RgbImage,
    source: &RgbImage,
    mask: &Mask,
    gradients: Gradients,
) -> Result<RgbImage, Error> {
    super::check(target, source, mask)?;
    let mut out = target.clone();
    let Some((region, inside)) = domain(mask) else {
        return Ok(out);
    };
    let field = divergence(target, source, &inside, region, gradients);
    let (columns, rows) = (region.width as usize - 2, region.height as usize - 2);
    SOLVER.with_borrow_mut(|solver| {
        let correction = solver.solve(field, columns, rows);
        let stride = target.width() as usize;
        for y in 0..rows {
            let start = (region.y as usize + 1 + y) * stride + region.x as usize + 1;
            let row = &mut out.as_chunks_mut::<3>().0[start..start + columns];
            for (c, plane) in correction.chunks_exact(columns * rows).enumerate() {
                for (pixel, e) in row.iter_mut().zip(&plane[y * columns..]) {
                    pixel[c] = (f32::from(pixel[c]) + e + 0.5) as u8;
                }
            }
        }
    });
    Ok(out)
}

/// The box to solve on, and for each of its pixels whether the source guides it. `None` when the
/// box has no interior.
fn domain(mask: &Mask) -> Option<(Region, Vec<bool>)> {
    let (width, height) = mask.dimensions();
    let peak = mask.iter().fold(0.0, |a: f32, &m| a.max(m));
    let threshold = INSIDE * peak;
    let mut binary = mask.clone();
    for (x, y, m) in binary.enumerate_pixels_mut() {
        let frame = x == 0 || y == 0 || x + 1 == width || y + 1 == height;
        m.0[0] = f32::from(!frame && m.0[0] > 0.0 && m.0[0] >= threshold);
    }
    let region = support(&binary, 0.0)?;
    if region.width < 3 || region.height < 3 {
        return None;
    }
    let stride = width as usize;
    let inside: Vec<bool> = (region.y..region.bottom())
        .flat_map(|y| {
            &binary.as_raw()[y as usize * stride + region.x as usize..][..region.width as usize]
        })
        .map(|&m| m > 0.0)
        .collect();
    // A small part of a face may vanish under the full erosion.
    let eroded = (0..=EROSION)
        .rev()
        .map(|radius| erode(&inside, region.width as usize, radius))
        .find(|eroded| eroded.contains(&true))?;
    Some((region, eroded))
}

/// Whether all pixels within `radius` in rows and columns are set; beyond the box none is.
fn erode(inside: &[bool], width: usize, radius: usize) -> Vec<bool> {
    let height = inside.len() / width;
    let mut along_rows = vec![false; inside.len()];
    for (out, row) in along_rows
        .chunks_exact_mut(width)
        .zip(inside.chunks_exact(width))
    {
        for (middle, window) in row.windows(2 * radius + 1).enumerate() {
            out[middle + radius] = window.iter().all(|&v| v);
        }
    }
    let mut out = vec![false; inside.len()];
    for (y, out) in out.chunks_exact_mut(width).enumerate() {
        if y < radius || y + radius >= height {
            continue;
        }
        out.fill(true);
        for row in along_rows
            .chunks_exact(width)
            .skip(y - radius)
            .take(2 * radius + 1)
        {
            out.iter_mut().zip(row).for_each(|(o, v)| *o &= v);
        }
    }
    out
}

/// Minus the divergence of (guidance - gradient of the target) at the interior of the box, three
/// planes `[channel][row][column]`. Gradients are forward, the divergence backward differences.
fn divergence(
    target: &RgbImage,
    source: &RgbImage,
    inside: &[bool],
    region: Region,
    gradients: Gradients,
) -> Vec<f32> {
    let (width, height) = (region.width as usize, region.height as usize);
    let (columns, rows) = (width - 2, height - 2);
    let stride = target.width() as usize;
    let (target, source) = (target.as_chunks::<3>().0, source.as_chunks::<3>().0);
    let mut field = vec![0.0; 3 * columns * rows];
    let mut add = |c: usize, x: usize, y: usize, value: f32| {
        if (1..=columns).contains(&x) && (1..=rows).contains(&y) {
            field[(c * rows + y - 1) * columns + x - 1] += value;
        }
    };
    for y in 0..height - 1 {
        for x in (0..width - 1).filter(|x| inside[y * width + x]) {
            let p = (region.y as usize + y) * stride + region.x as usize + x;
            for c in 0..3 {
                let gradient = |image: &[[u8; 3]]| {
                    let [here, right, below] =
                        [p, p + 1, p + stride].map(|i| i16::from(image[i][c]));
                    [right - here, below - here]
                };
                let ([tx, ty], [sx, sy]) = (gradient(target), gradient(source));
                if gradients == Gradients::Stronger && (sx - sy).abs() <= (tx - ty).abs() {
                    continue;
                }
                // What a difference adds to the divergence at p it takes from the neighbour's.
                let (vx, vy) = (f32::from(sx - tx), f32::from(sy - ty));
                add(c, x, y, -vx - vy);
                add(c, x + 1, y, vx);
                add(c, x, y + 1, vy);
            }
        }
    }
    field
}
