//! How well a detector holds out where pictures are worse: perturbations of whole pictures at five
//! levels, applied before the face is cut out, and what is left of the AUC.

mod perturbing;
mod results;
mod showing;

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use face_preproc::split::Split;
use image::RgbImage;
use metrics::VideoKey;
use rayon::prelude::*;
use synth_data::perturb::Level;

pub use perturbing::Perturbation;
pub use results::{Condition, Measures, RunResult};

use crate::{Error, run::Run};
use experiment::{RunDir, write_atomically, write_json};
use face_data::{Clips, Faces};
use inference::{Network, judge, judge_clip};
use results::Scored;
use runtime::{DeviceName, Event, Observer};

/// Frames that are read, and coded as a video, at a time.
const FRAMES: usize = 32;

/// What `robustness` is to do.
#[derive(Debug, Clone)]
pub struct RobustnessOptions {
    /// A manifest, a folder or a store; absent: the data of the first run.
    pub data: Option<PathBuf>,
    /// What is done to the pictures.
    pub perturbations: Vec<Perturbation>,
    /// How strongly, each 1 to 5.
    pub levels: Vec<Level>,
    /// Where the results go; absent: a folder in the first run.
    pub out: Option<PathBuf>,
    /// Where the networks run.
    pub device: DeviceName,
    /// The command line, for the page.
    pub command: Vec<String>,
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

/// Perturbs the pictures of a data set and lets runs judge the faces in them; writes
/// robustness.json, robustness.csv and robustness.html.
///
/// The rows are the test split where the rows name their split or a run was trained on these data,
/// else all. A face is cut out where it is in the untouched picture. Of a store, the crops with
/// their margin are the pictures. Noise and blocks are drawn anew for each row and level.
///
/// # Errors
/// Where a file cannot be read or written, or the rows hold one class only.
pub fn robustness(
    runs: &[RunDir],
    options: &RobustnessOptions,
    observer: &mut dyn Observer,
) -> Result<(Robustness, PathBuf), Error> {
    let mut conditions = vec![(None, Level::NONE)];
    for &perturbation in &options.perturbations {
        conditions.extend(options.levels.iter().map(|&l| (Some(perturbation), l)));
    }
    let mut results = Vec::new();
    let mut found: Option<Robustness> = None;
    for dir in runs {
        let run = Run::load(dir, options.device)?;
        let first = found.as_ref().map(|found| &found.data);
        let data = options
            .data
            .as_ref()
            .or(first)
            .unwrap_or(&run.info.data.path);
        let faces = Faces::open(data, &run.recipe.crop, &run.recipe.split, observer)?;
        let own = run.owns(&faces);
        let split = run.unseen_split(&faces);
        let rows = faces.rows(split);
        let forged = rows.iter().filter(|&&row| faces.forged(row)).count();
        if forged == 0 || forged == rows.len() {
            return Err(Error::OneClass { path: data.clone() });
        }
        if !own && split != Some(Split::Test) {
            observer.event(Event::Said(
                "these are other data than the run's: make sure that it has not seen their people",
            ));
        }
        let judging = Judging {
            run: &run,
            faces: &faces,
            conditions: &conditions,
        };
        let (scored, sizes) = judging.score(split, observer)?;
        results.push(RunResult::new(&run, &conditions, &scored));
        if found.is_none() {
            found = Some(Robustness {
                data: data.clone(),
                split: split.map_or("all", Split::as_str),
                notes: notes(&run, &faces, own, &sizes, options),
                runs: Vec::new(),
            });
        }
    }
    let Some(mut found) = found else {
        return Err(Error::NoRun);
    };
    found.runs = results;
    let out = options.out.clone().unwrap_or_else(|| {
        let stem = found.data.file_stem().unwrap_or_default().to_string_lossy();
        runs[0].path().join(format!("robustness-{stem}"))
    });
    std::fs::create_dir_all(&out).map_err(experiment::Error::io(&out))?;
    write(&found, options, &out)?;
    Ok((found, out))
}

fn write(found: &Robustness, options: &RobustnessOptions, out: &Path) -> Result<(), Error> {
    write_json(&out.join("robustness.json"), &found.to_json())?;
    let table = out.join("robustness.csv");
    write_atomically(&table, &found.to_csv(&table)?)?;
    showing::write(found, options, &out.join("robustness.html"))
}

/// What the numbers do not say by themselves. `sizes` counts the pictures of each size.
fn notes(
    run: &Run,
    faces: &Faces,
    own: bool,
    sizes: &Sizes,
    options: &RobustnessOptions,
) -> Vec<String> {
    let mut notes = vec![
        "Each picture is perturbed as a whole, and its face cut out where it is in the untouched \
         picture: what a face finder loses comes on top."
            .to_owned(),
    ];
    if own && run.info.data.synthetic {
        notes.push("The faces are synthetic.".into());
    }
    if faces.in_store() {
        notes.push(
            "The data are a store of crops: a crop with its margin stands for the picture.".into(),
        );
    }
    let of = |wanted: fn((u32, u32)) -> bool| -> usize {
        let counts = sizes.iter().filter(|(size, _)| wanted(**size));
        counts.map(|(_, count)| count).sum()
    };
    let spared = of(|size| synth_data::Perturbation::Block.spares(size));
    let block = Perturbation::Picture(synth_data::Perturbation::Block);
    if spared > 0 && options.perturbations.contains(&block) {
        notes.push(format!(
            "block leaves {spared} of {} pictures as they are: it counts its squares by 256 pixels of \
             the shorter side, and these have fewer.",
            of(|_| true)
        ));
    }
    if options.perturbations.contains(&Perturbation::Compression) {
        notes.push(
            "compression codes the frames of a clip in their order as H.264 with the constant \
             quantiser 30, 32, 35, 38 or 40, which stands for x264's crf of that number; a single \
             picture is a clip of one."
                .into(),
        );
    }
    notes
}

/// The rows of one clip in the order of its frames.
type Frames = Vec<usize>;
/// How many pictures have a width and height.
type Sizes = BTreeMap<(u32, u32), usize>;
/// What is done, and how strongly; nothing for the untouched pictures.
type Wanted = (Option<Perturbation>, Level);

/// One run that judges one data set.
struct Judging<'a> {
    run: &'a Run,
    faces: &'a Faces,
    conditions: &'a [Wanted],
}

impl Judging<'_> {
    /// What the run says of each row under each condition, and the sizes of the pictures.
    fn score(
        &self,
        split: Option<Split>,
        observer: &mut dyn Observer,
    ) -> Result<(Vec<Vec<Scored>>, Sizes), Error> {
        let units = self.units(split, observer);
        let frames = |unit: &[Frames]| unit.iter().map(Vec::len).sum::<usize>();
        observer.event(Event::Began {
            what: "judging perturbed faces",
            total: units.iter().map(|unit| frames(unit)).sum::<usize>() * self.conditions.len(),
            done: 0,
        });
        let mut scored = vec![Vec::new(); self.conditions.len()];
        let (mut sizes, mut done) = (Sizes::new(), 0);
        for unit in &units {
            let clips = self.read(unit, observer);
            for picture in clips.iter().flat_map(|(_, pictures)| pictures) {
                *sizes.entry(picture.dimensions()).or_default() += 1;
            }
            for (scored, condition) in scored.iter_mut().zip(self.conditions) {
                self.judge(&clips, *condition, scored)?;
                done += frames(unit);
                let (kind, level) = condition;
                let name = kind.map_or("untouched", Perturbation::name);
                let note = format!("{name} {}", level.number());
                observer.event(Event::Advanced { done, note: &note });
            }
        }
        observer.event(Event::Ended);
        Ok((scored, sizes))
    }

    /// Clips that are read and judged together: of a network of clips each alone, with the frames
    /// that it looks at; else at least [`FRAMES`] frames where there are so many.
    fn units(&self, split: Option<Split>, observer: &mut dyn Observer) -> Vec<Vec<Frames>> {
        if let Network::Clips {
            snippets, length, ..
        } = &self.run.network
        {
            let clips = Clips::new(self.faces, split, *length);
            if clips.too_short > 0 {
                observer.event(Event::Said(&format!(
                    "{} clips are left out for want of {length} successive frames",
                    clips.too_short
                )));
            }
            let even = |clip| vec![clips.even(clip, *snippets)];
            return clips.clips.iter().map(even).collect();
        }
        let mut videos: BTreeMap<VideoKey, Frames> = BTreeMap::new();
        for row in self.faces.rows(split) {
            videos.entry(self.faces.video(row)).or_default().push(row);
        }
        let rows = &self.faces.manifest.rows;
        let mut units = vec![Vec::new()];
        let mut frames = 0;
        for mut of_video in videos.into_values() {
            of_video.sort_by_key(|&row| rows[row].frame);
            for part in of_video.chunks(FRAMES) {
                if frames >= FRAMES {
                    units.push(Vec::new());
                    frames = 0;
                }
                frames += part.len();
                if let Some(unit) = units.last_mut() {
                    unit.push(part.to_vec());
                }
            }
        }
        units
    }

    /// The pictures of some clips. A picture that cannot be read any more is left out, and of a
    /// network of clips its whole clip.
    fn read(&self, unit: &[Frames], observer: &mut dyn Observer) -> Vec<(Frames, Vec<RgbImage>)> {
        let whole = matches!(self.run.network, Network::Clips { .. });
        let mut clips = Vec::new();
        for rows in unit {
            let read: Vec<_> = rows
                .par_iter()
                .map(|&row| self.faces.picture(row))
                .collect();
            let (mut kept, mut pictures) = (Vec::new(), Vec::new());
            for (&row, picture) in rows.iter().zip(read) {
                match picture {
                    Ok(picture) => {
                        kept.push(row);
                        pictures.push(picture);
                    }
                    Err(error) => observer.event(Event::Skipped {
                        what: &self.faces.manifest.rows[row].file,
                        why: &error.to_string(),
                    }),
                }
            }
            if !kept.is_empty() && (!whole || kept.len() == rows.len()) {
                clips.push((kept, pictures));
            }
        }
        clips
    }

    /// Perturbs, cuts out the faces and asks the network.
    fn judge(
        &self,
        clips: &[(Frames, Vec<RgbImage>)],
        (kind, level): Wanted,
        scored: &mut Vec<Scored>,
    ) -> Result<(), Error> {
        let seed = self.run.recipe.seed;
        let crops: Vec<Vec<RgbImage>> = clips
            .iter()
            .map(|(rows, pictures)| {
                let perturbed = match kind {
                    None => None,
                    Some(kind) => Some(kind.apply(pictures, rows, level, seed)?),
                };
                let pictures = perturbed.as_ref().unwrap_or(pictures);
                let pairs = rows.par_iter().zip(pictures);
                let cut = |(&row, picture)| Ok(self.faces.cut(row, picture)?.image);
                pairs.map(cut).collect()
            })
            .collect::<Result<_, Error>>()?;
        let rows = clips.iter().flat_map(|(rows, _)| rows).copied();
        match &self.run.network {
            Network::Faces(network) => {
                let images: Vec<&RgbImage> = crops.iter().flatten().collect();
                let batch = self.run.recipe.evaluation.batch_size.max(1);
                let batches = images.chunks(batch);
                let judged =
                    batches.flat_map(|batch| judge(&**network, batch, false, &self.run.device));
                let judged = rows.zip(judged);
                scored.extend(judged.map(|(row, judged)| self.scored(row, judged.score, None)));
            }
            Network::Clips {
                network, length, ..
            } => {
                for ((rows, _), crops) in clips.iter().zip(&crops) {
                    let frames: Vec<&RgbImage> = crops.iter().collect();
                    let judged = judge_clip(&**network, &frames, *length, &self.run.device);
                    // A frame that is in two snippets counts once.
                    let by_row: HashMap<_, _> = rows.iter().zip(judged.frames).collect();
                    let mut by_row: Vec<_> = by_row.into_iter().collect();
                    by_row.sort_by_key(|(row, _)| **row);
                    let of_clip = Some(judged.score);
                    scored.extend(
                        by_row
                            .into_iter()
                            .map(|(&row, score)| self.scored(row, score, of_clip)),
                    );
                }
            }
        }
        Ok(())
    }

    fn scored(&self, row: usize, score: f64, clip_score: Option<f64>) -> Scored {
        let forged = self.faces.forged(row);
        let extra = &self.faces.manifest.rows[row].extra;
        Scored {
            video: self.faces.video(row),
            forged,
            clip_forged: forged || extra.contains_key("clip_forged"),
            score: self.run.calibrated(score),
            clip_score: match clip_score {
                Some(clip) => self.run.best.video.probability(clip),
                None => self.run.calibrated(score),
            },
        }
    }
}
