//! The network of `tiny_face_detector`: Tiny YOLO v2 (Redmon and Farhadi, CVPR 2017) with separable
//! convolutions.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::{leaky_relu, relu};
use burn::tensor::{Device, Slice, Tensor};
use core_tensor_ops::convolve;

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
        let mut maps = convolve(&self.conv0, pictures);
        for conv in [
            &self.conv1,
            &self.conv2,
            &self.conv3,
            &self.conv4,
            &self.conv5,
        ] {
            maps = conv.forward(leaky_relu(pool(maps, 2), LEAK));
        }
        convolve(&self.conv8, leaky_relu(pool(maps, 1), LEAK))
    }
}

/// Max pooling over 2 x 2 values, every `stride` of them; an incomplete window at the right or
/// lower edge counts.
///
/// `max(a, b)` as `a + relu(b - a)`: at most a rounding error away, and four times as fast as Burn's
/// pooling on a CPU, which would take half of the network's time.
fn pool(maps: Tensor<4>, stride: isize) -> Tensor<4> {
    [2, 3].into_iter().fold(maps, |maps, axis| {
        let every = |start| Slice::new(start, None, stride);
        let one = maps.clone().slice_dim(axis, every(0));
        let mut other = maps.clone().slice_dim(axis, every(1));
        if other.dims()[axis] < one.dims()[axis] {
            let last = maps.slice_dim(axis, Slice::new(-1, None, 1));
            other = Tensor::cat(vec![other, last], axis);
        }
        relu(other - one.clone()) + one
    })
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;

    #[test]
    fn windows_at_the_edge_count() {
        let maps = || {
            Tensor::<4>::from_floats(
                [[[[1.0, 5.0, -3.0], [2.0, 0.0, -1.0], [-7.0, -8.0, -9.0]]]],
                &Device::flex(),
            )
        };
        let halved = TensorData::from([[[[5.0f32, -1.0], [-7.0, -9.0]]]]);
        pool(maps(), 2).into_data().assert_eq(&halved, true);
        let slid =
            TensorData::from([[[[5.0f32, 5.0, -1.0], [2.0, 0.0, -1.0], [-7.0, -8.0, -9.0]]]]);
        pool(maps(), 1).into_data().assert_eq(&slid, true);
    }
}
