//! The three networks of MTCNN (Zhang et al., IEEE Signal Processing Letters 2016, figure 2), with
//! facenet-pytorch's parameter names and output order.

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::softmax;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{convolve, max_pool2d};

use crate::layers::{ChannelPRelu, ConvSpec, linear};

/// The proposal network: fully convolutional, one answer for each 12 x 12 window, stride 2.
#[derive(Module, Debug)]
pub(crate) struct ProposalNetwork {
    conv1: Conv2d,
    prelu1: ChannelPRelu,
    conv2: Conv2d,
    prelu2: ChannelPRelu,
    conv3: Conv2d,
    prelu3: ChannelPRelu,
    conv4_1: Conv2d,
    conv4_2: Conv2d,
}

/// The refinement network, for windows brought to 24 x 24 pixels.
#[derive(Module, Debug)]
pub(crate) struct RefinementNetwork {
    conv1: Conv2d,
    prelu1: ChannelPRelu,
    conv2: Conv2d,
    prelu2: ChannelPRelu,
    conv3: Conv2d,
    prelu3: ChannelPRelu,
    dense4: Linear,
    prelu4: ChannelPRelu,
    dense5_1: Linear,
    dense5_2: Linear,
}

/// The output network, for windows brought to 48 x 48 pixels.
#[derive(Module, Debug)]
pub(crate) struct OutputNetwork {
    conv1: Conv2d,
    prelu1: ChannelPRelu,
    conv2: Conv2d,
    prelu2: ChannelPRelu,
    conv3: Conv2d,
    prelu3: ChannelPRelu,
    conv4: Conv2d,
    prelu4: ChannelPRelu,
    dense5: Linear,
    prelu5: ChannelPRelu,
    dense6_1: Linear,
    dense6_2: Linear,
    dense6_3: Linear,
}

impl ProposalNetwork {
    /// The network with all parameters zero.
    pub(crate) fn new(device: &Device) -> Self {
        let conv = |inputs, outputs, kernel| ConvSpec::new(inputs, outputs, kernel).init(device);
        Self {
            conv1: conv(3, 10, 3),
            prelu1: ChannelPRelu::new(10, device),
            conv2: conv(10, 16, 3),
            prelu2: ChannelPRelu::new(16, device),
            conv3: conv(16, 32, 3),
            prelu3: ChannelPRelu::new(32, device),
            conv4_1: conv(32, 2, 1),
            conv4_2: conv(32, 4, 1),
        }
    }

    /// # Shapes
    ///
    /// - `pictures`: `[batch, 3, height, width]`, both at least 12
    /// - returns box offsets `[batch, 4, rows, columns]` (left, top, right, bottom, in box sides)
    ///   and probabilities `[batch, 2, rows, columns]` (no face, face)
    pub(crate) fn forward(&self, pictures: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let maps = self.prelu1.forward(convolve(&self.conv1, pictures));
        let maps = pool(maps, 2);
        let maps = self.prelu2.forward(convolve(&self.conv2, maps));
        let maps = self.prelu3.forward(convolve(&self.conv3, maps));
        let offsets = convolve(&self.conv4_2, maps.clone());
        (offsets, softmax(convolve(&self.conv4_1, maps), 1))
    }
}

impl RefinementNetwork {
    /// The network with all parameters zero.
    pub(crate) fn new(device: &Device) -> Self {
        let conv = |inputs, outputs, kernel| ConvSpec::new(inputs, outputs, kernel).init(device);
        Self {
            conv1: conv(3, 28, 3),
            prelu1: ChannelPRelu::new(28, device),
            conv2: conv(28, 48, 3),
            prelu2: ChannelPRelu::new(48, device),
            conv3: conv(48, 64, 2),
            prelu3: ChannelPRelu::new(64, device),
            dense4: linear(576, 128, device),
            prelu4: ChannelPRelu::new(128, device),
            dense5_1: linear(128, 2, device),
            dense5_2: linear(128, 4, device),
        }
    }

    /// # Shapes
    ///
    /// - `windows`: `[batch, 3, 24, 24]`
    /// - returns box offsets `[batch, 4]` and probabilities `[batch, 2]` (no face, face)
    pub(crate) fn forward(&self, windows: Tensor<4>) -> (Tensor<2>, Tensor<2>) {
        let maps = self.prelu1.forward(convolve(&self.conv1, windows));
        let maps = self.prelu2.forward(convolve(&self.conv2, pool(maps, 3)));
        let maps = self.prelu3.forward(convolve(&self.conv3, pool(maps, 3)));
        let features = self.prelu4.forward(self.dense4.forward(columns(maps)));
        (
            self.dense5_2.forward(features.clone()),
            softmax(self.dense5_1.forward(features), 1),
        )
    }
}

impl OutputNetwork {
    /// The network with all parameters zero.
    pub(crate) fn new(device: &Device) -> Self {
        let conv = |inputs, outputs, kernel| ConvSpec::new(inputs, outputs, kernel).init(device);
        Self {
            conv1: conv(3, 32, 3),
            prelu1: ChannelPRelu::new(32, device),
            conv2: conv(32, 64, 3),
            prelu2: ChannelPRelu::new(64, device),
            conv3: conv(64, 64, 3),
            prelu3: ChannelPRelu::new(64, device),
            conv4: conv(64, 128, 2),
            prelu4: ChannelPRelu::new(128, device),
            dense5: linear(1152, 256, device),
            prelu5: ChannelPRelu::new(256, device),
            dense6_1: linear(256, 2, device),
            dense6_2: linear(256, 4, device),
            dense6_3: linear(256, 10, device),
        }
    }

    /// # Shapes
    ///
    /// - `windows`: `[batch, 3, 48, 48]`
    /// - returns box offsets `[batch, 4]`, points `[batch, 10]` (five x, then five y, as parts of
    ///   the box) and probabilities `[batch, 2]` (no face, face)
    pub(crate) fn forward(&self, windows: Tensor<4>) -> (Tensor<2>, Tensor<2>, Tensor<2>) {
        let maps = self.prelu1.forward(convolve(&self.conv1, windows));
        let maps = self.prelu2.forward(convolve(&self.conv2, pool(maps, 3)));
        let maps = self.prelu3.forward(convolve(&self.conv3, pool(maps, 3)));
        let maps = self.prelu4.forward(convolve(&self.conv4, pool(maps, 2)));
        let features = self.prelu5.forward(self.dense5.forward(columns(maps)));
        (
            self.dense6_2.forward(features.clone()),
            self.dense6_3.forward(features.clone()),
            softmax(self.dense6_1.forward(features), 1),
        )
    }
}

/// Max pooling with stride 2; an incomplete window at the edge counts.
fn pool(maps: Tensor<4>, kernel: usize) -> Tensor<4> {
    let options = MaxPoolOptions::new([kernel; 2])
        .with_stride([2, 2])
        .with_ceil_mode(true);
    max_pool2d(maps, options)
}

/// Maps as vectors, column by column with the channel running fastest: the order of the network's
/// first, column-major implementation.
fn columns(maps: Tensor<4>) -> Tensor<2> {
    maps.permute([0, 3, 2, 1]).flatten(1, 3)
}
