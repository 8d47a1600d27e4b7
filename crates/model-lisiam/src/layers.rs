//! Small layers that several blocks share.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor, TensorData};
use core_tensor_ops::{conv2d_kaiming_uniform, convolve, normalise_relu};
use rand::{Rng, RngExt};

/// Dropout whose masks come from a generator that is passed in.
///
/// Burn's own dropout draws from a generator hidden in the device; two runs with the same seed
/// would then differ as soon as two threads draw from it.
pub struct Dropout<'a>(Option<&'a mut dyn Rng>);

impl<'a> Dropout<'a> {
    /// No dropout: inference.
    pub fn off() -> Self {
        Self(None)
    }

    /// Masks are drawn on the host, one uniform number each, in the order of the layers.
    pub fn seeded(rng: &'a mut dyn Rng) -> Self {
        Self(Some(rng))
    }

    /// Zeroes entries with probability `rate`, in `0..1`, and divides the others by `1 - rate`.
    pub(crate) fn entries<const D: usize>(&mut self, x: Tensor<D>, rate: f64) -> Tensor<D> {
        let mask = x.dims();
        self.masked(x, mask, rate)
    }

    /// Zeroes whole maps of a batch, as PyTorch's `Dropout2d`.
    pub(crate) fn maps(&mut self, x: Tensor<4>, rate: f64) -> Tensor<4> {
        let [batch, channels, _, _] = x.dims();
        self.masked(x, [batch, channels, 1, 1], rate)
    }

    fn masked<const D: usize>(&mut self, x: Tensor<D>, mask: [usize; D], rate: f64) -> Tensor<D> {
        let Some(rng) = self.0.as_mut().filter(|_| rate > 0.0) else {
            return x;
        };
        let kept = (1.0 / (1.0 - rate)) as f32;
        let draw = |_| if rng.random_bool(rate) { 0.0 } else { kept };
        let values: Vec<f32> = (0..mask.iter().product()).map(draw).collect();
        let mask = Tensor::<D>::from_data(TensorData::new(values, mask), &x.device());
        x * mask
    }
}

/// A convolution without bias, batch normalisation, ReLU.
#[derive(Module, Debug)]
pub(crate) struct ConvNormRelu {
    conv: Conv2d,
    norm: BatchNorm,
}

impl ConvNormRelu {
    /// A square `kernel` that keeps the size.
    pub(crate) fn new(
        channels: [usize; 2],
        kernel: usize,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Self {
        let config = Conv2dConfig::new(channels, [kernel; 2])
            .with_padding(padding(kernel / 2))
            .with_bias(false);
        Self {
            conv: conv2d_kaiming_uniform(&config, device, rng),
            norm: batch_norm(channels[1], device),
        }
    }

    pub(crate) fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        normalise_relu(&self.norm, convolve(&self.conv, x))
    }
}

/// A 1x1 convolution.
pub(crate) fn pointwise(
    channels: [usize; 2],
    bias: bool,
    device: &Device,
    rng: &mut impl Rng,
) -> Conv2d {
    let config = Conv2dConfig::new(channels, [1, 1]).with_bias(bias);
    conv2d_kaiming_uniform(&config, device, rng)
}

/// Batch normalisation with PyTorch's momentum 0.1 and epsilon 1e-5.
pub(crate) fn batch_norm(channels: usize, device: &Device) -> BatchNorm {
    BatchNormConfig::new(channels)
        .with_momentum(0.1)
        .with_epsilon(1e-5)
        .init(device)
}

/// The same padding on all sides.
pub(crate) fn padding(pixels: usize) -> PaddingConfig2d {
    PaddingConfig2d::Explicit(pixels, pixels, pixels, pixels)
}
