use crate::error::{MetricError, check_probabilities, check_rows};

/// Log-loss (mean binary cross-entropy) in nats, at least 0, of `scores` read as the probability of
/// forged. Probabilities are kept `f64::EPSILON` away from 0 and 1, as scikit-learn does.
///
/// # Errors
///
/// Lengths differ, no rows, or a score is not a number in [0, 1]. One class alone is allowed.
pub fn log_loss(scores: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    check_rows(scores, labels)?;
    check_probabilities(scores)?;
    let loss = |(p, forged): (&f64, &bool)| {
        let p = p.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
        if *forged { -p.ln() } else { -(1.0 - p).ln() }
    };
    let sum: f64 = scores.iter().zip(labels).map(loss).sum();
    Ok(sum / scores.len() as f64)
}
