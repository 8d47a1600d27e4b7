//! The terms of the loss, and how batches are normalised.

use serde::{Deserialize, Serialize};

/// The terms of the loss that are switched on; pairs are of the first branch, which sees the
/// original image, and of the second, which sees the degraded one.
///
/// A branch is run only if one of its terms, or the localization invariance, asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LossTerms {
    /// `L_seg` of each branch, and the auxiliary loss where it has a weight.
    pub segmentation: [bool; 2],
    /// `L_cls` of each branch.
    pub classification: [bool; 2],
    /// `L_li`.
    pub localization_invariance: bool,
}

impl Default for LossTerms {
    /// The paper's: both of the first branch, and the localization invariance.
    fn default() -> Self {
        Self {
            segmentation: [true, false],
            classification: [true, false],
            localization_invariance: true,
        }
    }
}

impl LossTerms {
    /// Names of the terms that can be trained on alone, as a log has them.
    pub const NAMES: [&str; 3] = ["seg", "li", "cls"];

    /// Those of the switched-on terms that `names` has, or all where it has none.
    pub fn named(self, names: &[String]) -> Self {
        let counts = |name: &str| names.is_empty() || names.iter().any(|other| other == name);
        let [segmentation, localization_invariance, classification] = Self::NAMES.map(counts);
        Self {
            segmentation: self.segmentation.map(|on| on && segmentation),
            classification: self.classification.map(|on| on && classification),
            localization_invariance: self.localization_invariance && localization_invariance,
        }
    }

    /// Whether there is anything to learn: some term, and not the localization invariance alone, which
    /// any constant map makes zero.
    pub fn teach(self) -> bool {
        let either = |on: [bool; 2]| on.contains(&true);
        either(self.segmentation) || either(self.classification)
    }

    /// Which branches have to be run.
    pub fn branches(self) -> [bool; 2] {
        [0, 1].map(|branch| {
            self.segmentation[branch] || self.classification[branch] || self.localization_invariance
        })
    }
}

/// What batch normalisation does in layers that a stage has frozen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrozenStatistics {
    /// It normalises by the running statistics and leaves them as they are: a frozen layer is the
    /// function it was. The paper's word taken literally.
    #[default]
    Kept,
    /// It normalises by the batch's and folds them into the running ones, as in the official code:
    /// only the weights are frozen.
    Updated,
}

/// Whether the two branches, which share their weights, share their batch statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BranchBatches {
    /// Two passes, the original images first: each branch is normalised by itself, and the running
    /// statistics are updated twice a step. From the official code.
    #[default]
    Separate,
    /// One pass over the images of both branches: common statistics, updated once a step.
    Joint,
}
