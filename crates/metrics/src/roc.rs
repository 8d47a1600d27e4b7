use crate::error::{MetricError, check_rate};
use crate::ranking::{Ranking, Step, totals};

/// The ROC curve: one point for each distinct score, from (0, 0) to (1, 1).
#[derive(Clone, Debug, PartialEq)]
pub struct RocCurve {
    /// Share of real rows called forged at each point, ascending from 0 to 1.
    pub fpr: Vec<f64>,
    /// Share of forged rows called forged at each point, ascending from 0 to 1.
    pub tpr: Vec<f64>,
    /// The smallest score called forged at each point, descending; the first is infinite.
    pub thresholds: Vec<f64>,
}

/// The ROC curve of `scores` with `labels` (true = forged), point for point as scikit-learn's.
///
/// `drop_intermediate` leaves out points on straight stretches: the same line with fewer points.
///
/// # Errors
///
/// As [`Ranking::new`].
pub fn roc_curve(
    scores: &[f64],
    labels: &[bool],
    drop_intermediate: bool,
) -> Result<RocCurve, MetricError> {
    Ranking::new(scores, labels).map(|ranking| ranking.roc_curve(drop_intermediate))
}

/// The threshold whose false positive and false negative rates are closest to each other.
///
/// It lies halfway between two neighbouring scores, so that it does not sit on a row of the set it
/// was chosen on; below all scores is not considered, and of two equally good ones the higher wins.
///
/// # Errors
///
/// As [`Ranking::new`].
pub fn threshold_at_equal_error_rate(scores: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    Ranking::new(scores, labels).map(|ranking| ranking.threshold_at_equal_error_rate())
}

/// The lowest threshold at which at most the share `max_fpr` (in [0, 1]) of real rows is called
/// forged, halfway between two neighbouring scores; just above the highest score where no other
/// threshold is strict enough.
///
/// # Errors
///
/// As [`Ranking::new`], and `max_fpr` outside [0, 1].
pub fn threshold_at_fpr(scores: &[f64], labels: &[bool], max_fpr: f64) -> Result<f64, MetricError> {
    Ranking::new(scores, labels)?.threshold_at_fpr(max_fpr)
}

/// The highest true positive rate, in [0, 1], of all thresholds at which at most the share
/// `max_fpr` (in [0, 1]) of real rows is called forged. A point that the curve has, no interpolation:
/// with fewer than 1 / `max_fpr` real rows, none of them may be called forged.
///
/// # Errors
///
/// As [`Ranking::new`], and `max_fpr` outside [0, 1].
pub fn true_positive_rate_at(
    scores: &[f64],
    labels: &[bool],
    max_fpr: f64,
) -> Result<f64, MetricError> {
    Ranking::new(scores, labels)?.true_positive_rate_at(max_fpr)
}

/// How many steps, from the highest score on, can be called forged at that false positive rate.
fn steps_within(steps: &[Step], max_fpr: f64) -> usize {
    let real = totals(steps).0 as f64;
    let mut fp = 0;
    // The quotient is what the rate is: 29 of 100 are within 0.29, though 0.29 * 100 < 29.
    let strict_enough = |step: &&Step| {
        fp += u64::from(step.real);
        fp as f64 / real <= max_fpr
    };
    steps.iter().take_while(strict_enough).count()
}

pub(crate) fn steps_true_positive_rate(steps: &[Step], max_fpr: f64) -> f64 {
    let called = &steps[..steps_within(steps, max_fpr)];
    totals(called).1 as f64 / totals(steps).1 as f64
}

impl Ranking {
    /// The ROC curve, as [`roc_curve`].
    pub fn roc_curve(&self, drop_intermediate: bool) -> RocCurve {
        let (real, forged) = totals(&self.steps);
        let mut curve = RocCurve {
            fpr: vec![0.0],
            tpr: vec![0.0],
            thresholds: vec![f64::INFINITY],
        };
        let (mut fp, mut tp) = (0, 0);
        for (i, step) in self.steps.iter().enumerate() {
            fp += u64::from(step.real);
            tp += u64::from(step.forged);
            // On a straight stretch where equal steps meet; never the first or the last score.
            let straight = i > 0 && self.steps.get(i + 1) == Some(step);
            if drop_intermediate && straight {
                continue;
            }
            curve.fpr.push(fp as f64 / real as f64);
            curve.tpr.push(tp as f64 / forged as f64);
            curve.thresholds.push(self.scores[i]);
        }
        curve
    }

    /// The threshold as [`threshold_at_equal_error_rate`].
    pub fn threshold_at_equal_error_rate(&self) -> f64 {
        let (n, p) = totals(&self.steps);
        let (mut balance, mut best, mut below) = (0, u64::MAX, 0);
        for (i, step) in self.steps.iter().enumerate() {
            balance += u64::from(step.real) * p + u64::from(step.forged) * n;
            // |FPR - FNR| = |FPR + TPR - 1|, times N P to stay in whole numbers.
            let difference = balance.abs_diff(n * p);
            if difference < best {
                (best, below) = (difference, i);
            }
        }
        self.threshold_below(below)
    }

    /// The threshold as [`threshold_at_fpr`].
    ///
    /// # Errors
    ///
    /// `max_fpr` outside [0, 1].
    pub fn threshold_at_fpr(&self, max_fpr: f64) -> Result<f64, MetricError> {
        check_rate(max_fpr)?;
        Ok(match steps_within(&self.steps, max_fpr) {
            0 => self.scores[0].next_up(),
            steps => self.threshold_below(steps - 1),
        })
    }

    /// The true positive rate as [`true_positive_rate_at`].
    ///
    /// # Errors
    ///
    /// `max_fpr` outside [0, 1].
    pub fn true_positive_rate_at(&self, max_fpr: f64) -> Result<f64, MetricError> {
        check_rate(max_fpr)?;
        Ok(steps_true_positive_rate(&self.steps, max_fpr))
    }

    /// A threshold that calls the distinct scores up to `index` forged and no other.
    fn threshold_below(&self, index: usize) -> f64 {
        let score = self.scores[index];
        let Some(next) = self.scores.get(index + 1) else {
            return score;
        };
        let middle = score / 2.0 + next / 2.0;
        // Between two neighbouring floating-point numbers there is no middle.
        if *next < middle && middle <= score {
            middle
        } else {
            score
        }
    }
}
