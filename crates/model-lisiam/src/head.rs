//! The classifier `f_mlp` (section III-A).

use burn::module::Module;
use burn::nn::{BatchNorm, Linear, LinearConfig};
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{global_average_pool, linear_kaiming_uniform, normalise_relu};
use rand::Rng;

use crate::layers::batch_norm;
use crate::ocr::CLASSES;

/// The multilayer perceptron head: two linear layers, batch normalisation and ReLU between them.
#[derive(Module, Debug)]
pub struct MlpHead {
    hidden: Linear,
    norm: BatchNorm,
    out: Linear,
}

impl MlpHead {
    pub(crate) fn new(inputs: usize, width: usize, device: &Device, rng: &mut impl Rng) -> Self {
        Self {
            hidden: linear_kaiming_uniform(&LinearConfig::new(inputs, width), device, rng),
            norm: batch_norm(width, device),
            out: linear_kaiming_uniform(&LinearConfig::new(width, CLASSES), device, rng),
        }
    }

    /// Eq. 18: `alpha = f_mlp(f_aap(Z))`, before its softmax.
    ///
    /// # Shapes
    ///
    /// - `maps`: `[batch, channels, H1, W1]`, `Z`
    /// - returns `[batch, 2]`, logits of real and forged
    #[doc(alias = "LISIAM eq 18")]
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<2> {
        let hidden = self.hidden.forward(global_average_pool(maps));
        self.out.forward(normalise_relu(&self.norm, hidden))
    }
}
