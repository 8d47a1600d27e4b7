//! Evaluation measures for forgery detection, on plain slices.
