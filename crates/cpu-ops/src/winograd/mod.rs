//! Convolution by kernels of 3 x 3 without strides, and its gradients, by Winograd's minimal filtering
//! F(4 x 4, 3 x 3): tiles of 4 x 4 values that come out are made of 36 products where there are 144 (Lavin
//! and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, Eq. 8 and 9).
//!
//! `Y = A^T [(G g G^T) . (B^T d B)] A` for a kernel `g` and the 6 x 6 values `d` that go in; summed over the
//! channels, the products are 36 products of matrices. The gradients are the same maps transposed.
//!
//! Transformations work on a group of channels side by side. Parts do not depend on the number of threads.

mod points;
mod strip;
mod transforms;

use std::ops::Range;

use rayon::prelude::*;

use crate::gemm::{Matrix, multiply};
use crate::geometry::Geometry;

use points::{LANES, OUT, POINTS};
use transforms::{Finish, Kernels, Transform, Weights};

/// Tiles of a part, about.
const TILES: usize = 64;
/// Parts whose transformations are held at once for a weight gradient.
const PARTS: usize = 32;
/// Tiles of a batch from which on the transformation of the kernels is worth it.
const WORTH: usize = 48;

/// Whether the shapes are for it, and it is worth its transformations.
pub(crate) fn suits(geometry: &Geometry) -> bool {
    let tiles = geometry.batch * tiles(geometry).iter().product::<usize>();
    geometry.kernel == [3, 3]
        && geometry.stride == [1, 1]
        && geometry.inputs.min(geometry.outputs) >= 2 * LANES
        && geometry.out[0].min(geometry.out[1]) >= 2 * OUT
        && tiles >= WORTH
}

/// Tiles of a map that comes out, along both axes.
fn tiles(geometry: &Geometry) -> [usize; 2] {
    geometry.out.map(|side| side.div_ceil(OUT))
}

/// Rows of tiles of all pictures, in parts.
fn parts(geometry: &Geometry) -> Vec<Range<usize>> {
    let [rows, columns] = tiles(geometry);
    let all = geometry.batch * rows;
    let count = (all * columns).div_ceil(TILES).clamp(1, all);
    let step = all.div_ceil(count);
    (0..all)
        .step_by(step)
        .map(|start| start..(start + step).min(all))
        .collect()
}

/// The maps that come out, `[batch, outputs, height, width]`.
///
/// `maps` is `[batch, inputs, height, width]`, `weight` `[outputs, inputs, 3, 3]`.
pub(crate) fn forward(maps: &[f32], weight: &[f32], geometry: &Geometry) -> Vec<f32> {
    let Geometry {
        inputs, outputs, ..
    } = *geometry;
    let [height, width] = geometry.out;
    let [rows, columns] = tiles(geometry);
    let kernels = kernels(weight, inputs, outputs);
    let parts = parts(geometry);
    let step = parts.first().map_or(1, Range::len);
    let buffers = || (Vec::new(), Vec::new());
    let lines: Vec<Vec<f32>> = parts
        .into_par_iter()
        .map_init(buffers, |(points, products), part| {
            let tiles = part.len() * columns;
            let mut lines = vec![0.0; part.len() * outputs * OUT * width];
            transform(maps, geometry, part, points, false);
            products.resize(POINTS * tiles * outputs, 0.0);
            let products = &mut products[..POINTS * tiles * outputs];
            let each = products.par_chunks_exact_mut(tiles * outputs).enumerate();
            each.for_each(|(point, product)| {
                let left = of_point(points, point, [tiles, inputs]);
                let right = of_point(&kernels, point, [inputs, outputs]);
                multiply(left, right, false, product, outputs);
            });
            pulp::Arch::new().dispatch(Finish {
                points: products,
                outputs,
                width,
                columns,
                lines: &mut lines,
            });
            lines
        })
        .collect();
    let mut out = vec![0.0; geometry.batch * outputs * height * width];
    let planes = out.par_chunks_exact_mut(height * width).enumerate();
    planes.for_each(|(plane, out)| {
        let (image, channel) = (plane / outputs, plane % outputs);
        for (row, out) in out.chunks_mut(OUT * width).enumerate() {
            let row = image * rows + row;
            let start = (row % step * outputs + channel) * OUT * width;
            out.copy_from_slice(&lines[row / step][start..start + out.len()]);
        }
    });
    out
}

/// The gradient of the weights, `[outputs, inputs, 3, 3]`, from the maps that went in and the gradient
/// of those that came out: at each point the product of both, summed over tiles.
pub(crate) fn weight_gradient(maps: &[f32], gradient: &[f32], geometry: &Geometry) -> Vec<f32> {
    let Geometry {
        inputs, outputs, ..
    } = *geometry;
    let columns = tiles(geometry)[1];
    let mut sums = vec![0.0; POINTS * inputs * outputs];
    for (number, parts) in parts(geometry).chunks(PARTS).enumerate() {
        let both = |part: &Range<usize>| {
            let [mut left, mut right] = [Vec::new(), Vec::new()];
            transform(maps, geometry, part.clone(), &mut left, false);
            transform(gradient, geometry, part.clone(), &mut right, true);
            (part.len() * columns, left, right)
        };
        let both: Vec<(usize, Vec<f32>, Vec<f32>)> = parts.par_iter().map(both).collect();
        let products = sums.par_chunks_exact_mut(inputs * outputs).enumerate();
        products.for_each(|(point, sum)| {
            for (part, (tiles, left, right)) in both.iter().enumerate() {
                let left = of_point(left, point, [*tiles, inputs]).transposed();
                let right = of_point(right, point, [*tiles, outputs]);
                multiply(left, right, number + part > 0, sum, outputs);
            }
        });
    }
    let mut weight = vec![0.0; outputs * inputs * 9];
    let blocks = weight.par_chunks_mut(LANES * inputs * 9).enumerate();
    blocks.for_each(|(block, weight)| {
        pulp::Arch::new().dispatch(Weights {
            sums: &sums,
            inputs,
            outputs,
            first: block * LANES,
            weight,
        });
    });
    weight
}

fn transform(
    maps: &[f32],
    geometry: &Geometry,
    rows: Range<usize>,
    points: &mut Vec<f32>,
    gradient: bool,
) {
    let (channels, size, padding) = match gradient {
        false => (geometry.inputs, geometry.size, geometry.padding),
        true => (geometry.outputs, geometry.out, [0, 0]),
    };
    pulp::Arch::new().dispatch(Transform {
        maps,
        channels,
        size,
        padding,
        tiles: tiles(geometry),
        rows,
        points,
        gradient,
    });
}

/// `G g G^T` of all kernels: `[POINTS, inputs, outputs]`.
fn kernels(weight: &[f32], inputs: usize, outputs: usize) -> Vec<f32> {
    let mut points = vec![0.0; POINTS * inputs * outputs];
    let block = inputs.div_ceil(8);
    let mut blocks: Vec<Vec<&mut [f32]>> = Vec::new();
    for plane in points.chunks_exact_mut(inputs * outputs) {
        for (number, part) in plane.chunks_mut(block * outputs).enumerate() {
            if blocks.len() == number {
                blocks.push(Vec::new());
            }
            blocks[number].push(part);
        }
    }
    blocks
        .into_par_iter()
        .enumerate()
        .for_each(|(number, mut points)| {
            let inputs_here = number * block..((number + 1) * block).min(inputs);
            pulp::Arch::new().dispatch(Kernels {
                weight,
                inputs: inputs_here,
                all: inputs,
                outputs,
                points: &mut points,
            });
        });
    points
}

/// One point's matrix of many.
fn of_point(points: &[f32], point: usize, shape: [usize; 2]) -> Matrix<'_> {
    let len = shape[0] * shape[1];
    Matrix::rows(&points[point * len..(point + 1) * len], shape)
}
