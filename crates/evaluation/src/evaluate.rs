//! Evaluation: who was scored how, and what that is worth.

use std::{
    collections::{BTreeSet, HashMap},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use core_tensor_ops::ClipDetector;
use experiment::{Guide, Recipe, RunDir, write_json};
use face_data::{Clips, Faces};
use face_preproc::split::Split;
use inference::Network;
use metrics::Decision;
use report::{GalleryItem, Level};
use runtime::{DeviceName, Event, Observer};

use crate::{
    Error,
    clips::judge_each,
    in_time::InTime,
    localize::localize,
    measure::measure,
    outcome::Evaluation,
    run::Run,
    scored::Scored,
    scores_csv,
    scoring::{Item, ScoringSet},
    showing,
    validation::of_videos,
};

/// Which rows are scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// Those of one split.
    Split(Split),
    /// All.
    All,
}

/// What `evaluate_run` is to do.
#[derive(Debug, Clone)]
pub struct EvalOptions {
    /// A manifest or a folder; absent: the data of the run.
    pub data: Option<PathBuf>,
    /// Which rows; absent: the test split where the rows name their split or the run was trained
    /// on these data, else all.
    pub selection: Option<Selection>,
    /// Whether forgeries of the real faces by the run's generator are scored too; absent: where the
    /// rows hold no forgery, and for the data of the run.
    pub forge: Option<bool>,
    /// Where the results go; absent: a folder in the run.
    pub out: Option<PathBuf>,
    /// Whether `data` are known to be rendered, not photographs; those of the run are known.
    pub synthetic: bool,
    /// Where the network runs.
    pub device: DeviceName,
    /// The command line, for the report.
    pub command: Vec<String>,
    /// How a person goes on from the run.
    pub guide: Guide,
}

/// Evaluates a fresh run on its test split and writes the report into the run.
///
/// # Errors
/// Where a file cannot be read or written.
pub fn after_training(
    run: &RunDir,
    recipe: &Recipe,
    faces: &Faces,
    device: DeviceName,
    guide: Guide,
    observer: &mut dyn Observer,
) -> Result<Evaluation, Error> {
    let run = Run::load(run, device)?;
    // DFDC's training parts, say, have no test part.
    let part = match faces.rows(Some(Split::Test)).is_empty() {
        true => Split::Val,
        false => Split::Test,
    };
    if part == Split::Val {
        observer.event(Event::Said(
            "these data have no test part: what follows is of the validation part, by which the weights were chosen: it is no test",
        ));
    }
    let set = ScoringSet::new(faces, Some(part), true, recipe)?;
    let data = &run.info.data;
    let evaluation = evaluate(
        &run,
        faces,
        &set,
        &data.path,
        part.as_str(),
        data.synthetic,
        observer,
    )?;
    let command = run.info.command.join(" ");
    let gallery = write(
        &run,
        faces,
        &set,
        &evaluation,
        (&command, guide),
        run.dir.path(),
    )?;
    showing::write_events(&run, &evaluation, &gallery)?;
    Ok(evaluation)
}

/// Evaluates a run on any data and writes scores.csv, metrics.json and report.html.
///
/// # Errors
/// Where a file cannot be read or written.
pub fn evaluate_run(
    run: &RunDir,
    options: &EvalOptions,
    observer: &mut dyn Observer,
) -> Result<(Evaluation, PathBuf), Error> {
    let run = Run::load(run, options.device)?;
    let data = &run.data(options.data.as_deref())?;
    let part = match options.selection {
        Some(Selection::All) => None,
        Some(Selection::Split(split)) => Some(split),
        // Of rows that name their split.
        None => Some(Split::Test),
    };
    let recipe = &run.recipe;
    let mut faces = Faces::list(data, &recipe.crop, &recipe.split, part, observer)?;
    let own = run.owns(&faces);
    let split = match options.selection {
        Some(Selection::Split(split)) => Some(split),
        Some(Selection::All) => None,
        None => run.unseen_split(&faces),
    };
    let name = split.map_or("all", Split::as_str);
    if faces.rows(split).is_empty() {
        return Err(Error::EmptyPart {
            path: data.clone(),
            part: name,
            rows: parts(&faces),
        });
    }
    faces.keep_part(split);
    let rows = faces.rows(split);
    let holds_forgeries = rows.iter().any(|&row| faces.forged(row));
    let forge = options.forge.unwrap_or(own || !holds_forgeries);
    if own && split != Some(Split::Test) {
        observer.event(Event::Said(
            "these are data that the run was trained or tuned on: the results are no test",
        ));
    } else if !own {
        warn_of_seen_identities(&run, &faces, &rows, observer)?;
    }
    let set = ScoringSet::new(&faces, split, forge, &run.recipe)?;
    let synthetic = options.synthetic || own && run.info.data.synthetic;
    let evaluation = evaluate(&run, &faces, &set, data, name, synthetic, observer)?;
    let out = options.out.clone().unwrap_or_else(|| {
        let stem = data.file_stem().unwrap_or_default().to_string_lossy();
        run.dir.path().join(format!("eval-{stem}-{name}"))
    });
    std::fs::create_dir_all(&out).map_err(experiment::Error::io(&out))?;
    write(
        &run,
        &faces,
        &set,
        &evaluation,
        (&options.command.join(" "), options.guide),
        &out,
    )?;
    Ok((evaluation, out))
}

/// How many rows each part has, for a person.
fn parts(faces: &Faces) -> String {
    let parts = [Split::Train, Split::Val, Split::Test].map(|split| {
        let rows = faces.rows(Some(split)).len();
        (rows > 0).then(|| format!("{rows} {split}"))
    });
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join(", ")
}

/// Says so where people that the run was trained on are in the data.
fn warn_of_seen_identities(
    run: &Run,
    faces: &Faces,
    rows: &[usize],
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let seen = run.seen_identities()?;
    let here: BTreeSet<_> = rows
        .iter()
        .map(|&row| &faces.manifest.rows[row].identity)
        .collect();
    let met = here
        .iter()
        .filter(|identity| seen.contains(**identity))
        .count();
    if met > 0 {
        observer.event(Event::Said(&format!(
            "{met} of {} identities were in the run's training: the results are no test of unseen people",
            here.len()
        )));
    }
    Ok(())
}

/// What comes of an item.
#[derive(Clone, Copy, PartialEq)]
enum Score {
    /// Of a network that judges single faces.
    Frame(f64),
    /// Of a network that judges clips.
    OfClip { frame: f64, clip: f64 },
    /// Its picture cannot be read any more.
    Unreadable,
    /// It is in no snippet of its clip.
    NotLookedAt,
}

/// Scores the snippets of every clip.
fn score_clips(
    detector: &dyn ClipDetector,
    [snippets, length]: [usize; 2],
    faces: &Faces,
    set: &ScoringSet<'_>,
    device: &Device,
    observer: &mut dyn Observer,
) -> Result<Vec<Score>, Error> {
    let clips = Clips::new(faces, set.split, length);
    if clips.too_short > 0 {
        observer.event(Event::Said(&format!(
            "{} clips are left out for want of {length} successive frames",
            clips.too_short
        )));
    }
    observer.event(Event::Began {
        what: "scoring clips",
        total: clips.clips.len(),
        done: 0,
    });
    let mut by_row = HashMap::new();
    let mut done = 0;
    judge_each(
        &clips,
        faces,
        detector,
        snippets,
        device,
        |_, rows, judged| {
            match judged {
                Ok(judged) => {
                    let clip = judged.score;
                    for (row, frame) in rows.into_iter().zip(judged.frames) {
                        by_row.insert(row, Score::OfClip { frame, clip });
                    }
                }
                Err(error) => {
                    observer.event(Event::Skipped {
                        what: &faces.manifest.rows[rows[0]].video,
                        why: &error.to_string(),
                    });
                    by_row.extend(rows.into_iter().map(|row| (row, Score::Unreadable)));
                }
            }
            done += 1;
            observer.event(Event::Advanced { done, note: "" });
            ControlFlow::Continue(())
        },
    );
    observer.event(Event::Ended);
    let of = |item: &Item| by_row.get(&item.row).copied();
    Ok(set
        .items
        .iter()
        .map(|item| of(item).unwrap_or(Score::NotLookedAt))
        .collect())
}

/// Scores the set and measures every group.
fn evaluate(
    run: &Run,
    faces: &Faces,
    set: &ScoringSet<'_>,
    data: &Path,
    split: &str,
    synthetic: bool,
    observer: &mut dyn Observer,
) -> Result<Evaluation, Error> {
    let scores = match &run.network {
        Network::Faces(network) => set
            .score(&**network, &run.device, observer)?
            .into_iter()
            .map(|score| score.map_or(Score::Unreadable, Score::Frame))
            .collect(),
        Network::Clips {
            network,
            snippets,
            length,
        } => score_clips(
            &**network,
            [*snippets, *length],
            faces,
            set,
            &run.device,
            observer,
        )?,
    };
    let skipped = scores.iter().filter(|score| **score == Score::Unreadable);
    let skipped = skipped.count();
    let mut scored: Vec<_> = set
        .items
        .iter()
        .zip(scores)
        .filter_map(|(&item, score)| {
            let (network_score, clip_score) = match score {
                Score::Frame(score) => (score, f64::NAN),
                Score::OfClip { frame, clip } => (frame, clip),
                Score::Unreadable | Score::NotLookedAt => return None,
            };
            Some(Scored {
                item,
                video: set.video(item),
                forged: set.forged(item),
                video_forged: set.video_forged(item),
                score: run.calibrated(network_score),
                network_score,
                video_score: run.video.probability(clip_score),
                video_network_score: clip_score,
            })
        })
        .collect();
    if scored.is_empty() && skipped > 0 {
        return Err(Error::data(data, "no picture can be used, as said above"));
    }
    let (level, localization) = match &run.network {
        Network::Faces(network) => {
            let rule = run.recipe.evaluation.faces_of_a_frame;
            let frame = |face: &Scored| faces.manifest.rows[face.item.row].frame;
            let of_each = |score: fn(&Scored) -> f64, decision: Decision| {
                let seen = scored
                    .iter()
                    .map(|face| (&face.video, frame(face), score(face)));
                of_videos(&decision, rule, seen)
            };
            let calibrated = of_each(|face| face.score, run.video);
            let raw = of_each(|face| face.network_score, Decision::default());
            for (face, (score, raw)) in scored.iter_mut().zip(calibrated.into_iter().zip(raw)) {
                (face.video_score, face.video_network_score) = (score, raw);
            }
            let localization = localize(&**network, set, &scored, &run.device)?;
            (Level::Frame, localization)
        }
        Network::Clips { .. } => (Level::Video, Vec::new()),
    };
    let thresholds = [run.frame.threshold, run.video.threshold];
    Ok(Evaluation {
        localization,
        in_time: InTime::of(&scored, &run.recipe),
        data: data.to_owned(),
        split: split.into(),
        synthetic,
        level,
        threshold: thresholds[0],
        video_threshold: thresholds[1],
        skipped,
        tables: measure(&scored, thresholds, &run.recipe),
        scored,
    })
}

/// Writes scores.csv, metrics.json and report.html into `out`, and gives the faces that the report shows.
fn write(
    run: &Run,
    faces: &Faces,
    set: &ScoringSet<'_>,
    evaluation: &Evaluation,
    said: (&str, Guide),
    out: &Path,
) -> Result<Vec<GalleryItem>, Error> {
    scores_csv::write(faces, evaluation, &out.join("scores.csv"))?;
    write_json(&out.join("metrics.json"), &evaluation.to_json())?;
    showing::write(run, set, evaluation, said, &out.join("report.html"))
}
