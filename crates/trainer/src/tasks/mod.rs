//! What differs between the methods: the samples, the network, the loss.

use std::{path::Path, sync::Arc};

use burn::{
    module::Module,
    tensor::{DType, Device},
};
use evaluation::Validated;
use experiment::{Precision, RunDir};
use face_methods::Losses;

use crate::Error;

mod face;
#[cfg(test)]
#[path = "../../tests/unit/line.rs"]
mod line;
mod snippet;

pub(crate) use face::{FaceTask, initial as initial_faces};
#[cfg(test)]
pub(crate) use line::Line;
pub(crate) use snippet::{SnippetTask, initial as initial_clips};

/// One method's training. Everything else (schedule, optimiser, checkpoints) is the same for all
/// methods.
pub(crate) trait Task: Sync {
    /// The network.
    type Model: Module;
    /// One training sample, made on a CPU thread.
    type Sample: Send + Sync;

    /// Whether two parts of a batch may be worked on at once and the result still be the same in
    /// every run: where a step passes through the network once.
    fn runs_in_parts_at_once(&self) -> bool {
        true
    }

    /// Whether frozen parts keep their running statistics.
    fn keeps_frozen_statistics(&self) -> bool {
        true
    }

    /// Samples in an epoch.
    fn samples_per_epoch(&self) -> usize;

    /// What is drawn and what is left out, for a person.
    fn describe(&self) -> String;

    /// The samples of a step: a pure function of it and the seed.
    ///
    /// # Errors
    /// Where a picture cannot be read any more.
    fn batch(&self, step: usize) -> Result<Vec<Self::Sample>, Error>;

    /// The losses of some samples.
    fn losses(
        &self,
        model: &Self::Model,
        samples: &[Self::Sample],
        pass: &Pass,
        device: &Device,
    ) -> Losses;

    /// The samples as pictures, for a person who looks for what went wrong.
    fn pictures(&self, samples: &[Self::Sample]) -> Vec<image::RgbImage>;

    /// What a network is worth on the validation split, of a network on `device` without
    /// autodiff. `going_on` hears how many of how many are scored and says whether to go on;
    /// [`None`] where it did not.
    ///
    /// # Errors
    /// Where a class is absent.
    fn validate(
        &self,
        model: &Self::Model,
        device: &Device,
        going_on: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Option<Validated>, Error>;
}

/// A pass through the network.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pass {
    /// The step, from 0.
    pub step: usize,
    /// Terms of the loss that count; where there are none, all.
    pub terms: Arc<[String]>,
    /// Place of the pass's first sample in the batch.
    pub first: usize,
}

/// What a recipe's network takes its images in.
pub(crate) fn dtype(precision: Precision) -> DType {
    match precision {
        Precision::F32 => DType::F32,
        Precision::Bf16 => DType::BF16,
    }
}

/// Starts from the weights of another run (PCL 4.5), of the same network: all of them, its head too.
///
/// # Errors
/// Where the folder is no finished run, or its network another.
pub(crate) fn load_run<M: Module>(model: &mut M, path: &Path) -> Result<(), Error> {
    let weights = RunDir::open(path)?.weights();
    if !weights.is_file() {
        return Err(face_data::Error::data(
            path,
            "the run has no weights to start from yet; end its training first",
        )
        .into());
    }
    backbones::load_module(model, &weights)?;
    Ok(())
}
