//! The network.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::activation::{leaky_relu, relu, sigmoid};
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{DType, Int, Tensor};
use core_tensor_ops::{
    Detection, Detector, InputSpec, MapSpec, Tap, convolve, dropout, judging, max_pool2d, normalise,
};
use rand::Rng;

use crate::config::MesoConfig;
use crate::inception::Inception;

/// Slope of the activation between both linear layers where it is negative.
const SLOPE: f64 = 0.1;

/// MesoInception-4. Built by [`MesoConfig::init`].
#[derive(Module, Debug)]
pub struct Meso {
    pub(crate) inception1: Inception,
    pub(crate) norm1: BatchNorm,
    pub(crate) inception2: Inception,
    pub(crate) norm2: BatchNorm,
    pub(crate) conv3: Conv2d,
    pub(crate) norm3: BatchNorm,
    pub(crate) conv4: Conv2d,
    pub(crate) norm4: BatchNorm,
    pub(crate) hidden: Linear,
    /// To the logit of **real**, as the published weights have it.
    pub(crate) fc: Linear,
    #[module(skip)]
    pub(crate) config: MesoConfig,
}

impl Meso {
    /// The logit of forged, `[batch]`.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, size, size]` for the configuration's `input_size`
    pub fn forward(&self, images: Tensor<4>) -> Tensor<1> {
        self.classify(self.flat(images, &mut |_, map| map), &mut |numbers| numbers)
    }

    /// As [`forward`](Self::forward), with what is dropped at random in training, drawn from `rng`.
    pub fn training_forward(&self, images: Tensor<4>, rng: &mut dyn Rng) -> Tensor<1> {
        let rate = self.config.dropout;
        let flat = self.flat(images, &mut |_, map| map);
        self.classify(flat, &mut |numbers| dropout(numbers, rate, &mut *rng))
    }

    /// What training minimises, `[1]`.
    ///
    /// # Shapes
    ///
    /// - `logits`: `[batch]`, of forged
    /// - `labels`: `[batch]`, 0 = real, 1 = forged
    pub fn loss(&self, logits: Tensor<1>, labels: Tensor<1, Int>) -> Tensor<1> {
        self.config.loss.of(logits, labels)
    }

    /// What the linear layers read, `[batch, numbers]`.
    fn flat(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Tensor<2> {
        let maps = normalise(&self.norm1, self.inception1.forward(images));
        let maps = max_pool(tap(0, maps), 2);
        let maps = normalise(&self.norm2, self.inception2.forward(maps));
        let maps = max_pool(tap(1, maps), 2);
        let maps = normalise(&self.norm3, relu(convolve(&self.conv3, maps)));
        let maps = max_pool(tap(2, maps), 2);
        let maps = normalise(&self.norm4, relu(convolve(&self.conv4, maps)));
        let maps = max_pool(tap(3, maps), 4);
        // Channels last: the order in which the published weights read them.
        let flat: Tensor<2> = maps.permute([0, 2, 3, 1]).flatten(1, 3);
        // Images of half precision have maps of half precision, and a verdict of single.
        flat.cast(DType::F32)
    }

    /// `drop` takes what each linear layer reads.
    fn classify(&self, flat: Tensor<2>, drop: &mut dyn FnMut(Tensor<2>) -> Tensor<2>) -> Tensor<1> {
        let hidden = leaky_relu(self.hidden.forward(drop(flat)), SLOPE);
        self.fc.forward(drop(hidden)).squeeze_dim::<1>(1).neg()
    }
}

fn max_pool(maps: Tensor<4>, side: usize) -> Tensor<4> {
    max_pool2d(maps, MaxPoolOptions::new([side; 2]).with_stride([side; 2]))
}

impl Detector for Meso {
    /// RGB in `0..=1`, without normalisation.
    fn input_spec(&self) -> InputSpec {
        InputSpec {
            mean: [0.0; 3],
            std: [1.0; 3],
            ..InputSpec::imagenet(self.config.input_size)
        }
    }

    fn detect(&self, images: Tensor<4>) -> Detection {
        Detection {
            forged_probability: sigmoid(self.forward(images)),
            heat_map: None,
            boxes: Vec::new(),
        }
    }

    fn layers(&self) -> Vec<MapSpec> {
        let spec = |name, conv: &Conv2d, stride| MapSpec {
            name,
            channels: conv.weight.dims()[0],
            stride,
        };
        vec![
            MapSpec {
                name: "inception1",
                channels: self.inception1.channels(),
                stride: 1,
            },
            MapSpec {
                name: "inception2",
                channels: self.inception2.channels(),
                stride: 2,
            },
            spec("conv3", &self.conv3, 4),
            spec("conv4", &self.conv4, 8),
        ]
    }

    /// The network has one logit; the other is 0, so that their softmax is its sigmoid.
    fn class_logits(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Tensor<2> {
        let network = judging(self, &images);
        let flat = network.flat(images, tap);
        let forged = network.classify(flat, &mut |numbers| numbers);
        Tensor::stack(vec![forged.zeros_like(), forged], 1)
    }

    fn features(&self, images: Tensor<4>) -> Tensor<2> {
        judging(self, &images).flat(images, &mut |_, map| map)
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

    use super::*;
    use crate::config::{MesoConfigError, MesoLoss};

    fn small(loss: MesoLoss) -> MesoConfig {
        MesoConfig {
            input_size: 64,
            loss,
            ..MesoConfig::default()
        }
    }

    fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
        tensor.into_data().iter().collect()
    }

    fn images(device: &Device) -> Tensor<4> {
        let value = |i: i32| (i as f32 * 0.37).sin() * 0.5 + 0.5;
        let values: Vec<f32> = (0..4 * 3 * 64 * 64).map(value).collect();
        Tensor::from_data(TensorData::new(values, [4, 3, 64, 64]), device)
    }

    /// 27,977 trainable parameters without the inception modules (Meso-4), 28,615 with them.
    #[test]
    fn the_network_has_the_published_number_of_parameters() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let meso = MesoConfig::default().init(&Device::flex(), &mut rng);
        let meso = meso.unwrap();
        // Burn counts running statistics, too, as many as gammas and betas: 2 * (11 + 12 + 16 + 16).
        let trainable = meso.num_params() - 2 * (11 + 12 + 16 + 16);
        assert_eq!(trainable, 28_615);
    }

    #[test]
    fn the_verdict_is_the_softmax_of_the_logits_and_maps_are_as_described() {
        let device = Device::flex();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let meso = small(MesoLoss::default()).init(&device, &mut rng).unwrap();
        let images = images(&device);
        let told = values(meso.detect(images.clone()).forged_probability);
        let specs = meso.layers();
        let logits = meso.class_logits(images, &mut |at, map| {
            let side = 64 / specs[at].stride;
            assert_eq!(map.dims(), [4, specs[at].channels, side, side]);
            map
        });
        let log_odds = values(core_tensor_ops::forged_log_odds(logits));
        for (told, log_odds) in told.iter().zip(log_odds) {
            assert!((told - 1.0 / (1.0 + (-log_odds).exp())).abs() < 1e-5);
        }
    }

    #[test]
    fn both_losses_teach_every_parameter() {
        let device = Device::flex().autodiff();
        for loss in [MesoLoss::MeanSquaredError, MesoLoss::CrossEntropy] {
            let mut rng = ChaCha8Rng::seed_from_u64(2);
            let meso = small(loss).init(&device, &mut rng).unwrap();
            let labels = Tensor::<1, Int>::from_ints([0, 1, 0, 1], &device);
            let logits = meso.training_forward(images(&device), &mut rng);
            let gradients = meso.loss(logits, labels).backward();
            let learns = |weight: Tensor<4>| {
                let gradient = weight.grad(&gradients).unwrap();
                values(gradient).iter().any(|g| *g != 0.0)
            };
            assert!(learns(meso.conv3.weight.val()));
            assert!(learns(meso.conv4.weight.val()));
            assert!(meso.fc.weight.val().grad(&gradients).is_some());
        }
    }

    #[test]
    fn losses_are_what_is_worked_out_by_hand() {
        let device = Device::flex();
        let of = |loss: MesoLoss| {
            let logits = Tensor::<1>::from_floats([0.0, 3.0f32.ln()], &device);
            let labels = Tensor::<1, Int>::from_ints([0, 1], &device);
            values(loss.of(logits, labels))[0]
        };
        // Probabilities of 1/2 and 3/4.
        let squared = (0.25 + 0.0625) / 2.0;
        assert!((of(MesoLoss::MeanSquaredError) - squared).abs() < 1e-6);
        let entropy = (2.0f32.ln() + (4.0f32 / 3.0).ln()) / 2.0;
        assert!((of(MesoLoss::CrossEntropy) - entropy).abs() < 1e-6);
    }

    #[test]
    fn what_cannot_be_built_is_refused() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut refused = |config: MesoConfig| config.init(&Device::flex(), &mut rng).unwrap_err();
        let odd = MesoConfig {
            input_size: 100,
            ..MesoConfig::default()
        };
        assert_eq!(refused(odd), MesoConfigError::InputSize(100));
        let all = MesoConfig {
            dropout: 1.0,
            ..MesoConfig::default()
        };
        assert_eq!(refused(all), MesoConfigError::Dropout(1.0));
    }
}
