//! A protocol: a table of a paper as data (`docs/protocols/*.toml`).

use std::collections::BTreeMap;

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Characters of a run's name.
const LONGEST_NAME: usize = 160;

/// Stores of face crops, by name.
pub type Stores = BTreeMap<String, Store>;

/// A store of face crops, and what it is made from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// The folder below `--data-root`.
    pub folder: String,
    /// What must be in it.
    pub holds: String,
    /// The data set's name in tables of scores.
    pub dataset: String,
    /// What `prep` is told besides.
    #[serde(default)]
    pub prep: Vec<String>,
}

/// A published table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Protocol {
    /// Its paper: `docs/papers/PAPER.md`.
    pub paper: String,
    /// As that file names it, as `table 4`.
    pub table: String,
    /// What it shows.
    pub title: String,
    /// What its numbers are parts of.
    pub unit: Unit,
    /// The backbone's published weights that its trainings start from.
    #[serde(default)]
    pub pretrained: Option<String>,
    /// What a reader must know of our numbers.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What is measured.
    pub columns: Vec<Column>,
    /// What is trained.
    pub rows: Vec<Row>,
}

/// What the numbers of a table are parts of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// 100.
    Percent,
    /// 1.
    Share,
}

/// What is measured. What a row says holds for all its columns, and the other way round.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// As published.
    pub name: String,
    /// The measure.
    #[serde(default)]
    pub measure: Measure,
    /// Of what.
    #[serde(default)]
    pub level: Level,
    /// The mean of the other columns.
    #[serde(default)]
    pub mean: bool,
    /// The store that is tested on.
    #[serde(default)]
    pub(crate) test: Option<String>,
    /// The forgeries that count; absent: all.
    #[serde(default)]
    pub(crate) method: Option<String>,
    /// The store that is trained on.
    #[serde(default)]
    pub(crate) train: Option<String>,
}

/// What is trained.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// As published.
    pub name: String,
    /// Absent: another work's, or `missing` says why.
    #[serde(default)]
    pub recipe: Option<String>,
    /// Keys that differ from the recipe.
    #[serde(default)]
    pub set: Vec<String>,
    /// In the place of the table's; empty: none.
    #[serde(default)]
    pretrained: Option<String>,
    /// A training whose weights this one starts from.
    #[serde(default)]
    pub(crate) first: Option<First>,
    #[serde(default)]
    pub(crate) test: Option<String>,
    #[serde(default)]
    pub(crate) method: Option<String>,
    #[serde(default)]
    pub(crate) train: Option<String>,
    /// Why it cannot be run.
    #[serde(default)]
    pub missing: Option<String>,
    /// The published numbers, column by column; `nan` where there is none.
    pub published: Vec<f64>,
}

/// A training before another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct First {
    pub(crate) recipe: String,
    #[serde(default)]
    pub(crate) set: Vec<String>,
    pub(crate) train: String,
}

/// A measure of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Area under the ROC curve.
    #[default]
    Auc,
    /// Area under the curve of precision over recall.
    AveragePrecision,
    /// Where as many real ones are called forged as forged ones real.
    EqualErrorRate,
    /// At the threshold that validation chose.
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
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Auc | Self::Robustness(_) => "AUC",
            Self::Interaction => "AUC of I([N])",
            Self::AveragePrecision => "AP",
            Self::EqualErrorRate => "EER",
            Self::Accuracy | Self::ArgmaxAccuracy => "accuracy",
        }
    }
}

/// What a measure counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Single frames.
    Frame,
    /// Whole videos.
    #[default]
    Video,
}

impl Level {
    /// For a person.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Video => "video",
        }
    }
}

/// A training that a table needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Training {
    /// The recipe's name.
    pub recipe: String,
    /// Keys that differ from the recipe, as `key=value`.
    pub set: Vec<String>,
    /// The store that is trained on.
    pub store: String,
    /// The backbone's published weights that it starts from.
    pub pretrained: Option<String>,
    /// The training whose weights it starts from, in the place of published ones.
    pub first: Option<Box<Training>>,
}

impl Training {
    /// The name of the weights that it starts from: of a published file, or of another run.
    #[must_use]
    pub fn weights(&self) -> Option<String> {
        let first = self.first.as_ref().map(|first| first.run_name());
        first.or_else(|| self.pretrained.clone())
    }

    /// The name of its run: the same for every table that needs it.
    #[must_use]
    pub fn run_name(&self) -> String {
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
        if name.len() <= LONGEST_NAME {
            return name;
        }
        // Folders' names end somewhere; what is cut off still tells trainings apart.
        let digest = Sha256::digest(name.as_bytes());
        let told: String = digest[..4]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let beginning: String = name.chars().take(LONGEST_NAME - 9).collect();
        format!("{beginning}-{told}")
    }
}

/// A number of a table that we can measure.
#[derive(Clone, Debug)]
pub struct Cell<'a> {
    /// Which of [`Protocol::trainings`].
    pub training: usize,
    /// The store that is tested on.
    pub test: &'a str,
    /// [`None`]: all methods together.
    pub method: Option<&'a str>,
    /// Frames or videos.
    pub level: Level,
    /// The measure.
    pub measure: &'a Measure,
}

impl Protocol {
    /// The trainings that it needs, each once, in the order of its rows.
    #[must_use]
    pub fn trainings(&self) -> Vec<Training> {
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
        let pretrained = pretrained.filter(|file| !file.is_empty());
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
    pub fn cell<'a>(
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
}
