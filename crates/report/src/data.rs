use image::RgbImage;
use metrics::{Estimate, MetricError, RocCurve};

use crate::overlay::Map;

/// Everything a report shows. All text is plain text: the report escapes it.
///
/// What is left empty appears as a section that says why it is empty.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What was evaluated, in a few words.
    pub title: String,
    /// What was trained on what, in one sentence.
    pub subtitle: String,
    /// The one result to read first.
    pub headline: Option<Headline>,
    /// What a reader must know before believing the numbers, for instance that the data are
    /// synthetic.
    pub notes: Vec<String>,
    /// Results for each data set and method, one table a level.
    pub tables: Vec<MetricsTable>,
    /// How well the forged places of faces are found, by method.
    pub places: Vec<PlacesRow>,
    /// How well forged stretches of videos are found, in one sentence; empty where nothing is known.
    pub in_time: String,
    /// ROC curves.
    pub roc: Vec<RocSeries>,
    /// The scores behind the histogram.
    pub scores: Scores,
    /// How training went.
    pub training: Training,
    /// Examples, grouped by kind in the report.
    pub gallery: Vec<GalleryItem>,
    /// Where the result comes from: recipe, seed, data digest, versions, ...
    pub provenance: Vec<(String, String)>,
    /// The command that repeats the run.
    pub command: String,
    /// What a reader may do next.
    pub next_steps: Vec<NextStep>,
}

/// The result to read first.
#[derive(Clone, Debug)]
pub struct Headline {
    /// What one row of the test set is.
    pub level: Level,
    /// The result.
    pub result: MetricsRow,
}

/// What a score belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// One frame or picture.
    Frame,
    /// One video: the mean of its frames.
    Video,
}

/// Results at one level.
#[derive(Clone, Debug)]
pub struct MetricsTable {
    /// What the results count.
    pub level: Level,
    /// One row for each data set and method.
    pub rows: Vec<MetricsRow>,
}

/// A measure with its interval, or why it has none. An interval that is not finite is left out.
pub type Measured = Result<Estimate, MetricError>;

/// The results of one method of one data set.
#[derive(Clone, Debug)]
pub struct MetricsRow {
    /// The data set.
    pub dataset: String,
    /// The forgery method, or "all".
    pub method: String,
    /// Number of real frames or videos.
    pub real: u64,
    /// Number of forged frames or videos.
    pub forged: u64,
    /// Area under the ROC curve, in [0, 1].
    pub auc: Measured,
    /// Average precision, in [0, 1].
    pub average_precision: Measured,
    /// Equal error rate, in [0, 1].
    pub equal_error_rate: Measured,
    /// Accuracy at the run's threshold, in [0, 1].
    pub accuracy: Measured,
    /// Accuracy of the network's own answer, the larger of its two scores, in [0, 1].
    pub argmax_accuracy: Measured,
    /// Share of the forged rows found where 1 % of the real ones are called forged, in [0, 1].
    pub true_positive_rate_1: Measured,
    /// The same at 0.1 %.
    pub true_positive_rate_01: Measured,
    /// How far probabilities are from what is true, in [0, 1], classes weighing the same.
    pub calibration_error: Measured,
}

/// How well the forged places of one method's faces are found. All shares are in [0, 1].
#[derive(Clone, Debug, Default)]
pub struct PlacesRow {
    /// The forgery method, or "all".
    pub method: String,
    /// Number of forged faces that were looked at.
    pub faces: u64,
    /// Intersection over union of the forged pixels.
    pub pixel_overlap: Option<f64>,
    /// F1 of the forged pixels.
    pub pixel_f1: Option<f64>,
    /// AUC over pixels.
    pub pixel_auc: Option<f64>,
    /// Mean intersection over union of the surest box with the nearest true one.
    pub box_overlap: Option<f64>,
}

/// One ROC curve.
#[derive(Clone, Debug)]
pub struct RocSeries {
    /// What the legend calls it.
    pub name: String,
    /// The curve.
    pub curve: RocCurve,
}

/// Scores of the test set. Values that are not finite are left out of the histogram and counted.
#[derive(Clone, Debug, Default)]
pub struct Scores {
    /// Of real rows.
    pub real: Vec<f64>,
    /// Of forged rows.
    pub forged: Vec<f64>,
    /// The smallest score called forged.
    pub threshold: Option<f64>,
}

/// How training went, by step.
#[derive(Clone, Debug, Default)]
pub struct Training {
    /// The loss and its terms.
    pub losses: Vec<Curve>,
    /// Validation measures, each in [0, 1].
    pub validation: Vec<Curve>,
    /// Learning rates.
    pub learning_rate: Vec<Curve>,
    /// The step whose weights were kept.
    pub best_step: Option<u64>,
}

/// A named line of (step, value) points, by ascending step. A value that is not finite interrupts
/// the line.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    /// What the legend calls it.
    pub name: String,
    /// (step, value).
    pub points: Vec<(f64, f64)>,
}

/// How a verdict compares with the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Forged, called forged.
    TruePositive,
    /// Real, called forged.
    FalsePositive,
    /// Forged, called real.
    FalseNegative,
    /// Real, called real.
    TrueNegative,
}

/// One example of the gallery.
#[derive(Clone, Debug)]
pub struct GalleryItem {
    /// How the verdict compares with the truth.
    pub kind: Kind,
    /// What the detector saw.
    pub picture: RgbImage,
    /// Where the detector sees forgery: values in [0, 1] over the whole picture, of any size.
    pub heat_map: Option<Map>,
    /// Boxes that the detector draws, `[x0, y0, x1, y1]` in shares of width and height; absent where
    /// its method has none.
    pub boxes: Option<Vec<[f32; 4]>>,
    /// The truth: 0 pristine to 1 forged over the whole picture, of any size.
    pub mask: Option<Map>,
    /// Probability of forged, in [0, 1].
    pub score: f64,
    /// Which picture it is.
    pub caption: String,
}

/// Something a reader may do next.
#[derive(Clone, Debug)]
pub struct NextStep {
    /// What it achieves.
    pub what: String,
    /// The command that does it.
    pub command: String,
}

impl Level {
    /// "frame" or "video".
    #[must_use]
    pub fn noun(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Video => "video",
        }
    }
}

impl Kind {
    /// The order of the gallery: what went wrong stands between what went right.
    pub const ALL: [Self; 4] = [
        Self::TruePositive,
        Self::FalseNegative,
        Self::FalsePositive,
        Self::TrueNegative,
    ];

    pub(crate) fn is_forged(self) -> bool {
        matches!(self, Self::TruePositive | Self::FalseNegative)
    }
}
