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
    /// What the backbone computes in. Weights, gradients, losses and heads are in single precision
    /// whatever this is.
    pub precision: Precision,
    /// Whether the way back computes again what is cheap to compute, and keeps less in memory: the same
    /// result, somewhat later.
    pub gradient_checkpointing: bool,
    /// Frames drawn from each video and epoch (all of a shorter video's).
    pub frames_per_video: usize,
    /// What the learning rate does between rising and falling.
    pub decay: Decay,
    /// Share of the steps in which the learning rate rises linearly from 0 to its peak.
    pub warm_up: f64,
    /// Share of the steps at the end in which it falls linearly to 0.
    pub cool_down: f64,
    /// Validations and checkpoints over the whole training.
    pub validations: usize,
    /// Frames of each video that a validation scores, spread evenly over it; absent: all. Clips are
    /// scored by as many snippets as in inference.
    pub validation_frames: Option<usize>,
    /// Whether each stage is a training of its own: the learning rate takes its whole course within it,
    /// and the optimiser begins anew.
    pub by_stage: bool,
}

/// Precision of a training's maps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// Single, 32 bits.
    #[default]
    F32,
    /// bfloat16: single's range in 16 bits. A GPU computes faster with it, in half the memory.
    Bf16,
}

/// How the learning rate decays over a training.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Decay {
    /// It does not, but for `cool_down`.
    #[default]
    None,
    /// `[share, factor]` pairs: from that share of the steps on, the peak times the factor.
    Steps(Vec<[f64; 2]>),
    /// `(1 - share)^power` of the peak, and not below `floor` of it.
    Polynomial {
        /// The power.
        power: f64,
        /// The least factor.
        floor: f64,
        /// How the curve keeps off the floor.
        #[serde(default)]
        ending: Ending,
    },
    /// Times `factor` whenever `patience` validations in a row were not better than the best.
    Plateau {
        /// The factor, 0..1.
        factor: f64,
        /// Validations without a new best.
        patience: usize,
        /// The least factor of the peak, 0..1: a rate that is all but zero learns nothing any more.
        #[serde(default)]
        floor: f64,
    },
}

/// How a polynomial decay keeps off its floor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// What would be below the floor is the floor.
    #[default]
    Cut,
    /// The curve ends at the floor: `(1 - share)^power * (1 - floor) + floor`, as in LiSiam's official
    /// code.
    Lifted,
}

impl Decay {
    /// The factor at `share` of the steps; of [`Decay::Plateau`], which looks at validations, 1.
    fn factor(&self, share: f64) -> f64 {
        match self {
            Self::None | Self::Plateau { .. } => 1.0,
            Self::Steps(steps) => {
                let begun = steps.iter().rev().find(|[from, _]| share >= *from);
                begun.map_or(1.0, |[_, factor]| *factor)
            }
            Self::Polynomial {
                power,
                floor,
                ending,
            } => {
                let curve = (1.0 - share).max(0.0).powf(*power);
                match ending {
                    Ending::Cut => curve.max(*floor),
                    Ending::Lifted => curve * (1.0 - floor) + floor,
                }
            }
        }
    }
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            epochs: 150,
            steps: None,
            batch_size: 128,
            micro_batches: 1,
            precision: Precision::F32,
            gradient_checkpointing: false,
            frames_per_video: 32,
            decay: Decay::None,
            warm_up: 0.25,
            cool_down: 0.25,
            validations: 150,
            validation_frames: None,
            by_stage: false,
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
        peak * up.min(down).clamp(0.0, 1.0) * self.decay.factor(at)
    }

    /// Factor of the learning rate after `plateaus` plateaus.
    #[must_use]
    pub fn plateau_factor(&self, plateaus: i32) -> f64 {
        match self.decay {
            Decay::Plateau { factor, floor, .. } => factor.powi(plateaus).max(floor),
            _ => 1.0,
        }
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
    fn decays_are_shares_of_the_peak() {
        let schedule = |decay| Schedule {
            decay,
            warm_up: 0.0,
            cool_down: 0.0,
            ..Schedule::default()
        };
        let steps = schedule(Decay::Steps(vec![[0.05, 0.5], [0.1, 0.1]]));
        let rates = [0, 49, 50, 99, 100, 999].map(|step| steps.learning_rate(2.0, step, 1000));
        assert_eq!(rates, [2.0, 2.0, 1.0, 1.0, 0.2, 0.2]);
        let poly = schedule(Decay::Polynomial {
            power: 0.9,
            floor: 0.01,
            ending: Ending::Cut,
        });
        let half = poly.learning_rate(1.0, 500, 1001);
        assert!((half - 0.5f64.powf(0.9)).abs() < 1e-9);
        assert_eq!(poly.learning_rate(1.0, 999, 1000), 0.01);
        let lifted = schedule(Decay::Polynomial {
            power: 0.9,
            floor: 0.01,
            ending: Ending::Lifted,
        });
        let half = lifted.learning_rate(1.0, 500, 1001);
        assert!((half - (0.99 * 0.5f64.powf(0.9) + 0.01)).abs() < 1e-9);
        assert!((lifted.learning_rate(1.0, 999_999, 1_000_000) - 0.01).abs() < 1e-5);
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
