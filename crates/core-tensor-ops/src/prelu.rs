//! A leaky ReLU with a slope for each channel.

use burn::tensor::Tensor;

/// Burn's `prelu`; on a CPU in one pass, by `cpu-ops`.
///
/// # Shapes
///
/// - `maps`, result: `[batch, channels, ...]`
/// - `slopes`: `[channels]`
pub fn prelu<const D: usize>(maps: Tensor<D>, slopes: Tensor<1>) -> Tensor<D> {
    #[cfg(feature = "cpu")]
    if cpu_ops::takes(&maps) {
        return cpu_ops::prelu(maps, slopes);
    }
    burn::tensor::activation::prelu(maps, slopes)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData, Tolerance};

    use super::*;

    #[test]
    fn values_and_gradients_are_burns() {
        let numbers: Vec<f32> = (0..2 * 3 * 5).map(|i| (i as f32).sin()).collect();
        for device in [Device::flex(), Device::flex().autodiff()] {
            let outcome = |prelu: fn(Tensor<3>, Tensor<1>) -> Tensor<3>| {
                let maps =
                    Tensor::<3>::from_data(TensorData::new(numbers.clone(), [2, 3, 5]), &device);
                let slopes = Tensor::<1>::from_data([0.1, 0.0, -0.3], &device);
                if !device.is_autodiff() {
                    return vec![prelu(maps, slopes).into_data()];
                }
                let (maps, slopes) = (maps.require_grad(), slopes.require_grad());
                let result = prelu(maps.clone(), slopes.clone());
                let gradients = result.clone().powi_scalar(2).sum().backward();
                vec![
                    result.into_data(),
                    maps.grad(&gradients).unwrap().into_data(),
                    slopes.grad(&gradients).unwrap().into_data(),
                ]
            };
            let theirs = outcome(burn::tensor::activation::prelu);
            for (ours, theirs) in outcome(prelu).iter().zip(&theirs) {
                ours.assert_approx_eq::<f32>(theirs, Tolerance::default());
            }
        }
    }
}
