//! PyTorch's initial weights, drawn from a generator that is passed in.
//!
//! Burn's own initialisers draw from a generator hidden in the device, at a layer's first use; two
//! runs then agree only if nothing else drew from it. These draw on the host, at once, in the order
//! of the calls: one seed gives the same weights on every back end.

use burn::module::{Initializer, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Shape, Tensor, TensorData};
use rand::Rng;
use rand_distr::{Distribution, Normal, Uniform};

fn draw<const D: usize>(
    shape: impl Into<Shape>,
    distribution: impl Distribution<f32>,
    rng: &mut impl Rng,
    device: &Device,
) -> Param<Tensor<D>> {
    let shape = shape.into();
    let values: Vec<f32> = distribution
        .sample_iter(rng)
        .take(shape.num_elements())
        .collect();
    Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), device))
}

fn uniform(fan_in: usize) -> Uniform<f32> {
    let bound = 1.0 / (fan_in as f32).sqrt();
    Uniform::new_inclusive(-bound, bound).expect("a fan-in of at least one bounds the interval")
}

/// A convolution with `kaiming_normal_(mode="fan_out", nonlinearity="relu")`, as torchvision's
/// ResNets: normal, standard deviation `sqrt(2 / (out_channels * kernel area))`. A bias, if the
/// configuration has one, is zero.
pub fn conv2d_kaiming_normal(config: &Conv2dConfig, device: &Device, rng: &mut impl Rng) -> Conv2d {
    let mut conv = config
        .clone()
        .with_initializer(Initializer::Zeros)
        .init(device);
    let shape = conv.weight.shape();
    let fan_out = shape[0] / config.groups * shape[2] * shape[3];
    let normal = Normal::new(0.0, (2.0 / fan_out as f32).sqrt()).expect("fan-out is not zero");
    conv.weight = draw(shape, normal, rng, device);
    conv
}

/// A convolution with PyTorch's default for `nn.Conv2d`: weight and bias uniform within
/// `1 / sqrt(fan_in)` of zero.
pub fn conv2d_kaiming_uniform(
    config: &Conv2dConfig,
    device: &Device,
    rng: &mut impl Rng,
) -> Conv2d {
    let mut conv = config
        .clone()
        .with_initializer(Initializer::Zeros)
        .init(device);
    let shape = conv.weight.shape();
    let distribution = uniform(shape[1] * shape[2] * shape[3]);
    conv.weight = draw(shape, distribution, rng, device);
    conv.bias = conv
        .bias
        .map(|bias| draw(bias.shape(), distribution, rng, device));
    conv
}

/// A linear layer with PyTorch's default for `nn.Linear`: weight and bias uniform within
/// `1 / sqrt(inputs)` of zero.
pub fn linear_kaiming_uniform(
    config: &LinearConfig,
    device: &Device,
    rng: &mut impl Rng,
) -> Linear {
    let mut linear = config
        .clone()
        .with_initializer(Initializer::Zeros)
        .init(device);
    let distribution = uniform(config.d_input);
    linear.weight = draw(linear.weight.shape(), distribution, rng, device);
    linear.bias = linear
        .bias
        .map(|bias| draw(bias.shape(), distribution, rng, device));
    linear
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;

    use super::*;

    #[test]
    fn kaiming_normal_has_fan_out_variance_and_repeats() {
        let config = Conv2dConfig::new([32, 64], [3, 3]).with_bias(false);
        let weights = |seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let conv = conv2d_kaiming_normal(&config, &Device::flex(), &mut rng);
            conv.weight.val().into_data().try_to_vec::<f32>().unwrap()
        };
        let drawn = weights(1);
        let variance = drawn.iter().map(|w| f64::from(*w).powi(2)).sum::<f64>() / 18_432.0;
        // 18,432 draws: the sample variance's standard error is about 1 %.
        assert!(
            (variance * 64.0 * 9.0 / 2.0 - 1.0).abs() < 0.05,
            "{variance}"
        );
        assert_eq!(drawn, weights(1));
        assert_ne!(drawn, weights(2));
    }

    #[test]
    fn kaiming_uniform_fills_its_interval() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let config = LinearConfig::new(400, 10);
        let linear = linear_kaiming_uniform(&config, &Device::flex(), &mut rng);
        let weight: Vec<f32> = linear.weight.val().into_data().try_to_vec().unwrap();
        let largest = weight
            .iter()
            .fold(0.0f32, |largest, w| largest.max(w.abs()));
        assert!(largest <= 0.05 && largest > 0.049, "{largest}");
        assert_ne!(
            linear
                .bias
                .unwrap()
                .val()
                .into_data()
                .try_to_vec::<f32>()
                .unwrap(),
            [0.0; 10]
        );

        let config = Conv2dConfig::new([100, 4], [2, 2]);
        let conv = conv2d_kaiming_uniform(&config, &Device::flex(), &mut rng);
        let weight: Vec<f32> = conv.weight.val().into_data().try_to_vec().unwrap();
        let largest = weight
            .iter()
            .fold(0.0f32, |largest, w| largest.max(w.abs()));
        assert!(largest <= 0.05 && largest > 0.049, "{largest}");
    }
}
