//! One run that judges one data set: each picture as it is, and perturbed.

use std::collections::{BTreeMap, HashMap};

use evaluation::Run;
use face_data::{Clips, Faces};
use face_preproc::split::Split;
use image::RgbImage;
use inference::{Network, predict, predict_clip};
use metrics::VideoKey;
use rayon::prelude::*;
use runtime::{Event, Observer};

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
/// One run that judges one data set.
pub(crate) struct Judging<'a> {
    pub(crate) run: &'a Run,
    pub(crate) faces: &'a Faces,
    pub(crate) conditions: &'a [Wanted],
}

impl Judging<'_> {
    /// What the run says of each row under each condition, and the sizes of the pictures.
    pub(crate) fn score(
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
                let judged = rows.zip(judged);
                scored.extend(judged.map(|(row, judged)| self.scored(row, judged.score, None)));
            }
            Network::Clips {
                network, length, ..
            } => {
                for ((rows, _), crops) in clips.iter().zip(&crops) {
                    let frames: Vec<&RgbImage> = crops.iter().collect();
                    let judged = predict_clip(&**network, &frames, *length, &self.run.device);
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
        Scored {
            video: self.faces.video(row),
            forged,
            clip_forged: forged || self.faces.manifest.rows[row].clip_forged(),
            score: self.run.calibrated(score),
            clip_score: match clip_score {
                Some(clip) => self.run.video.probability(clip),
                None => self.run.calibrated(score),
            },
        }
    }
}
