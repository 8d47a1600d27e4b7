use std::cmp::Ordering;

use crate::error::{MetricError, check_rows};

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
    pub(crate) real: u64,
    pub(crate) forged: u64,
}

impl Ranking {
    /// Ranks `scores` (any finite values, higher = more forged) with their `labels` (true =
    /// forged). Scores -0 and 0 are equal.
    ///
    /// # Errors
    ///
    /// Lengths differ, no rows, a score is not finite, or one class is absent.
    pub fn new(scores: &[f64], labels: &[bool]) -> Result<Self, MetricError> {
        check_rows(scores, labels)?;
        // Sorting the classes apart keeps labels out of the sort: bare numbers sort fastest.
        let real = sorted_class(scores, labels, false);
        let forged = sorted_class(scores, labels, true);
        match (real.len(), forged.len()) {
            (0, rows) => Err(MetricError::NoReal { rows }),
            (rows, 0) => Err(MetricError::NoForged { rows }),
            _ => Ok(Self::merge(&real, &forged)),
        }
    }

    /// Number of real rows.
    pub fn real(&self) -> u64 {
        self.steps.iter().map(|step| step.real).sum()
    }

    /// Number of forged rows.
    pub fn forged(&self) -> u64 {
        self.steps.iter().map(|step| step.forged).sum()
    }

    /// Merges the two classes' descending scores.
    fn merge(real: &[f64], forged: &[f64]) -> Self {
        let rows = real.len() + forged.len();
        let mut ranking = Self {
            scores: Vec::with_capacity(rows),
            steps: Vec::with_capacity(rows),
        };
        let (mut r, mut f) = (0, 0);
        while r < real.len() || f < forged.len() {
            let score = match (real.get(r), forged.get(f)) {
                (Some(&a), Some(&b)) => a.max(b),
                (Some(&a), None) | (None, Some(&a)) => a,
                (None, None) => break,
            };
            let step = Step {
                real: run(real, &mut r, score),
                forged: run(forged, &mut f, score),
            };
            ranking.scores.push(score);
            ranking.steps.push(step);
        }
        ranking
    }
}

/// The scores of one class, descending, with -0 made 0.
fn sorted_class(scores: &[f64], labels: &[bool], class: bool) -> Vec<f64> {
    let rows = scores.iter().zip(labels);
    let mut kept: Vec<f64> = rows
        .filter(|(_, l)| **l == class)
        .map(|(s, _)| s + 0.0)
        .collect();
    kept.sort_unstable_by(|a, b| b.partial_cmp(a).unwrap_or(Ordering::Equal));
    kept
}

/// Moves `at` past the values equal to `score` and says how many they are.
fn run(sorted: &[f64], at: &mut usize, score: f64) -> u64 {
    let start = *at;
    while sorted.get(*at) == Some(&score) {
        *at += 1;
    }
    (*at - start) as u64
}
