//! The forgery generators beside independent scripts, and their properties.

mod common;

mod augment;
mod bi;
mod degrade;
mod geometry;
mod golden;
mod golden_swaps;
mod i2g;
mod landmark_index;
mod mfs;
mod sbi;
