//! How a training is carried on.

use std::sync::atomic::AtomicBool;

use experiment::Guide;
use runtime::{Devices, Observer};

/// How a training is carried on: nothing here changes its result but the number of devices.
pub struct Means<'a> {
    /// Where the network is trained. Of several, each takes an equal part of every batch, with batch
    /// statistics of its own.
    pub devices: Devices,
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
