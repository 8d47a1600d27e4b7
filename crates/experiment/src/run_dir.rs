//! The directory of a run: everything that is needed to judge, use and repeat it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use answers::Origin;
use metrics::Decision;
use serde::{Deserialize, Serialize};

use crate::{Error, json::read_json, recipe::BestBy};

/// Paths inside a run's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDir(PathBuf);

impl RunDir {
    /// Refuses a directory that holds a run already.
    ///
    /// # Errors
    /// [`Error::RunExists`].
    pub fn vacant(path: &Path) -> Result<(), Error> {
        match Self(path.to_owned()).recipe().exists() {
            true => Err(Error::RunExists {
                path: path.to_owned(),
            }),
            false => Ok(()),
        }
    }

    /// Makes a directory for a new run.
    ///
    /// # Errors
    /// Where the directory holds a run already, or cannot be made.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Self::vacant(path)?;
        fs::create_dir_all(path).map_err(Error::io(path))?;
        Ok(Self(path.to_owned()))
    }

    /// Opens the directory of a run that exists.
    ///
    /// # Errors
    /// Where there is no run.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let run = Self(path.to_owned());
        if run.recipe().is_file() && run.info().is_file() {
            Ok(run)
        } else {
            Err(Error::NotARun {
                path: path.to_owned(),
            })
        }
    }

    /// The run under `root` whose weights are the newest.
    ///
    /// # Errors
    /// Where no run under `root` has weights.
    pub fn newest(root: &Path) -> Result<Self, Error> {
        let runs = fs::read_dir(root).into_iter().flatten().flatten();
        runs.filter_map(|entry| {
            let run = Self::open(&entry.path()).ok()?;
            let written = fs::metadata(run.weights())
                .and_then(|file| file.modified())
                .ok()?;
            Some((written, run))
        })
        .max_by_key(|(written, _)| *written)
        .map(|(_, run)| run)
        .ok_or_else(|| Error::NoRuns {
            root: root.to_owned(),
        })
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The resolved recipe: every key, with its value.
    #[must_use]
    pub fn recipe(&self) -> PathBuf {
        self.0.join("recipe.toml")
    }

    /// What was run, on what, with which versions ([`RunInfo`]).
    #[must_use]
    pub fn info(&self) -> PathBuf {
        self.0.join("run.json")
    }

    /// One JSON object a line: training steps and validations.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.0.join("log.jsonl")
    }

    /// The weights of the best validation.
    #[must_use]
    pub fn weights(&self) -> PathBuf {
        self.0.join("weights.safetensors")
    }

    /// The identities that the run was trained or tuned on (a JSON array).
    #[must_use]
    pub fn seen_identities(&self) -> PathBuf {
        self.0.join("seen-identities.json")
    }

    /// What the run was trained or tuned on, by name ([`Seen`](crate::Seen)).
    #[must_use]
    pub fn seen(&self) -> PathBuf {
        self.0.join("seen.json")
    }

    /// The data that the run was trained on.
    ///
    /// # Errors
    /// Where the run's records cannot be read, or it was imported.
    pub fn data(&self) -> Result<PathBuf, Error> {
        let info: RunInfo = read_json(&self.info())?;
        Ok(info.trained_on(self)?.to_owned())
    }

    /// States to resume from.
    #[must_use]
    pub fn checkpoints(&self) -> PathBuf {
        self.0.join("checkpoints")
    }

    /// The report on the test split.
    #[must_use]
    pub fn report(&self) -> PathBuf {
        self.0.join("report.html")
    }
}

/// The version of Burn that this program is built with.
pub const BURN_VERSION: &str = "0.22.1";

/// The facts of a run (`run.json`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    /// Version of this program.
    pub version: String,
    /// Version of Burn.
    pub burn: String,
    /// The command line that started the run.
    pub command: Vec<String>,
    /// The command that repeats it exactly.
    pub repeat: String,
    /// Seconds since 1970 at the start.
    pub started: u64,
    /// The device's name.
    pub device: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// Whose weights it has, where it was imported and not trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// What it was trained on; nothing is said of it where the run was imported.
    pub data: DataInfo,
    /// Trainable parameters of the model.
    pub parameters: usize,
    /// Steps of the whole training.
    pub steps: usize,
    /// The best validation; absent until the first, and where the run was imported.
    pub best: Option<Best>,
    /// Seconds of training, over all resumptions; absent until the end.
    pub trained_seconds: Option<f64>,
    /// Share of the training time spent waiting for data, 0..1; absent until the end.
    pub waiting_share: Option<f64>,
}

impl RunInfo {
    /// The data that `run`, whose facts these are, was trained on.
    ///
    /// # Errors
    /// [`Error::Imported`].
    pub fn trained_on(&self, run: &RunDir) -> Result<&Path, Error> {
        match self.origin {
            None => Ok(&self.data.path),
            Some(_) => Err(Error::Imported {
                path: run.path().to_owned(),
            }),
        }
    }
}

/// The data of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct DataInfo {
    /// The manifest or folder.
    pub path: PathBuf,
    /// SHA-256 of the manifest.
    pub digest: String,
    /// Whether the data are rendered, not photographs.
    pub synthetic: bool,
    /// Frames of each split: train, val, test.
    pub frames: [usize; 3],
    /// Identities of each split: train, val, test.
    pub identities: [usize; 3],
    /// Rows that could not be used, and why.
    pub skipped: Vec<String>,
}

/// The best validation so far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// Steps taken before it.
    pub step: usize,
    /// AUC on the validation split, of frames or, where the network judges clips, of clips.
    pub auc: f64,
    /// Accuracy of the network's own answer on the same; absent in runs of earlier versions.
    #[serde(default)]
    pub accuracy: Option<f64>,
    /// Cross entropy of its scores there, both classes weighing the same; absent likewise.
    #[serde(default)]
    pub loss: Option<f64>,
    /// How the network's score of a frame is read.
    #[serde(flatten)]
    pub frame: Decision,
    /// How its score of a clip is read; of a network that judges single frames, the mean of a
    /// video's probabilities.
    #[serde(default)]
    pub video: Decision,
}

impl Best {
    /// Whether it is better than another; where both are equally good, whether its loss is less.
    #[must_use]
    pub fn beats(&self, other: &Self, by: BestBy) -> bool {
        let value = |best: &Self| match by {
            BestBy::Auc => Some(best.auc),
            BestBy::Accuracy => best.accuracy,
        };
        let (own, theirs) = (value(self), value(other));
        own > theirs || own == theirs && self.loss < other.loss
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_equally_good_validations_the_one_of_less_loss_is_the_best() {
        let best = |auc, accuracy, loss| Best {
            step: 1,
            auc,
            accuracy: Some(accuracy),
            loss: Some(loss),
            frame: Decision::default(),
            video: Decision::default(),
        };
        let first = best(1.0, 0.9, 0.3);
        assert!(best(1.0, 0.9, 0.2).beats(&first, BestBy::Auc));
        assert!(!best(1.0, 0.99, 0.3).beats(&first, BestBy::Auc));
        assert!(best(0.8, 0.99, 0.5).beats(&first, BestBy::Accuracy));
        assert!(!best(0.99, 0.9, 0.3).beats(&first, BestBy::Accuracy));
        // What a run of an earlier version lacks is no reason to call it worse.
        let early = Best {
            loss: None,
            ..first
        };
        assert!(!best(1.0, 0.9, 0.2).beats(&early, BestBy::Auc));
    }
}
