//! Convolution over all channels, as products of matrices, and its gradients.
//!
//! The pixels under the kernel are laid out as columns for some rows of the maps at a time (im2col), so
//! that they stay in the cache; a part is one product of matrices. Parts do not depend on the number of
//! threads.
//!
//! Where maps are large a product goes straight to its place; where they are small (the last stages of a
//! network) a part spans pictures, as the weights are then what is read most.

use std::ops::Range;

use rayon::prelude::*;

use crate::gemm::{Matrix, multiply};
use crate::geometry::Geometry;
use crate::winograd;

/// Values of the columns of one part: what stays in a core's cache.
const PART: usize = 1 << 19;
/// Least and most pixels of a part.
const PIXELS: [usize; 2] = [192, 2048];
/// Into how many tasks a product is divided at least.
const FEW: usize = 4;
/// Into how many tasks a weight gradient is divided at least, where it can be.
const TASKS: usize = 16;

fn pixels(depth: usize) -> usize {
    (PART / depth).clamp(PIXELS[0], PIXELS[1])
}

/// What lies under the kernel: `[channels x taps, rows x width]`, of some of `maps`'s channels and of
/// some rows that come out.
fn columns(
    maps: &[f32],
    geometry: &Geometry,
    channels: Range<usize>,
    rows: &Range<usize>,
    columns: &mut Vec<f32>,
) {
    let [height, width] = geometry.out;
    let [kernel_height, kernel_width] = geometry.kernel;
    let [_, stride] = geometry.stride;
    let part = rows.len() * width;
    columns.resize(channels.len() * geometry.taps() * part, 0.0);
    let mut lines = columns.chunks_exact_mut(width);
    for channel in channels {
        for (y, x) in (0..kernel_height).flat_map(|y| (0..kernel_width).map(move |x| (y, x))) {
            let within = geometry.columns_within(x);
            for row in rows.clone() {
                let line = lines.next().expect("a line for each row");
                let (image, row) = (row / height, row % height);
                let Some(source) = geometry.source_row(row, y).filter(|_| !within.is_empty())
                else {
                    line.fill(0.0);
                    continue;
                };
                let start = ((image * geometry.inputs + channel) * geometry.size[0] + source)
                    * geometry.size[1];
                let source = &maps[start..start + geometry.size[1]];
                line[..within.start].fill(0.0);
                line[within.end..].fill(0.0);
                let first = within.start * stride + x - geometry.padding[1];
                let line = &mut line[within.clone()];
                if stride == 1 {
                    line.copy_from_slice(&source[first..first + line.len()]);
                } else {
                    for (value, &source) in
                        line.iter_mut().zip(source[first..].iter().step_by(stride))
                    {
                        *value = source;
                    }
                }
            }
        }
    }
}

/// What the weights are multiplied with for some rows of one picture: [`columns`], or the maps
/// themselves where the kernel is a pixel.
fn right<'a>(
    maps: &'a [f32],
    geometry: &Geometry,
    channels: Range<usize>,
    rows: &Range<usize>,
    buffer: &'a mut Vec<f32>,
) -> Matrix<'a> {
    let pixels = rows.len() * geometry.out[1];
    let depth = channels.len() * geometry.taps();
    if geometry.is_pointwise() {
        let (image, row) = (rows.start / geometry.out[0], rows.start % geometry.out[0]);
        let plane = image * geometry.inputs + channels.start;
        let start = plane * geometry.area() + row * geometry.out[1];
        return Matrix::new(&maps[start..], [depth, pixels], [geometry.area(), 1]);
    }
    columns(maps, geometry, channels, rows, buffer);
    Matrix::rows(buffer, [depth, pixels])
}

/// The maps that come out, `[batch, outputs, height, width]`.
///
/// `maps` is `[batch, inputs, height, width]`, `weight` `[outputs, inputs x taps]`.
pub(crate) fn forward(maps: &[f32], weight: &[f32], geometry: &Geometry) -> Vec<f32> {
    if geometry.batch == 0 {
        return Vec::new();
    }
    if winograd::suits(geometry) {
        return winograd::forward(maps, weight, geometry);
    }
    let large = geometry.out_area() >= PIXELS[0];
    if large && (geometry.batch >= FEW || geometry.is_pointwise()) {
        forward_by_picture(maps, weight, geometry)
    } else {
        forward_across_pictures(maps, weight, geometry)
    }
}

fn forward_by_picture(maps: &[f32], weight: &[f32], geometry: &Geometry) -> Vec<f32> {
    let depth = geometry.inputs * geometry.taps();
    let [height, width] = geometry.out;
    let area = geometry.out_area();
    let parts = geometry.parts(0..height, pixels(depth));
    let blocks = match geometry.is_pointwise() {
        true => (TASKS / geometry.batch).max(1),
        // Each would lay out the columns anew.
        false => 1,
    };
    let block = geometry.outputs.div_ceil(blocks);
    let mut out = vec![0.0; geometry.batch * geometry.outputs * area];
    let pictures = out.par_chunks_exact_mut(geometry.outputs * area);
    pictures.enumerate().for_each(|(image, out)| {
        let blocks = out
            .par_chunks_mut(block * area)
            .zip(weight.par_chunks(block * depth));
        blocks.for_each_init(Vec::new, |buffer, (out, weight)| {
            let weight = Matrix::rows(weight, [weight.len() / depth, depth]);
            for rows in &parts {
                let place = image * height + rows.start..image * height + rows.end;
                let right = right(maps, geometry, 0..geometry.inputs, &place, buffer);
                multiply(weight, right, false, &mut out[rows.start * width..], area);
            }
        });
    });
    out
}

fn forward_across_pictures(maps: &[f32], weight: &[f32], geometry: &Geometry) -> Vec<f32> {
    let depth = geometry.inputs * geometry.taps();
    let [height, width] = geometry.out;
    let area = geometry.out_area();
    let parts = geometry.parts(0..geometry.batch * height, pixels(depth));
    // Some tasks at least: where there are few parts, each is made by blocks of outputs.
    let blocks = FEW.div_ceil(parts.len()).min(geometry.outputs);
    let block = geometry.outputs.div_ceil(blocks);
    let multiplied = |weight: &[f32], columns: &[f32]| {
        let pixels = columns.len() / depth;
        let rows = weight.len() / depth;
        let mut product = vec![0.0; rows * pixels];
        let left = Matrix::rows(weight, [rows, depth]);
        let right = Matrix::rows(columns, [depth, pixels]);
        multiply(left, right, false, &mut product, pixels);
        product
    };
    let products: Vec<Vec<Vec<f32>>> = parts
        .par_iter()
        .map_init(Vec::new, |buffer, rows| {
            columns(maps, geometry, 0..geometry.inputs, rows, buffer);
            let columns = &*buffer;
            let blocks = weight.par_chunks(block * depth);
            blocks.map(|weight| multiplied(weight, columns)).collect()
        })
        .collect();
    let mut out = vec![0.0; geometry.batch * geometry.outputs * area];
    let step = parts.first().map_or(1, Range::len);
    out.par_chunks_exact_mut(area)
        .enumerate()
        .for_each(|(plane, out)| {
            let (image, channel) = (plane / geometry.outputs, plane % geometry.outputs);
            let mut row = image * height;
            let mut out = out;
            while !out.is_empty() {
                let part = row / step;
                let rows = &parts[part];
                let count = (rows.end - row).min(out.len() / width);
                let product = &products[part][channel / block];
                let start = (channel % block * rows.len() + row - rows.start) * width;
                let (line, rest) = out.split_at_mut(count * width);
                line.copy_from_slice(&product[start..start + count * width]);
                out = rest;
                row += count;
            }
        });
    out
}

/// The gradient of the weights, `[outputs, inputs x taps]`, from the maps that went in and the gradient
/// of those that came out.
///
/// A task has some of the inputs and some of the parts; the sums of parts are added in their order.
pub(crate) fn weight_gradient(maps: &[f32], gradient: &[f32], geometry: &Geometry) -> Vec<f32> {
    if winograd::suits(geometry) {
        return winograd::weight_gradient(maps, gradient, geometry);
    }
    let (taps, outputs) = (geometry.taps(), geometry.outputs);
    let [height, width] = geometry.out;
    let area = geometry.out_area();
    let block = (256 / taps).clamp(1, geometry.inputs);
    let blocks = geometry.inputs.div_ceil(block);
    let by_picture = area >= PIXELS[0];
    let parts: Vec<Range<usize>> = if by_picture {
        let rows = |image| image * height..(image + 1) * height;
        let parts = |image| geometry.parts(rows(image), pixels(block * taps));
        (0..geometry.batch).flat_map(parts).collect()
    } else {
        geometry.parts(0..geometry.batch * height, pixels(block * taps))
    };
    // Channel after channel, so that a part of several pictures is one matrix.
    let by_channel = if by_picture {
        Vec::new()
    } else {
        channel_after_channel(gradient, geometry)
    };
    let left = |part: &Range<usize>| {
        let shape = [outputs, part.len() * width];
        if by_picture {
            let (image, row) = (part.start / height, part.start % height);
            let start = image * outputs * area + row * width;
            Matrix::new(&gradient[start..], shape, [area, 1])
        } else {
            let stride = geometry.batch * area;
            Matrix::new(&by_channel[part.start * width..], shape, [stride, 1])
        }
    };
    let groups = TASKS.div_ceil(blocks).min(parts.len());
    let sums: Vec<Vec<f32>> = (0..blocks * groups)
        .into_par_iter()
        .map_init(Vec::new, |buffer, task| {
            let (index, group) = (task / groups, task % groups);
            let channels = index * block..((index + 1) * block).min(geometry.inputs);
            let rows = channels.len() * taps;
            let mut sum = vec![0.0; rows * outputs];
            let of_group = parts.len() * group / groups..parts.len() * (group + 1) / groups;
            for (number, part) in parts[of_group].iter().enumerate() {
                let right = if by_picture {
                    right(maps, geometry, channels.clone(), part, buffer)
                } else {
                    columns(maps, geometry, channels.clone(), part, buffer);
                    Matrix::rows(buffer, [rows, part.len() * width])
                };
                let left = left(part).transposed();
                multiply(right, left, number > 0, &mut sum, outputs);
            }
            sum
        })
        .collect();
    let mut weight = vec![0.0; outputs * geometry.inputs * taps];
    weight
        .par_chunks_exact_mut(geometry.inputs * taps)
        .enumerate()
        .for_each(|(output, line)| {
            for (index, line) in line.chunks_mut(block * taps).enumerate() {
                for sum in &sums[index * groups..(index + 1) * groups] {
                    for (row, value) in line.iter_mut().enumerate() {
                        *value += sum[row * outputs + output];
                    }
                }
            }
        });
    weight
}

/// `[outputs, batch, height, width]` of what comes out.
fn channel_after_channel(gradient: &[f32], geometry: &Geometry) -> Vec<f32> {
    let area = geometry.out_area();
    let mut by_channel = vec![0.0; gradient.len()];
    by_channel
        .par_chunks_exact_mut(area)
        .enumerate()
        .for_each(|(plane, line)| {
            let (channel, image) = (plane / geometry.batch, plane % geometry.batch);
            let start = (image * geometry.outputs + channel) * area;
            line.copy_from_slice(&gradient[start..start + area]);
        });
    by_channel
}

/// The gradient of the maps that went in, from that of those that came out.
pub(crate) fn maps_gradient(gradient: &[f32], weight: &[f32], geometry: &Geometry) -> Vec<f32> {
    let [kernel_height, kernel_width] = geometry.kernel;
    let turned = geometry.stride == [1, 1]
        && geometry.padding[0] < kernel_height
        && geometry.padding[1] < kernel_width;
    if turned {
        turned_gradient(gradient, weight, geometry)
    } else {
        scattered_gradient(gradient, weight, geometry)
    }
}

/// Where the kernel does not stride: a convolution with the kernel turned around.
fn turned_gradient(gradient: &[f32], weight: &[f32], geometry: &Geometry) -> Vec<f32> {
    let (taps, inputs, outputs) = (geometry.taps(), geometry.inputs, geometry.outputs);
    let mut turned = vec![0.0; weight.len()];
    turned
        .par_chunks_exact_mut(outputs * taps)
        .enumerate()
        .for_each(|(input, line)| {
            for (output, line) in line.chunks_exact_mut(taps).enumerate() {
                let start = (output * inputs + input) * taps;
                let kernel = &weight[start..start + taps];
                for (value, &weight) in line.iter_mut().zip(kernel.iter().rev()) {
                    *value = weight;
                }
            }
        });
    let back = Geometry {
        inputs: outputs,
        outputs: inputs,
        size: geometry.out,
        out: geometry.size,
        padding: [
            geometry.kernel[0] - 1 - geometry.padding[0],
            geometry.kernel[1] - 1 - geometry.padding[1],
        ],
        ..*geometry
    };
    forward(gradient, &turned, &back)
}

/// Any other: each column's gradient, added where its values came from (col2im).
fn scattered_gradient(gradient: &[f32], weight: &[f32], geometry: &Geometry) -> Vec<f32> {
    let (inputs, outputs) = (geometry.inputs, geometry.outputs);
    let depth = inputs * geometry.taps();
    let [height, width] = geometry.out;
    let (area, out_area) = (geometry.area(), geometry.out_area());
    let weight = Matrix::rows(weight, [outputs, depth]).transposed();
    let one = Geometry {
        batch: 1,
        ..*geometry
    };
    let parts = one.parts(0..height, pixels(depth));
    let mut maps = vec![0.0; geometry.batch * inputs * area];
    maps.par_chunks_exact_mut(inputs * area)
        .zip(gradient.par_chunks_exact(outputs * out_area))
        .for_each_init(Vec::new, |columns, (maps, gradient)| {
            for rows in &parts {
                let pixels = rows.len() * width;
                columns.resize(depth * pixels, 0.0);
                let right = Matrix::new(
                    &gradient[rows.start * width..],
                    [outputs, pixels],
                    [height * width, 1],
                );
                multiply(weight, right, false, columns, pixels);
                add_columns(columns, &one, rows, maps);
            }
        });
    maps
}

/// Adds what [`columns`] would lay out to one picture's maps.
fn add_columns(columns: &[f32], geometry: &Geometry, rows: &Range<usize>, maps: &mut [f32]) {
    let [_, stride] = geometry.stride;
    let [kernel_height, kernel_width] = geometry.kernel;
    let [height, width] = geometry.size;
    let mut lines = columns.chunks_exact(geometry.out[1]);
    for plane in maps.chunks_exact_mut(height * width) {
        for (y, x) in (0..kernel_height).flat_map(|y| (0..kernel_width).map(move |x| (y, x))) {
            let within = geometry.columns_within(x);
            for row in rows.clone() {
                let line = lines.next().expect("a line for each row");
                let Some(target) = geometry.source_row(row, y).filter(|_| !within.is_empty())
                else {
                    continue;
                };
                let first = within.start * stride + x - geometry.padding[1];
                let target = &mut plane[target * width + first..(target + 1) * width];
                for (value, &gradient) in
                    target.iter_mut().step_by(stride).zip(&line[within.clone()])
                {
                    *value += gradient;
                }
            }
        }
    }
}
