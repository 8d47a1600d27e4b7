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
    /// At every pixel and channel, and for each direction, the larger one in magnitude ("mixing
    /// gradients", its equation 13).
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

/// Whether all pixels within `radius` in rows and columns are set; beyond the box nothing counts.
fn erode(inside: &[bool], width: usize, radius: usize) -> Vec<bool> {
    let height = inside.len() / width;
    let window = |i: usize, n: usize| i.saturating_sub(radius)..(i + radius + 1).min(n);
    let mut along_rows = Vec::with_capacity(inside.len());
    for row in inside.chunks_exact(width) {
        along_rows.extend((0..width).map(|x| row[window(x, width)].iter().all(|&v| v)));
    }
    let mut out = vec![true; inside.len()];
    for (y, out) in out.chunks_exact_mut(width).enumerate() {
        for other in window(y, height) {
            let row = &along_rows[other * width..(other + 1) * width];
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
    let mut add = |x: usize, y: usize, value: [f32; 3]| {
        if (1..=columns).contains(&x) && (1..=rows).contains(&y) {
            let at = (y - 1) * columns + x - 1;
            for (c, v) in value.into_iter().enumerate() {
                field[c * columns * rows + at] += v;
            }
        }
    };
    // A difference between p and its right (lower) neighbour q adds to p what it takes from q.
    for y in 0..height - 1 {
        for x in 0..width - 1 {
            if !inside[y * width + x] {
                continue;
            }
            let p = (region.y as usize + y) * stride + region.x as usize + x;
            for (q, (qx, qy)) in [(p + 1, (x + 1, y)), (p + stride, (x, y + 1))] {
                let change = change(target[p], target[q], source[p], source[q], gradients);
                add(x, y, change.map(|v| -v));
                add(qx, qy, change);
            }
        }
    }
    field
}

/// Guidance minus the target's gradient, from pixel `p` to pixel `q`.
fn change(tp: [u8; 3], tq: [u8; 3], sp: [u8; 3], sq: [u8; 3], gradients: Gradients) -> [f32; 3] {
    std::array::from_fn(|c| {
        let target = i16::from(tq[c]) - i16::from(tp[c]);
        let source = i16::from(sq[c]) - i16::from(sp[c]);
        if gradients == Gradients::Stronger && target.abs() > source.abs() {
            0.0
        } else {
            f32::from(source - target)
        }
    })
}
