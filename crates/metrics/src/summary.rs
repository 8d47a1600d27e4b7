use serde::Serialize;

use crate::confusion::check_threshold;
use crate::error::MetricError;
use crate::ranking::Ranking;

/// The threshold-free measures of one set of scores, from one sort.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Number of real rows.
    pub real: u64,
    /// Number of forged rows.
    pub forged: u64,
    /// Area under the ROC curve: [`auc`](crate::auc).
    pub auc: f64,
    /// Average precision: [`average_precision`](crate::average_precision).
    pub average_precision: f64,
    /// Equal error rate: [`equal_error_rate`](crate::equal_error_rate).
    pub equal_error_rate: f64,
}

impl Summary {
    /// Measures `scores` (higher = more forged) against `labels` (true = forged).
    ///
    /// # Errors
    ///
    /// As [`Ranking::new`].
    pub fn new(scores: &[f64], labels: &[bool]) -> Result<Self, MetricError> {
        let ranking = Ranking::new(scores, labels)?;
        Ok(Self {
            real: ranking.real(),
            forged: ranking.forged(),
            auc: ranking.auc(),
            average_precision: ranking.average_precision(),
            equal_error_rate: ranking.equal_error_rate(),
        })
    }
}

/// How well forged pixels are found, over the pixels of many images.
///
/// Pixels are pooled, as is usual for segmentation: a large forgery weighs more than a small one,
/// and the pixels of real images count, too.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PixelSummary {
    /// Number of real pixels.
    #[serde(skip)]
    pub real: u64,
    /// Number of forged pixels.
    #[serde(skip)]
    pub forged: u64,
    /// Share of pixels called what they are: [`Confusion::accuracy`](crate::Confusion::accuracy).
    pub accuracy: f64,
    /// Of the class forged:
    /// [`Confusion::intersection_over_union`](crate::Confusion::intersection_over_union).
    pub intersection_over_union: f64,
    /// Of the class forged: [`Confusion::f1`](crate::Confusion::f1).
    pub f1: f64,
    /// Area under the ROC curve of all pixels: [`auc`](crate::auc).
    pub auc: f64,
}

impl PixelSummary {
    /// Measures the `scores` (`f64` or `f32`, higher = more forged) of all pixels, image after image, against their
    /// `labels` (true = forged); scores at or above `threshold` are called forged.
    ///
    /// It sorts the pixels. Where that is too much, measure heat maps at their own grid, or add up
    /// each image's [`Confusion`](crate::Confusion), which has all but the AUC. For intervals,
    /// [`bootstrap_intervals`](crate::bootstrap_intervals) with the image (or video) as group.
    ///
    /// # Errors
    ///
    /// As [`Ranking::new`], and a NaN threshold.
    pub fn new<S: Copy + Into<f64>>(
        scores: &[S],
        labels: &[bool],
        threshold: f64,
    ) -> Result<Self, MetricError> {
        check_threshold(threshold)?;
        let ranking = Ranking::new(scores, labels)?;
        let counts = ranking.confusion(threshold);
        Ok(Self {
            real: ranking.real(),
            forged: ranking.forged(),
            accuracy: counts.accuracy(),
            intersection_over_union: counts.intersection_over_union()?,
            f1: counts.f1()?,
            auc: ranking.auc(),
        })
    }
}
