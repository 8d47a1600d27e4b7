//! The losses between two lines of the log.

use experiment::LogLine;

use crate::micro_batch::Gradients;

/// Sums of the losses since the last line of the log.
#[derive(Default)]
pub(crate) struct Sums {
    steps: usize,
    loss: f64,
    parts: Vec<(&'static str, f64)>,
}

impl Sums {
    /// Adds a batch's losses.
    pub(crate) fn add(&mut self, found: &Gradients) {
        self.steps += 1;
        self.loss += found.loss;
        self.parts.resize(found.parts.len(), ("", 0.0));
        for ((name, sum), (part_name, part)) in self.parts.iter_mut().zip(&found.parts) {
            *name = part_name;
            *sum += part;
        }
    }

    /// The means as a line of the log; starts again from zero.
    pub(crate) fn take(
        &mut self,
        step: usize,
        learning_rate: f64,
        rate: f64,
        waiting_share: f64,
    ) -> LogLine {
        let sums = std::mem::take(self);
        let steps = sums.steps.max(1) as f64;
        LogLine::Train {
            step,
            loss: sums.loss / steps,
            parts: sums
                .parts
                .iter()
                .map(|(name, sum)| ((*name).into(), sum / steps))
                .collect(),
            learning_rate,
            samples_per_second: rate,
            waiting_share,
        }
    }
}
