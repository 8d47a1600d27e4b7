use crate::confusion::{Confusion, check_threshold};
use crate::error::{MetricError, check_bins, check_probabilities, check_rate};
use crate::ranking::{Ranking, Step, totals};
use crate::reliability::Prior;
use crate::roc::steps_true_positive_rate;

/// A measure of a ranking: what a bootstrap interval is wanted for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Measure {
    /// Area under the ROC curve: [`auc`].
    Auc,
    /// Average precision: [`average_precision`].
    AveragePrecision,
    /// Equal error rate: [`equal_error_rate`].
    EqualErrorRate,
    /// Accuracy of calling scores at or above a threshold forged: [`accuracy`](crate::accuracy).
    Accuracy {
        /// The smallest score called forged. Not NaN.
        threshold: f64,
    },
    /// Intersection over union of what is forged and what scores at or above a threshold:
    /// [`Confusion::intersection_over_union`](crate::Confusion::intersection_over_union).
    IntersectionOverUnion {
        /// The smallest score called forged. Not NaN.
        threshold: f64,
    },
    /// F1 of calling scores at or above a threshold forged: [`Confusion::f1`](crate::Confusion::f1).
    F1 {
        /// The smallest score called forged. Not NaN.
        threshold: f64,
    },
    /// Highest true positive rate within a false positive rate:
    /// [`true_positive_rate_at`](crate::true_positive_rate_at).
    TruePositiveRateAt {
        /// The share of real rows that may be called forged, in [0, 1].
        false_positive_rate: f64,
    },
    /// How far scores are from being probabilities:
    /// [`expected_calibration_error`](crate::expected_calibration_error).
    ExpectedCalibrationError {
        /// Number of bins of equal width, at least 1.
        bins: usize,
        /// How the classes weigh.
        prior: Prior,
    },
}

impl Measure {
    /// Checks its parameters, and that it has a value for such scores.
    pub(crate) fn check(self, scores: &[f64]) -> Result<(), MetricError> {
        match self {
            Self::Auc | Self::AveragePrecision | Self::EqualErrorRate => Ok(()),
            Self::Accuracy { threshold }
            | Self::IntersectionOverUnion { threshold }
            | Self::F1 { threshold } => check_threshold(threshold),
            Self::TruePositiveRateAt {
                false_positive_rate,
            } => check_rate(false_positive_rate),
            Self::ExpectedCalibrationError { bins, .. } => {
                check_bins(bins)?;
                check_probabilities(scores)
            }
        }
    }
}

/// Area under the ROC curve, in [0, 1]: the probability that a forged row scores above a real one,
/// ties counting one half (the Mann-Whitney statistic over the number of pairs).
///
/// `labels`: true = forged. Higher score = more forged.
///
/// # Errors
///
/// As [`Ranking::new`].
pub fn auc(scores: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    Ranking::new(scores, labels).map(|ranking| ranking.auc())
}

/// Average precision, in (0, 1]: precision at each distinct score weighted by the recall gained
/// there. A step-wise sum without interpolation, as scikit-learn defines it.
///
/// # Errors
///
/// As [`Ranking::new`].
pub fn average_precision(scores: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    Ranking::new(scores, labels).map(|ranking| ranking.average_precision())
}

/// Equal error rate, in [0, 1]: the false positive rate at the point of the ROC curve where it
/// equals the false negative rate. Between two thresholds the curve is a straight line.
///
/// # Errors
///
/// As [`Ranking::new`].
pub fn equal_error_rate(scores: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    Ranking::new(scores, labels).map(|ranking| ranking.equal_error_rate())
}

impl Ranking {
    /// Area under the ROC curve, as [`auc`].
    pub fn auc(&self) -> f64 {
        steps_auc(&self.steps)
    }

    /// Average precision, as [`average_precision`].
    pub fn average_precision(&self) -> f64 {
        steps_average_precision(&self.steps)
    }

    /// Equal error rate, as [`equal_error_rate`].
    pub fn equal_error_rate(&self) -> f64 {
        steps_equal_error_rate(&self.steps)
    }

    /// Accuracy when scores at or above `threshold` are called forged.
    pub fn accuracy(&self, threshold: f64) -> f64 {
        self.confusion(threshold).accuracy()
    }

    /// How many rows of each class are called forged when scores at or above `threshold` are.
    pub fn confusion(&self, threshold: f64) -> Confusion {
        self.confusion_of(&self.steps, threshold)
    }

    /// The value of `measure`.
    ///
    /// # Errors
    ///
    /// A parameter of the measure outside its range; a score that is no probability, where one is
    /// needed (its index counts distinct scores from the highest).
    pub fn value(&self, measure: Measure) -> Result<f64, MetricError> {
        measure.check(&self.scores)?;
        Ok(self.value_of(&self.steps, measure))
    }

    /// The value of a checked measure with other class counts at the same scores: a resample.
    pub(crate) fn value_of(&self, steps: &[Step], measure: Measure) -> f64 {
        match measure {
            Measure::Auc => steps_auc(steps),
            Measure::AveragePrecision => steps_average_precision(steps),
            Measure::EqualErrorRate => steps_equal_error_rate(steps),
            Measure::Accuracy { threshold } => self.confusion_of(steps, threshold).accuracy(),
            Measure::IntersectionOverUnion { threshold } => {
                let overlap = self
                    .confusion_of(steps, threshold)
                    .intersection_over_union();
                overlap.expect("a resample has forged rows")
            }
            Measure::F1 { threshold } => {
                let overlap = self.confusion_of(steps, threshold).f1();
                overlap.expect("a resample has forged rows")
            }
            Measure::TruePositiveRateAt {
                false_positive_rate,
            } => steps_true_positive_rate(steps, false_positive_rate),
            Measure::ExpectedCalibrationError { bins, prior } => {
                self.calibration_error_of(steps, bins, prior)
            }
        }
    }

    fn confusion_of(&self, steps: &[Step], threshold: f64) -> Confusion {
        let above = self.scores.partition_point(|score| *score >= threshold);
        let (called_forged, called_real) = steps.split_at(above);
        let (false_positives, true_positives) = totals(called_forged);
        let (true_negatives, false_negatives) = totals(called_real);
        Confusion {
            true_positives: true_positives as usize,
            false_positives: false_positives as usize,
            true_negatives: true_negatives as usize,
            false_negatives: false_negatives as usize,
        }
    }
}

/// Twice the pairs in the right order, in whole numbers: exact for fewer than 2^31 rows a class.
fn steps_auc(steps: &[Step]) -> f64 {
    let (mut real, mut forged, mut twice) = (0, 0, 0);
    for step in steps {
        let (step_real, step_forged) = (u64::from(step.real), u64::from(step.forged));
        twice += step_real * (2 * forged + step_forged);
        real += step_real;
        forged += step_forged;
    }
    twice as f64 / (2 * real * forged) as f64
}

fn steps_average_precision(steps: &[Step]) -> f64 {
    let (mut called, mut forged, mut sum) = (0_u64, 0_u64, 0.0);
    // A step without forged rows gains no recall (and, first in a resample, has no precision).
    for step in steps {
        called += u64::from(step.real) + u64::from(step.forged);
        forged += u64::from(step.forged);
        if step.forged > 0 {
            sum += f64::from(step.forged) * (forged as f64 / called as f64);
        }
    }
    sum / forged as f64
}

/// Follows the ROC curve to the step that crosses the line FPR + TPR = 1.
///
/// With N real and P forged rows the line is `fp P + tp N = N P`, in whole numbers.
fn steps_equal_error_rate(steps: &[Step]) -> f64 {
    let (n, p) = totals(steps);
    let mut missing = n * p;
    let mut fp = 0;
    for step in steps {
        let gain = u64::from(step.real) * p + u64::from(step.forged) * n;
        if gain >= missing {
            let share = missing as f64 / gain as f64;
            return (fp as f64 + share * f64::from(step.real)) / n as f64;
        }
        missing -= gain;
        fp += u64::from(step.real);
    }
    // Not reached: the whole curve gains 2 N P.
    1.0
}
