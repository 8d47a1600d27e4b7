//! The largest value under a kernel, and its gradient.

use pulp::NullaryFnOnce;
use rayon::prelude::*;

use crate::geometry::Geometry;

/// The larger of two; what is no number stays.
#[inline(always)]
fn larger(one: f32, other: f32) -> f32 {
    // Comparisons, not `max`: that would drop what is no number.
    if other > one || other.is_nan() {
        other
    } else {
        one
    }
}

/// The maps that come out, `[planes, height, width]`; padding is smaller than all.
pub(crate) fn forward(maps: &[f32], geometry: &Geometry) -> Vec<f32> {
    let mut out = vec![f32::NEG_INFINITY; geometry.batch * geometry.out_area()];
    out.par_chunks_exact_mut(geometry.out_area())
        .zip(maps.par_chunks_exact(geometry.area()))
        .for_each(|(out, map)| pulp::Arch::new().dispatch(Pool { map, out, geometry }));
    out
}

struct Pool<'a> {
    map: &'a [f32],
    /// The least values.
    out: &'a mut [f32],
    geometry: &'a Geometry,
}

impl NullaryFnOnce for Pool<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { map, out, geometry } = self;
        let [_, width] = geometry.size;
        let [kernel_height, kernel_width] = geometry.kernel;
        let [_, stride] = geometry.stride;
        // Columns first, as all of a row's values are side by side there.
        let mut line = vec![f32::NEG_INFINITY; width];
        for (row, out) in out.chunks_exact_mut(geometry.out[1]).enumerate() {
            line.fill(f32::NEG_INFINITY);
            for source in (0..kernel_height).filter_map(|tap| geometry.source_row(row, tap)) {
                let source = &map[source * width..(source + 1) * width];
                for (value, &other) in line.iter_mut().zip(source) {
                    *value = larger(*value, other);
                }
            }
            for tap in 0..kernel_width {
                let within = geometry.columns_within(tap);
                if within.is_empty() {
                    continue;
                }
                let first = within.start * stride + tap - geometry.padding[1];
                let others = line[first..].iter().step_by(stride);
                for (value, &other) in out[within].iter_mut().zip(others) {
                    *value = larger(*value, other);
                }
            }
        }
    }
}

/// The gradient of the maps, from what went in, what came out, and that one's gradient: it goes to the
/// first of the largest values, row by row.
pub(crate) fn gradient(
    maps: &[f32],
    out: &[f32],
    gradient: &[f32],
    geometry: &Geometry,
) -> Vec<f32> {
    let mut back = vec![0.0; maps.len()];
    let (area, out_area) = (geometry.area(), geometry.out_area());
    back.par_chunks_exact_mut(area)
        .zip(maps.par_chunks_exact(area))
        .zip(out.par_chunks_exact(out_area))
        .zip(gradient.par_chunks_exact(out_area))
        .for_each(|(((back, map), out), gradient)| {
            let mut given = vec![false; geometry.out[1]];
            for row in 0..geometry.out[0] {
                let columns = row * geometry.out[1]..(row + 1) * geometry.out[1];
                given.fill(false);
                let row_out = (&out[columns.clone()], &gradient[columns]);
                give(back, map, row_out, row, &mut given, geometry);
            }
        });
    back
}

/// Gives a row's gradients to where its values came from; `given` are those that are.
fn give(
    back: &mut [f32],
    map: &[f32],
    (out, gradient): (&[f32], &[f32]),
    row: usize,
    given: &mut [bool],
    geometry: &Geometry,
) {
    let [_, width] = geometry.size;
    let [kernel_height, kernel_width] = geometry.kernel;
    let [_, stride] = geometry.stride;
    for source in (0..kernel_height).filter_map(|tap| geometry.source_row(row, tap)) {
        for tap in 0..kernel_width {
            for column in geometry.columns_within(tap) {
                let place = source * width + column * stride + tap - geometry.padding[1];
                let (value, largest) = (map[place], out[column]);
                let same = value == largest || (value.is_nan() && largest.is_nan());
                if same && !given[column] {
                    given[column] = true;
                    back[place] += gradient[column];
                }
            }
        }
    }
}
