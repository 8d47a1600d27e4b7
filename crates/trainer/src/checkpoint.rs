//! States of training to resume from: weights, optimiser and progress, bit for bit.

use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::{module::Module, optim::ModuleOptimizer, store::ModuleRecord};
use experiment::{Best, Decay, RunDir, read_json, write_json};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Where training stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Progress {
    /// Steps taken.
    pub step: usize,
    /// The best validation so far.
    pub best: Option<Best>,
    /// Validations since the best, or since the learning rate was last lowered.
    pub without_better: usize,
    /// Times that the learning rate was lowered by a plateau.
    pub plateaus: i32,
    /// Whether the validation that is due after this step is still to be done.
    pub unvalidated: bool,
    /// Seconds of training so far, over all resumptions.
    pub trained_seconds: f64,
    /// Seconds of them spent waiting for data.
    pub waited_seconds: f64,
}

impl Progress {
    /// Counts a validation, and a plateau where too many in a row were no better.
    pub(crate) fn count_validation(&mut self, better: bool, decay: &Decay) {
        self.without_better = if better { 0 } else { self.without_better + 1 };
        if let Decay::Plateau { patience, .. } = decay
            && self.without_better >= *patience
        {
            self.without_better = 0;
            self.plateaus += 1;
        }
    }
}

const MODEL: &str = "model.bpk";
const OPTIMIZER: &str = "optimizer.bpk";
const PROGRESS: &str = "progress.json";

/// Writes a checkpoint, all or nothing, and removes the older ones.
///
/// # Errors
/// Where it cannot be written; the older ones are then still there.
pub(crate) fn save<M: Module>(
    run: &RunDir,
    model: &M,
    optimizer: &ModuleOptimizer,
    progress: &Progress,
) -> Result<(), Error> {
    let root = run.checkpoints();
    let part = root.join("part");
    if part.exists() {
        fs::remove_dir_all(&part).map_err(experiment::Error::io(&part))?;
    }
    fs::create_dir_all(&part).map_err(experiment::Error::io(&part))?;
    let damaged = |name: &str| {
        let path = part.join(name);
        move |error: burn::store::RecordError| experiment::Error::Damaged {
            path,
            reason: error.to_string(),
        }
    };
    // Running statistics are one update behind until asked for.
    drop(model.valid());
    model
        .clone()
        .into_record()
        .save(part.join(MODEL))
        .map_err(damaged(MODEL))?;
    optimizer
        .save(part.join(OPTIMIZER))
        .map_err(damaged(OPTIMIZER))?;
    write_json(&part.join(PROGRESS), progress)?;

    let older = steps(&root);
    let whole = at(&root, progress.step);
    if whole.exists() {
        fs::remove_dir_all(&whole).map_err(experiment::Error::io(&whole))?;
    }
    fs::rename(&part, &whole).map_err(experiment::Error::io(&whole))?;
    for step in older.into_iter().filter(|step| *step != progress.step) {
        let path = at(&root, step);
        fs::remove_dir_all(&path).map_err(experiment::Error::io(&path))?;
    }
    Ok(())
}

/// Writes down that the newest checkpoint is validated, and with what result.
///
/// # Errors
/// Where it cannot be written; then it is still to be validated.
pub(crate) fn validated(run: &RunDir, progress: &Progress) -> Result<(), Error> {
    let folder = at(&run.checkpoints(), progress.step);
    Ok(write_json(&folder.join(PROGRESS), progress)?)
}

/// Loads the newest checkpoint into `model` and `optimizer`; where there is none yet, they are
/// returned as they are.
///
/// # Errors
/// Where a checkpoint is there but damaged, or of another model.
pub(crate) fn load<M: Module>(
    run: &RunDir,
    model: M,
    optimizer: ModuleOptimizer,
) -> Result<(M, ModuleOptimizer, Progress), Error> {
    let root = run.checkpoints();
    let Some(step) = steps(&root).into_iter().max() else {
        return Ok((model, optimizer, Progress::default()));
    };
    let folder = at(&root, step);
    let damaged = |name: &str| {
        let path = folder.join(name);
        move |error: burn::store::RecordError| experiment::Error::Damaged {
            path,
            reason: error.to_string(),
        }
    };
    let record = ModuleRecord::load(folder.join(MODEL)).map_err(damaged(MODEL))?;
    let model = model.try_load_record(record).map_err(damaged(MODEL))?;
    let optimizer = optimizer
        .load(folder.join(OPTIMIZER))
        .map_err(damaged(OPTIMIZER))?;
    let progress = read_json(&folder.join(PROGRESS))?;
    Ok((model, optimizer, progress))
}

fn at(root: &Path, step: usize) -> PathBuf {
    root.join(format!("step-{step:07}"))
}

/// Steps of the whole checkpoints under `root`.
fn steps(root: &Path) -> Vec<usize> {
    let entries = fs::read_dir(root).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            entry
                .file_name()
                .to_str()?
                .strip_prefix("step-")?
                .parse()
                .ok()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plateau_is_as_many_validations_as_stated_without_a_better_one() {
        let decay = Decay::Plateau {
            factor: 0.1,
            patience: 2,
            floor: 0.0,
        };
        let mut progress = Progress::default();
        let plateaus = [true, false, true, false, false, false, false].map(|better| {
            progress.count_validation(better, &decay);
            progress.plateaus
        });
        assert_eq!(plateaus, [0, 0, 0, 0, 1, 1, 2]);
    }
}
