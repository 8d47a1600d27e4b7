//! Runs that are trained where they are not there yet.

use std::sync::atomic::AtomicBool;

use experiment::{Recipe, RunDir};
use runtime::Observer;

use trainer::{Means, TrainOptions, resume, train};

use crate::Error;

/// The run of these options: the finished one that is there, the one that was stopped, gone on with to its
/// end, or a new one.
///
/// # Errors
/// As [`train`]; [`Error::OtherRecipe`] where another recipe's run is there.
pub fn train_once(
    options: TrainOptions,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<RunDir, Error> {
    let Ok(run) = RunDir::open(&options.out) else {
        return Ok(train(options, observer, stop)?.run);
    };
    if Recipe::read(&run.recipe())? != options.recipe {
        return Err(Error::OtherRecipe {
            path: options.out,
            recipe: options.recipe.name,
        });
    }
    if run.report().is_file() {
        return Ok(run);
    }
    let mut means = Means {
        devices: options.devices,
        workers: options.workers,
        observer,
        stop,
        guide: options.guide,
    };
    Ok(resume(&run, None, &mut means)?.run)
}
