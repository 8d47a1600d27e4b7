//! Faults planted in miniature trees, found by kind.

mod clips;
mod lists;
mod tree;
