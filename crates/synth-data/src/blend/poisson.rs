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

use super::sizes::check;
use crate::{error::Error, lanes::byte, mask::Mask, region::Region};

mod domain;
mod guidance;
mod solver;

use domain::domain;
use guidance::divergence;
use solver::Solver;

pub use guidance::Gradients;

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
    check(target, source, mask)?;
    let mut out = target.clone();
    let Some((region, inside)) = domain(mask) else {
        return Ok(out);
    };
    let mut field = divergence(target, source, &inside, region, gradients);
    let (columns, rows) = (region.width as usize - 2, region.height as usize - 2);
    SOLVER.with_borrow_mut(|solver| solver.solve(&mut field, columns, rows));
    pulp::Arch::new().dispatch(Adding {
        correction: &field,
        columns,
        out: &mut out,
        region,
    });
    Ok(out)
}

/// Adds a correction, `[row][channel][column]`, to the interior of the box.
struct Adding<'a> {
    correction: &'a [f32],
    columns: usize,
    out: &'a mut RgbImage,
    region: Region,
}

impl pulp::NullaryFnOnce for Adding<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Region { x, y, .. } = self.region;
        let stride = 3 * self.out.width() as usize;
        let rows = self.out.chunks_exact_mut(stride).skip(y as usize + 1);
        let mut interleaved = vec![0.0; 3 * self.columns];
        for (row, lines) in rows.zip(self.correction.chunks_exact(3 * self.columns)) {
            for (c, line) in lines.chunks_exact(self.columns).enumerate() {
                for (pixel, &e) in interleaved.as_chunks_mut::<3>().0.iter_mut().zip(line) {
                    pixel[c] = e;
                }
            }
            let values = row[3 * (x as usize + 1)..].iter_mut();
            for (v, e) in values.zip(&interleaved) {
                *v = byte(f32::from(*v) + e);
            }
        }
    }
}
