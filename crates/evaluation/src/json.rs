//! Numbers with their intervals, as the files of results have them.

use metrics::Estimate;
use report::Measured;
use serde_json::{Value, json};

/// A measure with its interval, or why there is none.
#[must_use]
pub fn measured_json(measured: &Measured) -> Value {
    match measured {
        Ok(estimate) => estimate_json(estimate),
        Err(error) => json!({ "undefined": error.to_string() }),
    }
}

/// A number with its interval.
pub(crate) fn estimate_json(estimate: &Estimate) -> Value {
    json!({ "value": estimate.value, "low": estimate.low, "high": estimate.high })
}
