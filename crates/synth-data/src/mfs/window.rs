//! The window of the greatest dissimilarity (ADM paper, Eq. 2).

use crate::{mask::Mask, region::Region};

/// `x_t, y_t = arg max over x, y of the sum of DSSIM(I_F, I_S) over a window at x, y`, the window
/// being `w` x `h` pixels and within `area`: the window found. The paper's Eq. 2 writes x for rows;
/// here x is horizontal.
///
/// It is looked for at every `step[0]`th column and `step[1]`th row of the area from its top-left
/// corner on (the paper: 1). Sums are exact up to the rounding of `f64`, by an integral image. Of
/// equal ones the first in reading order wins. `None` when the area does not hold such a window or
/// reaches beyond the picture.
#[doc(alias = "ADM eq 2")]
pub fn most_dissimilar_window(
    dssim: &Mask,
    (w, h): (u32, u32),
    area: Region,
    step: [u32; 2],
) -> Option<Region> {
    let (width, height) = dssim.dimensions();
    let fits = w > 0 && h > 0 && w <= area.width && h <= area.height;
    if !fits || area.right() > width || area.bottom() > height {
        return None;
    }
    let integral = Integral::new(dssim, area);
    let found = pulp::Arch::new().dispatch(Search {
        integral: &integral,
        window: (w as usize, h as usize),
        step: step.map(|s| s.max(1) as usize),
    });
    Some(Region {
        x: area.x + found.0 as u32,
        y: area.y + found.1 as u32,
        width: w,
        height: h,
    })
}

/// Sums over all pixels above and to the left: `(width + 1)` x `(height + 1)` numbers.
struct Integral {
    stride: usize,
    sums: Vec<f64>,
}

impl Integral {
    fn new(values: &Mask, area: Region) -> Self {
        let (width, height) = (area.width as usize, area.height as usize);
        let stride = width + 1;
        let mut sums = vec![0.0; stride * (height + 1)];
        let rows = values.chunks_exact(values.width() as usize);
        let rows = rows.skip(area.y as usize).take(height);
        for (y, values) in rows.enumerate() {
            let (above, row) = sums[y * stride..].split_at_mut(stride);
            let mut along_row = 0.0;
            let values = &values[area.x as usize..][..width];
            for ((sum, &above), &v) in row[1..].iter_mut().zip(&above[1..]).zip(values) {
                along_row += f64::from(v);
                *sum = above + along_row;
            }
        }
        Self { stride, sums }
    }
}

/// The search in an integral image, with the best vector instructions there are.
struct Search<'a> {
    integral: &'a Integral,
    window: (usize, usize),
    step: [usize; 2],
}

impl pulp::NullaryFnOnce for Search<'_> {
    /// Column and row.
    type Output = (usize, usize);

    #[inline(always)]
    fn call(self) -> (usize, usize) {
        let (w, h) = self.window;
        let Integral { stride, sums } = self.integral;
        let rows = sums.len() / stride;
        // Sums of whole columns between the window's top and bottom, then of windows.
        let mut columns = vec![0.0; *stride];
        let mut windows = vec![0.0; stride - w];
        let mut best = (f64::NEG_INFINITY, 0, 0);
        for y in (0..rows - h).step_by(self.step[1]) {
            let top = &sums[y * stride..][..*stride];
            let bottom = &sums[(y + h) * stride..][..*stride];
            for ((c, t), b) in columns.iter_mut().zip(top).zip(bottom) {
                *c = b - t;
            }
            for ((s, left), right) in windows.iter_mut().zip(&columns).zip(&columns[w..]) {
                *s = right - left;
            }
            // Few rows hold a new maximum, so that its place is looked for only in those.
            if greatest(&windows) > best.0 {
                for (x, &sum) in windows.iter().enumerate().step_by(self.step[0]) {
                    if sum > best.0 {
                        best = (sum, x, y);
                    }
                }
            }
        }
        (best.1, best.2)
    }
}

/// The greatest of some numbers.
#[inline(always)]
fn greatest(values: &[f64]) -> f64 {
    const LANES: usize = 8;
    let larger = |a: f64, b: f64| if b > a { b } else { a };
    let (blocks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [f64::NEG_INFINITY; LANES];
    for block in blocks {
        for (lane, &v) in lanes.iter_mut().zip(block) {
            *lane = larger(*lane, v);
        }
    }
    lanes
        .iter()
        .chain(rest)
        .fold(f64::NEG_INFINITY, |a, &b| larger(a, b))
}
