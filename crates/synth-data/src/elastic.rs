//! Elastic deformation of a mask by a coarse random grid (paper 3.2; Ronneberger et al. 2015).

use std::ops::Range;

use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use crate::{
    corners::Corners,
    lanes::BLOCK,
    mask::{Mask, support},
    region::Region,
};

/// Nodes along each side of the grid.
pub const GRID: usize = 4;

/// How far cubic convolution goes beyond its nodes, in shares of their extent: at most 1/8, and a
/// little for rounding.
const OVERSHOOT: f32 = 0.126;

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
        let columns = column_weights(width);
        pulp::Arch::new().dispatch(Deforming {
            elastic: self,
            mask,
            support: region,
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

/// [`Elastic::deform`] with the best vector instructions there are.
struct Deforming<'a> {
    elastic: &'a Elastic,
    mask: &'a Mask,
    /// Outside it the mask is zero.
    support: Region,
    columns: &'a [[[f32; BLOCK]; GRID]],
    out: &'a mut Mask,
}

impl pulp::NullaryFnOnce for Deforming<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { mask, support, .. } = self;
        let (width, height) = mask.dimensions();
        let (rows, columns) = (support.y..support.bottom(), support.x..support.right());
        let stride = width as usize;
        let mut corners = Corners::default();
        for (y, out) in (0..height).zip(self.out.chunks_exact_mut(stride)) {
            let nodes = self.elastic.along_row(&node_weights(y, height));
            if !reaching(&rows, height, nodes.map(|[_, dy]| dy)).contains(&y) {
                continue;
            }
            let reach = reaching(&columns, width, nodes.map(|[dx, _]| dx));
            let (first, last) = (reach.start as usize, reach.end as usize);
            let blocks = out.chunks_mut(BLOCK).zip(self.columns).enumerate();
            for (block, (out, weights)) in blocks.take(last.div_ceil(BLOCK)).skip(first / BLOCK) {
                let start = [(block * BLOCK) as f32, y as f32];
                let displacement = displacements(weights, &nodes);
                corners.locate(start, &displacement, (width, height));
                corners.interpolate(mask.as_raw(), stride, out);
            }
        }
    }
}

/// The pixels along an axis of length `n` that, displaced by a row of nodes, may read from `from`.
#[inline(always)]
fn reaching(from: &Range<u32>, n: u32, nodes: [f32; GRID]) -> Range<u32> {
    let low = nodes.into_iter().fold(f32::INFINITY, f32::min);
    let high = nodes.into_iter().fold(f32::NEG_INFINITY, f32::max);
    let margin = OVERSHOOT * (high - low) + 1.0;
    // What lies beyond the border reads the outermost pixel.
    let first = if from.start == 0 {
        0
    } else {
        (from.start as f32 - high - margin) as u32
    };
    let end = if from.end == n {
        n
    } else {
        ((from.end as f32 - low + margin).ceil() as u32).min(n)
    };
    first..end
}

/// The displacements of a block of pixels, `[dx, dy]`, from their weights of a row of nodes.
#[inline(always)]
fn displacements(weights: &[[f32; BLOCK]; GRID], nodes: &[[f32; 2]; GRID]) -> [[f32; BLOCK]; 2] {
    let mut out = [[0.0; BLOCK]; 2];
    for i in 0..BLOCK {
        [out[0][i], out[1][i]] = combine(&[0, 1, 2, 3].map(|node| weights[node][i]), nodes);
    }
    out
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

/// The weights of the nodes for each column, in blocks `[node][column]`; zero beyond the last.
fn column_weights(width: u32) -> Vec<[[f32; BLOCK]; GRID]> {
    let mut blocks = vec![[[0.0; BLOCK]; GRID]; (width as usize).div_ceil(BLOCK)];
    for x in 0..width {
        let block = &mut blocks[x as usize / BLOCK];
        for (node, weight) in block.iter_mut().zip(node_weights(x, width)) {
            node[x as usize % BLOCK] = weight;
        }
    }
    blocks
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
