//! What a MesoInception-4 is built from, and what it minimises.

use burn::tensor::activation::{log_sigmoid, sigmoid};
use burn::tensor::{Int, Tensor};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What all poolings together divide the input's sides by.
pub(crate) const STRIDE: usize = 32;

/// How far a verdict is from the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MesoLoss {
    /// The squared difference of probability and label: the official code.
    #[default]
    MeanSquaredError,
    /// Binary cross entropy.
    CrossEntropy,
}

impl MesoLoss {
    /// The mean over a batch, `[1]`.
    ///
    /// # Shapes
    ///
    /// - `logits`: `[batch]`, of forged
    /// - `labels`: `[batch]`, 0 = real, 1 = forged
    pub fn of(self, logits: Tensor<1>, labels: Tensor<1, Int>) -> Tensor<1> {
        let labels = labels.float();
        match self {
            Self::MeanSquaredError => (sigmoid(logits) - labels).square().mean(),
            // softplus(x) = -log(sigmoid(-x)), which no saturation makes infinite.
            Self::CrossEntropy => {
                let softplus = log_sigmoid(logits.clone().neg()).neg();
                (softplus - labels * logits).mean()
            }
        }
    }
}

/// Why a configuration cannot be built.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum MesoConfigError {
    /// The poolings do not divide the input.
    #[error("input_size must be a positive multiple of {STRIDE}, not {0}")]
    InputSize(usize),
    /// No probability that leaves anything.
    #[error("dropout must be in 0..1, not {0}")]
    Dropout(f64),
}

/// Hyper-parameters of MesoInception-4. The default is the published network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MesoConfig {
    /// Height and width of the input in pixels, a multiple of 32. Published: 256.
    pub input_size: usize,
    /// Probability with which each number is dropped before both linear layers. Published: 0.5.
    pub dropout: f64,
    /// What training minimises.
    pub loss: MesoLoss,
}

impl Default for MesoConfig {
    fn default() -> Self {
        Self {
            input_size: 256,
            dropout: 0.5,
            loss: MesoLoss::default(),
        }
    }
}

impl MesoConfig {
    pub(crate) fn check(&self) -> Result<(), MesoConfigError> {
        if self.input_size == 0 || !self.input_size.is_multiple_of(STRIDE) {
            return Err(MesoConfigError::InputSize(self.input_size));
        }
        match (0.0..1.0).contains(&self.dropout) {
            true => Ok(()),
            false => Err(MesoConfigError::Dropout(self.dropout)),
        }
    }
}
