//! Contracts between detectors, and the tensor operations that two models or more share.
