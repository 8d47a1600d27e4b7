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
