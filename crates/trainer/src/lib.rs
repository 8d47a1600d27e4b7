#![doc = include_str!("../README.md")]

mod checkpoint;
mod error;
mod log;
mod micro_batch;
mod sums;
mod tasks;
mod train;

pub use error::Error;
pub use train::{Means, TrainOptions, Trained, resume, train};
