use crate::error::{MetricError, check_bins, check_probabilities};
use crate::ranking::{Ranking, Step, totals};

/// How much the classes weigh against each other.
///
/// The share of forgeries in a test set is an accident of how it was made, and a probability is
/// only right for one share. `Even` asks what a score means where forgeries are as frequent as real
/// rows, and gives the same answer however many of each a set has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prior {
    /// Each row weighs the same, so the classes weigh as they are frequent.
    #[default]
    AsGiven,
    /// Each class weighs one half, shared equally by its rows.
    Even,
}

impl Prior {
    /// Weight of one real and of one forged row, of so many; all weights sum to the rows.
    pub(crate) fn weights(self, real: u64, forged: u64) -> (f64, f64) {
        match self {
            Self::AsGiven => (1.0, 1.0),
            Self::Even => {
                let half = (real + forged) as f64 / 2.0;
                (half / real as f64, half / forged as f64)
            }
        }
    }
}

/// The rows whose scores fall into one bin of a reliability diagram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReliabilityBin {
    /// Scores above this fall into it; into the first bin, 0 itself too.
    pub low: f64,
    /// Scores up to this, itself included, fall into it.
    pub high: f64,
    /// Number of rows, at least 1.
    pub rows: u64,
    /// Its share of the weight of all rows, in (0, 1]: with [`Prior::AsGiven`], of the rows.
    pub weight: f64,
    /// Weighted mean of its scores: the diagram's abscissa, what is claimed.
    pub mean_score: f64,
    /// Weighted share of its forged rows: the diagram's ordinate, what is true.
    pub forged_share: f64,
}

/// A reliability diagram of `scores`, read as the probability of forged, in `bins` bins of equal
/// width over [0, 1], ascending; bins without rows are left out.
///
/// `labels`: true = forged. A score on the border of two bins belongs to the lower.
///
/// # Errors
///
/// As [`Ranking::new`]; a score outside [0, 1]; no bins.
pub fn reliability(
    scores: &[f64],
    labels: &[bool],
    bins: usize,
    prior: Prior,
) -> Result<Vec<ReliabilityBin>, MetricError> {
    check_probabilities(scores)?;
    Ranking::new(scores, labels)?.reliability(bins, prior)
}

/// Expected calibration error, in [0, 1]: the mean distance between the mean score and the share of
/// forged rows in the bins of [`reliability`], each bin by its weight (Guo et al., "On Calibration
/// of Modern Neural Networks", ICML 2017, Eq. 3, of the class forged).
///
/// # Errors
///
/// As [`reliability`].
pub fn expected_calibration_error(
    scores: &[f64],
    labels: &[bool],
    bins: usize,
    prior: Prior,
) -> Result<f64, MetricError> {
    check_probabilities(scores)?;
    Ranking::new(scores, labels)?.expected_calibration_error(bins, prior)
}

impl Ranking {
    /// The reliability diagram, as [`reliability`].
    ///
    /// # Errors
    ///
    /// No bins, or a score outside [0, 1]; its index counts distinct scores from the highest.
    pub fn reliability(
        &self,
        bins: usize,
        prior: Prior,
    ) -> Result<Vec<ReliabilityBin>, MetricError> {
        check_bins(bins)?;
        check_probabilities(&self.scores)?;
        let mut diagram = Vec::new();
        self.each_bin(&self.steps, bins, prior, |bin| diagram.push(bin));
        diagram.reverse();
        Ok(diagram)
    }

    /// Expected calibration error, as [`expected_calibration_error`].
    ///
    /// # Errors
    ///
    /// As [`Ranking::reliability`].
    pub fn expected_calibration_error(
        &self,
        bins: usize,
        prior: Prior,
    ) -> Result<f64, MetricError> {
        check_bins(bins)?;
        check_probabilities(&self.scores)?;
        Ok(self.calibration_error_of(&self.steps, bins, prior))
    }

    /// The calibration error with other class counts at the same scores, which are probabilities.
    pub(crate) fn calibration_error_of(&self, steps: &[Step], bins: usize, prior: Prior) -> f64 {
        let mut error = 0.0;
        self.each_bin(steps, bins, prior, |bin| {
            error += bin.weight * (bin.mean_score - bin.forged_share).abs();
        });
        error
    }

    /// Visits the bins that have rows, the highest first.
    fn each_bin(
        &self,
        steps: &[Step],
        bins: usize,
        prior: Prior,
        mut visit: impl FnMut(ReliabilityBin),
    ) {
        let (real, forged) = totals(steps);
        let (real_weight, forged_weight) = prior.weights(real, forged);
        let mut from = 0;
        while let Some(score) = self.scores.get(from) {
            let (low, high) = borders(*score, bins);
            let inside = self.scores[from..].partition_point(|score| *score > low || low == 0.0);
            let (mut sums, mut counts) = ([0.0; 2], [0; 2]);
            for (score, step) in self.scores[from..].iter().zip(&steps[from..][..inside]) {
                sums[0] += score * f64::from(step.real);
                sums[1] += score * f64::from(step.forged);
                counts[0] += u64::from(step.real);
                counts[1] += u64::from(step.forged);
            }
            from += inside;
            let forged_here = forged_weight * counts[1] as f64;
            let weight = real_weight * counts[0] as f64 + forged_here;
            if weight > 0.0 {
                visit(ReliabilityBin {
                    low,
                    high,
                    rows: counts[0] + counts[1],
                    weight: weight / (real + forged) as f64,
                    mean_score: (real_weight * sums[0] + forged_weight * sums[1]) / weight,
                    forged_share: forged_here / weight,
                });
            }
        }
    }
}

/// The bin that a probability falls into: above the first and at most the second.
fn borders(score: f64, bins: usize) -> (f64, f64) {
    let all = bins as f64;
    let mut upper = (score * all).ceil().max(1.0);
    // The product may be rounded over a border, which the quotient, the border itself, decides.
    if upper > 1.0 && score <= (upper - 1.0) / all {
        upper -= 1.0;
    } else if score > upper / all {
        upper += 1.0;
    }
    ((upper - 1.0) / all, upper / all)
}
