//! Numbers with their intervals, as the files of results have them.

use report::Measured;
use serde_json::{Value, json};

/// A measure with its interval, or why there is none.
#[must_use]
pub fn measured_json(measured: &Measured) -> Value {
    match measured {
        Ok(estimate) => json!(estimate),
        Err(error) => json!({ "undefined": error.to_string() }),
    }
}
