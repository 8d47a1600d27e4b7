//! The separable convolution unit `f_scu` (section III-A).

use burn::module::Module;
use burn::nn::BatchNorm;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{conv2d_kaiming_uniform, convolve, normalise};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::layers::{Dropout, batch_norm, padding};

/// The convolutions of stride 2 in the [`SeparableConvolutionUnit`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScuConvolution {
    /// Depthwise, without bias: with the 1x1 convolution that follows, a separable convolution.
    /// From the paper.
    #[default]
    Separable,
    /// Over all channels, with bias, as are then the 1x1 convolutions. From the official code.
    Full,
}

/// Encodes the features for the classification: twice a 3x3 convolution of stride 2 and a 1x1
/// convolution padded by one, batch normalisation and dropout of whole maps, with a ReLU between
/// the two. Of 37 x 37 it makes 13 x 13 (37, 19, 21, 11, 13).
#[derive(Module, Debug)]
pub struct SeparableConvolutionUnit {
    down_1: Conv2d,
    point_1: Conv2d,
    norm_1: BatchNorm,
    down_2: Conv2d,
    point_2: Conv2d,
    norm_2: BatchNorm,
    dropout: f64,
}

impl SeparableConvolutionUnit {
    pub(crate) fn new(
        channels: usize,
        convolution: ScuConvolution,
        dropout: f64,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Self {
        let full = convolution == ScuConvolution::Full;
        let down = Conv2dConfig::new([channels; 2], [3, 3])
            .with_stride([2, 2])
            .with_padding(padding(1))
            .with_groups(if full { 1 } else { channels })
            .with_bias(full);
        let point = Conv2dConfig::new([channels; 2], [1, 1])
            .with_padding(padding(1))
            .with_bias(full);
        let mut conv = |config| conv2d_kaiming_uniform(config, device, rng);
        Self {
            down_1: conv(&down),
            point_1: conv(&point),
            norm_1: batch_norm(channels, device),
            down_2: conv(&down),
            point_2: conv(&point),
            norm_2: batch_norm(channels, device),
            dropout,
        }
    }

    /// Eq. 4: `X_c = f_scu(X_I)`.
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, C, H0, W0]`, `X_I`
    /// - returns `[batch, C, H1, W1]`, of either sign
    #[doc(alias = "LISIAM eq 4")]
    pub fn forward(&self, features: Tensor<4>, dropout: &mut Dropout<'_>) -> Tensor<4> {
        let x = convolve(&self.point_1, convolve(&self.down_1, features));
        let x = relu(dropout.maps(normalise(&self.norm_1, x), self.dropout));
        let x = convolve(&self.point_2, convolve(&self.down_2, x));
        dropout.maps(normalise(&self.norm_2, x), self.dropout)
    }
}
