//! Evaluation: who was scored how, and what that is worth.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use experiment::{Guide, Recipe, RunDir, write_json};
use face_data::Faces;
use face_preproc::split::Split;
use face_store::Share;
use inference::Network;
use metrics::Decision;
use report::{GalleryItem, Level};
use runtime::{DeviceName, Event, Observer};
use serde_json::json;

use crate::{
    Error,
    disjoint::{Disjoint, Protocol, keep_unseen},
    in_time::InTime,
    judged::{Score, judge_share, together},
    localize::localize,
    measure::measure,
    outcome::Evaluation,
    parts::{Parted, Parts},
    run::Run,
    scored::Scored,
    scores_csv,
    scoring::ScoringSet,
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
    /// What the rows must not share with what the run was trained or tuned on; rows that do are left out.
    pub disjoint: Vec<Disjoint>,
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
    let about = About {
        data: &run.info.data.path,
        split: part.as_str(),
        synthetic: run.info.data.synthetic,
        protocol: None,
    };
    let scores = judge_share(&run, faces, &set, Share::ALL, observer)?;
    let scores = together(set.items.len(), vec![scores]);
    let evaluation = evaluate(&run, faces, &set, scores, about)?;
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
    match evaluate_share(run, options, Share::ALL, observer)? {
        Parted::Whole(evaluated) => Ok(evaluated),
        Parted::Part { .. } => unreachable!("all of it is one part"),
    }
}

/// Scores a share of the rows, and evaluates as [`evaluate_run`] does where every other share was scored
/// already, by other processes that were asked for the same: the same files come of it, byte for byte.
///
/// # Errors
/// As [`evaluate_run`].
pub fn evaluate_share(
    run: &RunDir,
    options: &EvalOptions,
    share: Share,
    observer: &mut dyn Observer,
) -> Result<Parted<(Evaluation, PathBuf)>, Error> {
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
    let protocol = match options.disjoint.is_empty() {
        true => None,
        false => Some(keep_unseen(&run, &mut faces, &options.disjoint, observer)?),
    };
    let rows = faces.rows(split);
    let holds_forgeries = rows.iter().any(|&row| faces.forged(row));
    let forge = match protocol {
        // What the run's own generator makes is what it has seen.
        Some(_) => false,
        None => options.forge.unwrap_or(own || !holds_forgeries),
    };
    if own && split != Some(Split::Test) && protocol.is_none() {
        observer.event(Event::Said(
            "these are data that the run was trained or tuned on: the results are no test",
        ));
    } else if !own {
        warn_of_seen_identities(&run, &faces, &rows, observer)?;
    }
    let out = options.out.clone().unwrap_or_else(|| {
        let stem = data.file_stem().unwrap_or_default().to_string_lossy();
        let kinds = options.disjoint.iter().map(|kind| format!("-{kind}"));
        let kinds: String = kinds.collect();
        run.dir.path().join(format!("eval-{stem}-{name}{kinds}"))
    });
    let set = ScoringSet::new(&faces, split, forge, &run.recipe)?;
    let parts = Parts::new(
        &out,
        share,
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "started": run.info.started,
            "best": run.info.best,
            "data": faces.manifest.digest,
            "split": name,
            "protocol": &protocol,
            "items": set.items.len(),
        }),
    );
    let judged = judge_share(&run, &faces, &set, share, observer)?;
    let scores = match parts.add(judged)? {
        Parted::Whole(shares) => together(set.items.len(), shares),
        Parted::Part { there, of } => return Ok(Parted::Part { there, of }),
    };
    let about = About {
        data,
        split: name,
        synthetic: options.synthetic || own && run.info.data.synthetic,
        protocol,
    };
    let evaluation = evaluate(&run, &faces, &set, scores, about)?;
    std::fs::create_dir_all(&out).map_err(experiment::Error::io(&out))?;
    let said = (&*options.command.join(" "), options.guide);
    write(&run, &faces, &set, &evaluation, said, &out)?;
    parts.clear();
    Ok(Parted::Whole((evaluation, out)))
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

/// What is evaluated, in the words of its report.
struct About<'a> {
    data: &'a Path,
    split: &'a str,
    synthetic: bool,
    protocol: Option<Protocol>,
}

/// Measures every group of the scored items.
fn evaluate(
    run: &Run,
    faces: &Faces,
    set: &ScoringSet<'_>,
    scores: Vec<Score>,
    about: About<'_>,
) -> Result<Evaluation, Error> {
    let About {
        data,
        split,
        synthetic,
        protocol,
    } = about;
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
        protocol,
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
