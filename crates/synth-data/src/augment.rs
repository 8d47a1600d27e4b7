//! Augmentations of a finished picture, real or forged alike (PCL paper, 3.2 and 4.1: flipping,
//! rotation, JPEG, Gaussian noise and blur, brightness and contrast, random erasing, colour
//! jitter; ADM paper, 5.1: random crop, Gaussian blur and noise, JPEG).
//!
//! Each is a function that returns a new picture; [`augment`] applies them with a probability
//! each. The geometric ones carry mask, landmarks and boxes along. The papers state neither
//! probabilities nor strengths: all defaults are choices.

mod chance;
mod crop;
pub mod geometric;
pub mod h264;
pub mod jpeg;
mod patch_shuffle;
pub mod photometric;
mod sample;

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use crate::{
    degrade::{DegradeConfig, degrade},
    error::Error,
    region::same_size,
};

pub use chance::Chance;
pub use crop::{Around, Crop, IGNORED, Scale, Shift, pad, pad_mask};
pub use patch_shuffle::{PatchShuffle, patch_shuffle};
pub use sample::Sample;

/// The augmentations, in the order in which they are applied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AugmentConfig {
    /// Probability of mirroring left to right.
    pub flip: f64,
    /// A crop drawn anew; for every picture where there is one.
    pub crop: Option<Crop>,
    /// Rotation about the centre, in degrees, -180 ..= 180.
    pub rotation: Chance,
    /// Neighbouring patches exchanged.
    pub patch_shuffle: Option<PatchShuffle>,
    /// Turn of the hue, in degrees, -180 ..= 180.
    pub hue: Chance,
    /// Factor of the saturation, 0 (grey) ..= 10.
    pub saturation: Chance,
    /// Shift of the brightness, in shares of white, -1 ..= 1.
    pub brightness: Chance,
    /// Factor of the contrast about mid-grey, 0 ..= 10.
    pub contrast: Chance,
    /// Standard deviation of a Gaussian blur, in pixels, 0 ..= 32.
    pub blur: Chance,
    /// Standard deviation of Gaussian noise, in levels of 255, 0 ..= 255.
    pub noise: Chance,
    /// Share of the picture's area that is erased, 0 ..= 1.
    pub erasing: Chance,
    /// JPEG quality, 1 ..= 100, 4:2:0.
    pub jpeg: Chance,
    /// LiSiam's degradations, last of all: what its paper gives a plain classifier (table V).
    pub degrade: Option<DegradeConfig>,
}

impl Default for AugmentConfig {
    fn default() -> Self {
        Self {
            flip: 0.5,
            crop: None,
            rotation: Chance::new(0.5, -10.0, 10.0),
            patch_shuffle: None,
            hue: Chance::new(0.3, -10.0, 10.0),
            saturation: Chance::new(0.3, 0.7, 1.3),
            brightness: Chance::new(0.3, -0.1, 0.1),
            contrast: Chance::new(0.3, 0.8, 1.2),
            blur: Chance::new(0.2, 0.3, 1.5),
            noise: Chance::new(0.2, 1.0, 8.0),
            erasing: Chance::new(0.1, 0.02, 0.1),
            jpeg: Chance::new(0.5, 40.0, 95.0),
            degrade: None,
        }
    }
}

impl AugmentConfig {
    /// Nothing is changed.
    pub fn none() -> Self {
        let never = |low, high| Chance::new(0.0, low, high);
        Self {
            flip: 0.0,
            crop: None,
            rotation: never(0.0, 0.0),
            patch_shuffle: None,
            hue: never(0.0, 0.0),
            saturation: never(1.0, 1.0),
            brightness: never(0.0, 0.0),
            contrast: never(1.0, 1.0),
            blur: never(0.0, 0.0),
            noise: never(0.0, 0.0),
            erasing: never(0.0, 0.0),
            jpeg: never(100.0, 100.0),
            degrade: None,
        }
    }

    /// Those that ADM's paper names (5.1: "Random Crop, Gaussian Blur/Noise, and JPEG
    /// Compression"), with the crop, the probabilities and the JPEG qualities of its official
    /// code, and mirroring. The strengths of blur and noise are choices.
    pub fn adm() -> Self {
        Self {
            flip: 0.5,
            crop: Some(Crop::default()),
            blur: Chance::new(0.3, 0.3, 1.5),
            noise: Chance::new(0.3, 1.0, 8.0),
            jpeg: Chance::new(0.3, 15.0, 80.0),
            ..Self::none()
        }
    }

    /// What both branches of LiSiam share: its official code's crop and mirroring.
    pub fn lisiam() -> Self {
        Self {
            flip: 0.5,
            crop: Some(Crop::lisiam()),
            ..Self::none()
        }
    }

    /// Checks every probability and range.
    ///
    /// # Errors
    /// [`Error::Config`] naming the first field out of range.
    pub fn validate(&self) -> Result<(), Error> {
        if !(0.0..=1.0).contains(&self.flip) {
            return Err(Error::Config {
                field: "flip",
                expected: "a probability, 0 to 1",
            });
        }
        self.crop.map_or(Ok(()), |crop| crop.validate())?;
        self.degrade
            .as_ref()
            .map_or(Ok(()), DegradeConfig::validate)?;
        self.patch_shuffle
            .map_or(Ok(()), |shuffle| shuffle.validate())?;
        let limits: [(Chance, f32, f32, &'static str, &'static str); 9] = [
            (
                self.rotation,
                -180.0,
                180.0,
                "rotation",
                "degrees, -180 to 180",
            ),
            (self.hue, -180.0, 180.0, "hue", "degrees, -180 to 180"),
            (self.saturation, 0.0, 10.0, "saturation", "factors, 0 to 10"),
            (
                self.brightness,
                -1.0,
                1.0,
                "brightness",
                "shares of white, -1 to 1",
            ),
            (self.contrast, 0.0, 10.0, "contrast", "factors, 0 to 10"),
            (self.blur, 0.0, 32.0, "blur", "pixels, 0 to 32"),
            (self.noise, 0.0, 255.0, "noise", "levels, 0 to 255"),
            (
                self.erasing,
                0.0,
                1.0,
                "erasing",
                "shares of the area, 0 to 1",
            ),
            (self.jpeg, 1.0, 100.0, "jpeg", "qualities, 1 to 100"),
        ];
        for (chance, least, most, field, unit) in limits {
            chance.check(field, unit, least, most)?;
        }
        Ok(())
    }
}

/// Applies each augmentation with its probability, in the order of [`AugmentConfig`]'s fields.
/// Erasing leaves the mask as it is: it hides pixels, it does not forge them.
///
/// # Errors
/// [`Error::Config`] or [`Error::Chance`] for a configuration out of range,
/// [`Error::SizeMismatch`] when mask and picture differ in size, [`Error::Jpeg`] for a picture
/// that JPEG cannot hold (no pixels, or a side above 65,535).
pub fn augment(
    sample: &Sample,
    config: &AugmentConfig,
    rng: &mut impl Rng,
) -> Result<Sample, Error> {
    config.validate()?;
    if !sample.mask.is_empty() {
        same_size(sample.image.dimensions(), sample.mask.dimensions())?;
    }
    let mut sample = sample.clone();
    if rng.random_bool(config.flip) {
        sample = geometric::flip(&sample);
    }
    if let Some(crop) = config.crop {
        let drawn = crop.draw(sample.image.dimensions(), rng);
        sample = geometric::carry(&sample, &drawn)?;
    }
    if let Some(degrees) = config.rotation.draw(rng) {
        sample = geometric::rotate(&sample, degrees)?;
    }
    if let Some(shuffle) = config.patch_shuffle
        && rng.random_bool(shuffle.probability)
    {
        sample = patch_shuffle(&sample, shuffle.grid, rng);
    }
    let hue = config.hue.draw(rng);
    let saturation = config.saturation.draw(rng);
    if hue.is_some() || saturation.is_some() {
        sample.image =
            photometric::color_jitter(&sample.image, hue.unwrap_or(0.0), saturation.unwrap_or(1.0));
    }
    let brightness = config.brightness.draw(rng);
    let contrast = config.contrast.draw(rng);
    if brightness.is_some() || contrast.is_some() {
        sample.image = photometric::brightness_contrast(
            &sample.image,
            brightness.unwrap_or(0.0),
            contrast.unwrap_or(1.0),
        );
    }
    if let Some(sigma) = config.blur.draw(rng) {
        sample.image = photometric::gaussian_blur(&sample.image, sigma);
    }
    if let Some(sigma) = config.noise.draw(rng) {
        sample.image = photometric::gaussian_noise(&sample.image, sigma, rng);
    }
    if let Some(share) = config.erasing.draw(rng) {
        sample.image = photometric::erase(&sample.image, share, rng);
    }
    if let Some(quality) = config.jpeg.draw(rng) {
        sample.image = jpeg::recompress(&sample.image, quality.round() as u8)?;
    }
    if let Some(degradation) = &config.degrade {
        sample.image = degrade(&sample.image, degradation, rng)?;
    }
    Ok(sample)
}
