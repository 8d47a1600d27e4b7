//! How a run is evaluated.

use serde::{Deserialize, Serialize};
use synth_data::augment::AugmentConfig;

/// Evaluation on the test split.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Evaluation {
    /// Bootstrap resamples for the 95 % intervals.
    pub resamples: usize,
    /// Faces in one pass of the network.
    pub batch_size: usize,
    /// How scores become probabilities, fitted on the validation split.
    pub calibration: CalibrationRule,
    /// Share of the validation split's real faces that may be called forged, 0..1, by which the
    /// threshold is chosen; absent: where the errors of both classes are equal.
    pub false_positive_rate: Option<f64>,
    /// The same for videos: the share of the validation split's real videos or, where it has none of
    /// several frames, of its real faces. Absent: as for faces.
    pub video_false_positive_rate: Option<f64>,
    /// Share of the validation split's forgeries that may be called real, 0..1: what scores higher, and
    /// is not called forged, is called uncertain. Absent: every face is called forged or real.
    pub false_negative_rate: Option<f64>,
    /// What a frame with several faces counts for where videos are scored.
    pub faces_of_a_frame: FacesOfFrame,
    /// By what the weights are chosen, on the validation split.
    pub best_by: BestBy,
    /// Augmentation of the faces that are scored where the forgeries are the recipe's generator's, the
    /// same for a real face and its forgery: in validation, calibration and the test on such data.
    /// Files that are forged already are scored as they are. Default: none.
    pub augmentation: AugmentConfig,
}

impl Evaluation {
    /// The rates by which thresholds are chosen, by their keys.
    pub(super) fn rates(&self) -> [(&'static str, Option<f64>); 3] {
        [
            ("evaluation.false_positive_rate", self.false_positive_rate),
            (
                "evaluation.video_false_positive_rate",
                self.video_false_positive_rate,
            ),
            ("evaluation.false_negative_rate", self.false_negative_rate),
        ]
    }
}

/// By what the weights of a run are chosen. Of validations that are equally good the one with the least
/// loss is the best.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BestBy {
    /// Area under the ROC curve.
    #[default]
    Auc,
    /// Accuracy of the network's own answer: forged from one half on.
    Accuracy,
}

/// What a frame with several faces counts for where videos are scored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FacesOfFrame {
    /// Each face as a frame of its own.
    #[default]
    Each,
    /// The largest score of its faces, as self-blended images are evaluated.
    Largest,
}

/// How the scores of a network are turned into probabilities. Forgeries are taken to be as frequent
/// as real faces, however many a validation split has of each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CalibrationRule {
    /// Not at all.
    None,
    /// Temperature scaling: [`metrics::fit_temperature`].
    Temperature,
    /// Platt scaling, a temperature and an offset: [`metrics::fit_platt`].
    #[default]
    Platt,
}

impl Default for Evaluation {
    fn default() -> Self {
        Self {
            resamples: 1000,
            batch_size: 32,
            calibration: CalibrationRule::default(),
            false_positive_rate: None,
            video_false_positive_rate: None,
            false_negative_rate: None,
            faces_of_a_frame: FacesOfFrame::default(),
            best_by: BestBy::default(),
            augmentation: AugmentConfig::none(),
        }
    }
}
