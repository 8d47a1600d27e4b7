//! What is done with gradients before they become steps: clipping, and sharpness-aware minimisation.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    optim::GradientsParams,
    tensor::Tensor,
};

/// The Euclidean norm of all gradients together.
fn global_norm<M: Module>(model: &M, gradients: &GradientsParams) -> f64 {
    struct Squares<'a> {
        gradients: &'a GradientsParams,
        sum: Option<Tensor<1>>,
    }
    impl ModuleVisitor for Squares<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.get::<D>(param.id) {
                let squares = gradient.square().sum();
                self.sum = Some(match self.sum.take() {
                    Some(sum) => sum + squares,
                    None => squares,
                });
            }
        }
    }
    let mut squares = Squares {
        gradients,
        sum: None,
    };
    model.visit(&mut squares);
    let sum = squares.sum.map_or(0.0, |sum| sum.into_scalar::<f32>());
    f64::from(sum).sqrt()
}

/// The gradients, all shortened by one factor where their norm together is above `most`, as PyTorch's
/// `clip_grad_norm_` does it.
#[must_use]
pub fn clipped<M: Module>(model: &M, mut gradients: GradientsParams, most: f64) -> GradientsParams {
    struct Shorten<'a> {
        gradients: &'a mut GradientsParams,
        factor: f64,
    }
    impl ModuleVisitor for Shorten<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if let Some(gradient) = self.gradients.remove::<D>(param.id) {
                let gradient = gradient.mul_scalar(self.factor);
                self.gradients.register(param.id, gradient);
            }
        }
    }
    let factor = most / (global_norm(model, &gradients) + 1e-6);
    if factor < 1.0 {
        model.visit(&mut Shorten {
            gradients: &mut gradients,
            factor,
        });
    }
    gradients
}

/// The network at the worst place within `rho`, to first order: every parameter moved by
/// `rho g / |g|` for the norm of all gradients together (Foret et al., "Sharpness-Aware Minimization
/// for Efficiently Improving Generalization", ICLR 2021, Eq. 2 for p = 2). Running statistics are
/// shared with `model`.
#[must_use]
pub fn ascended<M: Module>(model: M, gradients: &GradientsParams, rho: f64) -> M {
    struct Ascend<'a> {
        gradients: &'a GradientsParams,
        scale: f64,
    }
    impl ModuleMapper for Ascend<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let Some(gradient) = self.gradients.get::<D>(param.id) else {
                return param;
            };
            let scale = self.scale;
            param.map(|value| {
                let moved = value.clone().inner() + gradient.mul_scalar(scale);
                let moved = match value.is_autodiff() {
                    true => Tensor::from_inner(moved),
                    false => moved,
                };
                moved.set_require_grad(value.is_require_grad())
            })
        }
    }
    let scale = rho / (global_norm(&model, gradients) + 1e-12);
    model.map(&mut Ascend { gradients, scale })
}

#[cfg(test)]
mod tests {
    use burn::{
        nn::{Linear, LinearConfig},
        optim::SgdConfig,
    };
    use runtime::DeviceName;

    use super::*;

    /// A layer with the weights 3 and 1 without bias.
    fn layer() -> Linear {
        let device = DeviceName::Cpu.open().unwrap().autodiff();
        let mut layer = LinearConfig::new(2, 1).with_bias(false).init(&device);
        let weights = Tensor::from_floats([[3.0], [1.0]], &device);
        layer.weight = layer.weight.map(|_| weights.require_grad());
        layer
    }

    fn weights(layer: &Linear) -> [f32; 2] {
        let values: Vec<f32> = layer.weight.val().into_data().try_to_vec().unwrap();
        [values[0], values[1]]
    }

    /// Half the squares of the weights, times 1 and 4: the gradients are `w_1` and `4 w_2`.
    fn gradients(layer: &Linear) -> GradientsParams {
        let weights = layer.weight.val();
        let factors = Tensor::from_floats([[0.5], [2.0]], &weights.device());
        let loss = (weights.square() * factors).sum();
        GradientsParams::from_grads(loss.backward(), layer)
    }

    fn close(ours: [f32; 2], by_hand: [f32; 2]) {
        let off = ours.iter().zip(by_hand).map(|(a, b)| (a - b).abs());
        assert!(off.fold(0.0, f32::max) < 1e-5, "{ours:?} {by_hand:?}");
    }

    /// By hand: at (3, 1) the gradient is (3, 4), of norm 5.
    #[test]
    fn the_norm_is_that_of_all_gradients_and_they_keep_their_direction() {
        let layer = layer();
        assert!((global_norm(&layer, &gradients(&layer)) - 5.0).abs() < 1e-6);
        let step = |most: f64| {
            let gradients = clipped(&layer, gradients(&layer), most);
            weights(&SgdConfig::new().init().step(1.0, layer.clone(), gradients))
        };
        close(step(2.5), [3.0 - 1.5, 1.0 - 2.0]);
        close(step(10.0), [3.0 - 3.0, 1.0 - 4.0]);
    }

    /// By hand: with a radius of 0.5 the worst place is (3 + 0.3, 1 + 0.4), the gradient there
    /// (3.3, 5.6), and a step of 0.1 from where it began ends at (2.67, 0.44).
    #[test]
    fn a_sharpness_aware_step_takes_the_gradient_of_the_worst_place_near_by() {
        let layer = layer();
        let worst = ascended(layer.clone(), &gradients(&layer), 0.5);
        close(weights(&worst), [3.3, 1.4]);
        assert_eq!(worst.weight.id, layer.weight.id);
        let there = gradients(&worst);
        let stepped = SgdConfig::new().init().step(0.1, layer, there);
        close(weights(&stepped), [2.67, 0.44]);
        assert!(stepped.weight.val().is_require_grad());
    }
}
