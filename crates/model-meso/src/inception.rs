//! The variant of the inception module: three branches that look farther and farther by dilation.

use burn::module::Module;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{conv2d_kaiming_uniform, convolve};
use rand::Rng;

/// A pointwise convolution, and three more followed by a 3 x 3 convolution of dilation 1, 2 and 3 each;
/// every one ends in a ReLU, and their maps are concatenated in this order.
#[derive(Module, Debug)]
pub(crate) struct Inception {
    pointwise: Conv2d,
    /// To the channels of the branch.
    reduce: Vec<Conv2d>,
    /// Dilated by 1, 2, 3.
    dilated: Vec<Conv2d>,
}

impl Inception {
    /// `widths`: channels of the pointwise convolution and of the three branches.
    pub(crate) fn new(
        inputs: usize,
        widths: [usize; 4],
        device: &Device,
        rng: &mut impl Rng,
    ) -> Self {
        let [first, branches @ ..] = widths;
        let mut point = |width| {
            let config = Conv2dConfig::new([inputs, width], [1, 1]);
            conv2d_kaiming_uniform(&config, device, rng)
        };
        let pointwise = point(first);
        let reduce = branches.map(&mut point).into();
        let dilated = branches.into_iter().zip(1..).map(|(width, dilation)| {
            let config = Conv2dConfig::new([width, width], [3, 3])
                .with_dilation([dilation; 2])
                .with_padding(PaddingConfig2d::Explicit(
                    dilation, dilation, dilation, dilation,
                ));
            conv2d_kaiming_uniform(&config, device, rng)
        });
        Self {
            pointwise,
            reduce,
            dilated: dilated.collect(),
        }
    }

    /// Channels of the result.
    pub(crate) fn channels(&self) -> usize {
        let widths = self.reduce.iter().chain([&self.pointwise]);
        widths.map(|conv| conv.weight.dims()[0]).sum()
    }

    /// # Shapes
    ///
    /// - `maps`: `[batch, inputs, height, width]`
    /// - returns `[batch, channels, height, width]`
    pub(crate) fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let apply = |conv, maps| relu(convolve(conv, maps));
        let branches = self.reduce.iter().zip(&self.dilated);
        let branches =
            branches.map(|(reduce, dilated)| apply(dilated, apply(reduce, maps.clone())));
        let first = apply(&self.pointwise, maps.clone());
        Tensor::cat([first].into_iter().chain(branches).collect(), 1)
    }
}
