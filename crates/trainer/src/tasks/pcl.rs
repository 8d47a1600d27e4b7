//! PCL + I2G: real faces, half of them turned into forgeries when they are drawn (PCL 4.2).

use burn::tensor::{Device, Int, Tensor, TensorData};
use core_tensor_ops::{Backbone, Detector};
use face_preproc::{pictures::Mask, split::Split};
use image::{GrayImage, Luma, RgbImage};
use model_pcl::{Pcl, PclConfig};
use rand::RngExt;
use synth_data::augment::{Sample, augment};

use super::{Losses, Task};
use crate::{
    Error,
    faces::Faces,
    forger::Forger,
    randomness::{Purpose, generator},
    recipe::Recipe,
};

/// Trains [`Pcl`] on a ResNet.
pub(crate) struct PclTask<'a> {
    recipe: &'a Recipe,
    config: &'a PclConfig,
    faces: &'a Faces,
    forger: Forger<'a>,
}

/// `(X, M, y)` of PCL 4.2: the volume `V` follows from the mask by Eq. 2 on the device.
pub(crate) struct PclSample {
    /// `size` x `size` RGB.
    pub image: RgbImage,
    /// 1 = forged; zeros for a real face.
    pub mask: Mask,
    /// 0 = real, 1 = forged.
    pub label: u8,
}

impl<'a> PclTask<'a> {
    /// The task on the training split of `faces`.
    ///
    /// # Errors
    /// Where landmarks are not finite.
    pub(crate) fn new(
        recipe: &'a Recipe,
        config: &'a PclConfig,
        faces: &'a Faces,
    ) -> Result<Self, Error> {
        let forger = Forger::new(faces, Some(Split::Train), recipe)?;
        let forged = |row: &usize| faces.forged(*row) && faces.manifest.rows[*row].mask.is_some();
        if !forger.can_forge() && !faces.rows(Some(Split::Train)).iter().any(forged) {
            return Err(Error::data(
                &faces.manifest.root,
                "the training split needs real faces with `landmarks68` of two people or more, or forged ones with a `mask`",
            ));
        }
        Ok(Self {
            recipe,
            config,
            faces,
            forger,
        })
    }
}

impl Task for PclTask<'_> {
    type Model = Pcl<backbones::ResNet>;
    type Sample = PclSample;

    fn model(&self, device: &Device) -> Result<Self::Model, Error> {
        let mut rng = generator(self.recipe.seed, Purpose::Weights, 0, 0);
        let mut model = self.config.init(device, &mut rng)?;
        if let Some(path) = &self.recipe.pretrained {
            let mut options = backbones::LoadOptions::default().without_head();
            // Stages that the network does not build may be in the file.
            let built = model.backbone.map_specs().len();
            let beyond = (built..=4).map(|stage| format!("layer{stage}."));
            options.ignore.extend(beyond);
            backbones::load_weights(&mut model.backbone, path, &options)?;
        }
        Ok(model)
    }

    fn sample(&self, step: usize, place: usize, row: usize) -> Result<PclSample, Error> {
        let seed = self.recipe.seed;
        let (draw, forge) = self.recipe.forgery.draw(place);
        let mut rng = generator(seed, Purpose::Forgery, step as u64, draw as u64);
        let forge = forge.unwrap_or_else(|| rng.random_bool(self.recipe.forgery.probability));
        let face = self.faces.face(row)?;
        let blank = || Mask::new(face.image.width(), face.image.height());
        let (image, mask, label) = if self.faces.forged(row) {
            let mask = self.faces.mask(row, &face.transform)?.unwrap_or_else(blank);
            (face.image.clone(), mask, 1)
        } else {
            match if forge {
                self.forger.forge(row, &face, &mut rng)?
            } else {
                None
            } {
                Some(forged) => (forged.forgery.image, forged.forgery.mask, 1),
                None => (face.image.clone(), blank(), 0),
            }
        };
        let landmarks = face.landmarks.unwrap_or([[0.0; 2]; 68]);
        let whole = Sample {
            image,
            mask,
            landmarks,
        };
        // A forged row of the manifest has no pristine twin: its two samples differ by augmentation.
        let draw = if self.faces.forged(row) { place } else { draw };
        let mut rng = generator(seed, Purpose::Augmentation, step as u64, draw as u64);
        let Sample { image, mask, .. } = augment(&whole, &self.recipe.augmentation, &mut rng)?;
        Ok(PclSample { image, mask, label })
    }

    fn losses(&self, model: &Self::Model, batch: &[PclSample], device: &Device) -> Losses {
        let images: Vec<&[u8]> = batch
            .iter()
            .map(|sample| sample.image.as_raw().as_slice())
            .collect();
        let images = model.input_spec().to_tensor(&images, device);
        let size = self.config.input_size;
        let masks: Vec<f32> = batch
            .iter()
            .flat_map(|sample| sample.mask.as_raw().iter().copied())
            .collect();
        let masks = Tensor::from_data(TensorData::new(masks, [batch.len(), 1, size, size]), device);
        let labels: Vec<i32> = batch.iter().map(|sample| i32::from(sample.label)).collect();
        let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [batch.len()]), device);
        let loss = model.loss(model.forward(images), masks, labels);
        Losses {
            total: loss.total,
            parts: vec![("pcl", loss.pcl), ("cls", loss.cls)],
        }
    }

    fn pictures(&self, batch: &[PclSample]) -> Vec<RgbImage> {
        batch
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
}
