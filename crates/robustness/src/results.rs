//! The measures under each condition, as data, as text, as JSON and as CSV.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
};

use evaluation::{Run, measured_json};
use experiment::Recipe;
use metrics::{FrameScore, Measure, VideoKey, aggregate_videos, bootstrap_interval, video_indices};
use report::Measured;
use runtime::{Purpose, generator};
use serde_json::{Value, json};
use synth_data::perturb::Level;

use crate::{Error, Perturbation};

/// What is done, and how strongly; nothing for the untouched pictures.
pub(crate) type Wanted = (Option<Perturbation>, Level);

/// A judged row.
#[derive(Debug, Clone)]
pub(crate) struct Scored {
    pub(crate) video: VideoKey,
    pub(crate) forged: bool,
    /// Whether any frame of its clip is forged.
    pub(crate) clip_forged: bool,
    pub(crate) score: f64,
    /// What it adds to its clip's mean.
    pub(crate) clip_score: f64,
}

/// The AUC of all data sets and methods together.
#[derive(Debug, Clone)]
pub struct Measures {
    /// By frame; the interval draws whole videos.
    pub frame: Measured,
    /// By video.
    pub video: Measured,
    /// Real and forged frames.
    pub frames: [usize; 2],
}

impl Measures {
    fn new(scored: &[Scored], recipe: &Recipe) -> Self {
        let auc = |scores: &[f64], labels: &[bool], groups: Option<&[u32]>| -> Measured {
            let mut rng = generator(recipe.seed, Purpose::Bootstrap, 0, 0);
            let resamples = recipe.evaluation.resamples;
            bootstrap_interval(scores, labels, groups, Measure::Auc, resamples, &mut rng)
        };
        let frames = |score: fn(&Scored) -> (f64, bool)| -> Vec<FrameScore> {
            let frame = |face: &Scored| FrameScore {
                video: face.video.clone(),
                score: score(face).0,
                forged: score(face).1,
            };
            scored.iter().map(frame).collect()
        };
        let (scores, labels): (Vec<_>, Vec<_>) =
            scored.iter().map(|face| (face.score, face.forged)).unzip();
        let groups = video_indices(&frames(|face| (face.score, face.forged)));
        let video = aggregate_videos(&frames(|face| (face.clip_score, face.clip_forged)));
        let video = video.and_then(|videos| {
            let pairs = videos.iter().map(|video| (video.score, video.forged));
            let (scores, labels): (Vec<_>, Vec<_>) = pairs.unzip();
            auc(&scores, &labels, None)
        });
        let forged = labels.iter().filter(|forged| **forged).count();
        Self {
            frame: auc(&scores, &labels, Some(&groups)),
            video,
            frames: [labels.len() - forged, forged],
        }
    }
}

/// The measures at one level of one perturbation.
#[derive(Debug, Clone)]
pub struct Condition {
    /// What was done; nothing to the untouched pictures.
    pub perturbation: Option<Perturbation>,
    /// How strongly.
    pub level: Level,
    /// What is left.
    pub measures: Measures,
}

/// What is left of one run's AUC.
#[derive(Debug, Clone)]
pub struct RunResult {
    /// The run's folder.
    pub name: String,
    /// The untouched pictures first, then each perturbation's levels.
    pub conditions: Vec<Condition>,
}

impl RunResult {
    pub(crate) fn new(run: &Run, wanted: &[Wanted], scored: &[Vec<Scored>]) -> Self {
        let name = run.dir.path().file_name().unwrap_or_default();
        let condition = |(&(perturbation, level), scored): (&Wanted, &Vec<Scored>)| Condition {
            perturbation,
            level,
            measures: Measures::new(scored, &run.recipe),
        };
        Self {
            name: name.to_string_lossy().into_owned(),
            conditions: wanted.iter().zip(scored).map(condition).collect(),
        }
    }

    /// The measures of the untouched pictures.
    #[must_use]
    pub fn untouched(&self) -> &Measures {
        &self.conditions[0].measures
    }

    /// The conditions of a perturbation, by level.
    pub fn levels(&self, kind: Perturbation) -> impl Iterator<Item = &Condition> {
        let of = move |condition: &&Condition| condition.perturbation == Some(kind);
        self.conditions.iter().filter(of)
    }

    /// The perturbations, in the order in which they were asked for.
    #[must_use]
    pub fn perturbations(&self) -> Vec<Perturbation> {
        let mut kinds: Vec<_> = self
            .conditions
            .iter()
            .filter_map(|c| c.perturbation)
            .collect();
        kinds.dedup();
        kinds
    }

    /// The mean video AUC over a perturbation's levels; none where one is undefined.
    #[must_use]
    pub fn mean(&self, kind: Perturbation) -> Option<f64> {
        mean(
            self.levels(kind)
                .map(|c| Some(c.measures.video.as_ref().ok()?.value)),
        )
    }

    /// The mean over all perturbations of pictures, compression left out: with all six at all five
    /// levels, the average of CADDM's Table 4.
    #[must_use]
    pub fn mean_of_all(&self) -> Option<f64> {
        let kinds = self.perturbations().into_iter();
        let kinds = kinds.filter(|kind| *kind != Perturbation::Compression);
        mean(kinds.map(|kind| self.mean(kind)))
    }

    /// Whether [`mean_of_all`](Self::mean_of_all) is CADDM's: of six perturbations at five levels.
    #[must_use]
    pub fn is_of_table_4(&self) -> bool {
        let of_pictures = self.conditions.iter();
        let pictures =
            of_pictures.filter(|c| matches!(c.perturbation, Some(Perturbation::Picture(_))));
        pictures.count() == 6 * 5
    }
}

fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let values: Vec<f64> = values.collect::<Option<_>>()?;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// What perturbations leave of some runs' AUC.
#[derive(Debug, Clone)]
pub struct Robustness {
    /// The data.
    pub data: PathBuf,
    /// Which rows: test or all.
    pub split: &'static str,
    /// What a reader must know before believing the numbers.
    pub notes: Vec<String>,
    /// One result a run, in the order given.
    pub runs: Vec<RunResult>,
}

impl Robustness {
    /// A table for each run: video AUC, a row for each perturbation, a column for each level.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        for run in &self.runs {
            let _ = writeln!(text, "{}: video AUC (95 % interval)", run.name);
            let levels: Vec<_> = run
                .perturbations()
                .first()
                .map(|kind| run.levels(*kind).map(|c| c.level.number()).collect())
                .unwrap_or_default();
            let _ = write!(text, "{:<13}{:<22}", "perturbation", "0 (untouched)");
            for level in levels {
                let _ = write!(text, "{level:<22}");
            }
            let _ = writeln!(text, "mean");
            let untouched = shown(&run.untouched().video);
            for kind in run.perturbations() {
                let _ = write!(text, "{:<13}{untouched:<22}", kind.name());
                for condition in run.levels(kind) {
                    let _ = write!(text, "{:<22}", shown(&condition.measures.video));
                }
                let _ = writeln!(text, "{}", shown_mean(run.mean(kind)));
            }
            if let Some(mean) = run.mean_of_all() {
                let what = match run.is_of_table_4() {
                    true => "mean of the six perturbations of pictures, as CADDM's Table 4 has it",
                    false => "mean of the perturbations of pictures",
                };
                let _ = writeln!(text, "{what}: {mean:.3}");
            }
            let _ = writeln!(text);
        }
        text
    }

    /// Everything, for other programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let runs = self.runs.iter().map(|run| {
            let conditions = run.conditions.iter().map(|c| {
                json!({
                    "perturbation": c.perturbation.map(Perturbation::name),
                    "level": c.level.number(),
                    "frame_auc": measured_json(&c.measures.frame),
                    "video_auc": measured_json(&c.measures.video),
                    "real_frames": c.measures.frames[0],
                    "forged_frames": c.measures.frames[1],
                })
            });
            let means = run.perturbations().into_iter();
            let means = means.map(|kind| (kind.name().to_owned(), json!(run.mean(kind))));
            json!({
                "run": run.name,
                "conditions": conditions.collect::<Vec<_>>(),
                "mean_video_auc": means.collect::<serde_json::Map<_, _>>(),
                "mean_video_auc_without_compression": run.mean_of_all(),
                "is_of_caddm_table_4": run.is_of_table_4(),
            })
        });
        json!({
            "data": self.data,
            "split": self.split,
            "notes": self.notes,
            "runs": runs.collect::<Vec<_>>(),
        })
    }

    /// One line for each run, perturbation, level and unit.
    pub(crate) fn to_csv(&self, path: &Path) -> Result<Vec<u8>, Error> {
        let damaged = |reason: String| experiment::Error::Damaged {
            path: path.to_owned(),
            reason,
        };
        let mut table = csv::Writer::from_writer(Vec::new());
        let mut line = |fields: [String; 7]| {
            let written = table.write_record(fields);
            written.map_err(|error| damaged(error.to_string()))
        };
        line(["run", "perturbation", "level", "unit", "auc", "low", "high"].map(String::from))?;
        for run in &self.runs {
            for c in &run.conditions {
                let units = [("frame", &c.measures.frame), ("video", &c.measures.video)];
                for (unit, measured) in units {
                    let number = |of: fn(&metrics::Estimate) -> f64| {
                        measured
                            .as_ref()
                            .ok()
                            .map(of)
                            .filter(|number| number.is_finite())
                            .map(|number| number.to_string())
                            .unwrap_or_default()
                    };
                    line([
                        run.name.clone(),
                        c.perturbation.map_or("none", Perturbation::name).into(),
                        c.level.number().to_string(),
                        unit.into(),
                        number(|m| m.value),
                        number(|m| m.low),
                        number(|m| m.high),
                    ])?;
                }
            }
        }
        let bytes = table.into_inner();
        Ok(bytes.map_err(|error| damaged(error.to_string()))?)
    }
}

fn shown(measured: &Measured) -> String {
    match measured {
        Ok(m) => m.to_string(),
        Err(_) => "-".into(),
    }
}

fn shown_mean(mean: Option<f64>) -> String {
    mean.map_or_else(|| "-".into(), |mean| format!("{mean:.3}"))
}
