use std::iter::Sum;
use std::ops::Add;

use crate::error::{MetricError, check_rows};

/// How many rows of each class fall on each side of a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Forged rows called forged.
    pub true_positives: usize,
    /// Real rows called forged.
    pub false_positives: usize,
    /// Real rows called real.
    pub true_negatives: usize,
    /// Forged rows called real.
    pub false_negatives: usize,
}

impl Confusion {
    /// Counts rows whose score is at or above `threshold` as called forged (true = forged).
    /// One class alone is allowed.
    ///
    /// # Errors
    ///
    /// Lengths differ, no rows, a score is not finite, or the threshold is NaN.
    pub fn new(scores: &[f64], labels: &[bool], threshold: f64) -> Result<Self, MetricError> {
        check_rows(scores, labels)?;
        check_threshold(threshold)?;
        let mut counts = Self::default();
        for (score, forged) in scores.iter().zip(labels) {
            *match (*score >= threshold, forged) {
                (true, true) => &mut counts.true_positives,
                (true, false) => &mut counts.false_positives,
                (false, false) => &mut counts.true_negatives,
                (false, true) => &mut counts.false_negatives,
            } += 1;
        }
        Ok(counts)
    }

    /// Share of rows called what they are, in [0, 1].
    pub fn accuracy(&self) -> f64 {
        let right = self.true_positives + self.true_negatives;
        right as f64 / (right + self.false_positives + self.false_negatives) as f64
    }

    /// Intersection over union of what is forged and what is called so (the Jaccard index), in
    /// [0, 1].
    ///
    /// # Errors
    ///
    /// No row is forged and none is called so.
    pub fn intersection_over_union(&self) -> Result<f64, MetricError> {
        self.overlap(1)
    }

    /// F1 of the class forged, in [0, 1]: the harmonic mean of precision and recall (the Dice
    /// coefficient).
    ///
    /// # Errors
    ///
    /// No row is forged and none is called so.
    pub fn f1(&self) -> Result<f64, MetricError> {
        self.overlap(2)
    }

    /// The intersection over itself and the mistakes, counted `weight` times.
    fn overlap(&self, weight: usize) -> Result<f64, MetricError> {
        let shared = weight * self.true_positives;
        let mistakes = self.false_positives + self.false_negatives;
        match shared + mistakes {
            0 => Err(MetricError::NothingForged {
                rows: self.true_negatives,
            }),
            all => Ok(shared as f64 / all as f64),
        }
    }
}

/// The counts of two sets together: of the pixels of many images, image by image.
impl Add for Confusion {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            true_positives: self.true_positives + other.true_positives,
            false_positives: self.false_positives + other.false_positives,
            true_negatives: self.true_negatives + other.true_negatives,
            false_negatives: self.false_negatives + other.false_negatives,
        }
    }
}

impl Sum for Confusion {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

/// Share of rows called what they are when scores at or above `threshold` are called forged, in
/// [0, 1].
///
/// # Errors
///
/// As [`Confusion::new`].
pub fn accuracy(scores: &[f64], labels: &[bool], threshold: f64) -> Result<f64, MetricError> {
    Confusion::new(scores, labels, threshold).map(|counts| counts.accuracy())
}

pub(crate) fn check_threshold(value: f64) -> Result<(), MetricError> {
    if value.is_nan() {
        return Err(MetricError::Parameter {
            what: "the threshold",
            value,
            range: "a number",
        });
    }
    Ok(())
}
