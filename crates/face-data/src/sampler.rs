//! Training samples: faces as they are and forged, augmented.

use experiment::{Balance, Generator, Model, Recipe};
use face_preproc::{crop::Face, geometry::Similarity, pictures::Mask, split::Split};
use image::RgbImage;
use rand::RngExt;
use runtime::{Purpose, generator};
use synth_data::{
    augment::{AugmentConfig, Sample, augment, pad, pad_mask},
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
    /// The recipe's, but for the crop, which is drawn before faces are cut.
    augmentation: AugmentConfig,
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
            return Err(forger.lacking(&faces.manifest.root, "the training split"));
        }
        Ok(Self {
            recipe,
            faces,
            order: Order::new(faces, recipe, &forger)?,
            augmentation: AugmentConfig {
                crop: None,
                ..recipe.augmentation.clone()
            },
            forger,
        })
    }

    /// The samples of a step: a pure function of it and the seed.
    ///
    /// # Errors
    /// Where a picture cannot be read any more.
    pub fn batch(&self, step: usize) -> Result<Vec<FaceSample>, Error> {
        let faces = self.recipe.schedule.batch_size / self.recipe.forgery.samples_per_face();
        let rows = self.order.batch(step, faces);
        let samples = rows.iter().enumerate();
        let samples = samples.map(|(draw, &row)| self.samples(step, draw, row));
        let samples: Vec<Vec<FaceSample>> = samples.collect::<Result<_, Error>>()?;
        Ok(samples.into_iter().flatten().collect())
    }

    /// Share of the faces that have a source within I2G's epsilon; [`None`] of other generators.
    #[must_use]
    pub fn within_epsilon(&self) -> Option<f64> {
        let mut rng = generator(self.recipe.seed, Purpose::Order, u64::MAX, 0);
        self.forger.within_epsilon(&mut rng)
    }

    /// How likely a real face is to become a forgery.
    fn chance(&self, row: usize) -> f64 {
        match self.recipe.forgery.balance {
            Balance::Given | Balance::Even => self.recipe.forgery.probability,
            Balance::Natural => {
                let forgeries = self.forger.forgeries_of(row).len() as f64;
                forgeries / (forgeries + 1.0)
            }
        }
    }

    /// The samples of one drawn face: its picture is decoded once, and its forgery made once.
    fn samples(&self, step: usize, draw: usize, row: usize) -> Result<Vec<FaceSample>, Error> {
        let forgery = &self.recipe.forgery;
        let share = forgery.samples_per_face();
        let places = draw * share..(draw + 1) * share;
        if self.faces.forged(row) {
            // A forged row of the manifest has no pristine twin: its two samples differ by augmentation.
            return places.map(|place| self.given(step, place, row)).collect();
        }
        let (face, moved) = self.cut(step, draw, row)?;
        let seed = self.recipe.seed;
        let mut rng = generator(seed, Purpose::Forgery, step as u64, draw as u64);
        let by_chance = forgery.generator != Generator::Data;
        let mut forge = |place| {
            let told = forgery.draw(place).1;
            told.unwrap_or_else(|| by_chance && rng.random_bool(self.chance(row)))
        };
        let forge: Vec<bool> = places.clone().map(&mut forge).collect();
        let made = match forge.contains(&true) {
            true => self.forger.forge(row, &face, &mut rng)?,
            false => None,
        };
        let finished = places.zip(forge).map(|(place, forge)| {
            let sample = match (&made, forge) {
                (Some(forged), true) => {
                    let whole = Sample {
                        mask: forged.mask.clone(),
                        boxes: forged.boxes.clone(),
                        ..as_it_is(&face, &forged.image)
                    };
                    (whole, 1)
                }
                (Some(forged), false) => {
                    let real = forged.real.as_ref().unwrap_or(&face.image);
                    (as_it_is(&face, real), 0)
                }
                (None, _) => (as_it_is(&face, &face.image), 0),
            };
            self.finished(step, [place, draw], sample, moved.as_ref())
        });
        finished.collect()
    }

    /// A forgery of the data set's own.
    fn given(&self, step: usize, place: usize, row: usize) -> Result<FaceSample, Error> {
        let (face, moved) = self.cut(step, place, row)?;
        let mut whole = as_it_is(&face, &face.image);
        if let Some(mask) = self.faces.mask(row, &face.transform)? {
            whole.mask = mask;
        }
        whole.boxes = around(&whole.mask);
        self.finished(step, [place; 2], (whole, 1), moved.as_ref())
    }

    /// A face, cut by a crop that is drawn by `number`.
    fn cut(
        &self,
        step: usize,
        number: usize,
        row: usize,
    ) -> Result<(Face, Option<Similarity>), Error> {
        let size = (self.faces.size(), self.faces.size());
        let mut rng = generator(self.recipe.seed, Purpose::Crop, step as u64, number as u64);
        let crop = self.recipe.augmentation.crop;
        let moved = crop.map(|crop| crop.draw(size, &mut rng));
        Ok((self.faces.face_moved(row, moved.as_ref())?, moved))
    }

    /// What becomes of a sample at a place in the batch, augmented by what is drawn by `number`.
    fn finished(
        &self,
        step: usize,
        [place, number]: [usize; 2],
        (whole, label): (Sample, u8),
        moved: Option<&Similarity>,
    ) -> Result<FaceSample, Error> {
        let drawn =
            |purpose, number| generator(self.recipe.seed, purpose, step as u64, number as u64);
        let mut rng = drawn(Purpose::Augmentation, number);
        let mut augmented = augment(&whole, &self.augmentation, &mut rng)?;
        let mut degraded = match &self.recipe.model {
            Model::Lisiam(lisiam) => {
                let mut rng = drawn(Purpose::Degradation, place);
                Some(degrade(&augmented.image, &lisiam.degradation, &mut rng)?)
            }
            _ => None,
        };
        let size = (self.faces.size(), self.faces.size());
        let content = self.recipe.augmentation.crop.zip(moved);
        if let Some(content) = content.and_then(|(crop, moved)| crop.content(moved, size)) {
            let pictures = [Some(&mut augmented.image), degraded.as_mut()];
            pictures
                .into_iter()
                .flatten()
                .for_each(|picture| pad(picture, content));
            pad_mask(&mut augmented.mask, content);
        }
        Ok(FaceSample {
            image: augmented.image,
            mask: augmented.mask,
            boxes: augmented.boxes,
            degraded,
            label,
        })
    }
}

/// A face of which nothing is forged.
fn as_it_is(face: &Face, image: &RgbImage) -> Sample {
    Sample {
        image: image.clone(),
        mask: Mask::new(face.image.width(), face.image.height()),
        landmarks: face.landmarks.unwrap_or([[0.0; 2]; 68]),
        boxes: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use face_preproc::{geometry::MEAN_FACE68, pictures::write_png};
    use image::Rgb;
    use serde_json::json;
    use synth_data::augment::IGNORED;

    use super::*;

    /// A face in the middle of a picture whose neighbouring pixels differ everywhere, and a forgery of
    /// it with its mask.
    fn faces(recipe: &Recipe) -> (tempfile::TempDir, Faces) {
        let folder = tempfile::tempdir().unwrap();
        let wave = |at: u32| 128.0 + 55.0 * (at as f32 / 9.0).sin();
        // Along every line some channel changes everywhere.
        let across =
            |x: u32, y: u32| 128.0 + 55.0 * (x as f32 / 9.0).cos() * (y as f32 / 9.0).cos();
        let picture = RgbImage::from_fn(640, 640, |x, y| {
            Rgb([wave(x) as u8, wave(y) as u8, across(x, y) as u8])
        });
        let mask = RgbImage::from_pixel(640, 640, Rgb([255; 3]));
        for (name, picture) in [("real.png", &picture), ("mask.png", &mask)] {
            write_png(folder.path().join(name), picture).unwrap();
        }
        let landmarks: Vec<_> = MEAN_FACE68
            .iter()
            .map(|p| p.map(|c| c * 110.0 + 320.0))
            .collect();
        let row = |label: u8| {
            json!({
                "file": "real.png", "label": label, "video": label.to_string(), "frame": 0,
                "identity": "one", "split": "train", "landmarks68": landmarks,
                "mask": (label == 1).then_some("mask.png"),
            })
        };
        let path = folder.path().join("faces.json");
        std::fs::write(&path, json!([row(0), row(1)]).to_string()).unwrap();
        let faces = Faces::open(&path, &recipe.crop, &recipe.split, &mut ()).unwrap();
        (folder, faces)
    }

    fn recipe(name: &str, set: &[&str]) -> Recipe {
        let set: Vec<String> = set.iter().map(|pair| (*pair).to_owned()).collect();
        Recipe::load(name, &set).unwrap()
    }

    const PLAIN: [&str; 6] = [
        "augmentation.blur.probability=0",
        "augmentation.noise.probability=0",
        "augmentation.jpeg.probability=0",
        "schedule.batch_size=8",
        "forgery.generator=data",
        "forgery.paired=false",
    ];

    /// How much the outermost five pixels of a side differ from their neighbours, in levels.
    fn least_change_at_the_border(image: &RgbImage) -> f64 {
        let (width, height) = image.dimensions();
        let change = |at: &dyn Fn(u32, u32) -> [u32; 2]| {
            let mut sum = 0.0;
            for along in 0..width.min(height) {
                for deep in 0..5 {
                    let [[x, y], [u, v]] = [at(deep, along), at(deep + 1, along)];
                    let (p, q) = (image.get_pixel(x, y), image.get_pixel(u, v));
                    sum += (0..3)
                        .map(|c| f64::from(p.0[c].abs_diff(q.0[c])))
                        .sum::<f64>();
                }
            }
            sum / f64::from(5 * width.min(height))
        };
        let sides: [&dyn Fn(u32, u32) -> [u32; 2]; 4] = [
            &|deep, along| [deep, along],
            &|deep, along| [width - 1 - deep, along],
            &|deep, along| [along, deep],
            &|deep, along| [along, height - 1 - deep],
        ];
        sides.into_iter().map(change).fold(f64::INFINITY, f64::min)
    }

    /// The picture reaches far beyond every crop of `adm-paper`: nothing of it is repeated.
    #[test]
    fn a_crop_drawn_anew_repeats_no_border_that_the_picture_has() {
        let recipe = recipe("adm-paper", &PLAIN);
        let (_folder, faces) = faces(&recipe);
        let sampler = Sampler::new(&recipe, &faces).unwrap();
        let mut pictures = Vec::new();
        for step in 0..6 {
            for sample in sampler.batch(step).unwrap() {
                let change = least_change_at_the_border(&sample.image);
                assert!(change > 0.5, "step {step}: {change}");
                // A mask of ones in the whole picture is one of ones in the crop.
                let forged = f32::from(sample.label);
                assert!(sample.mask.iter().all(|m| (m - forged).abs() < 1e-4));
                pictures.push(sample.image);
            }
        }
        assert!(pictures[1..].iter().all(|picture| *picture != pictures[0]));
    }

    /// LiSiam's official padding, as an option: the middle of the picture, grey around it in both
    /// branches, and a mask that says so.
    #[test]
    fn padded_crops_are_grey_and_ignored_around_their_content() {
        let around = ["augmentation.crop.around=grey", "schedule.batch_size=8"];
        let recipe = recipe("lisiam-paper", &around);
        let (_folder, faces) = faces(&recipe);
        let sampler = Sampler::new(&recipe, &faces).unwrap();
        let samples: Vec<_> = (0..3)
            .flat_map(|step| sampler.batch(step).unwrap())
            .collect();
        let padded = |sample: &&FaceSample| sample.mask.get_pixel(0, 0).0[0] == IGNORED;
        let count = samples.iter().filter(padded).count();
        assert!((4..20).contains(&count), "{count}");
        for sample in samples.iter().filter(padded) {
            let ignored = |x, y| sample.mask.get_pixel(x, y).0[0] == IGNORED;
            assert!(!ignored(149, 149));
            for picture in [&sample.image, sample.degraded.as_ref().unwrap()] {
                assert_eq!(picture.get_pixel(0, 0).0, [128; 3]);
                assert_ne!(picture.get_pixel(149, 149).0, [128; 3]);
            }
        }
    }

    /// As often as the paper's numbers of iterations say: half of a batch is forged.
    #[test]
    fn the_papers_lisiam_sees_both_classes_alike() {
        let recipe = recipe("lisiam-paper", &["schedule.batch_size=8"]);
        let (_folder, faces) = faces(&recipe);
        let sampler = Sampler::new(&recipe, &faces).unwrap();
        let labels: Vec<u8> = sampler.batch(0).unwrap().iter().map(|s| s.label).collect();
        assert_eq!(labels, [0, 1, 0, 1, 0, 1, 0, 1]);
    }
}
