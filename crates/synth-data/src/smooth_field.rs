//! Elastic deformation by a dense smooth random field (Simard et al., ICDAR 2003), as MFS and SBI
//! use it.

use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use crate::{
    corners::Corners,
    lanes::BLOCK,
    mask::{Mask, support},
    region::Region,
};

/// The integral of the squared cubic B-spline, 151 / 315: the mean over all places of the sum of
/// its squared weights.
const SQUARED_WEIGHTS: f32 = 151.0 / 315.0;

/// Weights that a point has of the nodes around it.
const TAPS: usize = 4;

/// Random displacements in pixels: `alpha` times uniform noise from -1 to 1 at every pixel,
/// smoothed with a Gaussian of standard deviation `sigma` pixels, along both axes independently.
///
/// Instead of smoothing noise at every pixel, the field is a uniform cubic B-spline with Gaussian
/// nodes `sqrt(3) sigma` pixels apart and the grid's origin at random. A cubic B-spline of that
/// spacing has the Gaussian's standard deviation and nearly its shape, so both fields have the same
/// variance, `alpha^2 / (12 pi sigma^2)` along each axis, and within 0.03 the same correlation,
/// `exp(-(d / 2 sigma)^2)` at a distance of `d` pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct SmoothField {
    /// Pixels from node to node, at least 1.
    spacing: f32,
    /// Where the pixel `(0, 0)` lies on the grid of nodes, 0 ..= 1.
    origin: [f32; 2],
    columns: usize,
    /// `[row][column]` of `[dx, dy]`. The first node is one before the cell that holds the origin.
    nodes: Vec<[f32; 2]>,
}

impl SmoothField {
    /// A field for pictures of that size. Draws the origin, then the nodes in reading order, `dx`
    /// before `dy`. A `sigma` below `1 / sqrt(3)` is taken for that.
    pub fn random(alpha: f32, sigma: f32, (width, height): (u32, u32), rng: &mut impl Rng) -> Self {
        let spacing = (3.0f32.sqrt() * sigma).max(1.0);
        let sigma = spacing / 3.0f32.sqrt();
        let deviation = alpha / (sigma * (12.0 * std::f32::consts::PI).sqrt()) / SQUARED_WEIGHTS;
        let origin: [f32; 2] = [rng.random(), rng.random()];
        let [columns, rows] = [(width, origin[0]), (height, origin[1])]
            .map(|(n, origin)| (origin + n as f32 / spacing) as usize + TAPS);
        let nodes = (0..columns * rows)
            .map(|_| [0; 2].map(|_| deviation * rng.sample::<f32, _>(StandardNormal)))
            .collect();
        Self {
            spacing,
            origin,
            columns,
            nodes,
        }
    }

    /// The displacement `[dx, dy]` at a pixel; beyond the size that the field was made for, that
    /// of its last cells.
    pub fn at(&self, x: u32, y: u32) -> [f32; 2] {
        let row = self.along_row(&self.cell(y, 1));
        combine(&self.cell(x, 0), &row)
    }

    /// The mask whose pixel `p` is the bilinear sample of `mask` at `p + displacement(p)`; beyond
    /// the border the outermost pixels continue. Values stay in 0 ..= 1.
    pub fn deform(&self, mask: &Mask) -> Mask {
        let (width, height) = mask.dimensions();
        let mut out = Mask::new(width, height);
        let Some(region) = support(mask, 0.0) else {
            return out;
        };
        // A spline stays within its nodes, so a pixel farther from the support than the longest
        // displacement samples zeros alone.
        let longest = self.nodes.as_flattened().iter();
        let longest = longest.fold(0.0, |a: f32, d| a.max(d.abs()));
        let region = region.grown(longest.ceil() as u32 + 1, (width, height));
        let columns: Vec<Cell> = (region.x..region.right())
            .map(|x| self.cell(x, 0))
            .collect();
        pulp::Arch::new().dispatch(Deforming {
            field: self,
            mask,
            region,
            columns: &columns,
            out: &mut out,
        });
        out
    }

    /// The first node that a row or column of pixels depends on, and the weights of that and the
    /// next three.
    fn cell(&self, i: u32, axis: usize) -> Cell {
        let count = if axis == 0 {
            self.columns
        } else {
            self.nodes.len() / self.columns
        };
        let position = self.origin[axis] + i as f32 / self.spacing;
        let first = (position as usize).min(count - TAPS);
        Cell {
            first,
            weights: cubic(position - position.floor()),
        }
    }

    /// The field interpolated along y: one `[dx, dy]` for each column of nodes.
    fn along_row(&self, cell: &Cell) -> Vec<[f32; 2]> {
        let rows = |tap: usize| &self.nodes[(cell.first + tap) * self.columns..][..self.columns];
        let [a, b, c, d]: [&[[f32; 2]]; TAPS] = std::array::from_fn(rows);
        let [wa, wb, wc, wd] = cell.weights;
        let sum = |k: usize, axis: usize| {
            wa * a[k][axis] + wb * b[k][axis] + wc * c[k][axis] + wd * d[k][axis]
        };
        (0..self.columns).map(|k| [sum(k, 0), sum(k, 1)]).collect()
    }
}

/// [`SmoothField::deform`] within a region, with the best vector instructions there are.
struct Deforming<'a> {
    field: &'a SmoothField,
    mask: &'a Mask,
    region: Region,
    /// Of the region's columns.
    columns: &'a [Cell],
    out: &'a mut Mask,
}

impl pulp::NullaryFnOnce for Deforming<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Region { x, y, width, .. } = self.region;
        let size = self.mask.dimensions();
        let stride = size.0 as usize;
        let mut corners = Corners::default();
        let mut displacement = [[0.0; BLOCK]; 2];
        let rows = self.out.chunks_exact_mut(stride);
        for (y, out) in (0..self.region.bottom()).zip(rows).skip(y as usize) {
            let nodes = self.field.along_row(&self.field.cell(y, 1));
            let out = &mut out[x as usize..][..width as usize];
            let blocks = out.chunks_mut(BLOCK).zip(self.columns.chunks(BLOCK));
            for (start, (out, cells)) in (x..).step_by(BLOCK).zip(blocks) {
                for (i, cell) in cells.iter().enumerate() {
                    [displacement[0][i], displacement[1][i]] = combine(cell, &nodes);
                }
                corners.locate([start as f32, y as f32], &displacement, size);
                corners.interpolate(self.mask.as_raw(), stride, out);
            }
        }
    }
}

/// Four neighbouring nodes and their weights.
struct Cell {
    first: usize,
    weights: [f32; TAPS],
}

#[inline(always)]
fn combine(cell: &Cell, row: &[[f32; 2]]) -> [f32; 2] {
    let mut sum = [0.0; 2];
    for (w, [dx, dy]) in cell.weights.iter().zip(&row[cell.first..]) {
        sum[0] += w * dx;
        sum[1] += w * dy;
    }
    sum
}

/// Weights of the uniform cubic B-spline at `t` in 0 ..= 1 between the second and the third node.
fn cubic(t: f32) -> [f32; TAPS] {
    let s = 1.0 - t;
    [
        s * s * s / 6.0,
        2.0 / 3.0 - t * t * (1.0 - t / 2.0),
        2.0 / 3.0 - s * s * (1.0 - s / 2.0),
        t * t * t / 6.0,
    ]
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const ALPHA: f32 = 50.0;
    const SIGMA: f32 = 4.0;

    fn field(seed: u64) -> SmoothField {
        SmoothField::random(ALPHA, SIGMA, (40, 30), &mut ChaCha8Rng::seed_from_u64(seed))
    }

    /// Variance and correlation over many fields are those of noise smoothed with a Gaussian. The
    /// spline's correlation differs from the Gaussian by at most 0.03; 4000 fields leave a
    /// deviation of 0.02.
    #[test]
    fn fields_have_the_statistics_of_smoothed_noise() {
        const FIELDS: u64 = 4000;
        let variance = ALPHA * ALPHA / (12.0 * std::f32::consts::PI * SIGMA * SIGMA);
        for (dx, dy) in [(0u32, 0u32), (4, 0), (0, 8), (6, 6), (16, 0)] {
            let mut sums = [0.0f32; 2];
            let mut crossed = 0.0;
            for seed in 0..FIELDS {
                let field = field(seed);
                let (a, b) = (field.at(9, 5), field.at(9 + dx, 5 + dy));
                sums[0] += a[0] * b[0];
                sums[1] += a[1] * b[1];
                crossed += a[0] * b[1];
            }
            let squared = (dx * dx + dy * dy) as f32;
            let want = (-squared / (4.0 * SIGMA * SIGMA)).exp();
            for sum in sums {
                let got = sum / FIELDS as f32 / variance;
                assert!((got - want).abs() < 0.08, "{dx} {dy}: {got} {want}");
            }
            assert!((crossed / FIELDS as f32 / variance).abs() < 0.08);
        }
    }

    /// By the definition, pixel by pixel, also where the mask touches the border.
    #[test]
    fn deformation_reads_where_the_field_points() {
        let mask = Mask::from_fn(40, 30, |x, y| {
            image::Luma([f32::from(u8::from(x < 22 && y > 11)) * (0.5 + x as f32 / 60.0)])
        });
        for seed in 0..5 {
            let field = field(seed);
            let deformed = field.deform(&mask);
            for (x, y, m) in deformed.enumerate_pixels() {
                let [dx, dy] = field.at(x, y);
                let sx = (x as f32 + dx).clamp(0.0, 39.0);
                let sy = (y as f32 + dy).clamp(0.0, 29.0);
                // Every pixel of the mask by its distance, as a tent.
                let near = |a: f32, b: u32| (1.0 - (a - b as f32).abs()).max(0.0);
                let weighed = mask.enumerate_pixels();
                let want: f32 = weighed
                    .map(|(x, y, m)| near(sx, x) * near(sy, y) * m.0[0])
                    .sum();
                assert!((m.0[0] - want).abs() < 1e-5, "{x} {y}");
            }
        }
    }

    #[test]
    fn odd_sizes_and_strengths_are_answered() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for size in [(1, 1), (1, 50), (3, 2)] {
            let mask = Mask::from_pixel(size.0, size.1, image::Luma([1.0]));
            for sigma in [0.0, 0.5, 1000.0] {
                let field = SmoothField::random(300.0, sigma, size, &mut rng);
                assert_eq!(field.deform(&mask), mask);
            }
        }
        let still = SmoothField::random(0.0, 5.0, (20, 20), &mut rng);
        assert_eq!(still.at(7, 9), [0.0; 2]);
    }
}
