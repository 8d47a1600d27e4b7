//! The residual blocks of ResNet (He et al., CVPR 2016, figures 2 and 5), with torchvision's names.

use burn::module::{Initializer, Module};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{add_relu, conv2d_kaiming_normal, convolve, normalise, normalise_relu};
use rand::Rng;

/// Output channels of a bottleneck block for each channel of its inner convolutions.
const BOTTLENECK_EXPANSION: usize = 4;

/// A residual block: basic (two 3x3 convolutions), or a bottleneck (1x1, 3x3, 1x1) where `conv3` is
/// present.
///
/// A bottleneck strides in its 3x3 convolution, as torchvision does, not in the first 1x1 one as
/// the paper does.
#[derive(Module, Debug)]
pub struct ResidualBlock {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
    conv3: Option<Conv2d>,
    bn3: Option<BatchNorm>,
    /// A 1x1 convolution and its normalisation on the skip connection, where the block changes the
    /// shape. Its elements are named `0` and `1`.
    downsample: Option<(Conv2d, BatchNorm)>,
}

/// The shape of one residual block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockConfig {
    pub(crate) inputs: usize,
    /// Channels of the inner convolutions.
    pub(crate) width: usize,
    pub(crate) stride: usize,
    pub(crate) bottleneck: bool,
    pub(crate) zero_init_residual: bool,
}

/// Channels that blocks of this width give.
pub(crate) fn block_outputs(width: usize, bottleneck: bool) -> usize {
    if bottleneck {
        width * BOTTLENECK_EXPANSION
    } else {
        width
    }
}

/// A square convolution without bias that keeps the size at stride 1.
pub(crate) fn convolution(
    channels: [usize; 2],
    kernel: usize,
    stride: usize,
    device: &Device,
    rng: &mut impl Rng,
) -> Conv2d {
    let padding = kernel / 2;
    let config = Conv2dConfig::new(channels, [kernel, kernel])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Explicit(
            padding, padding, padding, padding,
        ))
        .with_bias(false);
    conv2d_kaiming_normal(&config, device, rng)
}

/// Batch normalisation with PyTorch's momentum 0.1 and epsilon 1e-5.
pub(crate) fn batch_norm(channels: usize, device: &Device) -> BatchNorm {
    BatchNormConfig::new(channels)
        .with_momentum(0.1)
        .with_epsilon(1e-5)
        .init(device)
}

impl BlockConfig {
    pub(crate) fn init(&self, device: &Device, rng: &mut impl Rng) -> ResidualBlock {
        let &Self {
            inputs,
            width,
            stride,
            bottleneck,
            zero_init_residual,
        } = self;
        let outputs = block_outputs(width, bottleneck);
        let last_norm = || {
            let mut norm = batch_norm(outputs, device);
            if zero_init_residual {
                norm.gamma = Initializer::Zeros.init([outputs], device);
            }
            norm
        };
        let (conv1, conv2, conv3) = if bottleneck {
            let conv1 = convolution([inputs, width], 1, 1, device, rng);
            let conv2 = convolution([width, width], 3, stride, device, rng);
            let conv3 = convolution([width, outputs], 1, 1, device, rng);
            (conv1, conv2, Some(conv3))
        } else {
            let conv1 = convolution([inputs, width], 3, stride, device, rng);
            let conv2 = convolution([width, width], 3, 1, device, rng);
            (conv1, conv2, None)
        };
        let downsample = (stride != 1 || inputs != outputs).then(|| {
            (
                convolution([inputs, outputs], 1, stride, device, rng),
                batch_norm(outputs, device),
            )
        });
        ResidualBlock {
            conv1,
            bn1: batch_norm(width, device),
            conv2,
            bn2: if bottleneck {
                batch_norm(width, device)
            } else {
                last_norm()
            },
            conv3,
            bn3: bottleneck.then(last_norm),
            downsample,
        }
    }
}

impl ResidualBlock {
    /// # Shapes
    ///
    /// - `maps`: `[batch, inputs, height, width]`
    /// - returns `[batch, outputs, ceil(height / stride), ceil(width / stride)]`
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        self.forward_with(maps, |inner| inner)
    }

    /// As [`forward`](Self::forward), with an operation of the caller's before `conv2`: in a
    /// bottleneck between `conv1`-`bn1`-ReLU and the 3x3 convolution.
    ///
    /// # Shapes
    ///
    /// - `maps`, result: as [`forward`](Self::forward)
    /// - `before_conv2` takes and gives maps of the inner width, in the size of `conv1`'s
    pub fn forward_with(
        &self,
        maps: Tensor<4>,
        before_conv2: impl FnOnce(Tensor<4>) -> Tensor<4>,
    ) -> Tensor<4> {
        let skip = match &self.downsample {
            Some((conv, norm)) => normalise(norm, convolve(conv, maps.clone())),
            None => maps.clone(),
        };
        let inner = before_conv2(normalise_relu(&self.bn1, convolve(&self.conv1, maps)));
        let residual = match (&self.conv3, &self.bn3) {
            (Some(conv), Some(norm)) => {
                let inner = normalise_relu(&self.bn2, convolve(&self.conv2, inner));
                normalise(norm, convolve(conv, inner))
            }
            _ => normalise(&self.bn2, convolve(&self.conv2, inner)),
        };
        add_relu(residual, skip)
    }
}
