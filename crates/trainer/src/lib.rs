#![doc = include_str!("../README.md")]

mod checkpoint;
mod error;
mod fit;
mod means;
mod micro_batch;
mod sums;
mod tasks;
mod train;

pub use error::Error;
pub use means::Means;
pub use train::{TrainOptions, Trained, resume, train};
