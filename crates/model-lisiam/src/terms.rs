//! What is trained when: the terms of the loss, the ablation variants, the stages.

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
    /// The terms that reach what `stage` trains.
    ///
    /// The segmentation alone: `L_seg` and `L_li`. The classification alone: `L_cls`, since no
    /// other depends on its weights.
    pub fn at(self, stage: Stage) -> Self {
        let [segmentation, classification] = stage.trains();
        let both = |on: [bool; 2], kept| on.map(|on| on && kept);
        Self {
            segmentation: both(self.segmentation, segmentation),
            classification: both(self.classification, classification),
            localization_invariance: self.localization_invariance && segmentation,
        }
    }

    /// Which branches have to be run.
    pub fn branches(self) -> [bool; 2] {
        [0, 1].map(|branch| {
            self.segmentation[branch] || self.classification[branch] || self.localization_invariance
        })
    }
}

/// A stage of the training (section IV-B): first the segmentation is trained, then the
/// classification, then everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Feature extractor and segmentation decoder; the rest is frozen and not run.
    Segmentation,
    /// Separable convolution unit, mask-guided transformer and MLP head; the rest is frozen.
    Classification,
    /// Everything.
    #[default]
    All,
}

impl Stage {
    /// Whether the segmentation's layers are trained, and whether the classification's are.
    pub fn trains(self) -> [bool; 2] {
        [self != Self::Classification, self != Self::Segmentation]
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

/// The variants of table VI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ablation {
    /// LiSiam.
    ModelA,
    /// With classification and segmentation loss on both branches.
    ModelB,
    /// Without supervision of the segmentation.
    ModelC,
    /// With classification and segmentation loss on the second branch alone. (The row of table VI
    /// contradicts the text and the official code, which agree.)
    ModelD,
    /// The second branch alone: degraded images, no localization invariance.
    ModelE,
    /// Without the mask-guided transformer.
    ModelF,
    /// The first branch alone, fed with original and degraded images: the feeding is the caller's.
    ModelG,
}

impl Ablation {
    /// All seven, in the order of the table.
    pub const ALL: [Self; 7] = [
        Self::ModelA,
        Self::ModelB,
        Self::ModelC,
        Self::ModelD,
        Self::ModelE,
        Self::ModelF,
        Self::ModelG,
    ];

    /// The terms of its loss.
    pub fn losses(self) -> LossTerms {
        let (segmentation, classification, localization_invariance) = match self {
            Self::ModelA | Self::ModelF => ([true, false], [true, false], true),
            Self::ModelB => ([true, true], [true, true], true),
            Self::ModelC => ([false, false], [true, false], true),
            Self::ModelD => ([false, true], [false, true], true),
            Self::ModelE => ([false, true], [false, true], false),
            Self::ModelG => ([true, false], [true, false], false),
        };
        LossTerms {
            segmentation,
            classification,
            localization_invariance,
        }
    }

    /// Whether it has a mask-guided transformer.
    pub fn mask_guided_transformer(self) -> bool {
        self != Self::ModelF
    }
}
