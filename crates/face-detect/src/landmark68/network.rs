//! The network of `face_landmark_68`: four densely connected blocks of separable convolutions.

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::convolve;

use crate::layers::{ConvSpec, Padding, SeparableConv2d, linear};

/// The first convolution of a block, which halves the size.
#[derive(Module, Debug)]
pub(crate) struct PictureBlock {
    conv0: Conv2d,
    conv1: SeparableConv2d,
    conv2: SeparableConv2d,
    conv3: SeparableConv2d,
}

/// The same with a separable first convolution.
#[derive(Module, Debug)]
pub(crate) struct DenseBlock {
    conv0: SeparableConv2d,
    conv1: SeparableConv2d,
    conv2: SeparableConv2d,
    conv3: SeparableConv2d,
}

/// Four blocks, average pooling and a linear layer.
#[derive(Module, Debug)]
pub(crate) struct LandmarkNetwork68 {
    dense0: PictureBlock,
    dense1: DenseBlock,
    dense2: DenseBlock,
    dense3: DenseBlock,
    fc: Linear,
}

impl LandmarkNetwork68 {
    pub(crate) fn new(device: &Device) -> Self {
        let same = |channels| SeparableConv2d::new(channels, channels, 1, device);
        let dense = |inputs| DenseBlock {
            conv0: SeparableConv2d::new(inputs, 2 * inputs, 2, device),
            conv1: same(2 * inputs),
            conv2: same(2 * inputs),
            conv3: same(2 * inputs),
        };
        let first = ConvSpec {
            stride: 2,
            padding: Padding::Same,
            ..ConvSpec::new(3, 32, 3)
        };
        Self {
            dense0: PictureBlock {
                conv0: first.init(device),
                conv1: same(32),
                conv2: same(32),
                conv3: same(32),
            },
            dense1: dense(32),
            dense2: dense(64),
            dense3: dense(128),
            fc: linear(256, 136, device),
        }
    }

    /// # Shapes
    ///
    /// - `faces`: `[batch, 3, 112, 112]`
    /// - returns `[batch, 136]`: x and y of each landmark in turn, 0 at the left (top) edge and 1 at
    ///   the right (bottom) one
    pub(crate) fn forward(&self, faces: Tensor<4>) -> Tensor<2> {
        let PictureBlock {
            conv0,
            conv1,
            conv2,
            conv3,
        } = &self.dense0;
        let mut maps = add_up(relu(convolve(conv0, faces)), [conv1, conv2, conv3]);
        for block in [&self.dense1, &self.dense2, &self.dense3] {
            let first = relu(block.conv0.forward(maps));
            maps = add_up(first, [&block.conv1, &block.conv2, &block.conv3]);
        }
        let pooled = maps.mean_dims(&[2, 3]).flatten(1, 3);
        self.fc.forward(pooled)
    }
}

/// Each convolution sees the rectified sum of everything before it.
fn add_up(first: Tensor<4>, convolutions: [&SeparableConv2d; 3]) -> Tensor<4> {
    // The first map is rectified already.
    let mut seen = first.clone();
    let mut sum = first;
    for convolution in convolutions {
        sum = sum + convolution.forward(seen);
        seen = relu(sum.clone());
    }
    seen
}
