//! Ground-truth masks: which pixels of a forged picture are forged.

use image::{Luma, RgbImage};
use serde::{Deserialize, Serialize};

use crate::gaussian;
use crate::ssim::{SsimError, dssim_map, ssim_map};
use face_preproc::pictures::Mask;

/// How the mask of a forged picture is made. In a recipe: `{kind = "ssim", threshold = 0.0784}`;
/// a value left out is the default's.
///
/// Every mask is of the picture's size, 1 where the measure is above the threshold, else 0. A real
/// picture needs none of this: its mask is 0 everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum MaskSource {
    /// `1 - SSIM` of the forged and the real picture. LiSiam, section III-D: the map times 255,
    /// above 20.
    ///
    /// The paper says "the SSIM map"; similarity itself is near 1 wherever nothing was changed, so
    /// what it thresholds, and shows in its Fig. 3, is what is missing to 1.
    Ssim {
        /// 0 .. 2; by default 20 / 255.
        #[serde(default = "ssim_threshold")]
        threshold: f32,
    },
    /// DSSIM, `(1 - SSIM) / 2`, blurred by a Gaussian: PCL, section 4.2, which states neither the
    /// blur nor the threshold.
    Dssim {
        /// Standard deviation of the blur in pixels, 0 ..= 64; by default 2.75, that of the
        /// "Gaussian kernel of size 16" of PCL's other masks.
        #[serde(default = "dssim_blur")]
        blur: f32,
        /// 0 .. 1; by default 10 / 255, the threshold of [`MaskSource::Ssim`] on this scale.
        #[serde(default = "dssim_threshold")]
        threshold: f32,
    },
    /// The absolute difference of the forged and the real picture, its channels weighted to grey
    /// (ITU-R BT.601), as a fraction of 255: the DIFF masks that LiSiam compares itself with
    /// (Fig. 3, Table VII), of Dang et al., "On the Detection of Digital Face Manipulation", 2020.
    Diff {
        /// 0 .. 1; by default 0.1, as in Dang et al.
        #[serde(default = "diff_threshold")]
        threshold: f32,
    },
    /// The mask that comes with the data set.
    Dataset {
        /// 0 .. 1; by default 0.5, the middle between the black and the white of a mask that went
        /// through a video codec.
        #[serde(default = "dataset_threshold")]
        threshold: f32,
    },
}

fn ssim_threshold() -> f32 {
    20.0 / 255.0
}
fn dssim_blur() -> f32 {
    2.75
}
fn dssim_threshold() -> f32 {
    10.0 / 255.0
}
fn diff_threshold() -> f32 {
    0.1
}
fn dataset_threshold() -> f32 {
    0.5
}

/// Why a mask could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum MaskError {
    /// An option is outside its range.
    #[error("{name} is {value}; it must be {range}")]
    Option {
        /// The option.
        name: &'static str,
        /// Its value.
        value: f32,
        /// What it may be.
        range: &'static str,
    },
    /// The measure compares with the real frame, and there is none.
    #[error("this mask compares the forged picture with its real one, which is not there")]
    NoReal,
    /// The data set's own mask is asked for, and there is none.
    #[error("the data set has no mask of this picture; take one of ssim, dssim or diff")]
    NoMask,
    /// The data set's mask is not of the picture's size.
    #[error("a mask of {} x {} pixels does not fit a picture of {} x {}", mask.0, mask.1, picture.0, picture.1)]
    MaskSize {
        /// The mask's width and height.
        mask: (u32, u32),
        /// The picture's.
        picture: (u32, u32),
    },
    /// The pictures cannot be compared.
    #[error(transparent)]
    Pictures(#[from] SsimError),
}

impl MaskSource {
    /// [`MaskSource::Ssim`] with LiSiam's threshold.
    pub fn ssim() -> Self {
        Self::Ssim {
            threshold: ssim_threshold(),
        }
    }

    /// [`MaskSource::Dssim`] with the default blur and threshold.
    pub fn dssim() -> Self {
        Self::Dssim {
            blur: dssim_blur(),
            threshold: dssim_threshold(),
        }
    }

    /// [`MaskSource::Diff`] with the default threshold.
    pub fn diff() -> Self {
        Self::Diff {
            threshold: diff_threshold(),
        }
    }

    /// [`MaskSource::Dataset`] with the default threshold.
    pub fn dataset() -> Self {
        Self::Dataset {
            threshold: dataset_threshold(),
        }
    }

    /// Whether the mask is made by comparing with the real frame.
    pub fn needs_real(&self) -> bool {
        !matches!(self, Self::Dataset { .. })
    }

    /// Checks the options.
    ///
    /// # Errors
    ///
    /// [`MaskError::Option`].
    pub fn validate(&self) -> Result<(), MaskError> {
        let within = |name, value, high, range| {
            if (0.0..=high).contains(&value) {
                Ok(())
            } else {
                Err(MaskError::Option { name, value, range })
            }
        };
        match *self {
            Self::Ssim { threshold } => within("threshold", threshold, 2.0, "0 to 2"),
            Self::Dssim { blur, threshold } => within("blur", blur, 64.0, "0 to 64 pixels")
                .and_then(|()| within("threshold", threshold, 1.0, "0 to 1")),
            Self::Diff { threshold } | Self::Dataset { threshold } => {
                within("threshold", threshold, 1.0, "0 to 1")
            }
        }
    }

    /// The mask of `forged`: from `real`, the same frame (and crop) of the clip it was made from,
    /// or from `mask`, the data set's own. What the measure does not use may be `None`.
    ///
    /// # Errors
    ///
    /// [`MaskError`]: options out of range, the needed picture absent, or of another size.
    pub fn make(
        &self,
        forged: &RgbImage,
        real: Option<&RgbImage>,
        mask: Option<&Mask>,
    ) -> Result<Mask, MaskError> {
        self.validate()?;
        let real = || real.ok_or(MaskError::NoReal);
        Ok(match *self {
            Self::Ssim { threshold } => {
                let mut map = ssim_map(forged, real()?)?;
                // Above the threshold in 1 - SSIM.
                map.iter_mut().for_each(|v| *v = 1.0 - *v);
                above(map, threshold)
            }
            Self::Dssim { blur, threshold } => {
                let map = dssim_map(forged, real()?)?;
                above(gaussian::blur(&map, blur), threshold)
            }
            Self::Diff { threshold } => above(difference(forged, real()?)?, threshold),
            Self::Dataset { threshold } => {
                let mask = mask.ok_or(MaskError::NoMask)?;
                if mask.dimensions() != forged.dimensions() {
                    return Err(MaskError::MaskSize {
                        mask: mask.dimensions(),
                        picture: forged.dimensions(),
                    });
                }
                above(mask.clone(), threshold)
            }
        })
    }
}

fn above(mut map: Mask, threshold: f32) -> Mask {
    map.iter_mut()
        .for_each(|v| *v = if *v > threshold { 1.0 } else { 0.0 });
    map
}

/// The grey absolute difference, 0 ..= 1.
fn difference(a: &RgbImage, b: &RgbImage) -> Result<Mask, MaskError> {
    if a.dimensions() != b.dimensions() {
        return Err(SsimError::Sizes(a.dimensions(), b.dimensions()).into());
    }
    Ok(Mask::from_fn(a.width(), a.height(), |x, y| {
        let (a, b) = (a.get_pixel(x, y).0, b.get_pixel(x, y).0);
        let grey: f32 = [0.299, 0.587, 0.114]
            .iter()
            .zip(a.iter().zip(b))
            .map(|(w, (a, b))| w * f32::from(a.abs_diff(b)))
            .sum();
        Luma([grey / 255.0])
    }))
}
