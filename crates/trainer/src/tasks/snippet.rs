//! The snippet model: clips of the data set, real and forged in equal numbers.

use std::ops::ControlFlow;

use burn::tensor::{Device, Int, Tensor, TensorData};
use core_tensor_ops::ClipDetector;
use evaluation::{Validated, judge_each};
use experiment::Recipe;
use face_data::{Clip, Clips, Faces, crops};
use face_methods::Losses;
use face_preproc::{pictures::Mask, split::Split};
use image::RgbImage;
use inference::{ClipPrediction, ModelError, to_clips};
use model_snippet::{Snippet, SnippetConfig};
use rand::seq::SliceRandom;
use runtime::{Purpose, Recent, generator};
use synth_data::augment::{Sample, augment};

use super::{Pass, Task, dtype, load_run};
use crate::Error;

/// Trains the snippet model.
pub(crate) struct SnippetTask<'a> {
    recipe: &'a Recipe,
    config: &'a SnippetConfig,
    faces: &'a Faces,
    training: Clips,
    validation: Clips,
    /// Places in `training` of real and of forged clips.
    classes: [Vec<usize>; 2],
    /// Of a pair: places of a real clip and of a forgery made from it.
    pairs: Vec<[usize; 2]>,
    /// The order of an epoch, by epoch and class.
    orders: Recent<(usize, usize), Vec<usize>>,
}

/// A clip: `U` snippets of `T` frames.
pub(crate) struct ClipSample {
    frames: Vec<RgbImage>,
    label: u8,
}

/// The untrained network of a recipe, or one with published weights in its backbone.
///
/// # Errors
/// Where it cannot be built or the weights do not fit.
pub(crate) fn initial(
    config: &SnippetConfig,
    recipe: &Recipe,
    device: &Device,
) -> Result<Snippet, Error> {
    let mut rng = generator(recipe.seed, Purpose::Weights, 0, 0);
    let mut model = config.init(device, &mut rng).map_err(ModelError::from)?;
    match &recipe.pretrained {
        Some(path) if path.is_dir() => load_run(&mut model, path)?,
        Some(path) => {
            let options = backbones::LoadOptions::default().without_head();
            backbones::load_weights(&mut model.backbone, path, &options)?;
        }
        None => {}
    }
    Ok(model)
}

/// What to do with the data at hand where a split lacks clips of a class; nothing where others are
/// needed.
fn advice(clips: &Clips, split: Split, faces: &Faces, recipe: &Recipe) -> Option<&'static str> {
    let carved = split == Split::Val && clips.too_short == 0;
    carved.then(|| faces.validation_advice(&recipe.split))
}

impl<'a> SnippetTask<'a> {
    /// The task on the training and validation splits of `faces`.
    ///
    /// # Errors
    /// Where a split has not both real and forged clips of successive frames.
    pub(crate) fn new(
        recipe: &'a Recipe,
        config: &'a SnippetConfig,
        faces: &'a Faces,
    ) -> Result<Self, Error> {
        let clips = |split: Split| {
            let clips = Clips::new(faces, Some(split), config.frames);
            let forged = clips.clips.iter().filter(|clip| clip.forged).count();
            if forged == 0 || forged == clips.clips.len() {
                return Err(Error::TooFewClips {
                    path: faces.manifest.root.clone(),
                    split,
                    length: config.frames,
                    real: clips.clips.len() - forged,
                    forged,
                    shorter: clips.too_short,
                    advice: advice(&clips, split, faces, recipe),
                });
            }
            Ok(clips)
        };
        let training = clips(Split::Train)?;
        let of_class = |forged: bool| {
            let places = training.clips.iter().enumerate();
            let places = places.filter(|(_, clip)| clip.forged == forged);
            places.map(|(place, _)| place).collect()
        };
        let pairs = training.pairs(faces);
        if recipe.forgery.paired && pairs.is_empty() {
            return Err(Error::NoPairs {
                path: faces.manifest.root.clone(),
            });
        }
        Ok(Self {
            recipe,
            config,
            faces,
            classes: [false, true].map(of_class),
            pairs,
            orders: Recent::new(4),
            validation: clips(Split::Val)?,
            training,
        })
    }

    /// The clip at `place` of a step, real and forged in turns: each class, or the pairs, shuffled
    /// anew whenever all were drawn.
    fn clip(&self, step: usize, place: usize) -> &Clip {
        let draw = step * self.recipe.schedule.batch_size + place;
        let (turn, class) = (draw / 2, draw % 2);
        let shuffled = |count: usize, of: usize| {
            let epoch = turn / count;
            let order = self.orders.get((epoch, of), || {
                let mut order: Vec<usize> = (0..count).collect();
                let [epoch, of] = [epoch as u64, of as u64];
                order.shuffle(&mut generator(self.recipe.seed, Purpose::Order, epoch, of));
                order
            });
            order[turn % count]
        };
        let at = if self.recipe.forgery.paired {
            self.pairs[shuffled(self.pairs.len(), 0)][class]
        } else {
            let clips = &self.classes[class];
            clips[shuffled(clips.len(), class)]
        };
        &self.training.clips[at]
    }

    fn sample(&self, step: usize, place: usize) -> Result<ClipSample, Error> {
        let clip = self.clip(step, place);
        // Of a pair, both clips have the same draws: the same moments, augmented alike.
        let (draw, _) = self.recipe.forgery.draw(place);
        let keyed = |purpose| generator(self.recipe.seed, purpose, step as u64, draw as u64);
        let rows = self
            .training
            .draw(clip, self.config.snippets, &mut keyed(Purpose::Forgery));
        let augmented = |image: RgbImage| {
            let sample = Sample {
                image,
                // Nothing learns where a clip is forged.
                mask: Mask::default(),
                landmarks: [[0.0; 2]; 68],
                boxes: Vec::new(),
            };
            // The same draws for every frame.
            let mut rng = keyed(Purpose::Augmentation);
            let augmented = augment(&sample, &self.recipe.augmentation, &mut rng);
            Ok(augmented.map_err(face_data::Error::from)?.image)
        };
        Ok(ClipSample {
            frames: crops(self.faces, &rows, self.config.frames)?
                .into_iter()
                .map(augmented)
                .collect::<Result<_, Error>>()?,
            // Where only a stretch is forged, the snippets may all lie beside it.
            label: u8::from(rows.iter().any(|&row| self.faces.forged(row))),
        })
    }
}

impl Task for SnippetTask<'_> {
    type Model = Snippet;
    type Sample = ClipSample;

    fn samples_per_epoch(&self) -> usize {
        self.training.clips.len()
    }

    fn describe(&self) -> String {
        let [real, forged] = [&self.classes[0], &self.classes[1]].map(Vec::len);
        let short = match self.training.too_short {
            0 => String::new(),
            n => format!(
                "; {n} are left out for want of {} successive frames",
                self.config.frames
            ),
        };
        let shares = match self.recipe.forgery.paired {
            true => format!("in {} pairs", self.pairs.len()),
            false => "in equal shares".into(),
        };
        format!("{real} real and {forged} forged clips, {shares}{short}")
    }

    fn batch(&self, step: usize) -> Result<Vec<ClipSample>, Error> {
        (0..self.recipe.schedule.batch_size)
            .map(|place| self.sample(step, place))
            .collect()
    }

    fn losses(
        &self,
        model: &Snippet,
        samples: &[ClipSample],
        _pass: &Pass,
        device: &Device,
    ) -> Losses {
        let frames: Vec<_> = samples.iter().flat_map(|sample| &sample.frames).collect();
        let shape = [samples.len(), self.config.snippets, self.config.frames];
        let clips = to_clips(&model.input_spec(), &frames, shape, device)
            .cast(dtype(self.recipe.schedule.precision));
        let labels: Vec<i32> = samples.iter().map(|s| i32::from(s.label)).collect();
        let labels = TensorData::new(labels, [samples.len()]);
        let labels = Tensor::<1, Int>::from_data(labels, device);
        let total = model.loss(&model.forward(clips), labels);
        Losses {
            parts: vec![("cls", total.clone())],
            total,
        }
    }

    fn pictures(&self, samples: &[ClipSample]) -> Vec<RgbImage> {
        let frames = samples.iter().flat_map(|sample| &sample.frames);
        frames.cloned().collect()
    }

    fn validate(
        &self,
        model: &Snippet,
        device: &Device,
        going_on: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Option<Validated>, Error> {
        let (mut scores, mut labels) = (Vec::new(), Vec::new());
        let (mut frame_scores, mut frame_labels) = (Vec::new(), Vec::new());
        let mut unreadable = None;
        let snippets = self.config.inference_snippets;
        let clips = &self.validation;
        let all = clips.clips.len();
        let take = |clip: &Clip, rows: Vec<usize>, judged| {
            match judged {
                Ok(ClipPrediction { score, frames }) => {
                    scores.push(score);
                    labels.push(clip.forged);
                    frame_scores.extend(frames);
                    frame_labels.extend(rows.iter().map(|&row| self.faces.forged(row)));
                }
                Err(error) => {
                    unreadable = Some(error);
                    return ControlFlow::Break(());
                }
            }
            match going_on(scores.len(), all) {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            }
        };
        judge_each(clips, self.faces, model, snippets, device, take);
        if let Some(error) = unreadable {
            return Err(error.into());
        }
        if scores.len() < all {
            return Ok(None);
        }
        let frames = (&*frame_scores, &*frame_labels);
        let evaluation = &self.recipe.evaluation;
        let clips = (&*scores, &*labels);
        Ok(Some(Validated::of_clips(frames, clips, evaluation)?))
    }
}

#[cfg(test)]
#[path = "../../tests/unit/snippet.rs"]
mod tests;
