//! Convolution of each channel by itself, and its gradients.
//!
//! A map is padded with zeros and divided by the stride into its phases, all of one width. What one weight
//! of the kernel meets is then one run of numbers for the whole map, and so is what comes out, with some
//! numbers between its rows that nobody reads.

use pulp::NullaryFnOnce;
use rayon::prelude::*;

use crate::geometry::Geometry;
use crate::lanes::sum;

/// Numbers that are made side by side.
const LANES: usize = 32;

/// How a map lies in its phases.
struct Layout {
    /// From one row to the next of what comes out.
    pitch: usize,
    /// Numbers that come out, those between rows with them.
    run: usize,
    /// Numbers of a phase: its rows, and what the kernel's last weight sees beyond.
    phase: usize,
    /// Where the run that a weight meets begins in its phase.
    offsets: Vec<usize>,
    /// The weight's phase.
    phases: Vec<usize>,
    /// How many phases there are.
    count: usize,
    /// Of a row's part that lies in one phase: where it begins in the map and in the phases, its length.
    segments: Vec<[usize; 3]>,
}

impl Layout {
    fn new(geometry: &Geometry) -> Self {
        let [stride_y, stride_x] = geometry.stride;
        let [kernel_height, kernel_width] = geometry.kernel;
        let [height, width] = geometry.out;
        let [top, left] = geometry.padding;
        let pitch = width + (kernel_width - 1) / stride_x;
        let rows = height + (kernel_height - 1) / stride_y;
        let run = height * pitch;
        let taps = || (0..kernel_height).flat_map(|y| (0..kernel_width).map(move |x| [y, x]));
        let offsets: Vec<usize> = taps()
            .map(|[y, x]| y / stride_y * pitch + x / stride_x)
            .collect();
        let phase = run + offsets.iter().max().expect("a kernel has weights");
        let mut segments = Vec::new();
        for row in 0..geometry.size[0] {
            let padded = row + top;
            if padded / stride_y >= rows {
                break;
            }
            for phase_x in 0..stride_x {
                // The first column of this phase that is none of padding.
                let column = left + (phase_x + stride_x - left % stride_x) % stride_x;
                let place = column / stride_x;
                let end = (left + geometry.size[1]).saturating_sub(column);
                let count = end.div_ceil(stride_x).min(pitch.saturating_sub(place));
                let number = padded % stride_y * stride_x + phase_x;
                if count > 0 {
                    let start = number * phase + padded / stride_y * pitch + place;
                    segments.push([row * geometry.size[1] + column - left, start, count]);
                }
            }
        }
        Self {
            pitch,
            run,
            phase,
            offsets,
            phases: taps()
                .map(|[y, x]| y % stride_y * stride_x + x % stride_x)
                .collect(),
            count: stride_y * stride_x,
            segments,
        }
    }

    /// Numbers of all phases.
    fn len(&self) -> usize {
        self.count * self.phase
    }

    /// Where the run that a weight meets begins.
    fn starts(&self) -> Vec<usize> {
        let weights = self.phases.iter().zip(&self.offsets);
        weights
            .map(|(&phase, &offset)| phase * self.phase + offset)
            .collect()
    }

    /// The map, into phases that are zero elsewhere.
    #[inline(always)]
    fn divide(&self, map: &[f32], phases: &mut [f32], stride: usize) {
        for &[start, place, count] in &self.segments {
            let phases = &mut phases[place..place + count];
            if stride == 1 {
                phases.copy_from_slice(&map[start..start + count]);
            } else {
                for (value, &source) in phases.iter_mut().zip(map[start..].iter().step_by(stride)) {
                    *value = source;
                }
            }
        }
    }

    /// The map, out of its phases.
    #[inline(always)]
    fn join(&self, phases: &[f32], map: &mut [f32], stride: usize) {
        for &[start, place, count] in &self.segments {
            let phases = &phases[place..place + count];
            for (value, &source) in map[start..].iter_mut().step_by(stride).zip(phases) {
                *value = source;
            }
        }
    }
}

/// The sum of runs of `source`, each times its weight.
#[inline(always)]
fn weigh(source: &[f32], starts: &[usize], weights: &[f32], out: &mut [f32]) {
    let (chunks, rest) = out.as_chunks_mut::<LANES>();
    let whole = chunks.len() * LANES;
    for (index, out) in chunks.iter_mut().enumerate() {
        let mut lanes = [0.0; LANES];
        for (&start, &weight) in starts.iter().zip(weights) {
            let source = &source[start + index * LANES..][..LANES];
            for (lane, &source) in lanes.iter_mut().zip(source) {
                *lane += weight * source;
            }
        }
        *out = lanes;
    }
    for (index, out) in rest.iter_mut().enumerate() {
        *out = (starts.iter().zip(weights))
            .map(|(&start, &weight)| weight * source[start + whole + index])
            .sum();
    }
}

/// The maps that come out, `[batch, channels, height, width]`; `weight` is `[channels, taps]`.
pub(crate) fn forward(maps: &[f32], weight: &[f32], geometry: &Geometry) -> Vec<f32> {
    let layout = Layout::new(geometry);
    let starts = layout.starts();
    let mut out = vec![0.0; geometry.batch * geometry.outputs * geometry.out_area()];
    out.par_chunks_exact_mut(geometry.out_area())
        .zip(maps.par_chunks_exact(geometry.area()))
        .enumerate()
        .for_each_init(
            || (vec![0.0; layout.len()], vec![0.0; layout.run]),
            |(phases, run), (plane, (out, map))| {
                let channel = plane % geometry.outputs;
                pulp::Arch::new().dispatch(Forward {
                    layout: &layout,
                    geometry,
                    starts: &starts,
                    map,
                    weight: &weight[channel * geometry.taps()..][..geometry.taps()],
                    phases,
                    run,
                    out,
                });
            },
        );
    out
}

struct Forward<'a> {
    layout: &'a Layout,
    geometry: &'a Geometry,
    starts: &'a [usize],
    map: &'a [f32],
    weight: &'a [f32],
    phases: &'a mut [f32],
    run: &'a mut [f32],
    out: &'a mut [f32],
}

impl NullaryFnOnce for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (layout, width) = (self.layout, self.geometry.out[1]);
        layout.divide(self.map, self.phases, self.geometry.stride[1]);
        weigh(self.phases, self.starts, self.weight, self.run);
        let rows = self.run.chunks_exact(layout.pitch);
        for (out, row) in self.out.chunks_exact_mut(width).zip(rows) {
            out.copy_from_slice(&row[..width]);
        }
    }
}

/// The gradient of the weights, `[channels, taps]`.
pub(crate) fn weight_gradient(maps: &[f32], gradient: &[f32], geometry: &Geometry) -> Vec<f32> {
    let layout = Layout::new(geometry);
    let starts = layout.starts();
    let mut weight = vec![0.0; geometry.outputs * geometry.taps()];
    weight
        .par_chunks_exact_mut(geometry.taps())
        .enumerate()
        .for_each_init(
            || (vec![0.0; layout.len()], vec![0.0; layout.run]),
            |(phases, run), (channel, weight)| {
                for image in 0..geometry.batch {
                    let plane = image * geometry.outputs + channel;
                    pulp::Arch::new().dispatch(WeightGradient {
                        layout: &layout,
                        geometry,
                        starts: &starts,
                        map: &maps[plane * geometry.area()..][..geometry.area()],
                        gradient: &gradient[plane * geometry.out_area()..][..geometry.out_area()],
                        phases,
                        run,
                        weight,
                    });
                }
            },
        );
    weight
}

struct WeightGradient<'a> {
    layout: &'a Layout,
    geometry: &'a Geometry,
    starts: &'a [usize],
    map: &'a [f32],
    gradient: &'a [f32],
    phases: &'a mut [f32],
    run: &'a mut [f32],
    weight: &'a mut [f32],
}

impl NullaryFnOnce for WeightGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (layout, width) = (self.layout, self.geometry.out[1]);
        layout.divide(self.map, self.phases, self.geometry.stride[1]);
        spread(self.gradient, width, self.run, layout.pitch);
        for (&start, weight) in self.starts.iter().zip(self.weight) {
            let seen = &self.phases[start..start + layout.run];
            *weight += sum(self.run, seen, |a, b| a * b);
        }
    }
}

/// Rows into a run, between them what is there.
#[inline(always)]
fn spread(rows: &[f32], width: usize, run: &mut [f32], pitch: usize) {
    for (run, row) in run.chunks_exact_mut(pitch).zip(rows.chunks_exact(width)) {
        run[..width].copy_from_slice(row);
    }
}

/// The gradient of the maps that went in.
pub(crate) fn maps_gradient(gradient: &[f32], weight: &[f32], geometry: &Geometry) -> Vec<f32> {
    let layout = Layout::new(geometry);
    // A phase's numbers see the gradient's run from its weights' offsets backwards, from before its start.
    let before = layout.phase - layout.run;
    let seen: Vec<(Vec<usize>, Vec<usize>)> = (0..layout.count)
        .map(|phase| {
            let weights = (0..geometry.taps()).filter(|&tap| layout.phases[tap] == phase);
            weights
                .map(|tap| (before - layout.offsets[tap], tap))
                .unzip()
        })
        .collect();
    let mut maps = vec![0.0; geometry.batch * geometry.inputs * geometry.area()];
    maps.par_chunks_exact_mut(geometry.area())
        .zip(gradient.par_chunks_exact(geometry.out_area()))
        .enumerate()
        .for_each_init(
            || (vec![0.0; layout.len()], vec![0.0; before + layout.phase]),
            |(phases, run), (plane, (map, gradient))| {
                let channel = plane % geometry.inputs;
                pulp::Arch::new().dispatch(MapsGradient {
                    layout: &layout,
                    geometry,
                    seen: &seen,
                    gradient,
                    weight: &weight[channel * geometry.taps()..][..geometry.taps()],
                    phases,
                    run: (run, before),
                    map,
                });
            },
        );
    maps
}

struct MapsGradient<'a> {
    layout: &'a Layout,
    geometry: &'a Geometry,
    /// Of each phase: where its weights' runs begin, and which weights these are.
    seen: &'a [(Vec<usize>, Vec<usize>)],
    gradient: &'a [f32],
    weight: &'a [f32],
    phases: &'a mut [f32],
    /// And what is zero before the gradient.
    run: (&'a mut [f32], usize),
    map: &'a mut [f32],
}

impl NullaryFnOnce for MapsGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let (layout, width) = (self.layout, self.geometry.out[1]);
        let (run, before) = self.run;
        spread(self.gradient, width, &mut run[before..], layout.pitch);
        let phases = self.phases.chunks_exact_mut(layout.phase);
        for (phase, (starts, taps)) in phases.zip(self.seen) {
            let weights: Vec<f32> = taps.iter().map(|&tap| self.weight[tap]).collect();
            weigh(run, starts, &weights, phase);
        }
        layout.join(self.phases, self.map, self.geometry.stride[1]);
    }
}
