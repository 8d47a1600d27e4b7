//! Protocols: the tables of the papers as data (`docs/protocols/*.toml`).

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context, bail, ensure};
use experiment::Recipe;
use serde::{Deserialize, de::DeserializeOwned};

/// The file that names the stores.
const STORES: &str = "stores.toml";

/// All protocols, by name, and the stores they speak of.
pub(crate) struct Protocols {
    pub(crate) tables: BTreeMap<String, Protocol>,
    pub(crate) stores: Stores,
}

/// Stores of face crops, by name.
pub(crate) type Stores = BTreeMap<String, Store>;

/// A store of face crops, and what it is made from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Store {
    /// The folder below `--data-root`.
    pub(crate) folder: String,
    /// What must be in it.
    pub(crate) holds: String,
    /// The data set's name in tables of scores.
    pub(crate) dataset: String,
    /// What `prep` is told besides.
    #[serde(default)]
    pub(crate) prep: Vec<String>,
}

/// A published table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Protocol {
    /// Its paper: `docs/papers/PAPER.md`.
    pub(crate) paper: String,
    /// As that file names it, as `table 4`.
    pub(crate) table: String,
    /// What it shows.
    pub(crate) title: String,
    /// What its numbers are parts of.
    pub(crate) unit: Unit,
    /// The backbone's published weights that its trainings start from.
    #[serde(default)]
    pub(crate) pretrained: Option<String>,
    /// What a reader must know of our numbers.
    #[serde(default)]
    pub(crate) notes: Vec<String>,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Row>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Unit {
    Percent,
    Share,
}

/// What is measured. What a row says holds for all its columns, and the other way round.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) measure: Measure,
    #[serde(default)]
    pub(crate) level: Level,
    /// The mean of the other columns.
    #[serde(default)]
    pub(crate) mean: bool,
    /// The store that is tested on.
    #[serde(default)]
    test: Option<String>,
    /// The forgeries that count; absent: all.
    #[serde(default)]
    method: Option<String>,
    /// The store that is trained on.
    #[serde(default)]
    train: Option<String>,
}

/// What is trained.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    pub(crate) name: String,
    /// Absent: another work's, or `missing` says why.
    #[serde(default)]
    pub(crate) recipe: Option<String>,
    /// Keys that differ from the recipe.
    #[serde(default)]
    pub(crate) set: Vec<String>,
    /// In the place of the table's.
    #[serde(default)]
    pretrained: Option<String>,
    /// A training whose weights this one starts from.
    #[serde(default)]
    first: Option<First>,
    #[serde(default)]
    test: Option<String>,
    #[serde(default)]
    method: Option<String>,
    #[serde(default)]
    train: Option<String>,
    /// Why it cannot be run.
    #[serde(default)]
    pub(crate) missing: Option<String>,
    /// The published numbers, column by column; `nan` where there is none.
    pub(crate) published: Vec<f64>,
}

/// A training before another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    recipe: String,
    #[serde(default)]
    set: Vec<String>,
    train: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    #[default]
    Auc,
    AveragePrecision,
    EqualErrorRate,
    Accuracy,
    /// Of the larger of the network's two scores.
    ArgmaxAccuracy,
    /// AUC of pictures with this perturbation, mean of its levels: `robustness` measures it.
    Robustness(String),
    /// AUC of the interaction `I([N])`: `audit identity` measures it.
    Interaction,
}

impl Measure {
    /// For a person.
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Auc | Self::Robustness(_) => "AUC",
            Self::Interaction => "AUC of I([N])",
            Self::AveragePrecision => "AP",
            Self::EqualErrorRate => "EER",
            Self::Accuracy | Self::ArgmaxAccuracy => "accuracy",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Level {
    Frame,
    #[default]
    Video,
}

impl Level {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Video => "video",
        }
    }
}

/// A training that a table needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Training {
    pub(crate) recipe: String,
    pub(crate) set: Vec<String>,
    pub(crate) store: String,
    pub(crate) pretrained: Option<String>,
    /// The training whose weights it starts from, in the place of published ones.
    pub(crate) first: Option<Box<Training>>,
}

impl Training {
    /// The name of the weights that it starts from: of a published file, or of another run.
    pub(crate) fn weights(&self) -> Option<String> {
        let first = self.first.as_ref().map(|first| first.run_name());
        first.or_else(|| self.pretrained.clone())
    }

    /// The name of its run: the same for every table that needs it.
    pub(crate) fn run_name(&self) -> String {
        let mut name = format!("{}-on-{}", self.recipe, self.store);
        for pair in &self.set {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._".contains(c);
            let words: Vec<_> = pair
                .split(|c| !plain(c))
                .filter(|word| !word.is_empty())
                .collect();
            name += &format!("-{}", words.join("-"));
        }
        if self.first.is_some() {
            name += "-after-another";
        }
        name
    }
}

/// A number of a table that we can measure.
#[derive(Clone, Debug)]
pub(crate) struct Cell<'a> {
    /// Which of [`Protocol::trainings`].
    pub(crate) training: usize,
    /// The store that is tested on.
    pub(crate) test: &'a str,
    /// [`None`]: all methods together.
    pub(crate) method: Option<&'a str>,
    pub(crate) level: Level,
    pub(crate) measure: &'a Measure,
}

impl Protocol {
    /// The trainings that it needs, each once, in the order of its rows.
    pub(crate) fn trainings(&self) -> Vec<Training> {
        let mut trainings = Vec::new();
        for row in &self.rows {
            for column in &self.columns {
                let training = self.training(row, column);
                let first = training
                    .as_ref()
                    .and_then(|it| it.first.as_deref().cloned());
                for training in first.into_iter().chain(training) {
                    if !trainings.contains(&training) {
                        trainings.push(training);
                    }
                }
            }
        }
        trainings
    }

    fn training(&self, row: &Row, column: &Column) -> Option<Training> {
        let store = row.train.as_ref().or(column.train.as_ref());
        let pretrained = row.pretrained.clone().or_else(|| self.pretrained.clone());
        let first = row.first.as_ref().map(|first| {
            Box::new(Training {
                recipe: first.recipe.clone(),
                set: first.set.clone(),
                store: first.train.clone(),
                pretrained: pretrained.clone(),
                first: None,
            })
        });
        Some(Training {
            recipe: row.recipe.clone()?,
            set: row.set.clone(),
            store: store?.clone(),
            pretrained: pretrained.filter(|_| first.is_none()),
            first,
        })
    }

    /// What to measure for a row and a column, where we can.
    pub(crate) fn cell<'a>(
        &'a self,
        row: &'a Row,
        column: &'a Column,
        trainings: &[Training],
    ) -> Option<Cell<'a>> {
        if column.mean {
            return None;
        }
        let training = self.training(row, column)?;
        Some(Cell {
            training: trainings.iter().position(|other| *other == training)?,
            test: row.test.as_ref().or(column.test.as_ref())?,
            method: row.method.as_deref().or(column.method.as_deref()),
            level: column.level,
            measure: &column.measure,
        })
    }

    /// Refuses what cannot be meant.
    fn check(&self, stores: &Stores) -> anyhow::Result<()> {
        ensure!(!self.columns.is_empty(), "no columns");
        ensure!(!self.rows.is_empty(), "no rows");
        for row in &self.rows {
            let told = format!("row `{}`", row.name);
            ensure!(
                row.published.len() == self.columns.len(),
                "{told}: {} numbers for {} columns",
                row.published.len(),
                self.columns.len()
            );
            let Some(recipe) = &row.recipe else {
                ensure!(
                    row.set.is_empty() && row.train.is_none(),
                    "{told}: without a recipe nothing is trained"
                );
                continue;
            };
            ensure!(row.missing.is_none(), "{told}: either recipe or missing");
            let recipe = Recipe::load(recipe, &row.set).with_context(|| told.clone())?;
            recipe.check_training().with_context(|| told.clone())?;
            if let Some(first) = &row.first {
                Recipe::load(&first.recipe, &first.set).with_context(|| told.clone())?;
                ensure!(
                    stores.contains_key(&first.train),
                    "{told}: no store `{}` in {STORES}",
                    first.train
                );
            }
            for column in &self.columns {
                let told = format!("{told}, column `{}`", column.name);
                let once = |what: &str, row: &Option<String>, column: &Option<String>| {
                    ensure!(
                        row.is_none() || column.is_none(),
                        "{told}: both name their {what}"
                    );
                    Ok(row.clone().or_else(|| column.clone()))
                };
                let train = once("train", &row.train, &column.train)?;
                let test = once("test", &row.test, &column.test)?;
                once("method", &row.method, &column.method)?;
                if !column.mean {
                    ensure!(train.is_some(), "{told}: no store to train on");
                    ensure!(test.is_some(), "{told}: no store to test on");
                }
                for store in train.iter().chain(&test) {
                    ensure!(
                        stores.contains_key(store),
                        "{told}: no store `{store}` in {STORES}"
                    );
                }
            }
        }
        Ok(())
    }
}

impl Protocols {
    /// Reads the protocols of a folder, strictly.
    pub(crate) fn read(folder: &Path) -> anyhow::Result<Self> {
        let stores: Stores = read(&folder.join(STORES))?;
        let mut tables = BTreeMap::new();
        let files = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
        for file in files {
            let path = file?.path();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let toml = path.extension().is_some_and(|ending| ending == "toml");
            if !toml || path.ends_with(STORES) {
                continue;
            }
            let protocol: Protocol = read(&path)?;
            protocol
                .check(&stores)
                .with_context(|| path.display().to_string())?;
            tables.insert(name.into_owned(), protocol);
        }
        if tables.is_empty() {
            bail!("{} holds no protocol", folder.display());
        }
        Ok(Self { tables, stores })
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.tables.keys().map(String::as_str).collect()
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<T> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    toml::from_str(&text).with_context(|| path.display().to_string())
}
