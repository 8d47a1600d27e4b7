//! Degradation of the image quality for the second branch of LiSiam (its paper, IV.A.3): JPEG
//! compression, resizing and Gaussian blur, each with a probability of one half, in random order. A
//! video's compression (H.264) may join them.

use image::RgbImage;
use rand::{Rng, seq::SliceRandom};
use serde::{Deserialize, Serialize};

use crate::{
    augment::{Chance, h264, jpeg, photometric},
    error::Error,
    resize::{Sampling, shrink_and_restore},
};

/// How a picture is degraded. The paper gives the probabilities and the random order; the strengths
/// are its official code's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DegradeConfig {
    /// JPEG quality, 1 ..= 100, 4:2:0 (official code: 10 to 99).
    pub jpeg: Chance,
    /// Standard deviation of a Gaussian blur in pixels, 0 ..= 32, whatever the picture's size
    /// (official code: 0.1 to 1).
    pub blur: Chance,
    /// The size to which the picture is shrunk before it is brought back, in shares of its sides,
    /// more than 0, at most 1 (official code: 100 to 199 of 299 pixels).
    pub resize: Chance,
    /// How the picture is read when it is shrunk (official code: the nearest pixel).
    pub shrinking: Sampling,
    /// Quantisation parameter of H.264, 0 ..= 51, 4:2:0: the picture as the first of a clip that is
    /// coded so. Nothing is drawn for it where it is absent, as in the paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub h264: Option<Chance>,
}

impl Default for DegradeConfig {
    fn default() -> Self {
        Self {
            jpeg: Chance::new(0.5, 10.0, 99.0),
            blur: Chance::new(0.5, 0.1, 1.0),
            resize: Chance::new(0.5, 100.0 / 299.0, 199.0 / 299.0),
            shrinking: Sampling::Nearest,
            h264: None,
        }
    }
}

impl DegradeConfig {
    /// Checks every probability and range.
    ///
    /// # Errors
    /// [`Error::Chance`] naming the first field out of range.
    pub fn validate(&self) -> Result<(), Error> {
        self.jpeg.check("jpeg", "qualities, 1 to 100", 1.0, 100.0)?;
        self.blur.check("blur", "pixels, 0 to 32", 0.0, 32.0)?;
        self.h264.map_or(Ok(()), |h264| {
            h264.check("h264", "quantisation parameters, 0 to 51", 0.0, 51.0)
        })?;
        let unit = "shares of the sides, more than 0 to 1";
        self.resize.check("resize", unit, f32::MIN_POSITIVE, 1.0)
    }
}

/// One of the degradations, with its strength.
#[derive(Debug, Clone, Copy)]
enum Step {
    Jpeg(f32),
    Blur(f32),
    Resize(f32),
    H264(f32),
}

/// A degraded copy of a picture; the picture itself stays as it is. Draws from `rng` the chance and
/// the strength of JPEG, blur, resizing and, where it is asked for, H.264, then their order.
///
/// # Errors
/// [`Error::Chance`] for a configuration out of range; [`Error::EmptyPicture`]; [`Error::Jpeg`] for
/// a picture that JPEG cannot hold: no pixels, or a side above 65,535; [`Error::H264`] for one that
/// H.264 cannot.
pub fn degrade(
    image: &RgbImage,
    config: &DegradeConfig,
    rng: &mut impl Rng,
) -> Result<RgbImage, Error> {
    config.validate()?;
    let mut steps = vec![
        config.jpeg.draw(rng).map(Step::Jpeg),
        config.blur.draw(rng).map(Step::Blur),
        config.resize.draw(rng).map(Step::Resize),
    ];
    if let Some(h264) = config.h264 {
        steps.push(h264.draw(rng).map(Step::H264));
    }
    steps.shuffle(rng);
    let mut image = image.clone();
    for step in steps.into_iter().flatten() {
        image = match step {
            Step::Jpeg(quality) => jpeg::recompress(&image, quality.round() as u8)?,
            Step::Blur(sigma) => photometric::gaussian_blur(&image, sigma),
            Step::Resize(share) => {
                let side = |n: u32| (share * n as f32).round() as u32;
                let size = (side(image.width()), side(image.height()));
                shrink_and_restore(&image, size, config.shrinking)?
            }
            Step::H264(quantizer) => h264::recompress(&image, quantizer.round() as u8)?,
        };
    }
    Ok(image)
}
