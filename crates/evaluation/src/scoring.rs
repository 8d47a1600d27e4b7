//! Scores of a set of faces.

use std::{collections::BTreeMap, ops::ControlFlow, sync::OnceLock};

use burn::tensor::Device;
use core_tensor_ops::Detector;
use experiment::{Generator, Recipe};
use face_data::{Faces, Forger, around};
use face_preproc::{crop::Face, manifest::Label, split::Split};
use face_store::Share;
use image::RgbImage;
use inference::{Prediction, predict};
use metrics::{FrameScore, VideoKey};
use rand::Rng;
use rayon::prelude::*;
use runtime::{Event, Observer, Purpose, cores::batches_at_once, generator};
use synth_data::augment::AugmentConfig;
use video::sample_uniform;

use crate::{
    Error,
    ahead::ahead,
    subject::{Subject, augmented},
    validation::Validated,
};

/// Forgeries of a validation are kept in memory up to this many bytes; those beyond are made again.
const KEPT_BYTES: usize = 2 << 30;

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
    /// Pictures of generated forgeries, by item, where they are asked for again and again.
    kept: Vec<OnceLock<RgbImage>>,
    /// What every face goes through, drawn from the row alone; none where no forgery is generated.
    augmentation: Option<&'a AugmentConfig>,
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
        let generates = items.iter().any(|item| item.generated);
        let augmentation = &recipe.evaluation.augmentation;
        let augments = generates && *augmentation != AugmentConfig::none();
        Ok(Self {
            faces,
            forger,
            recipe,
            split,
            items,
            kept: Vec::new(),
            augmentation: augments.then_some(augmentation),
        })
    }

    /// What the weights of a training are chosen by: of each video of the validation split
    /// `schedule.validation_frames`. What learns from a data set's forgeries is chosen by them, not by
    /// what was made of them; what does not is chosen by the generator's, and never sees the others.
    ///
    /// # Errors
    /// As [`ScoringSet::new`].
    pub fn validation(faces: &'a Faces, recipe: &'a Recipe) -> Result<Self, Error> {
        let rows = faces.rows(Some(Split::Val));
        let has_forgeries = rows.iter().any(|&row| faces.forged(row));
        let by_data = recipe.forgery.learns_from_data() && has_forgeries;
        let mut set = Self::new(faces, Some(Split::Val), !by_data, recipe)?;
        if set.items.iter().any(|item| item.generated) {
            set.items
                .retain(|item| item.generated || !faces.forged(item.row));
        }
        if let Some(frames) = recipe.schedule.validation_frames {
            set.spread(frames);
        }
        let picture = 3 * (faces.size() as usize).pow(2);
        let forgeries = set.items.iter().filter(|item| item.generated).count();
        // All of them or none: which are kept must not depend on which came first.
        if forgeries * picture <= KEPT_BYTES {
            set.kept = set.items.iter().map(|_| OnceLock::new()).collect();
        }
        Ok(set)
    }

    /// Leaves `frames` items of each video, spread evenly over its frames.
    fn spread(&mut self, frames: usize) {
        let mut videos: BTreeMap<_, Vec<Item>> = BTreeMap::new();
        for &item in &self.items {
            let video = self.video(item);
            videos
                .entry((item.generated, video))
                .or_default()
                .push(item);
        }
        self.items.clear();
        for mut items in videos.into_values() {
            items.sort_by_key(|item| self.faces.manifest.rows[item.row].frame);
            let places = sample_uniform(items.len(), frames);
            self.items
                .extend(places.into_iter().map(|place| items[place]));
        }
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
        self.forged(item) || self.faces.manifest.rows[item.row].clip_forged()
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
        let number = self.faces.number(item.row);
        let keyed = |draw| generator(self.recipe.seed, Purpose::Evaluation, number, draw);
        let size = (self.faces.size(), self.faces.size());
        let crop = self.augmentation.and_then(|augmentation| augmentation.crop);
        let moved = crop.map(|crop| crop.draw(size, &mut keyed(1)));
        let face = self.faces.face_moved(item.row, moved.as_ref())?;
        let subject = self.plain_subject(item, &face, &mut keyed(0))?;
        match self.augmentation {
            Some(augmentation) => augmented(subject, &face, augmentation, &mut keyed(2)),
            None => Ok(subject),
        }
    }

    /// A face as it is, or forged.
    fn plain_subject(&self, item: Item, face: &Face, rng: &mut impl Rng) -> Result<Subject, Error> {
        if item.generated {
            let forged = self.forger.forge(item.row, face, rng)?;
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
            image: face.image.clone(),
            boxes: mask.as_ref().map(around).unwrap_or_default(),
            mask,
        })
    }

    /// The picture of the item at a place; a forgery that is kept is made once.
    fn picture(&self, place: usize) -> Result<RgbImage, Error> {
        let item = self.items[place];
        let kept = self.kept.get(place).filter(|_| item.generated);
        if let Some(picture) = kept.and_then(OnceLock::get) {
            return Ok(picture.clone());
        }
        let picture = match item.generated || self.augmentation.is_some() {
            true => self.subject(item)?.image,
            // Its mask says nothing of its score.
            false => self.faces.face(item.row)?.image,
        };
        if let Some(kept) = kept {
            let _ = kept.set(picture.clone());
        }
        Ok(picture)
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
        let scores = self.score_share(model, device, Share::ALL, observer)?;
        Ok(scores.into_iter().map(|(_, score)| score).collect())
    }

    /// Scores the items of a share, by place: whole batches, as they are where all items are scored.
    ///
    /// # Errors
    /// As [`score`](Self::score).
    pub fn score_share(
        &self,
        model: &dyn Detector,
        device: &Device,
        share: Share,
        observer: &mut dyn Observer,
    ) -> Result<Vec<(usize, Option<f64>)>, Error> {
        let size = self.recipe.evaluation.batch_size.max(1);
        let mine = |place: &usize| share.holds((place / size) as u32);
        let places: Vec<usize> = (0..self.items.len()).filter(mine).collect();
        observer.event(Event::Began {
            what: "scoring",
            total: places.len(),
            done: 0,
        });
        let mut scores = Vec::with_capacity(places.len());
        self.scores(&places, model, device, |place, score| {
            if let Err(error) = &score {
                observer.event(Event::Skipped {
                    what: &self.faces.manifest.rows[self.items[place].row].file,
                    why: &error.to_string(),
                });
            }
            scores.push((place, score.ok()));
            observer.event(Event::Advanced {
                done: scores.len(),
                note: "",
            });
            ControlFlow::Continue(())
        });
        observer.event(Event::Ended);
        Ok(scores)
    }

    /// Hands over the score of each item at some places, in their order.
    fn scores(
        &self,
        places: &[usize],
        model: &dyn Detector,
        device: &Device,
        mut take: impl FnMut(usize, Result<f64, Error>) -> ControlFlow<()>,
    ) {
        let picture = |place: &usize| self.picture(*place);
        let judged = |pictures: &[&RgbImage]| predict(model, pictures, false, device);
        self.each(
            places,
            device,
            picture,
            |picture| picture,
            judged,
            |place, judged| take(*place, judged.map(|(_, judged)| judged.score)),
        );
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
        let subject = |item: &Item| self.subject(*item);
        let judged = |pictures: &[&RgbImage]| predict(model, pictures, with_heat_map, device);
        self.each(
            items,
            device,
            subject,
            |subject| &subject.image,
            judged,
            |item, judged| {
                take(*item, judged);
                ControlFlow::Continue(())
            },
        );
    }

    /// Makes something with a picture of each of `wanted`, ahead of the network that judges the pictures.
    fn each<W: Sync, S: Send>(
        &self,
        wanted: &[W],
        device: &Device,
        make: impl Fn(&W) -> Result<S, Error> + Sync,
        image: impl Fn(&S) -> &RgbImage + Sync,
        judge: impl Fn(&[&RgbImage]) -> Vec<Prediction> + Sync,
        mut take: impl FnMut(&W, Result<(S, Prediction), Error>) -> ControlFlow<()>,
    ) {
        let size = self.recipe.evaluation.batch_size;
        let of_batch = |batch: usize| wanted.chunks(size).nth(batch).unwrap_or_default();
        let made = |batch: usize| -> Vec<_> { of_batch(batch).par_iter().map(&make).collect() };
        let judged = |made: Vec<Result<S, Error>>| {
            let images: Vec<_> = made.iter().flatten().map(&image).collect();
            let mut judged = judge(&images).into_iter();
            let with_judged = |made: Result<S, Error>| {
                made.map(|made| (made, judged.next().expect("one for each image")))
            };
            made.into_iter().map(with_judged).collect::<Vec<_>>()
        };
        let batches = wanted.len().div_ceil(size);
        let at_once = batches_at_once(device);
        ahead(batches, at_once, made, judged, |batch, judged| {
            of_batch(batch)
                .iter()
                .zip(judged)
                .try_for_each(|(wanted, judged)| take(wanted, judged))
        });
    }

    /// What the frames' scores are worth. `going_on` hears how many of how many are scored and says
    /// whether to go on; [`None`] where it did not.
    ///
    /// # Errors
    /// Where a class is absent.
    pub fn validate(
        &self,
        model: &dyn Detector,
        device: &Device,
        going_on: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Option<Validated>, Error> {
        let mut frames = Vec::with_capacity(self.items.len());
        let mut done = 0;
        let places: Vec<usize> = (0..self.items.len()).collect();
        self.scores(&places, model, device, |place, score| {
            let item = self.items[place];
            if let Ok(score) = score {
                let frame = FrameScore {
                    video: self.video(item),
                    score,
                    forged: self.forged(item),
                };
                let number = self.faces.manifest.rows[item.row].frame;
                frames.push((frame, number, self.video_forged(item)));
            }
            done += 1;
            match going_on(done, self.items.len()) {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        });
        if done < self.items.len() {
            return Ok(None);
        }
        Validated::of_frames(frames, &self.recipe.evaluation).map(Some)
    }
}
