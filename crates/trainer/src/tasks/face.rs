//! Training of any method that judges single faces.

use burn::tensor::{Device, Tensor, TensorData};
use core_tensor_ops::{Detector, InputSpec};
use evaluation::{ScoringSet, Validated};
use experiment::{Generator, Recipe};
use face_data::{FaceSample, Faces, Sampler};
use face_methods::{FaceBatch, FaceMethod, Losses};
use face_preproc::split::Split;
use image::{GrayImage, Luma, RgbImage};
use runtime::{Purpose, generator};

use super::{Pass, Task, dtype, load_run};
use crate::Error;

/// The untrained network of a recipe, or one with published weights in its backbone.
///
/// # Errors
/// Where it cannot be built or the weights do not fit.
pub(crate) fn initial<M: FaceMethod>(
    method: &M,
    recipe: &Recipe,
    device: &Device,
) -> Result<M::Model, Error> {
    let mut rng = generator(recipe.seed, Purpose::Weights, 0, 0);
    let mut model = method.init(device, &mut rng)?;
    match &recipe.pretrained {
        Some(path) if path.is_dir() => load_run(&mut model, path)?,
        Some(path) => method.load_backbone(&mut model, path)?,
        None => {}
    }
    Ok(model)
}

/// Trains a [`FaceMethod`].
pub(crate) struct FaceTask<'a, M> {
    recipe: &'a Recipe,
    method: &'a M,
    sampler: Sampler<'a>,
    validation: ScoringSet<'a>,
}

impl<'a, M: FaceMethod> FaceTask<'a, M> {
    /// The task on the training and validation splits of `faces`.
    ///
    /// # Errors
    /// Where there is nothing to train on, or to choose the weights by.
    pub(crate) fn new(recipe: &'a Recipe, method: &'a M, faces: &'a Faces) -> Result<Self, Error> {
        let validation = ScoringSet::validation(faces, recipe)?;
        if !validation.has_both_classes() {
            let needs = format!(", or {}", validation.needs());
            return Err(no_validation(recipe, faces, &needs));
        }
        Ok(Self {
            recipe,
            method,
            sampler: Sampler::new(recipe, faces)?,
            validation,
        })
    }

    /// Refuses data whose rows alone say that there is nothing to choose the weights by.
    ///
    /// # Errors
    /// As [`FaceTask::new`].
    pub(crate) fn check(recipe: &Recipe, faces: &Faces) -> Result<(), Error> {
        let rows = faces.rows(Some(Split::Val));
        let forged = rows.iter().filter(|&&row| faces.forged(row)).count();
        let makes_forgeries = recipe.forgery.generator != Generator::Data;
        match forged < rows.len() && (forged > 0 || makes_forgeries) {
            true => Ok(()),
            false => Err(no_validation(recipe, faces, "")),
        }
    }

    fn on_device(&self, spec: &InputSpec, samples: &[FaceSample], device: &Device) -> FaceBatch {
        let to_tensor = |image: fn(&FaceSample) -> &RgbImage| {
            let pixels: Vec<&[u8]> = samples
                .iter()
                .map(|sample| image(sample).as_raw().as_slice())
                .collect();
            let images = spec.to_tensor(&pixels, device);
            images.cast(dtype(self.recipe.schedule.precision))
        };
        let images = to_tensor(|sample| &sample.image);
        let degraded = match samples.iter().any(|sample| sample.degraded.is_some()) {
            true => to_tensor(|sample| sample.degraded.as_ref().unwrap_or(&sample.image)),
            false => images.clone(),
        };
        let masks: Vec<f32> = samples
            .iter()
            .flat_map(|sample| sample.mask.as_raw().iter().copied())
            .collect();
        let shape = [samples.len(), 1, spec.size, spec.size];
        let labels: Vec<i32> = samples
            .iter()
            .map(|sample| i32::from(sample.label))
            .collect();
        FaceBatch {
            images,
            degraded,
            boxes: samples.iter().map(|sample| sample.boxes.clone()).collect(),
            masks: Tensor::from_data(TensorData::new(masks, shape), device),
            labels: Tensor::from_data(TensorData::new(labels, [samples.len()]), device),
        }
    }
}

impl<M: FaceMethod> Task for FaceTask<'_, M> {
    type Model = M::Model;
    type Sample = FaceSample;

    fn runs_in_parts_at_once(&self) -> bool {
        self.method.runs_in_parts_at_once()
    }

    fn keeps_frozen_statistics(&self) -> bool {
        self.method.keeps_frozen_statistics()
    }

    fn samples_per_epoch(&self) -> usize {
        self.recipe.forgery.samples_per_face() * self.sampler.order.frames_per_epoch()
    }

    fn describe(&self) -> String {
        let order = &self.sampler.order;
        let left_out = match order.left_out() {
            0 => String::new(),
            n => format!(
                "; {n} training frames are left out: real ones need `landmarks68` or a forgery made from them, forged ones a `mask`"
            ),
        };
        let near = self.sampler.within_epsilon().map_or(String::new(), |share| {
            let share = 100.0 * share;
            format!("; {share:.0} % of them have a source within epsilon, the others take the nearest")
        });
        format!(
            "{} faces an epoch{left_out}{near}",
            order.frames_per_epoch()
        )
    }

    fn batch(&self, step: usize) -> Result<Vec<FaceSample>, Error> {
        Ok(self.sampler.batch(step)?)
    }

    fn losses(
        &self,
        model: &M::Model,
        samples: &[FaceSample],
        pass: &Pass,
        device: &Device,
    ) -> Losses {
        let batch = self.on_device(&model.input_spec(), samples, device);
        let [step, first] = [pass.step as u64, pass.first as u64];
        let mut rng = generator(self.recipe.seed, Purpose::Dropout, step, first);
        self.method.losses(model, batch, &pass.terms, &mut rng)
    }

    fn pictures(&self, samples: &[FaceSample]) -> Vec<RgbImage> {
        samples
            .iter()
            .flat_map(|sample| {
                let mask = GrayImage::from_fn(sample.mask.width(), sample.mask.height(), |x, y| {
                    Luma([(sample.mask.get_pixel(x, y).0[0] * 255.0) as u8])
                });
                [
                    sample.image.clone(),
                    image::DynamicImage::from(mask).to_rgb8(),
                ]
            })
            .collect()
    }

    fn validate(
        &self,
        model: &M::Model,
        device: &Device,
        going_on: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Option<Validated>, Error> {
        Ok(self.validation.validate(model, device, going_on)?)
    }
}

/// Where the validation split lacks a class.
fn no_validation(recipe: &Recipe, faces: &Faces, or: &str) -> Error {
    face_data::Error::NothingToForge {
        path: faces.manifest.root.clone(),
        reason: format!(
            "the validation split needs real faces and forged ones{or}; {}",
            faces.validation_advice(&recipe.split)
        ),
        generator: recipe.forgery.generator,
    }
    .into()
}
