#![doc = include_str!("../README.md")]

use burn::{
    module::Module,
    nn::{
        Linear, LinearConfig, PaddingConfig2d,
        conv::{Conv2d, Conv2dConfig},
        loss::CrossEntropyLossConfig,
    },
    tensor::{
        Device, Int, Tensor,
        activation::{relu, softmax},
    },
};
use core_tensor_ops::{
    Detection, Detector, InputSpec, MapSpec, Tap, conv2d_kaiming_normal, global_average_pool,
    judging, linear_kaiming_uniform,
};
use rand::Rng;
use serde::{Deserialize, Serialize};

/// What the network is built from: the table `[model]` of a recipe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ToyConfig {
    /// Height and width of the input in pixels.
    pub input_size: usize,
    /// Filters of the convolution.
    pub filters: usize,
}

impl Default for ToyConfig {
    fn default() -> Self {
        Self {
            input_size: 64,
            filters: 16,
        }
    }
}

/// Why a network cannot be built.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ToyConfigError {
    /// A number that must be positive.
    #[error("{0} must be positive, not 0")]
    Zero(&'static str),
}

impl ToyConfig {
    /// The network, its weights drawn from `rng`.
    ///
    /// # Errors
    /// [`ToyConfigError`] where a number is 0.
    pub fn init(&self, device: &Device, rng: &mut impl Rng) -> Result<Toy, ToyConfigError> {
        for (field, value) in [("input_size", self.input_size), ("filters", self.filters)] {
            if value == 0 {
                return Err(ToyConfigError::Zero(field));
            }
        }
        let convolution = Conv2dConfig::new([3, self.filters], [5, 5])
            .with_padding(PaddingConfig2d::Explicit(2, 2, 2, 2));
        let linear = LinearConfig::new(self.filters, 2);
        Ok(Toy {
            convolution: conv2d_kaiming_normal(&convolution, device, rng),
            linear: linear_kaiming_uniform(&linear, device, rng),
            filters: self.filters,
            input_size: self.input_size,
        })
    }
}

/// The network. Built by [`ToyConfig::init`].
#[derive(Module, Debug)]
pub struct Toy {
    convolution: Conv2d,
    linear: Linear,
    filters: usize,
    input_size: usize,
}

impl Toy {
    fn responses(&self, images: Tensor<4>) -> Tensor<4> {
        relu(self.convolution.forward(images))
    }

    fn classify(&self, map: Tensor<4>) -> Tensor<2> {
        self.linear.forward(global_average_pool(map))
    }

    /// Two-class cross entropy, `[1]`, what training minimises.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, size, size]`
    /// - `labels`: `[batch]`, 0 = real, 1 = forged
    pub fn loss(&self, images: Tensor<4>, labels: Tensor<1, Int>) -> Tensor<1> {
        let cross_entropy = CrossEntropyLossConfig::new().init(&labels.device());
        cross_entropy.forward(self.classify(self.responses(images)), labels)
    }
}

impl Detector for Toy {
    fn input_spec(&self) -> InputSpec {
        InputSpec::imagenet(self.input_size)
    }

    fn detect(&self, images: Tensor<4>) -> Detection {
        let logits = self.classify(self.responses(images));
        Detection {
            forged_probability: softmax(logits, 1).narrow(1, 1, 1).squeeze_dim(1),
            heat_map: None,
            boxes: Vec::new(),
        }
    }

    fn layers(&self) -> Vec<MapSpec> {
        vec![MapSpec {
            name: "convolution",
            channels: self.filters,
            stride: 1,
        }]
    }

    fn class_logits(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Tensor<2> {
        let network = judging(self, &images);
        network.classify(tap(0, network.responses(images)))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::Distribution;
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

    use super::*;

    #[test]
    fn the_verdict_is_the_softmax_of_the_logits() {
        let device = Device::flex();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let toy = ToyConfig::default().init(&device, &mut rng).unwrap();
        let images = Tensor::random([3, 3, 64, 64], Distribution::Uniform(-1.0, 1.0), &device);
        let read = |tensor: Tensor<1>| tensor.into_data().iter::<f32>().collect::<Vec<_>>();
        let told = read(toy.detect(images.clone()).forged_probability);
        let logits = toy.class_logits(images, &mut |_, map| map);
        let log_odds = read(core_tensor_ops::forged_log_odds(logits));
        for (told, log_odds) in told.iter().zip(log_odds) {
            assert!((told - 1.0 / (1.0 + (-log_odds).exp())).abs() < 1e-5);
        }
        let none = ToyConfig {
            filters: 0,
            ..ToyConfig::default()
        };
        let refused = none.init(&device, &mut rng).unwrap_err();
        assert_eq!(refused.to_string(), "filters must be positive, not 0");
    }
}
