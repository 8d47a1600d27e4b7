//! Several runs on several data sets, side by side.

mod showing;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use experiment::{Recipe, RunDir, write_json};
use metrics::{FrameScore, Measure, VideoKey, aggregate_videos, paired_difference, video_indices};
use report::{DifferenceRow, Level, Measured, MetricsTable};
use runtime::{Event, Observer, Purpose, generator};

use crate::{
    Error,
    evaluate::{EvalOptions, evaluate_run},
    measure::measure,
    outcome::Evaluation,
    scored::Scored,
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
    pub evaluation: Result<Evaluation, Error>,
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
                    observer.event(Event::Skipped {
                        what: &folder,
                        why: &error.to_string(),
                    });
                    Err(error)
                }
            };
            let tables = evaluation.as_ref().map_or_else(
                |_| Vec::new(),
                |evaluation| {
                    let thresholds = [evaluation.threshold, evaluation.video_threshold];
                    measure(&own(evaluation), thresholds, recipe)
                },
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
    std::fs::create_dir_all(out).map_err(experiment::Error::io(out))?;
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
    videos: BTreeMap<VideoKey, (f64, bool)>,
}

impl Ranked {
    fn new(evaluation: &Evaluation) -> Self {
        let own = own(evaluation);
        let by_clip: Vec<_> = own
            .iter()
            .map(|face| FrameScore {
                video: face.video.clone(),
                score: face.video_network_score,
                forged: face.video_forged,
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
                .map(|video| (video.video, (video.score, video.forged)))
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
}
