//! Burn's optimiser of a recipe.

use burn::grad_clipping::GradientClipping;
use burn::optim::{
    AdamWConfig, ModuleOptimizer, SgdConfig, decay::WeightDecayConfig, momentum::MomentumConfig,
};
use experiment::{Clip, Optimizer, Rule};

use crate::adam::Adam;

/// The optimiser, its state empty.
#[must_use]
pub fn init(recipe: &Optimizer) -> ModuleOptimizer {
    let decay = (recipe.weight_decay > 0.0).then(|| WeightDecayConfig::new(recipe.weight_decay));
    let optimizer = match recipe.rule {
        Rule::Adam => ModuleOptimizer::from(Adam {
            beta_1: recipe.beta_1,
            beta_2: recipe.beta_2,
            epsilon: recipe.epsilon,
            weight_decay: recipe.weight_decay,
        }),
        Rule::AdamW => AdamWConfig::new()
            .with_beta_1(recipe.beta_1)
            .with_beta_2(recipe.beta_2)
            .with_epsilon(recipe.epsilon)
            .with_weight_decay(recipe.weight_decay)
            .init(),
        Rule::Sgd => SgdConfig::new()
            .with_momentum(Some(
                // Burn's default dampens, PyTorch's does not.
                MomentumConfig::new()
                    .with_momentum(recipe.momentum)
                    .with_dampening(0.0),
            ))
            .with_weight_decay(decay)
            .init(),
    };
    match recipe.clip {
        Some(Clip::Value(most)) => {
            optimizer.with_grad_clipping(GradientClipping::Value(most as f32))
        }
        // Burn's own clips each parameter by its own norm.
        Some(Clip::Norm(_)) | None => optimizer,
    }
}
