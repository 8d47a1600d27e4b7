//! Training samples: faces as they are and forged, augmented.

use experiment::{Generator, Model, Recipe};
use face_preproc::{pictures::Mask, split::Split};
use image::RgbImage;
use rand::RngExt;
use runtime::{Purpose, generator};
use synth_data::{
    augment::{Sample, augment},
    degrade::degrade,
};

use crate::{
    Error,
    faces::Faces,
    forger::{Forger, around},
    order::Order,
};

/// Draws the samples of a training from its split.
pub struct Sampler<'a> {
    recipe: &'a Recipe,
    faces: &'a Faces,
    forger: Forger<'a>,
    /// Which rows are drawn when.
    pub order: Order,
}

/// One training sample.
pub struct FaceSample {
    /// `size` x `size` RGB.
    pub image: RgbImage,
    /// 1 = forged; zeros for a real face.
    pub mask: Mask,
    /// The image, degraded, where the recipe degrades (LiSiam's second branch).
    pub degraded: Option<RgbImage>,
    /// Around what is forged, `[x0, y0, x1, y1]` in shares of width and height.
    pub boxes: Vec<[f32; 4]>,
    /// 0 = real, 1 = forged.
    pub label: u8,
}

impl<'a> Sampler<'a> {
    /// The samples of the training split.
    ///
    /// # Errors
    /// Where there is nothing to train on.
    pub fn new(recipe: &'a Recipe, faces: &'a Faces) -> Result<Self, Error> {
        let forger = Forger::new(faces, Some(Split::Train), recipe)?;
        let forged = |row: &usize| faces.forged(*row) && faces.manifest.rows[*row].mask.is_some();
        let has_forgeries = recipe.forgery.draws_data_forgeries()
            && faces.rows(Some(Split::Train)).iter().any(forged);
        if !forger.can_forge() && !has_forgeries {
            return Err(Error::data(
                &faces.manifest.root,
                format!("the training split needs {}", forger.needs()),
            ));
        }
        Ok(Self {
            recipe,
            faces,
            order: Order::new(faces, recipe, &forger)?,
            forger,
        })
    }

    /// The samples of a step: a pure function of it and the seed.
    ///
    /// # Errors
    /// Where a picture cannot be read any more.
    pub fn batch(&self, step: usize) -> Result<Vec<FaceSample>, Error> {
        let size = self.recipe.schedule.batch_size;
        let faces = size / self.recipe.forgery.samples_per_face();
        let rows = self.order.batch(step, faces);
        (0..size)
            .map(|place| self.sample(step, place, rows[self.recipe.forgery.draw(place).0]))
            .collect()
    }

    fn sample(&self, step: usize, place: usize, row: usize) -> Result<FaceSample, Error> {
        let seed = self.recipe.seed;
        let (draw, forge) = self.recipe.forgery.draw(place);
        let mut rng = generator(seed, Purpose::Forgery, step as u64, draw as u64);
        let forgery = &self.recipe.forgery;
        let forge = forge.unwrap_or_else(|| {
            // The data set's own forgeries are drawn as rows.
            forgery.generator != Generator::Data && rng.random_bool(forgery.probability)
        });
        let face = self.faces.face(row)?;
        let landmarks = face.landmarks.unwrap_or([[0.0; 2]; 68]);
        let blank = || Mask::new(face.image.width(), face.image.height());
        let real = |image: RgbImage| Sample {
            image,
            mask: blank(),
            landmarks,
            boxes: Vec::new(),
        };
        let data_forgery = self.faces.forged(row);
        // The real one of a self-blended pair comes out of the generator, too.
        let both = forgery.paired && forgery.generator == Generator::Sbi;
        let made = match (forge || both) && !data_forgery {
            true => self.forger.forge(row, &face, &mut rng)?,
            false => None,
        };
        let (whole, label) = if data_forgery {
            let mask = self.faces.mask(row, &face.transform)?.unwrap_or_else(blank);
            let sample = Sample {
                boxes: around(&mask),
                mask,
                ..real(face.image.clone())
            };
            (sample, 1)
        } else {
            match made {
                Some(forged) if forge => {
                    let sample = Sample {
                        mask: forged.mask,
                        boxes: forged.boxes,
                        ..real(forged.image)
                    };
                    (sample, 1)
                }
                Some(forged) => (real(forged.real.unwrap_or_else(|| face.image.clone())), 0),
                None => (real(face.image.clone()), 0),
            }
        };
        // A forged row of the manifest has no pristine twin: its two samples differ by augmentation.
        let draw = if data_forgery { place } else { draw };
        let mut rng = generator(seed, Purpose::Augmentation, step as u64, draw as u64);
        let augmented = augment(&whole, &self.recipe.augmentation, &mut rng)?;
        let degraded = match &self.recipe.model {
            Model::Lisiam(lisiam) => {
                let mut rng = generator(seed, Purpose::Degradation, step as u64, place as u64);
                Some(degrade(&augmented.image, &lisiam.degradation, &mut rng)?)
            }
            _ => None,
        };
        Ok(FaceSample {
            image: augmented.image,
            mask: augmented.mask,
            boxes: augmented.boxes,
            degraded,
            label,
        })
    }
}
