//! Length of training and the learning rate over it.

use serde::{Deserialize, Serialize};

/// Length of training, batches and the shape of the learning rate. The default is the paper's
/// (PCL 4.1), but for `validations`, which it does not give.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Schedule {
    /// Passes over the training set; in each, `frames_per_video` frames of every video.
    pub epochs: usize,
    /// Length in steps; where set, it takes the place of `epochs`.
    pub steps: Option<usize>,
    /// Samples in a step.
    pub batch_size: usize,
    /// Equal parts of a batch that are worked on one or, on the CPU, two at a time: less memory,
    /// and both cores busy. Each part has its own batch statistics, as in data-parallel training.
    pub micro_batches: usize,
    /// Frames drawn from each video and epoch (all of a shorter video's).
    pub frames_per_video: usize,
    /// Share of the steps in which the learning rate rises linearly from 0 to its peak.
    pub warm_up: f64,
    /// Share of the steps at the end in which it falls linearly to 0.
    pub cool_down: f64,
    /// Validations and checkpoints over the whole training.
    pub validations: usize,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            epochs: 150,
            steps: None,
            batch_size: 128,
            micro_batches: 1,
            frames_per_video: 32,
            warm_up: 0.25,
            cool_down: 0.25,
            validations: 150,
        }
    }
}

impl Schedule {
    /// Steps of the whole training for `samples_per_epoch` training samples.
    #[must_use]
    pub fn total_steps(&self, samples_per_epoch: usize) -> usize {
        self.steps
            .unwrap_or_else(|| (self.epochs * samples_per_epoch).div_ceil(self.batch_size))
            .max(1)
    }

    /// Learning rate in `step` (from 0) of `total`: "linearly increased from 0 to [its peak] in
    /// the first quarter of the training iterations and [...] decayed to zero in the last
    /// quarter" (PCL 4.1). The decay is linear too (choice: the paper does not say).
    #[must_use]
    pub fn learning_rate(&self, peak: f64, step: usize, total: usize) -> f64 {
        let at = (step as f64 + 0.5) / total as f64;
        let up = if self.warm_up > 0.0 {
            at / self.warm_up
        } else {
            1.0
        };
        let down = if self.cool_down > 0.0 {
            (1.0 - at) / self.cool_down
        } else {
            1.0
        };
        peak * up.min(down).clamp(0.0, 1.0)
    }

    /// Whether a validation and a checkpoint follow once `done` of `total` steps are taken.
    #[must_use]
    pub fn validates_after(&self, done: usize, total: usize) -> bool {
        let place = |steps: usize| steps * self.validations / total;
        done == total || place(done) > place(done - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_rises_in_the_first_quarter_and_falls_in_the_last() {
        let schedule = Schedule::default();
        let rate = |step| schedule.learning_rate(5e-5, step, 1000);
        assert!(rate(0) < 5e-7 && rate(999) < 5e-7);
        assert!((rate(125) - 2.5e-5).abs() < 2e-7, "half way up");
        assert!((rate(874) - 2.5e-5).abs() < 2e-7, "half way down");
        for step in 250..750 {
            assert_eq!(rate(step), 5e-5);
        }
        assert!((1..250).all(|step| rate(step) > rate(step - 1)));
        assert!((750..1000).all(|step| rate(step) < rate(step - 1)));
    }

    #[test]
    fn the_paper_samples_32_frames_of_each_video_for_150_epochs() {
        let videos = 720;
        assert_eq!(
            Schedule::default().total_steps(32 * videos),
            150 * 32 * videos / 128
        );
    }

    #[test]
    fn validations_are_spread_evenly_and_end_with_the_last_step() {
        let schedule = Schedule {
            validations: 4,
            ..Schedule::default()
        };
        let after: Vec<_> = (1..=10)
            .filter(|&done| schedule.validates_after(done, 10))
            .collect();
        assert_eq!(after, [3, 5, 8, 10]);
        let many = Schedule {
            validations: 100,
            ..Schedule::default()
        };
        assert_eq!(
            (1..=10)
                .filter(|&done| many.validates_after(done, 10))
                .count(),
            10
        );
    }
}
