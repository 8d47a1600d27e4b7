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
    /// How long gradients may be; absent: as long as they are.
    pub clip: Option<Clip>,
    /// Sharpness-aware minimisation: each step takes the gradient of the worst place near by, by a
    /// second pass, with the rule above; absent: the gradient of where the network is.
    pub sam: Option<Sam>,
}

/// How long gradients may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clip {
    /// The Euclidean norm of all of them together.
    Norm(f64),
    /// Each number of them, either way.
    Value(f64),
}

/// Sharpness-aware minimisation (Foret et al., ICLR 2021), as self-blended images are trained.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sam {
    /// How far away the worst place is looked for.
    pub rho: f64,
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
            clip: None,
            sam: None,
        }
    }
}

impl Optimizer {
    /// Refuses what no training can have.
    pub(super) fn check(&self) -> Result<(), String> {
        let positive = |name: &str, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(format!("{name} = {value} must be positive")),
        };
        match self.clip {
            Some(Clip::Norm(most)) => positive("optimizer.clip.norm", most)?,
            Some(Clip::Value(most)) => positive("optimizer.clip.value", most)?,
            None => {}
        }
        self.sam
            .map_or(Ok(()), |sam| positive("optimizer.sam.rho", sam.rho))
    }
}
