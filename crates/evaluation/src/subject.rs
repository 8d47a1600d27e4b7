//! A face to score.

use face_preproc::{crop::Face, pictures::Mask};
use image::RgbImage;
use rand::Rng;
use synth_data::augment::{AugmentConfig, Sample, augment};

use crate::Error;

/// A face as the network sees it, with what is known of it.
pub struct Subject {
    /// `size` x `size` RGB.
    pub image: RgbImage,
    /// 1 = forged; absent where it is not known.
    pub mask: Option<Mask>,
    /// Around what is forged, in shares of width and height; none where it is not known.
    pub boxes: Vec<[f32; 4]>,
}

/// A subject after the augmentation, but for the crop, which was drawn before the face was cut.
pub(crate) fn augmented(
    subject: Subject,
    face: &Face,
    augmentation: &AugmentConfig,
    rng: &mut impl Rng,
) -> Result<Subject, Error> {
    let (width, height) = subject.image.dimensions();
    let known = subject.mask.is_some();
    let sample = Sample {
        image: subject.image,
        mask: subject.mask.unwrap_or_else(|| Mask::new(width, height)),
        landmarks: face.landmarks.unwrap_or([[0.0; 2]; 68]),
        boxes: subject.boxes,
    };
    let augmentation = AugmentConfig {
        crop: None,
        ..augmentation.clone()
    };
    let sample = augment(&sample, &augmentation, rng).map_err(face_data::Error::from)?;
    Ok(Subject {
        image: sample.image,
        mask: known.then_some(sample.mask),
        boxes: sample.boxes,
    })
}
