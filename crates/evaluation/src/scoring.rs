//! Scores of a set of faces.

use burn::tensor::Device;
use core_tensor_ops::Detector;
use experiment::{Generator, Recipe};
use face_data::{Faces, Forger, around};
use face_preproc::{manifest::Label, pictures::Mask, split::Split};
use image::RgbImage;
use inference::{Prediction, predict};
use metrics::{FrameScore, VideoKey};
use rayon::prelude::*;
use runtime::{Event, Observer, Purpose, cores::batches_at_once, generator, in_order};

use crate::{Error, validation::Validated};

/// One face to score: a row of the manifest, or a forgery made from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// Row of the manifest.
    pub row: usize,
    /// Whether the row's real face is turned into a forgery by the recipe's generator.
    pub generated: bool,
}

/// A fixed set of faces: the rows of a split and, where asked for, one forgery of each real one by
/// the recipe's generator. The forgeries depend on the recipe's seed and the row alone, not on the
/// network.
pub struct ScoringSet<'a> {
    faces: &'a Faces,
    forger: Forger<'a>,
    recipe: &'a Recipe,
    /// The split; all rows where there is none.
    pub split: Option<Split>,
    /// The faces, in the manifest's order, generated forgeries last.
    pub items: Vec<Item>,
}

/// A face as the network sees it, with what is known of it.
pub struct Subject {
    /// `size` x `size` RGB.
    pub image: RgbImage,
    /// 1 = forged; absent where it is not known.
    pub mask: Option<Mask>,
    /// Around what is forged, in shares of width and height; none where it is not known.
    pub boxes: Vec<[f32; 4]>,
}

impl<'a> ScoringSet<'a> {
    /// The faces of `split`, or of all rows.
    ///
    /// # Errors
    /// Where landmarks are not finite.
    pub fn new(
        faces: &'a Faces,
        split: Option<Split>,
        generated: bool,
        recipe: &'a Recipe,
    ) -> Result<Self, Error> {
        let forger = Forger::new(faces, split, recipe)?;
        let rows = faces.rows(split);
        let of_row = |row, generated| Item { row, generated };
        let mut items: Vec<_> = rows.iter().map(|&row| of_row(row, false)).collect();
        // The data set's forgeries are among the rows.
        if generated
            && recipe.model.judges_faces()
            && recipe.forgery.generator != Generator::Data
            && forger.can_forge()
        {
            items.extend(forger.targets().iter().map(|&row| of_row(row, true)));
        }
        Ok(Self {
            faces,
            forger,
            recipe,
            split,
            items,
        })
    }

    /// Whether both classes are there.
    pub fn has_both_classes(&self) -> bool {
        let forged = self.items.iter().filter(|item| self.forged(**item)).count();
        0 < forged && forged < self.items.len()
    }

    /// What the data need, where no forgery can be made.
    #[must_use]
    pub fn needs(&self) -> &'static str {
        self.forger.needs()
    }

    /// Whether an item is forged.
    #[must_use]
    pub fn forged(&self, item: Item) -> bool {
        item.generated || self.faces.manifest.rows[item.row].label == Label::Forged
    }

    /// Whether any frame of an item's video is forged.
    #[must_use]
    pub fn video_forged(&self, item: Item) -> bool {
        let extra = &self.faces.manifest.rows[item.row].extra;
        self.forged(item) || extra.contains_key("clip_forged")
    }

    /// The video of an item; forgeries of the recipe's generator are videos of their own.
    #[must_use]
    pub fn video(&self, item: Item) -> VideoKey {
        let mut video = self.faces.video(item.row);
        if item.generated {
            video.method = self.recipe.forgery.generator.as_str().into();
        }
        video
    }

    /// The picture and mask of an item.
    ///
    /// # Errors
    /// Where the row's picture cannot be read any more.
    pub fn subject(&self, item: Item) -> Result<Subject, Error> {
        let face = self.faces.face(item.row)?;
        if item.generated {
            let mut rng = generator(self.recipe.seed, Purpose::Evaluation, item.row as u64, 0);
            let forged = self.forger.forge(item.row, &face, &mut rng)?;
            let forgery = forged.ok_or_else(|| {
                Error::data(
                    &self.faces.manifest.rows[item.row].file,
                    "this face cannot be forged",
                )
            })?;
            return Ok(Subject {
                image: forgery.image,
                mask: Some(forgery.mask),
                boxes: forgery.boxes,
            });
        }
        let mask = self.faces.mask(item.row, &face.transform)?;
        Ok(Subject {
            image: face.image,
            boxes: mask.as_ref().map(around).unwrap_or_default(),
            mask,
        })
    }

    /// Scores every item; `None` for those whose picture cannot be read any more, which are
    /// named.
    ///
    /// # Errors
    /// None at present; the signature leaves room for devices that fail.
    pub fn score(
        &self,
        model: &dyn Detector,
        device: &Device,
        observer: &mut dyn Observer,
    ) -> Result<Vec<Option<f64>>, Error> {
        observer.event(Event::Began {
            what: "scoring",
            total: self.items.len(),
            done: 0,
        });
        let mut scores = Vec::with_capacity(self.items.len());
        self.judge_each(model, &self.items, false, device, |item, judged| {
            if let Err(error) = &judged {
                observer.event(Event::Skipped {
                    what: &self.faces.manifest.rows[item.row].file,
                    why: &error.to_string(),
                });
            }
            scores.push(judged.ok().map(|(_, judged)| judged.score));
            observer.event(Event::Advanced {
                done: scores.len(),
                note: "",
            });
        });
        observer.event(Event::Ended);
        Ok(scores)
    }

    /// Asks the network about items and hands over, in their order, what they are and what it says;
    /// an error where a picture cannot be read any more.
    pub fn judge_each(
        &self,
        model: &dyn Detector,
        items: &[Item],
        with_heat_map: bool,
        device: &Device,
        mut take: impl FnMut(Item, Result<(Subject, Prediction), Error>),
    ) {
        let size = self.recipe.evaluation.batch_size;
        let judged = |batch: usize| {
            let items = items.chunks(size).nth(batch).unwrap_or_default();
            let subjects: Vec<_> = items.par_iter().map(|item| self.subject(*item)).collect();
            let images: Vec<_> = subjects.iter().flatten().map(|s| &s.image).collect();
            let mut judged = predict(model, &images, with_heat_map, device).into_iter();
            let with_judged = |subject: Result<Subject, Error>| {
                subject.map(|subject| (subject, judged.next().expect("one for each image")))
            };
            subjects.into_iter().map(with_judged).collect::<Vec<_>>()
        };
        let batches = items.len().div_ceil(size);
        let at_once = batches_at_once(device);
        in_order(0..batches, at_once, 2 * at_once, judged, |batches| {
            let judged = batches.flat_map(|(_, batch)| batch);
            items
                .iter()
                .zip(judged)
                .for_each(|(item, judged)| take(*item, judged));
        });
    }

    /// What the frames' scores are worth.
    ///
    /// # Errors
    /// Where a class is absent.
    pub fn validate(&self, model: &dyn Detector, device: &Device) -> Result<Validated, Error> {
        let scores = self.score(model, device, &mut ())?;
        let scored = self.items.iter().zip(scores);
        let frames = scored.filter_map(|(&item, score)| {
            let frame = FrameScore {
                video: self.video(item),
                score: score?,
                forged: self.forged(item),
            };
            let number = self.faces.manifest.rows[item.row].frame;
            Some((frame, number, self.video_forged(item)))
        });
        Validated::of_frames(frames.collect(), &self.recipe.evaluation)
    }
}
