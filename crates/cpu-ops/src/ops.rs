//! The operations on Flex's tensors.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Flex, TensorMetadata, backend_extension};
use burn::tensor::TensorData;

use crate::adam::{self, AdamStep};
use crate::geometry::Geometry;
use crate::norm::{Bounds, Line};
use crate::{dense, depthwise, norm, pool, residual};

/// Rows and columns of zeros before the maps, and after them.
pub(crate) type Padding = [[usize; 2]; 2];

/// A tensor of Flex.
pub(crate) type Values = FloatTensor<Flex>;

/// What Flex does otherwise here; arguments and results as in the crate's functions of these names.
#[backend_extension(Flex, Autodiff)]
pub(crate) trait CpuOps: Backend {
    fn cpu_conv2d(
        maps: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        stride: [usize; 2],
        padding: Padding,
    ) -> FloatTensor<Self>;

    fn cpu_max_pool2d(
        maps: FloatTensor<Self>,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: Padding,
    ) -> FloatTensor<Self>;

    fn cpu_batch_norm(
        maps: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        bounds: Bounds,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    fn cpu_affine(
        maps: FloatTensor<Self>,
        centre: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        shift: FloatTensor<Self>,
        bounds: Bounds,
    ) -> FloatTensor<Self>;

    fn cpu_add_relu(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self>;

    fn cpu_adam(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        means: FloatTensor<Self>,
        squares: FloatTensor<Self>,
        step: AdamStep,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    fn cpu_prelu(maps: FloatTensor<Self>, slopes: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl CpuOps for Flex {
    fn cpu_conv2d(maps: Values, weight: Values, stride: [usize; 2], padding: Padding) -> Values {
        let geometry = geometry(&maps, &weight, stride, padding);
        let (maps, weight) = (contiguous(maps), contiguous(weight));
        let out = if depthwise_weight(&geometry, &weight) {
            depthwise::forward(slice(&maps), slice(&weight), &geometry)
        } else {
            dense::forward(slice(&maps), slice(&weight), &geometry)
        };
        let [height, width] = geometry.out;
        tensor(out, [geometry.batch, geometry.outputs, height, width])
    }

    fn cpu_max_pool2d(
        maps: Values,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: Padding,
    ) -> Values {
        let maps = contiguous(maps);
        let [batch, channels, ..] = maps.shape().dims::<4>();
        let geometry = pooling(&maps, kernel, stride, padding);
        let [height, width] = geometry.out;
        let out = pool::forward(slice(&maps), &geometry);
        tensor(out, [batch, channels, height, width])
    }

    fn cpu_batch_norm(
        maps: Values,
        gamma: Values,
        beta: Values,
        epsilon: f64,
        bounds: Bounds,
    ) -> (Values, Values, Values) {
        let [maps, gamma, beta] = [maps, gamma, beta].map(contiguous);
        let shape = planes(&maps);
        let (mean, variance) = norm::statistics(slice(&maps), shape);
        let lines = norm::lines([slice(&gamma), slice(&beta), &mean, &variance], epsilon);
        let out = applied(maps, &lines, bounds);
        let channels = [shape[1]];
        (out, tensor(mean, channels), tensor(variance, channels))
    }

    fn cpu_affine(
        maps: Values,
        centre: Values,
        scale: Values,
        shift: Values,
        bounds: Bounds,
    ) -> Values {
        applied(contiguous(maps), &lines([centre, scale, shift]), bounds)
    }

    fn cpu_adam(
        parameter: Values,
        gradient: Values,
        means: Values,
        squares: Values,
        step: AdamStep,
    ) -> (Values, Values, Values) {
        for other in [&gradient, &means, &squares] {
            assert_eq!(
                other.shape(),
                parameter.shape(),
                "four tensors of one shape"
            );
        }
        let gradient = contiguous(gradient);
        let [mut parameter, mut means, mut squares] = [parameter, means, squares].map(own);
        adam::adam(
            parameter.storage_mut(),
            slice(&gradient),
            means.storage_mut(),
            squares.storage_mut(),
            step,
        );
        (parameter, means, squares)
    }

    fn cpu_prelu(maps: Values, slopes: Values) -> Values {
        let (mut maps, slopes) = (own(maps), contiguous(slopes));
        let [_, channels, area] = planes(&maps);
        assert_eq!(
            slopes.shape().num_elements(),
            channels,
            "a slope for each channel"
        );
        norm::prelu(maps.storage_mut(), slice(&slopes), area);
        maps
    }

    fn cpu_add_relu(a: Values, b: Values) -> Values {
        assert_eq!(a.shape(), b.shape(), "two maps of one shape");
        let [a, b] = [a, b].map(contiguous);
        // Either may be written to.
        let [a, b] = if is_own(&b) { [b, a] } else { [a, b] };
        let mut sum = own(a);
        residual::add_relu(sum.storage_mut(), slice(&b));
        sum
    }
}

/// A line for each channel, of centres, scales and shifts.
pub(crate) fn lines(parameters: [Values; 3]) -> Vec<Line> {
    let parameters = parameters.map(contiguous);
    let [centre, scale, shift] = [0, 1, 2].map(|index| slice(&parameters[index]));
    (centre.iter().zip(scale).zip(shift))
        .map(|((&centre, &scale), &shift)| Line {
            centre,
            scale,
            shift,
        })
        .collect()
}

/// In place where nobody else holds the maps.
fn applied(mut maps: Values, lines: &[Line], bounds: Bounds) -> Values {
    let [_, channels, area] = planes(&maps);
    assert_eq!(lines.len(), channels, "a line for each channel");
    if is_own(&maps) {
        norm::apply(maps.storage_mut(), lines, bounds, area);
        return maps;
    }
    let shape: Vec<usize> = maps.shape().iter().copied().collect();
    let out = norm::applied(slice(&maps), lines, bounds, area);
    Values::from_data(TensorData::new(out, shape))
}

/// Batch, channels, and what is behind them.
pub(crate) fn planes(maps: &Values) -> norm::Shape {
    let shape = maps.shape();
    [shape[0], shape[1], shape[2..].iter().product()]
}

/// Whether these weights are one kernel for each channel by itself.
///
/// # Panics
///
/// Panics if they are neither that nor a kernel for each pair of channels.
pub(crate) fn depthwise_weight(geometry: &Geometry, weight: &Values) -> bool {
    let [outputs, inputs, ..] = weight.shape().dims::<4>();
    let depthwise = inputs == 1 && geometry.inputs == outputs;
    assert!(
        depthwise || inputs == geometry.inputs,
        "weights of {:?} for {} channels",
        weight.shape(),
        geometry.inputs
    );
    depthwise
}

pub(crate) fn geometry(
    maps: &Values,
    weight: &Values,
    stride: [usize; 2],
    padding: Padding,
) -> Geometry {
    let [batch, inputs, height, width] = maps.shape().dims();
    let [outputs, _, kernel_height, kernel_width] = weight.shape().dims();
    Geometry::new(
        [batch, inputs, outputs],
        [height, width],
        [kernel_height, kernel_width],
        stride,
        padding,
    )
}

/// Of pooling: each map is a picture of one channel.
pub(crate) fn pooling(
    maps: &Values,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: Padding,
) -> Geometry {
    let [batch, channels, height, width] = maps.shape().dims();
    Geometry::new(
        [batch * channels, 1, 1],
        [height, width],
        kernel,
        stride,
        padding,
    )
}

/// One number behind the other, without copying what is already so.
pub(crate) fn contiguous(values: Values) -> Values {
    if values.is_contiguous() {
        values
    } else {
        values.to_contiguous()
    }
}

/// Whether a contiguous tensor's numbers are all that is stored, and nobody else holds them.
fn is_own(values: &Values) -> bool {
    let size = size_of::<f32>() * values.shape().num_elements();
    values.is_unique() && values.is_contiguous() && values.bytes().len() == size
}

/// A tensor to write to: a copy where somebody else holds it.
pub(crate) fn own(values: Values) -> Values {
    let values = contiguous(values);
    if is_own(&values) {
        return values;
    }
    let shape: Vec<usize> = values.shape().iter().copied().collect();
    Values::from_data(TensorData::new(slice(&values).to_vec(), shape))
}

/// The numbers of a contiguous tensor.
pub(crate) fn slice(values: &Values) -> &[f32] {
    values.as_slice().expect("contiguous numbers of 32 bits")
}

pub(crate) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Values {
    Values::from_data(TensorData::new(values, shape))
}
