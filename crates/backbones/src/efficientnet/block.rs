//! The mobile inverted bottleneck (MBConv) with squeeze and excitation, with timm's names.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, PaddingConfig2d};
use burn::tensor::activation::{relu, sigmoid, silu};
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{
    conv2d_kaiming_normal, convolve, global_average_pool, normalise, normalise_relu6,
};
use rand::Rng;

use super::config::{EfficientNetConfig, SamePadding, Stage};
use crate::block::convolution;

/// What follows a normalisation.
#[derive(Clone, Copy, Debug)]
pub(super) enum Activation {
    Swish,
    /// `min(max(x, 0), 6)`, in Lite networks.
    Relu6,
}

impl Activation {
    fn forward(self, maps: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Swish => silu(maps),
            Self::Relu6 => relu(maps).clamp_max(6.0),
        }
    }

    /// After a normalisation.
    pub(super) fn normalise(self, norm: &BatchNorm, maps: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Swish => silu(normalise(norm, maps)),
            Self::Relu6 => normalise_relu6(norm, maps),
        }
    }
}

/// Each channel times a weight in `0..=1` that the means of all channels give.
#[derive(Module, Debug)]
pub struct SqueezeExcite {
    conv_reduce: Conv2d,
    conv_expand: Conv2d,
}

impl SqueezeExcite {
    fn forward(&self, maps: Tensor<4>, activation: Activation) -> Tensor<4> {
        let [batch, channels, _, _] = maps.dims();
        let means = global_average_pool(maps.clone()).reshape([batch, channels, 1, 1]);
        let reduced = activation.forward(convolve(&self.conv_reduce, means));
        maps * sigmoid(convolve(&self.conv_expand, reduced))
    }
}

/// A block without expansion: depthwise, then pointwise.
#[derive(Module, Debug)]
pub struct DepthwiseSeparable {
    conv_dw: Conv2d,
    bn1: BatchNorm,
    se: Option<SqueezeExcite>,
    conv_pw: Conv2d,
    bn2: BatchNorm,
    residual: bool,
}

/// A block with expansion: pointwise to more channels, depthwise, pointwise to fewer.
#[derive(Module, Debug)]
pub struct InvertedResidual {
    conv_pw: Conv2d,
    bn1: BatchNorm,
    conv_dw: Conv2d,
    bn2: BatchNorm,
    se: Option<SqueezeExcite>,
    conv_pwl: Conv2d,
    bn3: BatchNorm,
    residual: bool,
}

/// A block of an EfficientNet; its input is added to its output where they have one shape.
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a network has some tens of blocks, and a box is no module"
)]
pub enum MbConv {
    /// Without expansion: the first stage.
    DepthwiseSeparable(DepthwiseSeparable),
    /// With expansion.
    InvertedResidual(InvertedResidual),
}

/// What the blocks of a network are built with.
pub(super) struct Builder<'a, R> {
    pub(super) config: &'a EfficientNetConfig,
    pub(super) device: &'a Device,
    pub(super) rng: &'a mut R,
}

impl<R: Rng> Builder<'_, R> {
    pub(super) fn norm(&self, channels: usize) -> BatchNorm {
        burn::nn::BatchNormConfig::new(channels)
            .with_momentum(self.config.norm_momentum)
            .with_epsilon(self.config.norm_epsilon)
            .init(self.device)
    }

    /// The first convolution, from three channels, of kernel 3 and stride 2.
    pub(super) fn stem(&mut self, channels: usize, size: usize) -> Conv2d {
        let mut conv = self.spatial([3, channels], 1, [3, 2, size]);
        if !self.config.padded_stem {
            conv.padding = PaddingConfig2d::Valid;
        }
        conv
    }

    pub(super) fn pointwise(&mut self, channels: [usize; 2]) -> Conv2d {
        convolution(channels, 1, 1, self.device, self.rng)
    }

    /// A convolution whose padding counts on an input edge of `size`.
    pub(super) fn spatial(
        &mut self,
        channels: [usize; 2],
        groups: usize,
        [kernel, stride, size]: [usize; 3],
    ) -> Conv2d {
        let config = Conv2dConfig::new(channels, [kernel, kernel])
            .with_groups(groups)
            .with_stride([stride, stride])
            .with_padding(self.config.padding.of(kernel, stride, size))
            .with_bias(false);
        conv2d_kaiming_normal(&config, self.device, self.rng)
    }

    /// Reduces to a quarter of the block's `inputs`, not of its expanded `channels`.
    fn squeeze_excite(&mut self, channels: usize, inputs: usize) -> Option<SqueezeExcite> {
        let reduced = (inputs / 4).max(1);
        let mut conv =
            |ends| conv2d_kaiming_normal(&Conv2dConfig::new(ends, [1, 1]), self.device, self.rng);
        (!self.config.variant.is_lite()).then(|| SqueezeExcite {
            conv_reduce: conv([channels, reduced]),
            conv_expand: conv([reduced, channels]),
        })
    }

    /// A block of the stage, from `inputs` channels, striding by `stride`.
    pub(super) fn block(
        &mut self,
        stage: Stage,
        inputs: usize,
        stride: usize,
        size: usize,
    ) -> MbConv {
        let outputs = stage.channels;
        let residual = stride == 1 && inputs == outputs;
        let spatial = [stage.kernel, stride, size];
        if stage.expansion == 1 {
            return MbConv::DepthwiseSeparable(DepthwiseSeparable {
                conv_dw: self.spatial([inputs, inputs], inputs, spatial),
                bn1: self.norm(inputs),
                se: self.squeeze_excite(inputs, inputs),
                conv_pw: self.pointwise([inputs, outputs]),
                bn2: self.norm(outputs),
                residual,
            });
        }
        let inner = inputs * stage.expansion;
        MbConv::InvertedResidual(InvertedResidual {
            conv_pw: self.pointwise([inputs, inner]),
            bn1: self.norm(inner),
            conv_dw: self.spatial([inner, inner], inner, spatial),
            bn2: self.norm(inner),
            se: self.squeeze_excite(inner, inputs),
            conv_pwl: self.pointwise([inner, outputs]),
            bn3: self.norm(outputs),
            residual,
        })
    }
}

impl MbConv {
    /// `drop` takes the block's residual before its input is added.
    pub(super) fn forward(
        &self,
        maps: Tensor<4>,
        activation: Activation,
        drop: impl FnOnce(Tensor<4>) -> Tensor<4>,
    ) -> Tensor<4> {
        let excite = |se: &Option<SqueezeExcite>, maps| match se {
            Some(se) => se.forward(maps, activation),
            None => maps,
        };
        let input = maps.clone();
        let (outputs, residual) = match self {
            Self::DepthwiseSeparable(block) => {
                let maps = activation.normalise(&block.bn1, convolve(&block.conv_dw, maps));
                let maps = excite(&block.se, maps);
                (
                    normalise(&block.bn2, convolve(&block.conv_pw, maps)),
                    block.residual,
                )
            }
            Self::InvertedResidual(block) => {
                let maps = activation.normalise(&block.bn1, convolve(&block.conv_pw, maps));
                let maps = activation.normalise(&block.bn2, convolve(&block.conv_dw, maps));
                let maps = excite(&block.se, maps);
                (
                    normalise(&block.bn3, convolve(&block.conv_pwl, maps)),
                    block.residual,
                )
            }
        };
        if residual {
            drop(outputs) + input
        } else {
            outputs
        }
    }

    /// EfficientNet-PyTorch's names of the block's parts, and the names here.
    pub(super) fn efficientnet_pytorch_names(&self) -> Vec<(&'static str, &'static str)> {
        let mut names = vec![
            ("_se_reduce", "se.conv_reduce"),
            ("_se_expand", "se.conv_expand"),
            ("_depthwise_conv", "conv_dw"),
        ];
        names.extend(match self {
            Self::DepthwiseSeparable(_) => {
                vec![
                    ("_bn1", "bn1"),
                    ("_project_conv", "conv_pw"),
                    ("_bn2", "bn2"),
                ]
            }
            Self::InvertedResidual(_) => vec![
                ("_expand_conv", "conv_pw"),
                ("_bn0", "bn1"),
                ("_bn1", "bn2"),
                ("_project_conv", "conv_pwl"),
                ("_bn2", "bn3"),
            ],
        });
        names
    }
}

/// Size after a stride.
pub(super) fn halved(size: usize, stride: usize) -> usize {
    size.div_ceil(stride)
}

/// Edge of the images that static padding counts on; any other padding does not look at it.
pub(super) fn counted_on(padding: SamePadding) -> usize {
    match padding {
        SamePadding::Static(size) => size,
        SamePadding::Same | SamePadding::Symmetric | SamePadding::Uniform(_) => 1,
    }
}
