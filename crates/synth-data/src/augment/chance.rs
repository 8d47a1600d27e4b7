//! How often something is done, and how strongly.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::error::Error;

/// How often an augmentation is applied, and the range that its strength is drawn from uniformly.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chance {
    /// 0 (never) ..= 1 (always).
    pub probability: f64,
    /// Least and greatest strength, in the unit of the augmentation.
    pub range: [f32; 2],
}

impl Chance {
    pub(crate) fn new(probability: f64, low: f32, high: f32) -> Self {
        Self {
            probability,
            range: [low, high],
        }
    }

    /// Whether the probability is one, and the range lies between `least` and `most`, the smaller
    /// number first.
    pub(crate) fn check(
        self,
        field: &'static str,
        unit: &'static str,
        least: f32,
        most: f32,
    ) -> Result<(), Error> {
        let [low, high] = self.range;
        let valid =
            (0.0..=1.0).contains(&self.probability) && least <= low && low <= high && high <= most;
        valid.then_some(()).ok_or(Error::Chance { field, unit })
    }

    /// The strength, if the augmentation is to be applied. It is drawn whether it is
    /// applied or not, so that one augmentation's probability hardly shifts the draws of the next.
    pub(crate) fn draw(self, rng: &mut impl Rng) -> Option<f32> {
        let applied = rng.random_bool(self.probability);
        let strength = rng.random_range(self.range[0]..=self.range[1]);
        applied.then_some(strength)
    }
}
