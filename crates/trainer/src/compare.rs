//! Several runs on several data sets, side by side.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use metrics::{FrameScore, Measure, VideoKey, aggregate_videos, paired_difference, video_indices};
use report::{DifferenceRow, Level, Matrix, MatrixCell, Measured, MetricsTable};
use serde_json::{Value, json};

use crate::{
    Error,
    evaluate::{EvalOptions, Evaluation, Scored, evaluate_run},
    measure::{aligned, measure, measured_json},
    observer::{Event, Observer},
    randomness::{Purpose, generator},
    recipe::Recipe,
    run_dir::{RunDir, write_json},
};

/// A run or data set with the name that it is shown by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named<T> {
    /// The name.
    pub name: String,
    /// What bears it.
    pub it: T,
}

impl<T> Named<T> {
    /// Named after the last part of `path`.
    pub fn after(path: &Path, it: T) -> Self {
        let stem = path.file_stem().unwrap_or_default();
        Self {
            name: stem.to_string_lossy().into_owned(),
            it,
        }
    }
}

/// What came of one run on one data set.
#[derive(Debug)]
pub struct Cell {
    /// The evaluation, or why there is none.
    pub evaluation: Result<Evaluation, String>,
    /// The measures over the data's own faces, by frame and by video; forgeries that the run's
    /// generator made are left out, for other runs were not asked about them.
    pub tables: Vec<MetricsTable>,
    /// Its folder, relative to the comparison's.
    pub folder: String,
}

/// Runs on data sets.
#[derive(Debug)]
pub struct Comparison {
    /// Names of the runs.
    pub runs: Vec<String>,
    /// Names of the data sets.
    pub datasets: Vec<String>,
    /// A row for each run, a column for each data set.
    pub cells: Vec<Vec<Cell>>,
    /// Each two runs on each data set.
    pub differences: Vec<DifferenceRow>,
    /// The page to open in a browser.
    pub page: PathBuf,
}

/// Evaluates every run on every data set, and sets them side by side: `index.html`,
/// `comparison.json` and a folder with the report of each pair. Where one cannot be evaluated, the
/// reason takes its place.
///
/// # Errors
/// Where a recipe cannot be read, or a file not be written.
pub fn compare(
    runs: &[Named<RunDir>],
    data: &[Named<PathBuf>],
    options: &EvalOptions,
    out: &Path,
    observer: &mut dyn Observer,
) -> Result<Comparison, Error> {
    let mut recipes = Vec::new();
    for run in runs {
        recipes.push(Recipe::read(&run.it.recipe())?);
    }
    let names = distinct(runs.iter().map(|run| run.name.clone()));
    let datasets = distinct(data.iter().map(|data| data.name.clone()));
    let mut cells = Vec::new();
    for ((run, recipe), name) in runs.iter().zip(&recipes).zip(&names) {
        let mut row = Vec::new();
        for (data, dataset) in data.iter().zip(&datasets) {
            observer.event(Event::Said(&format!("{name} on {dataset}")));
            let folder = format!("{name}-on-{dataset}");
            let options = EvalOptions {
                data: Some(data.it.clone()),
                out: Some(out.join(&folder)),
                ..options.clone()
            };
            let evaluation = match evaluate_run(&run.it, &options, observer) {
                Ok((evaluation, _)) => Ok(evaluation),
                Err(error) => {
                    let why = error.to_string();
                    observer.event(Event::Skipped {
                        what: &folder,
                        why: &why,
                    });
                    Err(why)
                }
            };
            let tables = evaluation.as_ref().map_or_else(
                |_| Vec::new(),
                |evaluation| measure(&own(evaluation), evaluation.threshold, recipe),
            );
            row.push(Cell {
                evaluation,
                tables,
                folder,
            });
        }
        cells.push(row);
    }
    let mut comparison = Comparison {
        differences: Vec::new(),
        page: out.join("index.html"),
        runs: names,
        datasets,
        cells,
    };
    if let Some(recipe) = recipes.first() {
        comparison.differences = comparison.pairs(recipe);
    }
    std::fs::create_dir_all(out).map_err(Error::io(out))?;
    write_json(&out.join("comparison.json"), &comparison.to_json())?;
    report::write_comparison(
        &comparison.shown(&options.command.join(" ")),
        &comparison.page,
    )?;
    Ok(comparison)
}

/// The faces that are in the data, not made by the run's generator.
fn own(evaluation: &Evaluation) -> Vec<Scored> {
    let own = |face: &&Scored| !face.item.generated;
    evaluation.scored.iter().filter(own).cloned().collect()
}

/// Names with a number where several are alike.
fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    names
        .map(|name| {
            let count = seen.entry(name.clone()).or_default();
            *count += 1;
            match *count {
                1 => name,
                count => format!("{name}-{count}"),
            }
        })
        .collect()
}

/// Frames by row, and videos by key: score and label.
struct Ranked {
    frames: BTreeMap<usize, (f64, bool, VideoKey)>,
    videos: BTreeMap<String, (f64, bool)>,
}

impl Ranked {
    fn new(evaluation: &Evaluation) -> Self {
        let own = own(evaluation);
        let by_clip: Vec<_> = own
            .iter()
            .map(|face| FrameScore {
                video: face.video.clone(),
                score: face.clip_score.unwrap_or(face.score),
                forged: face.clip_forged,
            })
            .collect();
        let videos = aggregate_videos(&by_clip).unwrap_or_default();
        Self {
            frames: own
                .into_iter()
                .map(|face| (face.item.row, (face.score, face.forged, face.video)))
                .collect(),
            videos: videos
                .into_iter()
                .map(|video| (format!("{:?}", video.video), (video.score, video.forged)))
                .collect(),
        }
    }

    /// AUC of `other` minus that of this one over what both have scored.
    fn difference(&self, other: &Self, level: Level, recipe: &Recipe) -> Measured {
        let mut rng = generator(recipe.seed, Purpose::Bootstrap, 1, 0);
        let (mut a, mut b, mut labels) = (Vec::new(), Vec::new(), Vec::new());
        let mut frames = Vec::new();
        match level {
            Level::Frame => {
                for (row, (score, forged, video)) in &self.frames {
                    if let Some((theirs, ..)) = other.frames.get(row) {
                        a.push(*score);
                        b.push(*theirs);
                        labels.push(*forged);
                        frames.push(FrameScore {
                            video: video.clone(),
                            score: *score,
                            forged: *forged,
                        });
                    }
                }
            }
            Level::Video => {
                for (key, (score, forged)) in &self.videos {
                    if let Some((theirs, _)) = other.videos.get(key) {
                        a.push(*score);
                        b.push(*theirs);
                        labels.push(*forged);
                    }
                }
            }
        }
        let groups = (level == Level::Frame).then(|| video_indices(&frames));
        let resamples = recipe.evaluation.resamples;
        let measures = [Measure::Auc];
        paired_difference(
            &a,
            &b,
            &labels,
            groups.as_deref(),
            &measures,
            resamples,
            &mut rng,
        )
        .map(|found| found[0])
    }
}

impl Comparison {
    /// Each two runs on each data set that both could judge.
    fn pairs(&self, recipe: &Recipe) -> Vec<DifferenceRow> {
        let mut rows = Vec::new();
        for (place, dataset) in self.datasets.iter().enumerate() {
            let ranked: Vec<_> = self
                .runs
                .iter()
                .zip(&self.cells)
                .filter_map(|(name, cells)| {
                    let evaluation = cells[place].evaluation.as_ref().ok()?;
                    Some((name, Ranked::new(evaluation)))
                })
                .collect();
            for (first, (name, a)) in ranked.iter().enumerate() {
                for (other, b) in &ranked[first + 1..] {
                    for level in [Level::Frame, Level::Video] {
                        rows.push(DifferenceRow {
                            dataset: dataset.clone(),
                            level,
                            detectors: [(*name).clone(), (*other).clone()],
                            difference: a.difference(b, level, recipe),
                        });
                    }
                }
            }
        }
        rows
    }

    /// The matrix of one level, over all methods.
    fn matrix(&self, level: Level) -> Matrix {
        let cell = |cell: &Cell| MatrixCell {
            auc: match (&cell.evaluation, table(cell, level)) {
                (Err(why), _) => Err(why.clone()),
                (_, None) => Err("nothing was scored".into()),
                (_, Some(table)) => Ok(table.rows[0].auc.clone()),
            },
            link: cell
                .evaluation
                .is_ok()
                .then(|| format!("{}/report.html", cell.folder)),
        };
        let row =
            |(name, cells): (&String, &Vec<Cell>)| (name.clone(), cells.iter().map(cell).collect());
        Matrix {
            title: format!("AUC by {}", level.noun()),
            columns: self.datasets.clone(),
            rows: self.runs.iter().zip(&self.cells).map(row).collect(),
        }
    }

    /// The matrix of one data set and level, its columns the methods; nothing where there is one.
    fn methods(&self, place: usize, level: Level) -> Option<Matrix> {
        let mut columns: Vec<String> = Vec::new();
        for cells in &self.cells {
            for row in table(&cells[place], level)
                .iter()
                .flat_map(|table| &table.rows)
            {
                if row.method != "all" && !columns.contains(&row.method) {
                    columns.push(row.method.clone());
                }
            }
        }
        let row = |(name, cells): (&String, &Vec<Cell>)| {
            let of = |method: &String| {
                let table = table(&cells[place], level);
                let row =
                    table.and_then(|table| table.rows.iter().find(|row| row.method == *method));
                MatrixCell {
                    auc: row
                        .map(|row| row.auc.clone())
                        .ok_or_else(|| "not judged".into()),
                    link: None,
                }
            };
            (name.clone(), columns.iter().map(of).collect())
        };
        if columns.len() < 2 {
            return None;
        }
        let rows = self.runs.iter().zip(&self.cells).map(row).collect();
        Some(Matrix {
            title: format!("{}: AUC by {}", self.datasets[place], level.noun()),
            columns,
            rows,
        })
    }

    fn shown(&self, command: &str) -> report::Comparison {
        const LEVELS: [Level; 2] = [Level::Frame, Level::Video];
        let places = 0..self.datasets.len();
        let synthetic = self.cells.iter().flatten();
        let synthetic = synthetic
            .filter_map(|cell| cell.evaluation.as_ref().ok())
            .any(|evaluation| evaluation.synthetic);
        let mut notes = vec![
            "Forgeries that a run's own generator makes are left out here: the others were not asked about them. They are in the single reports.".to_owned(),
        ];
        if synthetic {
            notes.insert(
                0,
                "Some of these data are synthetic: rendered faces, not photographs.".into(),
            );
        }
        report::Comparison {
            title: format!(
                "{} detectors on {} data sets",
                self.runs.len(),
                self.datasets.len()
            ),
            notes,
            datasets: self.datasets.clone(),
            matrices: LEVELS.map(|level| self.matrix(level)).into(),
            methods: places
                .flat_map(|place| LEVELS.map(|level| self.methods(place, level)))
                .flatten()
                .collect(),
            differences: self.differences.clone(),
            command: command.into(),
        }
    }

    /// The matrices as aligned text.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        for level in [Level::Frame, Level::Video] {
            let matrix = self.matrix(level);
            let mut lines = vec![
                std::iter::once(matrix.title.clone())
                    .chain(matrix.columns)
                    .collect::<Vec<_>>(),
            ];
            for (name, cells) in matrix.rows {
                let shown = cells.into_iter().map(|cell| match cell.auc {
                    Ok(Ok(m)) => format!("{:.3} [{:.3}, {:.3}]", m.value, m.low, m.high),
                    _ => "-".into(),
                });
                lines.push(std::iter::once(name).chain(shown).collect());
            }
            text += &aligned(&lines);
            text.push('\n');
        }
        text
    }

    fn to_json(&self) -> Value {
        let cell = |(dataset, cell): (&String, &Cell)| match &cell.evaluation {
            Ok(evaluation) => json!({
                "dataset": dataset,
                "folder": cell.folder,
                "evaluation": evaluation.to_json(),
            }),
            Err(why) => json!({ "dataset": dataset, "not_evaluated": why }),
        };
        let run = |(name, cells): (&String, &Vec<Cell>)| {
            let cells: Vec<_> = self.datasets.iter().zip(cells).map(cell).collect();
            json!({ "run": name, "data": cells })
        };
        let difference = |row: &DifferenceRow| {
            json!({
                "dataset": row.dataset,
                "level": row.level.noun(),
                "first": row.detectors[0],
                "second": row.detectors[1],
                "auc_difference": measured_json(&row.difference),
            })
        };
        json!({
            "runs": self.runs.iter().zip(&self.cells).map(run).collect::<Vec<_>>(),
            "differences": self.differences.iter().map(difference).collect::<Vec<_>>(),
        })
    }
}

fn table(cell: &Cell, level: Level) -> Option<&MetricsTable> {
    let mut tables = cell.tables.iter();
    tables.find(|table| table.level == level && !table.rows.is_empty())
}
