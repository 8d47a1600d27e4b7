//! How a training is carried on.

use std::sync::atomic::AtomicBool;

use experiment::Guide;
use runtime::{DeviceName, Observer};

/// How a training is carried on: nothing here changes its result.
pub struct Means<'a> {
    /// Where the network is trained.
    pub device: DeviceName,
    /// Threads that make samples.
    pub workers: usize,
    /// Is told what happens.
    pub observer: &'a mut dyn Observer,
    /// Stops the training after the step, or the batch of a validation, in which it is set, with a
    /// checkpoint.
    pub stop: &'a AtomicBool,
    /// How a person goes on from the run.
    pub guide: Guide,
}
