//! What a crop is to look like.

use serde::{Deserialize, Serialize};

use crate::geometry::{Landmarks68, MEAN_FACE68};

/// What a crop is to look like.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CropSpec {
    /// Side of the square crop, in pixels, 1 ..= 8192.
    pub size: u32,
    /// Where the crop is cut, and whether the face is turned upright.
    pub method: CropMethod,
    /// What stands where the crop reaches beyond the picture.
    pub border: Border,
}

/// Where a crop is cut.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum CropMethod {
    /// The bounding box of the 68 landmarks, squared about its centre, both sides times
    /// `1 + margin`; edges rounded to whole pixels. Not rotated.
    Box {
        /// What is added, as a fraction of the squared box: 0.3 adds 15 % on every side.
        margin: f32,
    },
    /// Turned and scaled so that eye centres, nose tip and mouth corners lie best on those of
    /// [`MEAN_FACE68`], whose bounding box is centred in the crop.
    Align5 {
        /// The mean face's jaw width as a fraction of the crop's side, 0 (excluded) ..= 4.
        face_width: f32,
    },
    /// Turned and scaled so that the same five points lie best on those of CADDM's official code
    /// ([`pupil_points`](crate::geometry::pupil_points)): eyes high in the crop, a chin below its lower edge.
    Pupils5 {
        /// The distance of the template's pupils as a fraction of the crop's side, 0 (excluded)
        /// ..= 0.6. Official: 0.9 of 80 of 224 pixels, 0.3214.
        distance: f32,
    },
    /// Turned and scaled so that a point of each upper lid, the nose tip and two points of the lips lie best on
    /// ArcFace's five points ([`arcface_points`](crate::geometry::arcface_points)): DeepfakeBench.
    Arcface5 {
        /// What is added around ArcFace's crop, as a fraction of its side, more than -1, at most 10.
        /// DeepfakeBench: 0.3.
        margin: f32,
    },
    /// The same as `align5` with all 68 landmarks.
    Align68 {
        /// The mean face's jaw width as a fraction of the crop's side, 0 (excluded) ..= 4.
        face_width: f32,
    },
}

/// What stands where a crop reaches beyond the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Border {
    /// The picture's outermost pixels, repeated.
    #[default]
    Replicate,
    /// Black.
    Constant,
}

/// Why a face could not be cut out.
#[derive(Debug, thiserror::Error)]
pub enum CropError {
    /// A number of the [`CropSpec`] is out of its range.
    #[error("crop: {name} is {found}, expected {expected}")]
    Spec {
        /// The number's name.
        name: &'static str,
        /// Its value.
        found: f32,
        /// Its range.
        expected: &'static str,
    },
    /// The picture has no pixels.
    #[error("crop: the picture has no pixels")]
    EmptyPicture,
    /// A landmark is NaN or infinite.
    #[error("crop: a landmark is not a finite number; find the landmarks anew")]
    LandmarksNotFinite,
    /// The landmarks coincide, or no scale and rotation carries them to a face.
    #[error("crop: the landmarks do not span a face; find the landmarks anew")]
    Degenerate,
    /// The window lies beside the picture or is many times larger.
    #[error(
        "crop: the face's window ({side} pixels at {x}, {y}) does not fit a picture of \
         {width} x {height}; are the landmarks in pixels of this picture?"
    )]
    OutsidePicture {
        /// The window's side, in pixels.
        side: f32,
        /// The window's left edge, in pixels.
        x: f32,
        /// The window's top edge, in pixels.
        y: f32,
        /// The picture's width.
        width: u32,
        /// The picture's height.
        height: u32,
    },
    /// The resampler refused.
    #[error("crop: {0}")]
    Resample(#[from] kornia_image::ImageError),
}

impl Default for CropSpec {
    /// 256 pixels (PCL, section 4.1), a margin of 0.3, replicated borders.
    fn default() -> Self {
        Self {
            size: 256,
            method: CropMethod::Box { margin: 0.3 },
            border: Border::Replicate,
        }
    }
}

impl CropSpec {
    /// Whether every number is within its range.
    ///
    /// # Errors
    ///
    /// [`CropError::Spec`], naming the number.
    pub fn check(&self) -> Result<(), CropError> {
        let (name, found, valid, expected) = match self.method {
            _ if !(1..=8192).contains(&self.size) => {
                ("size", self.size as f32, false, "1 to 8192 pixels")
            }
            CropMethod::Box { margin } | CropMethod::Arcface5 { margin } => (
                "margin",
                margin,
                margin > -1.0 && margin <= 10.0,
                "more than -1, at most 10",
            ),
            CropMethod::Pupils5 { distance } => (
                "distance",
                distance,
                distance > 0.0 && distance <= 0.6,
                "more than 0, at most 0.6",
            ),
            CropMethod::Align5 { face_width } | CropMethod::Align68 { face_width } => (
                "face_width",
                face_width,
                face_width > 0.0 && face_width <= 4.0,
                "more than 0, at most 4",
            ),
        };
        if valid {
            return Ok(());
        }
        Err(CropError::Spec {
            name,
            found,
            expected,
        })
    }

    /// The mean face in pixels of the crop.
    pub(super) fn template(&self, face_width: f32) -> Landmarks68 {
        let size = self.size as f32;
        let middle = (size - 1.0) / 2.0;
        MEAN_FACE68.map(|p| p.map(|c| c * face_width * size + middle))
    }
}
