//! One run that judges one data set: each picture as it is, and perturbed.

use std::collections::{BTreeMap, HashMap};

use evaluation::Run;
use face_data::{Clips, Faces};
use face_preproc::split::Split;
use face_store::Share;
use image::RgbImage;
use inference::{Network, Prediction, predict, predict_clip};
use metrics::VideoKey;
use rayon::prelude::*;
use runtime::{Event, Observer};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Perturbation,
    results::{Scored, Wanted},
};

/// Frames that are read, and coded as a video, at a time.
const FRAMES: usize = 32;

/// The rows of one clip in the order of its frames.
type Frames = Vec<usize>;
/// How many pictures have a width and height.
pub(crate) type Sizes = BTreeMap<(u32, u32), usize>;

/// What the network says of a row, before calibration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Judged {
    row: usize,
    score: f64,
    /// Of a network of clips, what it says of the clip.
    clip: Option<f64>,
}

/// What was judged together: the rows under each condition, and the sizes of their pictures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unit {
    /// Its place among all.
    number: u32,
    conditions: Vec<Vec<Judged>>,
    sizes: Vec<((u32, u32), usize)>,
}

/// One run that judges one data set.
pub(crate) struct Judging<'a> {
    pub(crate) run: &'a Run,
    pub(crate) faces: &'a Faces,
    pub(crate) conditions: &'a [Wanted],
}

impl Judging<'_> {
    /// What the network says of each row of a share under each condition.
    pub(crate) fn score(
        &self,
        split: Option<Split>,
        share: Share,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Unit>, Error> {
        let units = (0..).zip(self.units(split, observer));
        let units: Vec<_> = units.filter(|(number, _)| share.holds(*number)).collect();
        let frames = |unit: &[Frames]| unit.iter().map(Vec::len).sum::<usize>();
        let total: usize = units.iter().map(|(_, unit)| frames(unit)).sum();
        observer.event(Event::Began {
            what: "judging perturbed faces",
            total: total * self.conditions.len(),
            done: 0,
        });
        let (mut scored, mut done) = (Vec::new(), 0);
        for (number, unit) in &units {
            let clips = self.read(unit, observer);
            let mut sizes = Sizes::new();
            for picture in clips.iter().flat_map(|(_, pictures)| pictures) {
                *sizes.entry(picture.dimensions()).or_default() += 1;
            }
            let mut conditions = Vec::new();
            for condition in self.conditions {
                conditions.push(self.judge(&clips, *condition)?);
                done += frames(unit);
                let (kind, level) = condition;
                let name = kind.map_or("untouched", Perturbation::name);
                let note = format!("{name} {}", level.number());
                observer.event(Event::Advanced { done, note: &note });
            }
            scored.push(Unit {
                number: *number,
                conditions,
                sizes: sizes.into_iter().collect(),
            });
        }
        observer.event(Event::Ended);
        Ok(scored)
    }

    /// Each condition's rows with what is known of them, and the sizes of the pictures, of all units.
    pub(crate) fn together(&self, mut units: Vec<Unit>) -> (Vec<Vec<Scored>>, Sizes) {
        units.sort_by_key(|unit| unit.number);
        let mut scored = vec![Vec::new(); self.conditions.len()];
        let mut sizes = Sizes::new();
        for unit in units {
            for (scored, judged) in scored.iter_mut().zip(unit.conditions) {
                scored.extend(judged.into_iter().map(|judged| self.scored(judged)));
            }
            for (size, count) in unit.sizes {
                *sizes.entry(size).or_default() += count;
            }
        }
        (scored, sizes)
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
    ) -> Result<Vec<Judged>, Error> {
        let seed = self.run.recipe.seed;
        let crops: Vec<Vec<RgbImage>> = clips
            .iter()
            .map(|(rows, pictures)| {
                let numbers: Vec<u64> = rows.iter().map(|&row| self.faces.number(row)).collect();
                let perturbed = match kind {
                    None => None,
                    Some(kind) => Some(kind.apply(pictures, &numbers, level, seed)?),
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
                    batches.flat_map(|batch| predict(&**network, batch, false, &self.run.device));
                let of = |(row, judged): (usize, Prediction)| Judged {
                    row,
                    score: judged.score,
                    clip: None,
                };
                Ok(rows.zip(judged).map(of).collect())
            }
            Network::Clips {
                network, length, ..
            } => {
                let mut scored = Vec::new();
                for ((rows, _), crops) in clips.iter().zip(&crops) {
                    let frames: Vec<&RgbImage> = crops.iter().collect();
                    let judged = predict_clip(&**network, &frames, *length, &self.run.device);
                    // A frame that is in two snippets counts once.
                    let by_row: HashMap<_, _> = rows.iter().zip(judged.frames).collect();
                    let mut by_row: Vec<_> = by_row.into_iter().collect();
                    by_row.sort_by_key(|(row, _)| **row);
                    let clip = Some(judged.score);
                    let of = |(&row, score): (&usize, f64)| Judged { row, score, clip };
                    scored.extend(by_row.into_iter().map(of));
                }
                Ok(scored)
            }
        }
    }

    fn scored(&self, judged: Judged) -> Scored {
        let Judged { row, score, clip } = judged;
        let forged = self.faces.forged(row);
        Scored {
            video: self.faces.video(row),
            forged,
            clip_forged: forged || self.faces.manifest.rows[row].clip_forged(),
            score: self.run.calibrated(score),
            clip_score: match clip {
                Some(clip) => self.run.video.probability(clip),
                None => self.run.calibrated(score),
            },
        }
    }
}
