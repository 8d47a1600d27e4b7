//! The optimiser.

use serde::{Deserialize, Serialize};

/// The rule by which gradients become steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Adam, weight decay as an L2 penalty.
    #[default]
    Adam,
    /// Adam, weight decay decoupled from the gradient.
    AdamW,
    /// Stochastic gradient descent with momentum, weight decay as an L2 penalty.
    Sgd,
}

/// The optimiser. The default is PCL's (4.1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Optimizer {
    /// The rule.
    pub rule: Rule,
    /// Peak of the learning rate.
    pub learning_rate: f64,
    /// Adam: decay of the first moment.
    pub beta_1: f32,
    /// Adam: decay of the second moment.
    pub beta_2: f32,
    /// Adam: added to the root of the second moment.
    pub epsilon: f32,
    /// Gradient descent: share of the last step that is taken again.
    pub momentum: f64,
    /// Weight decay.
    pub weight_decay: f32,
}

impl Default for Optimizer {
    fn default() -> Self {
        Self {
            rule: Rule::default(),
            learning_rate: 5e-5,
            beta_1: 0.9,
            beta_2: 0.999,
            epsilon: 1e-8,
            momentum: 0.9,
            weight_decay: 0.0,
        }
    }
}
