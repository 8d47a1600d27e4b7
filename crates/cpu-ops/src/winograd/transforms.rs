//! From maps and kernels to points, and back; each compiled for the processor's widest registers.

use std::ops::Range;

use pulp::NullaryFnOnce;

use super::points::{
    IN, LANES, Lane, OUT, POINTS, back_to_points, both_axes, into_points, kernel_to_points, lane,
    out_of_points, points_to_kernel,
};
use super::strip::Strip;

/// What goes in at all points of some rows of tiles: `B^T d B`, `[POINTS, tiles, channels]`.
pub(super) struct Transform<'a> {
    pub(super) maps: &'a [f32],
    pub(super) channels: usize,
    pub(super) size: [usize; 2],
    /// Rows and columns of zeros before the maps.
    pub(super) padding: [usize; 2],
    /// Rows and columns of tiles of a picture.
    pub(super) tiles: [usize; 2],
    pub(super) rows: Range<usize>,
    pub(super) points: &'a mut Vec<f32>,
    /// Whether tiles are of what goes in, or of the gradient of what comes out.
    pub(super) gradient: bool,
}

impl NullaryFnOnce for Transform<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        match self.gradient {
            false => self.transform::<IN>(into_points),
            true => self.transform::<OUT>(back_to_points),
        }
    }
}

impl Transform<'_> {
    #[inline(always)]
    fn transform<const N: usize>(self, one_axis: impl Fn([&Lane; N]) -> [Lane; IN] + Copy) {
        let Self {
            maps,
            channels,
            size,
            padding,
            tiles,
            rows,
            points,
            ..
        } = self;
        let count = rows.len() * tiles[1];
        let lanes = channels.div_ceil(LANES) * LANES;
        points.resize(POINTS * count * channels, 0.0);
        let area = size[0] * size[1];
        let mut strip = Strip::new(N, OUT * tiles[1] + N - OUT);
        for (number, row) in rows.enumerate() {
            let (image, row) = (row / tiles[0], row % tiles[0]);
            for first in (0..lanes).step_by(LANES) {
                let group = first..(first + LANES).min(channels);
                let start = (image * channels + first) * area;
                let planes = &maps[start..start + group.len() * area];
                let corner = [
                    (row * OUT) as isize - padding[0] as isize,
                    -(padding[1] as isize),
                ];
                strip.read(planes, size, corner);
                for column in 0..tiles[1] {
                    let tile = number * tiles[1] + column;
                    both_axes(
                        |y, x| strip.at(y, column * OUT + x),
                        one_axis,
                        |point, value| {
                            let start = (point * count + tile) * channels + first;
                            let place = &mut points[start..start + group.len()];
                            place.copy_from_slice(&value[..group.len()]);
                        },
                    );
                }
            }
        }
    }
}

/// The kernels at all points, `G g G^T`: `[POINTS, inputs, outputs]`, from `[outputs, inputs, 3, 3]`.
pub(super) struct Kernels<'a> {
    pub(super) weight: &'a [f32],
    pub(super) inputs: Range<usize>,
    /// How many inputs there are.
    pub(super) all: usize,
    pub(super) outputs: usize,
    /// `[POINTS, inputs, outputs]` of these inputs.
    pub(super) points: &'a mut [&'a mut [f32]],
}

impl NullaryFnOnce for Kernels<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self {
            weight,
            inputs,
            all,
            outputs,
            points,
        } = self;
        for (number, input) in inputs.enumerate() {
            for first in (0..outputs).step_by(LANES) {
                let group = LANES.min(outputs - first);
                let mut taps = [[0.0; LANES]; 9];
                for lane in 0..group {
                    let start = ((first + lane) * all + input) * 9;
                    for (tap, &value) in taps.iter_mut().zip(&weight[start..start + 9]) {
                        tap[lane] = value;
                    }
                }
                both_axes::<3, IN>(
                    |y, x| taps[y * 3 + x],
                    kernel_to_points,
                    |point, value| {
                        let start = number * outputs + first;
                        points[point][start..start + group].copy_from_slice(&value[..group]);
                    },
                );
            }
        }
    }
}

/// What comes out of some rows of tiles, `A^T m A`: `[rows of tiles, outputs, OUT rows, width]`.
pub(super) struct Finish<'a> {
    /// `[POINTS, tiles, outputs]`.
    pub(super) points: &'a [f32],
    pub(super) outputs: usize,
    pub(super) width: usize,
    /// Tiles of a row.
    pub(super) columns: usize,
    pub(super) lines: &'a mut [f32],
}

impl NullaryFnOnce for Finish<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self {
            points,
            outputs,
            width,
            columns,
            lines,
        } = self;
        let tiles = points.len() / POINTS / outputs;
        let mut strip = Strip::new(OUT, OUT * columns);
        for (row, lines) in lines.chunks_exact_mut(outputs * OUT * width).enumerate() {
            for first in (0..outputs).step_by(LANES) {
                let group = LANES.min(outputs - first);
                for column in 0..columns {
                    let tile = row * columns + column;
                    let pitch = strip.columns;
                    let values = &mut strip.values;
                    both_axes::<IN, OUT>(
                        |y, x| {
                            let start = ((y * IN + x) * tiles + tile) * outputs + first;
                            lane(&points[start..start + group])
                        },
                        out_of_points,
                        |place, value| {
                            values[place / OUT * pitch + column * OUT + place % OUT] = value;
                        },
                    );
                }
                let area = OUT * width;
                strip.write(
                    &mut lines[first * area..(first + group) * area],
                    [OUT, width],
                    0,
                );
            }
        }
    }
}

/// The weights' gradient from that of the kernels' points, `G^T u G`, of a group of outputs.
pub(super) struct Weights<'a> {
    /// `[POINTS, inputs, outputs]`.
    pub(super) sums: &'a [f32],
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// The first of the outputs.
    pub(super) first: usize,
    /// `[outputs, inputs, 3, 3]` of the group.
    pub(super) weight: &'a mut [f32],
}

impl NullaryFnOnce for Weights<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self {
            sums,
            inputs,
            outputs,
            first,
            weight,
        } = self;
        let group = weight.len() / (inputs * 9);
        for input in 0..inputs {
            both_axes::<IN, 3>(
                |y, x| {
                    let start = ((y * IN + x) * inputs + input) * outputs + first;
                    lane(&sums[start..start + group])
                },
                points_to_kernel,
                |tap, value| {
                    for (lane, &value) in value[..group].iter().enumerate() {
                        weight[(lane * inputs + input) * 9 + tap] = value;
                    }
                },
            );
        }
    }
}
