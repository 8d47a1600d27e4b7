//! The network of `tiny_face_detector`: Tiny YOLO v2 (Redmon and Farhadi, CVPR 2017) with separable
//! convolutions.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::leaky_relu;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};

use crate::layers::{ConvSpec, SeparableConv2d};

const LEAK: f64 = 0.1;

/// Six convolutions with pooling between them, and a head.
#[derive(Module, Debug)]
pub(crate) struct TinyFaceNetwork {
    conv0: Conv2d,
    conv1: SeparableConv2d,
    conv2: SeparableConv2d,
    conv3: SeparableConv2d,
    conv4: SeparableConv2d,
    conv5: SeparableConv2d,
    conv8: Conv2d,
}

impl TinyFaceNetwork {
    pub(crate) fn new(device: &Device) -> Self {
        let separable = |inputs| SeparableConv2d::new(inputs, 2 * inputs, 1, device);
        Self {
            conv0: ConvSpec::new(3, 16, 3).init(device),
            conv1: separable(16),
            conv2: separable(32),
            conv3: separable(64),
            conv4: separable(128),
            conv5: separable(256),
            conv8: ConvSpec::new(512, 25, 1).init(device),
        }
    }

    /// # Shapes
    ///
    /// - `pictures`: `[batch, 3, height, width]`, both multiples of 32
    /// - returns `[batch, 25, height / 32, width / 32]`: for each of five anchors x, y, width,
    ///   height and objectness, as logits
    pub(crate) fn forward(&self, pictures: Tensor<4>) -> Tensor<4> {
        // A maximum is the same before a leaky ReLU as after it, and there are fewer values after.
        let rectified = |maps, pooling| leaky_relu(max_pool2d(maps, pooling), LEAK);
        // Half the size, an odd edge rounded up.
        let halving = MaxPoolOptions::new([2, 2]).with_ceil_mode(true);
        let mut maps = self.conv0.forward(pictures);
        for conv in [
            &self.conv1,
            &self.conv2,
            &self.conv3,
            &self.conv4,
            &self.conv5,
        ] {
            maps = conv.forward(rectified(maps, halving.clone()));
        }
        let sliding = MaxPoolOptions::new([2, 2])
            .with_stride([1, 1])
            .with_padding_pairs([(0, 1), (0, 1)]);
        self.conv8.forward(rectified(maps, sliding))
    }
}
