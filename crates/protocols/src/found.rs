//! Our numbers: finished runs, and which of a table's trainings each of them is.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use experiment::{Recipe, RunDir, RunInfo, read_json};
use serde_json::Value;

use crate::{
    Error,
    protocol::{Cell, Measure, Protocol, Training},
};

/// Forgeries that an evaluation makes itself, which no published table counts.
const GENERATED: [&str; 3] = ["i2g", "sbi", "mfs"];

/// A finished run.
pub struct Run {
    /// Its folder.
    pub path: PathBuf,
    recipe: Recipe,
    /// Name of the store that it was trained on.
    store: String,
    started: u64,
    evaluations: Vec<Evaluation>,
}

/// What a command measured of a run.
struct Evaluation {
    /// Name of the store that was tested on.
    store: String,
    /// One of [`FILES`].
    file: &'static str,
    found: Value,
}

const METRICS: &str = "metrics.json";
const ROBUSTNESS: &str = "robustness.json";
const AUDIT: &str = "audit.json";

/// What `eval`, `robustness` and `audit identity` write.
const FILES: [&str; 3] = [METRICS, ROBUSTNESS, AUDIT];

/// A measured number, as a share of 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// The number.
    pub value: f64,
    /// The ends of its interval; absent for means of columns.
    pub interval: Option<(f64, f64)>,
}

/// The finished runs among these folders, and in them; none where there is no folder.
///
/// # Errors
/// Where a file of a run cannot be read.
pub fn runs(folders: &[PathBuf]) -> Result<Vec<Run>, Error> {
    let mut runs = Vec::new();
    for folder in folders {
        if let Ok(run) = RunDir::open(folder) {
            runs.extend(read(&run)?);
            continue;
        }
        let mut inside: Vec<_> = fs::read_dir(folder)
            .into_iter()
            .flatten()
            .filter_map(|entry| RunDir::open(&entry.ok()?.path()).ok())
            .collect();
        inside.sort_by(|a, b| a.path().cmp(b.path()));
        for run in inside {
            runs.extend(read(&run)?);
        }
    }
    Ok(runs)
}

/// A run, where it is finished.
fn read(run: &RunDir) -> Result<Option<Run>, Error> {
    let info: RunInfo = read_json(&run.info())?;
    if info.best.is_none() && info.origin.is_none() {
        return Ok(None);
    }
    let own = store_name(&info.data.path);
    let mut evaluations = Vec::new();
    let inside = fs::read_dir(run.path())
        .map_err(Error::io(run.path()))?
        .flatten()
        .map(|entry| entry.path());
    let mut folders: Vec<_> = inside.filter(|path| path.is_dir()).collect();
    folders.sort();
    // An evaluation on its own comes before the one that ended the training.
    folders.push(run.path().to_owned());
    for folder in folders {
        for file in FILES {
            let path = folder.join(file);
            if !path.is_file() {
                continue;
            }
            let found: Value = read_json(&path)?;
            let data = found["data"].as_str().unwrap_or_default();
            let store = store_name(Path::new(data));
            // What a run was trained or tuned on is no test of it.
            let seen = match found["split"].as_str() {
                Some("train" | "val") => true,
                Some("all") => store == own,
                _ => false,
            };
            if !seen {
                evaluations.push(Evaluation { store, file, found });
            }
        }
    }
    Ok(Some(Run {
        path: run.path().to_owned(),
        recipe: Recipe::read(&run.recipe())?,
        store: own,
        started: info.started,
        evaluations,
    }))
}

/// The name of a store, or of the folder that a manifest lies in.
fn store_name(path: &Path) -> String {
    let folder = match path.extension().is_some_and(|ending| ending == "json") {
        true => path.parent().unwrap_or(path),
        false => path,
    };
    folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The numbers of a table that finished runs have.
pub struct Ours<'a> {
    /// What the table trains.
    pub trainings: Vec<Training>,
    /// For each training the run that fits best, and in what it differs.
    pub runs: Vec<Option<(&'a Run, Vec<String>)>>,
}

impl<'a> Ours<'a> {
    /// Finds for each training of a table the run that differs from it least, the newest of several.
    ///
    /// # Errors
    /// Where a recipe does not resolve.
    pub fn new(protocol: &Protocol, runs: &'a [Run]) -> Result<Self, Error> {
        let trainings = protocol.trainings();
        let mut wanted = Vec::new();
        for training in &trainings {
            let mut keys = keys(&Recipe::load(&training.recipe, &training.set)?)?;
            if let Some(weights) = training.weights() {
                keys.insert(PRETRAINED.into(), weights);
            }
            wanted.push(keys);
        }
        let mut best: Vec<Option<(&Run, Vec<String>)>> = trainings.iter().map(|_| None).collect();
        for run in runs {
            let mut has = keys(&run.recipe)?;
            if let Some(weights) = &run.recipe.pretrained {
                has.insert(PRETRAINED.into(), file_name(weights));
            }
            for (i, training) in trainings.iter().enumerate() {
                if run.recipe.name != training.recipe || run.store != training.store {
                    continue;
                }
                let Some(differences) = differences(&wanted[i], &has) else {
                    continue;
                };
                let better = best[i].as_ref().is_none_or(|(other, theirs)| {
                    (differences.len(), other.started) < (theirs.len(), run.started)
                });
                if better {
                    best[i] = Some((run, differences));
                }
            }
        }
        Ok(Self {
            trainings,
            runs: best,
        })
    }

    /// The number that a run has for a cell, of the data set that its store is of.
    #[must_use]
    pub fn number(&self, cell: &Cell<'_>, dataset: &str) -> Option<Number> {
        let (run, _) = self.runs[cell.training].as_ref()?;
        let fitting = run.evaluations.iter().filter(|e| e.store == cell.test);
        fitting
            .filter_map(|evaluation| evaluation.number(cell, dataset, &run.path))
            .next()
    }
}

impl Evaluation {
    fn number(&self, cell: &Cell<'_>, dataset: &str, run: &Path) -> Option<Number> {
        match (cell.measure, self.file) {
            (Measure::Auc, METRICS) => self.measured(cell, dataset, "auc"),
            (Measure::AveragePrecision, METRICS) => {
                self.measured(cell, dataset, "average_precision")
            }
            (Measure::EqualErrorRate, METRICS) => self.measured(cell, dataset, "equal_error_rate"),
            (Measure::Accuracy, METRICS) => self.measured(cell, dataset, "accuracy"),
            (Measure::ArgmaxAccuracy, METRICS) => self.measured(cell, dataset, "argmax_accuracy"),
            (Measure::Interaction, AUDIT) => Number::read(&self.found["interaction"]["auc"]),
            (Measure::Robustness(perturbation), ROBUSTNESS) => {
                let name = run.file_name()?.to_string_lossy();
                let mut runs = self.found["runs"].as_array()?.iter();
                let of = runs.find(|of| of["run"] == *name)?;
                Some(Number {
                    value: of["mean_video_auc"][perturbation].as_f64()?,
                    interval: None,
                })
            }
            _ => None,
        }
    }

    /// A measure of a group of `metrics.json`.
    fn measured(&self, cell: &Cell<'_>, dataset: &str, key: &str) -> Option<Number> {
        let of =
            |group: &&Value| group["level"] == cell.level.as_str() && group["dataset"] == dataset;
        let groups: Vec<_> = self.found["groups"].as_array()?.iter().filter(of).collect();
        let named = |name: &str| groups.iter().find(|group| group["method"] == name);
        let group = match cell.method {
            Some(method) => named(method)?,
            // Forgeries made for the evaluation would count among all.
            None if GENERATED.iter().any(|name| named(name).is_some()) => return None,
            // One method alone is all there are.
            None if groups.len() == 1 => groups.first()?,
            None => named("all")?,
        };
        Number::read(&group[key])
    }
}

impl Number {
    fn read(measured: &Value) -> Option<Self> {
        Some(Self {
            value: measured["value"].as_f64()?,
            interval: measured["low"].as_f64().zip(measured["high"].as_f64()),
        })
    }
}

/// The key of the weights that a training starts from, told by their name: where they lie says nothing.
const PRETRAINED: &str = "pretrained";

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// Every key of a recipe that has a say in what is learnt, with its value.
fn keys(recipe: &Recipe) -> Result<BTreeMap<String, String>, Error> {
    /// What does not change the method: a name, a chance, a place on disk, the evaluation.
    const LEFT_OUT: [&str; 6] = [
        "description",
        "evaluation",
        "expected",
        "name",
        "pretrained",
        "seed",
    ];
    let written = recipe.to_toml()?;
    let mut table: toml::Table = toml::from_str(&written).map_err(|source| Error::Syntax {
        path: recipe.name.clone().into(),
        source: Box::new(source),
    })?;
    let evaluation = table.get("evaluation");
    let calibration = evaluation
        .and_then(|table| table.get("calibration"))
        .cloned();
    for key in LEFT_OUT {
        table.remove(key);
    }
    let mut keys = BTreeMap::new();
    if let Some(rule) = calibration {
        keys.insert("evaluation.calibration".to_owned(), rule.to_string());
    }
    flatten("", &toml::Value::Table(table), &mut keys);
    Ok(keys)
}

fn flatten(at: &str, value: &toml::Value, keys: &mut BTreeMap<String, String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let dot = if at.is_empty() { "" } else { "." };
                flatten(&format!("{at}{dot}{key}"), value, keys);
            }
        }
        value => {
            keys.insert(at.to_owned(), value.to_string());
        }
    }
}

/// In what a run's recipe differs from the one asked for; [`None`] where it is another method:
/// another network, other forgeries, crops or augmentation.
fn differences(
    wanted: &BTreeMap<String, String>,
    has: &BTreeMap<String, String>,
) -> Option<Vec<String>> {
    const METHOD: [&str; 4] = ["augmentation.", "crop.", "forgery.", "model."];
    let mut differences = Vec::new();
    let all: BTreeSet<&String> = wanted.keys().chain(has.keys()).collect();
    for key in all {
        let (wanted, has) = (wanted.get(key), has.get(key));
        if wanted == has {
            continue;
        }
        if METHOD.iter().any(|part| key.starts_with(part)) {
            return None;
        }
        let shown = |value: Option<&String>| value.map_or("absent".into(), String::clone);
        differences.push(format!("{key} is {}, not {}", shown(has), shown(wanted)));
    }
    Some(differences)
}
