//! Convolution and batch normalisation with their gradients, for Burn's back end on a CPU (Flex): what
//! Burn composes of ten passes over memory on one core is one or two here, on all of them, and
//! convolutions are products of matrices whose columns stay in the cache.
//!
//! Results are those of Burn's operations up to rounding, and the same for any number of threads.
//! [`takes`] says which tensors these operations are for; callers hand all others to Burn.

mod adam;
mod autodiff;
mod dense;
mod depthwise;
mod gemm;
mod geometry;
mod lanes;
mod norm;
mod ops;
mod pool;
mod residual;
mod winograd;

pub use adam::AdamStep;
use burn::backend::Dispatch;
use burn::tensor::{DType, Device, Tensor};

use ops::CpuOps;

/// Whether these operations are for this tensor: numbers of 32 bits on the CPU's back end.
pub fn takes<const D: usize>(tensor: &Tensor<D>) -> bool {
    tensor.dtype() == DType::F32 && tensor.device().without_autodiff() == Device::flex()
}

/// A convolution without bias and dilation, over all channels or of each by itself.
///
/// # Shapes
///
/// - `maps`: `[batch, inputs, height, width]`
/// - `weight`: `[outputs, inputs, kernel height, kernel width]`; `[inputs, 1, ..]` for each channel by
///   itself
/// - `stride`: rows, columns
/// - `padding`: rows and columns of zeros before the maps, and after them
/// - returns `[batch, outputs, ..]`
///
/// # Panics
///
/// Panics if [`takes`] denies either tensor, if the weights are of neither shape, or if the kernel is
/// larger than the padded maps.
pub fn conv2d(
    maps: Tensor<4>,
    weight: Tensor<4>,
    stride: [usize; 2],
    padding: [[usize; 2]; 2],
) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as CpuOps>::cpu_conv2d(
        maps.into_dispatch(),
        weight.into_dispatch(),
        stride,
        padding,
    ))
}

/// Batch normalisation with the batch's own statistics, clamped: ReLU and ReLU6 cost nothing here.
///
/// # Shapes
///
/// - `maps`: `[batch, channels, ..]`
/// - `gamma`, `beta`: `[channels]`
/// - `bounds`: least and largest value; a gradient passes between them alone. Infinite where nothing is
///   clamped
/// - returns maps of the same shape; mean and biased variance, `[channels]`, without gradients
///
/// # Panics
///
/// Panics if [`takes`] denies a tensor, or if the shapes do not fit.
pub fn batch_norm<const D: usize>(
    maps: Tensor<D>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    epsilon: f64,
    bounds: [f32; 2],
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    let (maps, mean, variance) = <Dispatch as CpuOps>::cpu_batch_norm(
        maps.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        epsilon,
        bounds,
    );
    (
        Tensor::from_dispatch(maps),
        Tensor::from_dispatch(mean),
        Tensor::from_dispatch(variance),
    )
}

/// `(maps - centre) * scale + shift` with one of each for a channel, clamped: normalisation with given
/// statistics.
///
/// The gradient reaches the maps alone: the others are taken as constants.
///
/// # Shapes
///
/// - `maps`, result: `[batch, channels, ..]`
/// - `centre`, `scale`, `shift`: `[channels]`
/// - `bounds`: as [`batch_norm`]'s
///
/// # Panics
///
/// Panics if [`takes`] denies a tensor, or if the shapes do not fit.
pub fn affine<const D: usize>(
    maps: Tensor<D>,
    [centre, scale, shift]: [Tensor<1>; 3],
    bounds: [f32; 2],
) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as CpuOps>::cpu_affine(
        maps.into_dispatch(),
        centre.into_dispatch(),
        scale.into_dispatch(),
        shift.into_dispatch(),
        bounds,
    ))
}

/// `max(a + b, 0)`: how a residual block ends.
///
/// # Shapes
///
/// - `a`, `b`, result: the same, any
///
/// # Panics
///
/// Panics if [`takes`] denies a tensor, or if the shapes differ.
pub fn add_relu<const D: usize>(a: Tensor<D>, b: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as CpuOps>::cpu_add_relu(
        a.into_dispatch(),
        b.into_dispatch(),
    ))
}

/// Values below zero times their channel's slope; with gradients it is Burn's own operation.
///
/// # Shapes
///
/// - `maps`, result: `[batch, channels, ..]`
/// - `slopes`: `[channels]`
///
/// # Panics
///
/// Panics if [`takes`] denies a tensor, or if the shapes do not fit.
pub fn prelu<const D: usize>(maps: Tensor<D>, slopes: Tensor<1>) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as CpuOps>::cpu_prelu(
        maps.into_dispatch(),
        slopes.into_dispatch(),
    ))
}

/// The largest value under a kernel; padding is smaller than all. Its gradient goes to the first of the
/// largest, row by row.
///
/// # Shapes
///
/// - `maps`: `[batch, channels, height, width]`
/// - `stride`: rows, columns
/// - `padding`: rows and columns before the maps, and after them
/// - returns `[batch, channels, ..]`
///
/// # Panics
///
/// Panics if [`takes`] denies the tensor, or if the kernel is larger than the padded maps.
pub fn max_pool2d(
    maps: Tensor<4>,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: [[usize; 2]; 2],
) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as CpuOps>::cpu_max_pool2d(
        maps.into_dispatch(),
        kernel,
        stride,
        padding,
    ))
}

/// A step of Adam: the parameter after it, and the means of gradients and of their squares. No gradient
/// passes through.
///
/// # Shapes
///
/// - `parameter`, `gradient`, the `moments`, results: the same, any
///
/// # Panics
///
/// Panics if [`takes`] denies a tensor, or if the shapes differ.
pub fn adam<const D: usize>(
    parameter: Tensor<D>,
    gradient: Tensor<D>,
    [means, squares]: [Tensor<D>; 2],
    step: AdamStep,
) -> (Tensor<D>, [Tensor<D>; 2]) {
    let (parameter, means, squares) = <Dispatch as CpuOps>::cpu_adam(
        parameter.into_dispatch(),
        gradient.into_dispatch(),
        means.into_dispatch(),
        squares.into_dispatch(),
        step,
    );
    let moments = [means, squares].map(Tensor::from_dispatch);
    (Tensor::from_dispatch(parameter), moments)
}
