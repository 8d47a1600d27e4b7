//! Batch normalisation with the batch's own statistics, and its gradients; a clamp of what comes out
//! (ReLU, ReLU6) is part of the same pass.

use pulp::NullaryFnOnce;
use rayon::prelude::*;

use crate::lanes::sum;

/// Batch, channels, pixels of a map.
pub(crate) type Shape = [usize; 3];

/// Least and largest value that comes out; a gradient passes between them alone.
pub(crate) type Bounds = [f32; 2];

/// `(value - centre) * scale + shift`: the difference first, which loses no digit where a channel hardly
/// varies.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) centre: f32,
    pub(crate) scale: f32,
    pub(crate) shift: f32,
}

impl Line {
    #[inline(always)]
    fn at(self, value: f32) -> f32 {
        (value - self.centre) * self.scale + self.shift
    }
}

/// The lines that normalise channels of these statistics.
pub(crate) fn lines([gamma, beta, mean, variance]: [&[f32]; 4], epsilon: f64) -> Vec<Line> {
    (gamma.iter().zip(beta))
        .zip(mean.iter().zip(variance))
        .map(|((&gamma, &beta), (&mean, &variance))| {
            let scale = f64::from(gamma) / (f64::from(variance) + epsilon).sqrt();
            Line {
                centre: mean,
                scale: scale as f32,
                shift: beta,
            }
        })
        .collect()
}

/// Mean and biased variance of each channel.
pub(crate) fn statistics(maps: &[f32], shape: Shape) -> (Vec<f32>, Vec<f32>) {
    (0..shape[1])
        .into_par_iter()
        .map(|channel| {
            pulp::Arch::new().dispatch(Moments {
                maps,
                shape,
                channel,
            })
        })
        .unzip()
}

struct Moments<'a> {
    maps: &'a [f32],
    shape: Shape,
    channel: usize,
}

impl NullaryFnOnce for Moments<'_> {
    type Output = (f32, f32);

    #[inline(always)]
    fn call(self) -> Self::Output {
        let [batch, channels, area] = self.shape;
        let count = (batch * area) as f64;
        let plane = |image: usize| &self.maps[(image * channels + self.channel) * area..][..area];
        let mut total = 0.0;
        for image in 0..batch {
            total += f64::from(sum(plane(image), plane(image), |a, _| a));
        }
        let mean = (total / count) as f32;
        let mut squares = 0.0;
        for image in 0..batch {
            let plane = plane(image);
            squares += f64::from(sum(plane, plane, |a, _| (a - mean) * (a - mean)));
        }
        (mean, (squares / count) as f32)
    }
}

/// Each channel's line, clamped, in place.
pub(crate) fn apply(maps: &mut [f32], lines: &[Line], bounds: Bounds, area: usize) {
    maps.par_chunks_exact_mut(area)
        .enumerate()
        .for_each(|(plane, values)| {
            let line = lines[plane % lines.len()];
            pulp::Arch::new().dispatch(Apply {
                values,
                line,
                bounds,
            });
        });
}

/// Each channel's line of other maps, clamped.
pub(crate) fn applied(maps: &[f32], lines: &[Line], bounds: Bounds, area: usize) -> Vec<f32> {
    let mut out = vec![0.0; maps.len()];
    out.par_chunks_exact_mut(area)
        .zip(maps.par_chunks_exact(area))
        .enumerate()
        .for_each(|(plane, (values, maps))| {
            values.copy_from_slice(maps);
            let line = lines[plane % lines.len()];
            pulp::Arch::new().dispatch(Apply {
                values,
                line,
                bounds,
            });
        });
    out
}

struct Apply<'a> {
    values: &'a mut [f32],
    line: Line,
    bounds: Bounds,
}

impl NullaryFnOnce for Apply<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let [least, most] = self.bounds;
        for value in self.values {
            let out = self.line.at(*value);
            // Comparisons, not `clamp` or `max`: what is no number stays none.
            let out = if out < least { least } else { out };
            *value = if out > most { most } else { out };
        }
    }
}

/// Values below zero times their channel's slope, in place.
pub(crate) fn prelu(maps: &mut [f32], slopes: &[f32], area: usize) {
    maps.par_chunks_exact_mut(area)
        .enumerate()
        .for_each(|(plane, values)| {
            let slope = slopes[plane % slopes.len()];
            pulp::Arch::new().dispatch(PRelu { values, slope });
        });
}

struct PRelu<'a> {
    values: &'a mut [f32],
    slope: f32,
}

impl NullaryFnOnce for PRelu<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for value in self.values {
            *value = if *value < 0.0 {
                *value * self.slope
            } else {
                *value
            };
        }
    }
}

/// Where what came out was clamped, nothing passes.
#[inline(always)]
fn passed(gradient: f32, out: f32, [least, most]: Bounds) -> f32 {
    if out > least && out < most {
        gradient
    } else {
        0.0
    }
}

/// Gradients of the maps (in place of the output's), of gamma and of beta.
pub(crate) fn gradients(
    maps: &[f32],
    gradient: &mut [f32],
    shape: Shape,
    [gamma, beta, mean, variance]: [&[f32]; 4],
    epsilon: f64,
    bounds: Bounds,
) -> (Vec<f32>, Vec<f32>) {
    let [batch, channels, area] = shape;
    let count = (batch * area) as f64;
    let lines = lines([gamma, beta, mean, variance], epsilon);
    let sums: Vec<[f64; 2]> = (0..channels)
        .into_par_iter()
        .map(|channel| {
            pulp::Arch::new().dispatch(Sums {
                maps,
                gradient,
                shape,
                channel,
                line: lines[channel],
                bounds,
            })
        })
        .collect();
    let inverse = |channel: usize| 1.0 / (f64::from(variance[channel]) + epsilon).sqrt();
    gradient
        .par_chunks_exact_mut(area)
        .zip(maps.par_chunks_exact(area))
        .enumerate()
        .for_each(|(plane, (gradient, maps))| {
            let channel = plane % channels;
            let [plain, projected] = sums[channel];
            // gamma / std * (g - mean(g) - normalised * mean(g * normalised)), by g, value and 1.
            let scale = f64::from(gamma[channel]) * inverse(channel);
            let slope = -scale * inverse(channel).powi(2) * projected / count;
            pulp::Arch::new().dispatch(Combine {
                gradient,
                maps,
                weights: [scale as f32, slope as f32, (-scale * plain / count) as f32],
                line: lines[channel],
                bounds,
            });
        });
    let gamma = (0..channels).map(|channel| (sums[channel][1] * inverse(channel)) as f32);
    (
        gamma.collect(),
        sums.iter().map(|sums| sums[0] as f32).collect(),
    )
}

/// The sums of a channel's gradients, and of their products with the values from the mean.
struct Sums<'a> {
    maps: &'a [f32],
    gradient: &'a [f32],
    shape: Shape,
    channel: usize,
    line: Line,
    bounds: Bounds,
}

impl NullaryFnOnce for Sums<'_> {
    type Output = [f64; 2];

    #[inline(always)]
    fn call(self) -> [f64; 2] {
        let [batch, channels, area] = self.shape;
        let mut sums = [0.0; 2];
        for image in 0..batch {
            let start = (image * channels + self.channel) * area;
            let maps = &self.maps[start..start + area];
            let gradient = &self.gradient[start..start + area];
            let passed = |g, x| passed(g, self.line.at(x), self.bounds);
            sums[0] += f64::from(sum(gradient, maps, passed));
            sums[1] += f64::from(sum(gradient, maps, |g, x| {
                passed(g, x) * (x - self.line.centre)
            }));
        }
        sums
    }
}

struct Combine<'a> {
    gradient: &'a mut [f32],
    maps: &'a [f32],
    weights: [f32; 3],
    line: Line,
    bounds: Bounds,
}

impl NullaryFnOnce for Combine<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let [scale, slope, shift] = self.weights;
        for (gradient, &value) in self.gradient.iter_mut().zip(self.maps) {
            let passed = passed(*gradient, self.line.at(value), self.bounds);
            *gradient = passed * scale + ((value - self.line.centre) * slope + shift);
        }
    }
}

/// The gradient of maps that went through constant lines, in place of the output's.
pub(crate) fn line_gradient(
    maps: &[f32],
    gradient: &mut [f32],
    lines: &[Line],
    bounds: Bounds,
    area: usize,
) {
    gradient
        .par_chunks_exact_mut(area)
        .zip(maps.par_chunks_exact(area))
        .enumerate()
        .for_each(|(plane, (gradient, maps))| {
            let line = lines[plane % lines.len()];
            pulp::Arch::new().dispatch(Combine {
                gradient,
                maps,
                weights: [line.scale, 0.0, 0.0],
                line,
                bounds,
            });
        });
}
