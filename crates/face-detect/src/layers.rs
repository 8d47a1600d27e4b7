//! Layers that several of the networks are made of. All start at zero: weights are always loaded.

use burn::module::{Initializer, Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{convolve, prelu};

/// The shape of a square convolution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConvSpec {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) dilation: usize,
    pub(crate) groups: usize,
    pub(crate) bias: bool,
    pub(crate) padding: Padding,
}

/// How far a convolution reaches beyond the edge.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Padding {
    None,
    /// TensorFlow's `same`: the output has `ceil(size / stride)` pixels, an odd pixel of padding
    /// lies right and below.
    Same,
    /// PyTorch's: as many on every side.
    Even(usize),
}

impl ConvSpec {
    /// Stride 1, with bias, not grouped, not padded.
    pub(crate) fn new(inputs: usize, outputs: usize, kernel: usize) -> Self {
        Self {
            inputs,
            outputs,
            kernel,
            stride: 1,
            dilation: 1,
            groups: 1,
            bias: true,
            padding: Padding::None,
        }
    }

    /// One filter for each channel.
    pub(crate) fn depthwise(channels: usize, kernel: usize) -> Self {
        Self {
            groups: channels,
            ..Self::new(channels, channels, kernel)
        }
    }

    pub(crate) fn init(self, device: &Device) -> Conv2d {
        Conv2dConfig::new([self.inputs, self.outputs], [self.kernel; 2])
            .with_stride([self.stride; 2])
            .with_dilation([self.dilation; 2])
            .with_groups(self.groups)
            .with_bias(self.bias)
            .with_padding(match self.padding {
                Padding::None => PaddingConfig2d::Valid,
                Padding::Same => PaddingConfig2d::Same,
                Padding::Even(pixels) => PaddingConfig2d::Explicit(pixels, pixels, pixels, pixels),
            })
            .with_initializer(Initializer::Zeros)
            .init(device)
    }
}

/// A linear layer.
pub(crate) fn linear(inputs: usize, outputs: usize, device: &Device) -> Linear {
    LinearConfig::new(inputs, outputs)
        .with_initializer(Initializer::Zeros)
        .init(device)
}

/// A 3x3 convolution of each channel, then a 1x1 convolution with bias across channels.
#[derive(Module, Debug)]
pub(crate) struct SeparableConv2d {
    depthwise: Conv2d,
    pointwise: Conv2d,
}

impl SeparableConv2d {
    pub(crate) fn new(inputs: usize, outputs: usize, stride: usize, device: &Device) -> Self {
        let depthwise = ConvSpec {
            stride,
            bias: false,
            padding: Padding::Same,
            ..ConvSpec::depthwise(inputs, 3)
        };
        Self {
            depthwise: depthwise.init(device),
            pointwise: ConvSpec::new(inputs, outputs, 1).init(device),
        }
    }

    /// # Shapes
    ///
    /// - `maps`: `[batch, inputs, height, width]`
    /// - returns `[batch, outputs, ceil(height / stride), ceil(width / stride)]`
    pub(crate) fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        convolve(&self.pointwise, convolve(&self.depthwise, maps))
    }
}

/// A leaky ReLU with a learned slope for each channel, named as PyTorch's `nn.PReLU`.
#[derive(Module, Debug)]
pub(crate) struct ChannelPRelu {
    /// `[channels]`
    weight: Param<Tensor<1>>,
}

impl ChannelPRelu {
    pub(crate) fn new(channels: usize, device: &Device) -> Self {
        Self {
            weight: Initializer::Zeros.init([channels], device),
        }
    }

    /// # Shapes
    ///
    /// - `maps`: `[batch, channels, ...]`, returned in the same shape
    pub(crate) fn forward<const D: usize>(&self, maps: Tensor<D>) -> Tensor<D> {
        prelu(maps, self.weight.val())
    }
}
