//! Depthwise separable convolutions and the residual blocks Xception makes of them (Chollet, CVPR
//! 2017, figure 5), with timm's names.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, PaddingConfig2d, Relu};
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{conv2d_kaiming_normal, convolve, max_pool2d, normalise, normalise_relu};
use rand::Rng;

use crate::block::{batch_norm, convolution};

/// A 3x3 convolution of each channel by itself, then a 1x1 convolution across channels.
#[derive(Module, Debug)]
pub struct SeparableConv2d {
    conv1: Conv2d,
    pointwise: Conv2d,
}

impl SeparableConv2d {
    pub(crate) fn new([inputs, outputs]: [usize; 2], device: &Device, rng: &mut impl Rng) -> Self {
        let depthwise = Conv2dConfig::new([inputs, inputs], [3, 3])
            .with_groups(inputs)
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_bias(false);
        Self {
            conv1: conv2d_kaiming_normal(&depthwise, device, rng),
            pointwise: convolution([inputs, outputs], 1, 1, device, rng),
        }
    }

    /// # Shapes
    ///
    /// - `maps`: `[batch, inputs, height, width]`
    /// - returns `[batch, outputs, height, width]`
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        convolve(&self.pointwise, convolve(&self.conv1, maps))
    }
}

/// One step of a block. The steps without weights are there for the numbers in the weights' names.
#[derive(Module, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a network has some hundred steps, and a box is no module"
)]
enum Step {
    Relu(Relu),
    Separable(SeparableConv2d),
    Norm(BatchNorm),
}

/// Separable convolutions, each with a ReLU before and a normalisation after it, and 3x3 max
/// pooling where the block strides; plus a skip connection, projected where the shape changes.
#[derive(Module, Debug)]
pub struct XceptionBlock {
    rep: Vec<Step>,
    skip: Option<Conv2d>,
    skipbn: Option<BatchNorm>,
    stride: usize,
}

/// The shape of one block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct XceptionBlockConfig {
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// Number of separable convolutions.
    pub(crate) convolutions: usize,
    /// 1, or 2 with pooling.
    pub(crate) stride: usize,
    /// Whether the first convolution has a ReLU before it, too.
    pub(crate) start_with_relu: bool,
    /// Whether the first convolution changes the number of channels, or the last one.
    pub(crate) grow_first: bool,
    /// Whether the skip connection is projected although the shape stays.
    pub(crate) project: bool,
}

impl XceptionBlockConfig {
    pub(crate) fn init(&self, device: &Device, rng: &mut impl Rng) -> XceptionBlock {
        let growing = if self.grow_first {
            0
        } else {
            self.convolutions - 1
        };
        let mut rep = Vec::with_capacity(3 * self.convolutions);
        for index in 0..self.convolutions {
            let channels = |grown| if grown { self.outputs } else { self.inputs };
            let [inputs, outputs] = [channels(index > growing), channels(index >= growing)];
            if index > 0 || self.start_with_relu {
                rep.push(Step::Relu(Relu::new()));
            }
            rep.push(Step::Separable(SeparableConv2d::new(
                [inputs, outputs],
                device,
                rng,
            )));
            rep.push(Step::Norm(batch_norm(outputs, device)));
        }
        let (skip, skipbn) = self
            .project
            .then(|| {
                let ends = [self.inputs, self.outputs];
                let skip = convolution(ends, 1, self.stride, device, rng);
                (skip, batch_norm(self.outputs, device))
            })
            .unzip();
        XceptionBlock {
            rep,
            skip,
            skipbn,
            stride: self.stride,
        }
    }
}

impl XceptionBlock {
    /// # Shapes
    ///
    /// - `maps`: `[batch, inputs, height, width]`
    /// - returns `[batch, outputs, ceil(height / stride), ceil(width / stride)]`
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let skip = match (&self.skip, &self.skipbn) {
            (Some(conv), Some(norm)) => normalise(norm, convolve(conv, maps.clone())),
            _ => maps.clone(),
        };
        let mut steps = self.rep.iter().peekable();
        let mut inner = maps;
        while let Some(step) = steps.next() {
            inner = match step {
                Step::Relu(relu) => relu.forward(inner),
                Step::Separable(conv) => conv.forward(inner),
                Step::Norm(norm) => match steps.next_if(|next| matches!(next, Step::Relu(_))) {
                    Some(_) => normalise_relu(norm, inner),
                    None => normalise(norm, inner),
                },
            };
        }
        let pooled = if self.stride > 1 {
            let pooling = MaxPoolOptions::new([3, 3])
                .with_stride([self.stride, self.stride])
                .with_padding([1, 1]);
            max_pool2d(inner, pooling)
        } else {
            inner
        };
        pooled + skip
    }
}
