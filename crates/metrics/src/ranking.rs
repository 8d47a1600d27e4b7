use std::cmp::Ordering;

use crate::error::{MetricError, check_rows};

/// Counts of rows are 32 bits wide, and a row's place and label share 32 bits in the bootstrap.
const MAX_ROWS: usize = 1 << 31;

/// Rows ranked by score, the highest first, equal scores as one step.
///
/// Sorting is where the time goes. AUC, average precision, equal error rate, the ROC curve and
/// thresholds all come from one ranking, so a caller who wants several sorts once.
#[derive(Clone, Debug)]
pub struct Ranking {
    /// Distinct scores, descending.
    pub(crate) scores: Vec<f64>,
    /// How many rows of each class have that score.
    pub(crate) steps: Vec<Step>,
}

/// Rows of one score: moving the threshold past it adds these to the rows called forged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Step {
    pub(crate) real: u32,
    pub(crate) forged: u32,
}

impl Ranking {
    /// Ranks `scores` (any finite values, `f64` or `f32`, higher = more forged) with their `labels`
    /// (true = forged). Scores -0 and 0 are equal.
    ///
    /// # Errors
    ///
    /// Lengths differ, no rows or more than 2^31, a score is not finite, or one class is absent.
    pub fn new<S: Copy + Into<f64>>(scores: &[S], labels: &[bool]) -> Result<Self, MetricError> {
        check_rows(scores, labels)?;
        if scores.len() > MAX_ROWS {
            let (what, value) = ("the number of rows", scores.len() as f64);
            return Err(MetricError::Parameter {
                what,
                value,
                range: "at most 2^31",
            });
        }
        // Sorting the classes apart keeps labels out of the sort: bare numbers sort fastest.
        let (mut rows, reals) = reals_first(scores, labels);
        let (real, forged) = rows.split_at_mut(reals);
        match (real.len(), forged.len()) {
            (0, rows) => Err(MetricError::NoReal { rows }),
            (rows, 0) => Err(MetricError::NoForged { rows }),
            _ => {
                sort_descending(real);
                sort_descending(forged);
                Ok(Self::merge(real, forged))
            }
        }
    }

    /// Number of real rows.
    pub fn real(&self) -> u64 {
        totals(&self.steps).0
    }

    /// Number of forged rows.
    pub fn forged(&self) -> u64 {
        totals(&self.steps).1
    }

    /// Merges the two classes' descending scores.
    fn merge(real: &[f64], forged: &[f64]) -> Self {
        let rows = real.len() + forged.len();
        let mut ranking = Self {
            scores: Vec::with_capacity(rows),
            steps: Vec::with_capacity(rows),
        };
        // Scores are finite, so an exhausted class is below every score of the other.
        let next = |class: &[f64], at: usize| class.get(at).copied().unwrap_or(f64::NEG_INFINITY);
        let (mut r, mut f) = (0, 0);
        while r + f < rows {
            let (a, b) = (next(real, r), next(forged, f));
            let score = a.max(b);
            // As in the partition, nothing branches on which class comes next.
            let step = Step {
                real: u32::from(a >= b),
                forged: u32::from(b >= a),
            };
            r += step.real as usize;
            f += step.forged as usize;
            match ranking.steps.last_mut() {
                Some(last) if ranking.scores.last() == Some(&score) => {
                    last.real += step.real;
                    last.forged += step.forged;
                }
                _ => {
                    ranking.scores.push(score);
                    ranking.steps.push(step);
                }
            }
        }
        ranking
    }
}

/// Number of (real, forged) rows.
pub(crate) fn totals(steps: &[Step]) -> (u64, u64) {
    steps.iter().fold((0, 0), |(real, forged), step| {
        (real + u64::from(step.real), forged + u64::from(step.forged))
    })
}

/// The scores of the real rows, then those of the forged, with -0 made 0; and how many are real.
fn reals_first<S: Copy + Into<f64>>(scores: &[S], labels: &[bool]) -> (Vec<f64>, usize) {
    let mut rows = vec![0.0; scores.len()];
    // Filled from both ends: which class comes next cannot be predicted, so nothing branches on it.
    let (mut front, mut back) = (0, scores.len());
    for (score, forged) in scores.iter().zip(labels) {
        back -= usize::from(*forged);
        rows[if *forged { back } else { front }] = (*score).into() + 0.0;
        front += usize::from(!forged);
    }
    (rows, front)
}

fn sort_descending(scores: &mut [f64]) {
    // All are finite, so they always compare.
    scores.sort_unstable_by(|a, b| b.partial_cmp(a).unwrap_or(Ordering::Equal));
}
