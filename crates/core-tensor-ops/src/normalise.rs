//! Batch normalisation, by the way that is fastest.

use burn::nn::BatchNorm;
use burn::tensor::activation::relu;
use burn::tensor::{DType, Tensor};

/// What the layer's own `forward` gives and does to its running statistics, up to rounding.
///
/// On a CPU it is one pass over the maps for inference and two for training, by `cpu-ops`. Maps of half
/// precision are normalised in single precision, as their statistics need it.
///
/// # Shapes
///
/// - `maps`, result: `[batch, channels, ...]`
pub fn normalise<const D: usize>(norm: &BatchNorm, maps: Tensor<D>) -> Tensor<D> {
    clamped(norm, maps, [f32::NEG_INFINITY, f32::INFINITY])
}

/// [`normalise`] and ReLU, in the same passes.
///
/// # Shapes
///
/// - `maps`, result: `[batch, channels, ...]`
pub fn normalise_relu<const D: usize>(norm: &BatchNorm, maps: Tensor<D>) -> Tensor<D> {
    clamped(norm, maps, [0.0, f32::INFINITY])
}

/// [`normalise`] and ReLU6, in the same passes.
///
/// # Shapes
///
/// - `maps`, result: `[batch, channels, ...]`
pub fn normalise_relu6<const D: usize>(norm: &BatchNorm, maps: Tensor<D>) -> Tensor<D> {
    clamped(norm, maps, [0.0, 6.0])
}

fn clamped<const D: usize>(norm: &BatchNorm, maps: Tensor<D>, bounds: [f32; 2]) -> Tensor<D> {
    match maps.dtype() {
        DType::F32 => in_single_precision(norm, maps, bounds),
        half => in_single_precision(norm, maps.cast(DType::F32), bounds).cast(half),
    }
}

fn in_single_precision<const D: usize>(
    norm: &BatchNorm,
    maps: Tensor<D>,
    bounds: [f32; 2],
) -> Tensor<D> {
    #[cfg(feature = "cpu")]
    if cpu_ops::takes(&maps) && !learns_by_running_statistics(norm, &maps) {
        return on_cpu(norm, maps, bounds);
    }
    let maps = norm.forward(maps);
    match bounds {
        [f32::NEG_INFINITY, f32::INFINITY] => maps,
        [0.0, f32::INFINITY] => relu(maps),
        [least, most] => maps.clamp(least, most),
    }
}

#[cfg(feature = "cpu")]
fn is_training<const D: usize>(norm: &BatchNorm, maps: &Tensor<D>) -> bool {
    maps.device().is_autodiff() && norm.training.is_enabled()
}

/// What `cpu-ops` takes for constants has gradients here.
#[cfg(feature = "cpu")]
fn learns_by_running_statistics<const D: usize>(norm: &BatchNorm, maps: &Tensor<D>) -> bool {
    let learns = norm.gamma.val().is_require_grad() || norm.beta.val().is_require_grad();
    learns && !is_training(norm, maps)
}

#[cfg(feature = "cpu")]
fn on_cpu<const D: usize>(norm: &BatchNorm, maps: Tensor<D>, bounds: [f32; 2]) -> Tensor<D> {
    let device = maps.device();
    let (gamma, beta) = (norm.gamma.val(), norm.beta.val());
    if is_training(norm, &maps) {
        let (maps, mean, variance) = cpu_ops::batch_norm(maps, gamma, beta, norm.epsilon, bounds);
        for (running, batch) in [(&norm.running_mean, mean), (&norm.running_var, variance)] {
            let kept = running.value_sync().to_device(&device) * (1.0 - norm.momentum);
            running.update((kept + batch * norm.momentum).detach());
        }
        return maps;
    }
    let mean = norm.running_mean.value().to_device(&device);
    let variance = norm.running_var.value().to_device(&device);
    let scale = gamma / (variance + norm.epsilon).sqrt();
    cpu_ops::affine(maps, [mean, scale, beta], bounds)
}

#[cfg(test)]
mod tests {
    use burn::module::Module;
    use burn::nn::BatchNormConfig;
    use burn::tensor::{Device, Int, TensorData, Tolerance};

    use super::*;

    fn maps(device: &Device) -> Tensor<4> {
        let values: Vec<f32> = (0..3 * 5 * 4 * 7)
            .map(|i| (i as f32).sin() * 2.0 + 0.5)
            .collect();
        Tensor::from_data(TensorData::new(values, [3, 5, 4, 7]), device)
    }

    fn norm(device: &Device) -> BatchNorm {
        let mut norm = BatchNormConfig::new(5).init(device);
        let values = |start: f32| Tensor::<1, Int>::arange(0..5, device).float() * 0.3 + start;
        let learnt = |old: Tensor<1>, start| {
            Tensor::from_data(values(start).into_data(), device)
                .set_require_grad(old.is_require_grad())
        };
        norm.gamma = norm.gamma.map(|gamma| learnt(gamma, 0.4));
        norm.beta = norm.beta.map(|beta| learnt(beta, -0.5));
        norm.running_mean.update(values(0.1).detach());
        norm.running_var.update(values(0.7).detach());
        norm
    }

    /// Values, gradients of maps, gamma and beta where there are any, and the running statistics.
    fn outcome(
        norm: &BatchNorm,
        normalise: impl Fn(&BatchNorm, Tensor<4>) -> Tensor<4>,
        device: &Device,
    ) -> Vec<TensorData> {
        let maps = maps(device);
        let tracked = device.is_autodiff();
        let maps = if tracked { maps.require_grad() } else { maps };
        let result = normalise(norm, maps.clone());
        let mut outcome = vec![result.clone().into_data()];
        if tracked {
            let weights = Tensor::<1, Int>::arange(0..7, device).float();
            let gradients = (result.powi_scalar(2) * weights.reshape([1, 1, 1, 7]))
                .sum()
                .backward();
            outcome.push(maps.grad(&gradients).unwrap().into_data());
            for parameter in [&norm.gamma, &norm.beta] {
                outcome.extend(parameter.val().grad(&gradients).map(Tensor::into_data));
            }
        }
        outcome.push(norm.running_mean.value_sync().into_data());
        outcome.push(norm.running_var.value_sync().into_data());
        outcome
    }

    #[test]
    fn values_gradients_and_statistics_are_the_layer_s() {
        let plain = Device::flex();
        let tracked = Device::flex().autodiff();
        for (device, frozen, counted) in [
            (&plain, false, 3),
            (&tracked, false, 6),
            (&tracked, true, 4),
        ] {
            let build = || match frozen {
                true => norm(device).freeze(),
                false => norm(device),
            };
            let by_layer: [fn(Tensor<4>) -> Tensor<4>; 3] =
                [|maps| maps, relu, |maps| relu(maps).clamp_max(6.0)];
            let by_us = [normalise, normalise_relu, normalise_relu6];
            for (normalise, activation) in by_us.into_iter().zip(by_layer) {
                let layer = |norm: &BatchNorm, maps| activation(norm.forward(maps));
                let ours = outcome(&build(), normalise, device);
                let theirs = outcome(&build(), layer, device);
                assert_eq!((ours.len(), theirs.len()), (counted, counted));
                for (ours, theirs) in ours.iter().zip(&theirs) {
                    assert_eq!(ours.shape(), theirs.shape());
                    ours.assert_approx_eq::<f32>(theirs, Tolerance::rel_abs(1e-5, 1e-4));
                }
            }
        }
    }
}
