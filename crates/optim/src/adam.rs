//! Adam, in one pass over a parameter on a CPU.

use burn::optim::decay::WeightDecayConfig;
use burn::optim::{AdamConfig, AdamState, AdaptiveMomentumState, LearningRate, Optimizer};
use burn::tensor::{Device, Tensor};
use cpu_ops::AdamStep;

/// Burn's Adam without AMSGrad, its state the same: what one has saved the other goes on with.
#[derive(Clone, Debug)]
pub struct Adam {
    /// What is kept of the mean of the gradients.
    pub beta_1: f32,
    /// What is kept of the mean of their squares.
    pub beta_2: f32,
    /// Keeps a division by zero away.
    pub epsilon: f32,
    /// An L2 penalty, 0 for none.
    pub weight_decay: f32,
}

impl Optimizer for Adam {
    type State<const D: usize> = AdamState<D>;

    fn step<const D: usize>(
        &self,
        learning_rate: LearningRate,
        parameter: Tensor<D>,
        gradient: Tensor<D>,
        state: Option<AdamState<D>>,
    ) -> (Tensor<D>, Option<AdamState<D>>) {
        if !cpu_ops::takes(&parameter) {
            return self.burns().step(learning_rate, parameter, gradient, state);
        }
        let state = state.map_or_else(
            || AdaptiveMomentumState::new(0, parameter.zeros_like(), parameter.zeros_like()),
            |state| state.momentum,
        );
        let time = state.time + 1;
        let [of_means, of_squares] =
            [self.beta_1, self.beta_2].map(|beta| 1.0 - beta.powi(time as i32));
        let step = AdamStep {
            betas: [self.beta_1, self.beta_2],
            penalty: self.weight_decay,
            correction: of_squares.sqrt() / of_means,
            epsilon: self.epsilon * of_squares.sqrt(),
            learning_rate: learning_rate as f32,
        };
        let means = [state.moment_1, state.moment_2];
        let (parameter, [means, squares]) = cpu_ops::adam(parameter, gradient, means, step);
        let state = AdaptiveMomentumState::new(time, means, squares);
        (parameter, Some(AdamState::new(state)))
    }

    fn to_device<const D: usize>(mut state: AdamState<D>, device: &Device) -> AdamState<D> {
        state.momentum = state.momentum.to_device(device);
        state
    }
}

impl Adam {
    fn burns(&self) -> burn::optim::Adam {
        let decay = (self.weight_decay > 0.0).then(|| WeightDecayConfig::new(self.weight_decay));
        AdamConfig::new()
            .with_beta_1(self.beta_1)
            .with_beta_2(self.beta_2)
            .with_epsilon(self.epsilon)
            .with_weight_decay(decay)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{DType, TensorData, Tolerance};

    use super::*;

    /// A parameter after some steps.
    fn after<O: Optimizer>(optimizer: &O, dtype: DType) -> TensorData {
        let device = Device::flex();
        let values = |start: f32| {
            let values: Vec<f32> = (0..1000).map(|i| (i as f32 + start).sin()).collect();
            Tensor::<1>::from_data(TensorData::new(values, [1000]), &device).cast(dtype)
        };
        let (mut parameter, mut state) = (values(0.5), None);
        for step in 0..5 {
            let gradient = values(step as f32) * 3.0;
            (parameter, state) = optimizer.step(0.01, parameter, gradient, state);
        }
        parameter.cast(DType::F32).into_data()
    }

    #[test]
    fn steps_are_burns() {
        for weight_decay in [0.0, 0.1] {
            let ours = Adam {
                beta_1: 0.8,
                beta_2: 0.99,
                epsilon: 1e-8,
                weight_decay,
            };
            let theirs = ours.burns();
            for dtype in [DType::F32, DType::F64] {
                let [ours, theirs] = [after(&ours, dtype), after(&theirs, dtype)];
                ours.assert_approx_eq::<f32>(&theirs, Tolerance::rel_abs(1e-5, 1e-6));
            }
        }
    }
}
