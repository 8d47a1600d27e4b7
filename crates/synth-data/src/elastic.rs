//! Elastic deformation of a mask by a coarse random grid (paper 3.2; Ronneberger et al. 2015).

use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use crate::{
    mask::{Mask, support},
    region::Region,
};

/// Nodes along each side of the grid.
pub const GRID: usize = 4;

/// The most that cubic convolution in two dimensions goes beyond its nodes: 1.25 squared.
const OVERSHOOT: f32 = 1.5625;

/// Displacements in pixels at the nodes of a 4 x 4 grid that spans a picture from its first pixel
/// centre to its last; between them they are interpolated bicubically (Keys 1981, a = -1/2).
#[derive(Debug, Clone, PartialEq)]
pub struct Elastic {
    /// `[row][column]` holds `[dx, dy]`.
    pub nodes: [[[f32; 2]; GRID]; GRID],
}

impl Elastic {
    /// Independent Gaussian displacements of standard deviation `sigma` pixels.
    pub fn random(sigma: f32, rng: &mut impl Rng) -> Self {
        let mut nodes = [[[0.0; 2]; GRID]; GRID];
        for value in nodes.as_flattened_mut().as_flattened_mut() {
            *value = sigma * rng.sample::<f32, _>(StandardNormal);
        }
        Self { nodes }
    }

    /// The mask whose pixel `p` is the bilinear sample of `mask` at `p + displacement(p)`; beyond
    /// the border the outermost pixels continue. Values stay in 0 ..= 1.
    pub fn deform(&self, mask: &Mask) -> Mask {
        let (width, height) = mask.dimensions();
        let mut out = Mask::new(width, height);
        let Some(region) = support(mask, 0.0) else {
            return out;
        };
        // A pixel farther from the support than the longest displacement samples zeros alone.
        let nodes = self.nodes.as_flattened().as_flattened();
        let longest = OVERSHOOT * nodes.iter().fold(0.0, |a: f32, d| a.max(d.abs()));
        let region = region.grown(longest.ceil() as u32 + 1, (width, height));
        let columns: Vec<_> = (region.x..region.right())
            .map(|x| node_weights(x, width))
            .collect();
        pulp::Arch::new().dispatch(Deforming {
            elastic: self,
            mask,
            region,
            columns: &columns,
            out: &mut out,
        });
        out
    }

    /// The grid interpolated along y: one `[dx, dy]` for each of its columns.
    fn along_row(&self, weights: &[f32; GRID]) -> [[f32; 2]; GRID] {
        std::array::from_fn(|column| {
            let nodes = std::array::from_fn(|row| self.nodes[row][column]);
            combine(weights, &nodes)
        })
    }
}

/// [`Elastic::deform`] within a region, with the best vector instructions there are.
struct Deforming<'a> {
    elastic: &'a Elastic,
    mask: &'a Mask,
    region: Region,
    /// Weights of the nodes for each of the region's columns.
    columns: &'a [[f32; GRID]],
    out: &'a mut Mask,
}

impl pulp::NullaryFnOnce for Deforming<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let region = self.region;
        let (width, height) = self.mask.dimensions();
        let rows = self.out.chunks_exact_mut(width as usize);
        for (y, out) in (0..region.bottom()).zip(rows).skip(region.y as usize) {
            let row = self.elastic.along_row(&node_weights(y, height));
            let out = out[region.x as usize..].iter_mut();
            for ((o, weights), x) in out.zip(self.columns).zip(region.x..) {
                let [dx, dy] = combine(weights, &row);
                *o = bilinear(self.mask, x as f32 + dx, y as f32 + dy);
            }
        }
    }
}

#[inline(always)]
fn combine(weights: &[f32; GRID], nodes: &[[f32; 2]; GRID]) -> [f32; 2] {
    let mut sum = [0.0; 2];
    for (w, [dx, dy]) in weights.iter().zip(nodes) {
        sum[0] += w * dx;
        sum[1] += w * dy;
    }
    sum
}

/// The weight of each node for the pixel `i` of `n`; nodes beyond the grid repeat its outermost.
fn node_weights(i: u32, n: u32) -> [f32; GRID] {
    let last = (GRID - 1) as f32;
    let position = if n > 1 {
        i as f32 * last / (n - 1) as f32
    } else {
        0.0
    };
    let cell = position.floor().min(last - 1.0);
    let mut weights = [0.0; GRID];
    for (tap, w) in keys(position - cell).into_iter().enumerate() {
        let node = (cell as usize + tap).saturating_sub(1).min(GRID - 1);
        weights[node] += w;
    }
    weights
}

/// Cubic convolution weights (Keys 1981, a = -1/2) of the four neighbours at -1, 0, 1 and 2 of a
/// point `t` in 0 ..= 1.
#[inline(always)]
pub(crate) fn keys(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        -0.5 * t3 + t2 - 0.5 * t,
        1.5 * t3 - 2.5 * t2 + 1.0,
        -1.5 * t3 + 2.0 * t2 + 0.5 * t,
        0.5 * t3 - 0.5 * t2,
    ]
}

#[inline(always)]
fn bilinear(mask: &Mask, x: f32, y: f32) -> f32 {
    let (width, height) = (mask.width() as usize, mask.height() as usize);
    let x = x.clamp(0.0, (width - 1) as f32);
    let y = y.clamp(0.0, (height - 1) as f32);
    let (x0, y0) = (x as usize, y as usize);
    let (fx, fy) = (x - x0 as f32, y - y0 as f32);
    let right = usize::from(x0 + 1 < width);
    let top = &mask.as_raw()[y0 * width..];
    let bottom = &mask.as_raw()[(y0 + 1).min(height - 1) * width..];
    let a = top[x0] + fx * (top[x0 + right] - top[x0]);
    let b = bottom[x0] + fx * (bottom[x0 + right] - bottom[x0]);
    // Rounding must not lead out of the range of masks.
    (a + fy * (b - a)).clamp(0.0, 1.0)
}
