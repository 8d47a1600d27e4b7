//! A line of a run's log.

use serde::{Deserialize, Serialize};

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LogLine {
    /// Training steps, up to `step`.
    Train {
        /// Steps taken.
        step: usize,
        /// Mean loss since the last line.
        loss: f64,
        /// Means of its parts by name, before their weights.
        parts: Vec<(String, f64)>,
        /// The learning rate.
        learning_rate: f64,
        /// Samples a second since the start or the last resumption.
        samples_per_second: f64,
        /// Share of the time since then that was spent waiting for data, 0..1.
        waiting_share: f64,
    },
    /// A validation after `step`.
    Validation {
        /// Steps taken.
        step: usize,
        /// AUC on the validation split, of frames or of clips.
        auc: f64,
        /// Cross entropy there; absent in logs of earlier versions.
        #[serde(default)]
        loss: Option<f64>,
        /// The threshold chosen there.
        threshold: f64,
        /// Whether it is the best so far.
        best: bool,
    },
}

impl LogLine {
    /// Steps taken when it was written.
    #[must_use]
    pub fn step(&self) -> usize {
        match self {
            Self::Train { step, .. } | Self::Validation { step, .. } => *step,
        }
    }
}
