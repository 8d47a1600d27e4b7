//! The mask-guided transformer `f_mt` (section III-B, figure 2).

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, Linear, LinearConfig};
use burn::tensor::activation::{relu, sigmoid};
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{convolve, global_average_pool, linear_kaiming_uniform, normalise};
use rand::Rng;

use crate::equations::{attention_weights, soft_attention};
use crate::layers::{Dropout, batch_norm, pointwise};

/// Compares the suspected forgery with what is real around it: the features of the one ask, those
/// of the other answer.
#[derive(Module, Debug)]
pub struct MaskGuidedTransformer {
    query: Conv2d,
    key: Conv2d,
    value: Conv2d,
    /// `f_m`: a 1x1 convolution and its normalisation.
    out: Conv2d,
    out_norm: BatchNorm,
    sum_norm: Option<BatchNorm>,
    official_order: bool,
    excitation: SqueezeExcitation,
    dropout: f64,
}

/// What a [`MaskGuidedTransformer`] is built from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TransformerConfig {
    /// `C`, of `X_c`.
    pub(crate) channels: usize,
    /// Of queries, keys and values.
    pub(crate) inner: usize,
    pub(crate) squeeze_ratio: usize,
    pub(crate) normalized_sum: bool,
    pub(crate) official_order: bool,
    pub(crate) dropout: f64,
}

impl MaskGuidedTransformer {
    pub(crate) fn new(config: TransformerConfig, device: &Device, rng: &mut impl Rng) -> Self {
        let TransformerConfig {
            channels,
            inner,
            squeeze_ratio,
            normalized_sum,
            official_order,
            dropout,
        } = config;
        Self {
            query: pointwise([channels, inner], false, device, rng),
            key: pointwise([channels, inner], false, device, rng),
            value: pointwise([channels, inner], false, device, rng),
            out: pointwise([inner, channels], false, device, rng),
            out_norm: batch_norm(channels, device),
            sum_norm: normalized_sum.then(|| batch_norm(channels, device)),
            official_order,
            excitation: SqueezeExcitation::new(2 * channels, squeeze_ratio, device, rng),
            dropout,
        }
    }

    /// Eq. 9: the queries `q_i = f_q(x_f,i)` of the suspected forgery.
    ///
    /// # Shapes
    ///
    /// - `fake`: `[batch, C, H1, W1]`, `X_f`
    /// - returns `[batch, inner, H1, W1]`
    #[doc(alias = "LISIAM eq 9")]
    pub fn queries(&self, fake: Tensor<4>) -> Tensor<4> {
        convolve(&self.query, fake)
    }

    /// Eq. 10: the keys `k_j = f_k(x_r,j)` of the real region.
    ///
    /// # Shapes
    ///
    /// - `real`: `[batch, C, H1, W1]`, `X_r`
    /// - returns `[batch, inner, H1, W1]`
    #[doc(alias = "LISIAM eq 10")]
    pub fn keys(&self, real: Tensor<4>) -> Tensor<4> {
        convolve(&self.key, real)
    }

    /// Eq. 11: the values `v_j = f_v(x_r,j)` of the real region.
    ///
    /// # Shapes
    ///
    /// - `real`: `[batch, C, H1, W1]`, `X_r`
    /// - returns `[batch, inner, H1, W1]`
    #[doc(alias = "LISIAM eq 11")]
    pub fn values(&self, real: Tensor<4>) -> Tensor<4> {
        convolve(&self.value, real)
    }

    /// Eq. 13: the transformed features `y_i = f_m(sum over j of a_i,j v_j)`.
    ///
    /// # Shapes
    ///
    /// - `weights`: `[batch, H1 W1, H1 W1]`, `a`, from [`attention_weights`]
    /// - `values`: `[batch, inner, H1, W1]`, `v`
    /// - returns `[batch, C, H1, W1]`, `Y`
    #[doc(alias = "LISIAM eq 13")]
    pub fn transformed(&self, weights: Tensor<3>, values: Tensor<4>) -> Tensor<4> {
        let shape = values.dims();
        let values = values.flatten::<3>(2, 3);
        let attended = values.matmul(weights.swap_dims(1, 2)).reshape(shape);
        normalise(&self.out_norm, convolve(&self.out, attended))
    }

    /// Eq. 14: the co-occurrence features `Z = f_se(concat(Y + X_f, X_c))`.
    ///
    /// # Shapes
    ///
    /// - `transformed`, `fake`, `features`: `[batch, C, H1, W1]`, `Y`, `X_f` and `X_c`
    /// - returns `[batch, 2 C, H1, W1]`
    #[doc(alias = "LISIAM eq 14")]
    pub fn co_occurrence(
        &self,
        transformed: Tensor<4>,
        fake: Tensor<4>,
        features: Tensor<4>,
    ) -> Tensor<4> {
        let sum = transformed + fake;
        let sum = match &self.sum_norm {
            Some(norm) => normalise(norm, sum),
            None => sum,
        };
        let parts = match self.official_order {
            true => vec![features, sum],
            false => vec![sum, features],
        };
        self.excitation.forward(Tensor::cat(parts, 1))
    }

    /// Equations 5 to 14 in a row.
    ///
    /// # Shapes
    ///
    /// - `segmentation_logits`: `[batch, 2, H0, W0]`, `X_s`
    /// - `features`: `[batch, C, H1, W1]`, `X_c`
    /// - returns `[batch, 2 C, H1, W1]`, `Z`
    pub fn forward(
        &self,
        segmentation_logits: Tensor<4>,
        features: Tensor<4>,
        dropout: &mut Dropout<'_>,
    ) -> Tensor<4> {
        let (fake, real) = soft_attention(segmentation_logits, features.clone());
        let weights = attention_weights(self.queries(fake.clone()), self.keys(real.clone()));
        let weights = dropout.entries(weights, self.dropout);
        let transformed = self.transformed(weights, self.values(real));
        self.co_occurrence(transformed, fake, features)
    }
}

/// The squeeze-and-excitation block `f_se` (Hu, Shen and Sun, CVPR 2018): each channel is weighed
/// by a number in `0..1` that depends on the means of all.
#[derive(Module, Debug)]
pub(crate) struct SqueezeExcitation {
    squeeze: Linear,
    excite: Linear,
}

impl SqueezeExcitation {
    fn new(channels: usize, ratio: usize, device: &Device, rng: &mut impl Rng) -> Self {
        let inner = channels / ratio;
        let mut linear = |inputs, outputs| {
            let config = LinearConfig::new(inputs, outputs).with_bias(false);
            linear_kaiming_uniform(&config, device, rng)
        };
        Self {
            squeeze: linear(channels, inner),
            excite: linear(inner, channels),
        }
    }

    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let means = global_average_pool(maps.clone());
        let weights = sigmoid(self.excite.forward(relu(self.squeeze.forward(means))));
        maps * weights.unsqueeze_dims(&[2, 3])
    }
}
