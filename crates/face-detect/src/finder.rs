//! Faces with landmarks in single pictures.

use burn::tensor::Device;
use face_preproc::geometry::{FaceBox, Landmarks68, five_points};
use image::RgbImage;

use crate::combined::CombinedDetector;
use crate::detection::{FaceDetector, Overlap};
use crate::error::FaceDetectError;
use crate::landmark68::{FaceLandmark68, LandmarkFit, LandmarkNetwork};

/// Faces whose landmarks' boxes overlap more, as [`Overlap::Minimum`], are one.
const SAME_FACE: f32 = 0.6;

/// A face and its landmarks.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// The smallest box around the landmarks, in pixels: from the eyebrows to the chin.
    pub bounds: FaceBox,
    /// The detector's score, `0..=1`.
    pub score: f32,
    /// In pixels, dlib's order.
    pub landmarks: Landmarks68,
    /// How far the landmark network disagrees with itself ([`LandmarkFit::disagreement`]).
    pub disagreement: f32,
}

impl Face {
    /// `None` for landmarks that span no finite area.
    pub(crate) fn new(fit: &LandmarkFit, score: f32) -> Option<Self> {
        let bounds = FaceBox::around(&fit.landmarks)?;
        (bounds.area() > 0.0).then_some(Self {
            bounds,
            score,
            landmarks: fit.landmarks,
            disagreement: fit.disagreement,
        })
    }

    /// Eye centres, nose tip and mouth corners, as MTCNN gives them.
    pub fn points(&self) -> [[f32; 2]; 5] {
        five_points(&self.landmarks)
    }

    /// The longer side of its box, in pixels.
    pub fn side(&self) -> f32 {
        self.bounds.width.max(self.bounds.height)
    }
}

/// The answer to "which faces are there?".
#[derive(Clone, Debug, PartialEq)]
pub enum FaceSearch {
    /// At least one face of the size asked for, the surest first.
    Found(Vec<Face>),
    /// Faces, but none large enough to be judged.
    TooSmall {
        /// The longer side of the largest one's box, in pixels.
        largest: f32,
        /// What was asked for, in pixels.
        least: f32,
    },
    /// No face.
    NotFound,
}

impl FaceSearch {
    /// The faces found; none where they are too small.
    pub fn faces(&self) -> &[Face] {
        match self {
            Self::Found(faces) => faces,
            Self::TooSmall { .. } | Self::NotFound => &[],
        }
    }

    /// The answer that some faces make.
    pub(crate) fn from_faces(mut faces: Vec<Face>, least: f32) -> Self {
        let largest = faces.iter().map(Face::side).fold(0.0, f32::max);
        if faces.is_empty() {
            Self::NotFound
        } else if largest < least {
            Self::TooSmall { largest, least }
        } else {
            faces.retain(|face| face.side() >= least);
            Self::Found(faces)
        }
    }
}

/// What counts as a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FinderConfig {
    /// Least longer side of the box around the landmarks, eyebrows to chin, in pixels.
    pub least_side: f32,
    /// Most disagreement of the landmark network with itself; what disagrees more is no face.
    pub most_disagreement: f32,
}

impl Default for FinderConfig {
    /// Choices; the README has what was measured. 24 pixels from the eyebrows to the chin are a face of
    /// about 32 with its forehead.
    fn default() -> Self {
        Self {
            least_side: 24.0,
            most_disagreement: 0.06,
        }
    }
}

impl FinderConfig {
    fn check(&self) -> Result<(), FaceDetectError> {
        for (name, value) in [
            ("least_side", self.least_side),
            ("most_disagreement", self.most_disagreement),
        ] {
            let fits = value.is_finite() && value >= 0.0;
            FaceDetectError::check(fits, name, value.into(), "zero or more")?;
        }
        Ok(())
    }
}

/// A detector and a landmark network.
#[derive(Debug)]
pub struct FaceFinder<D = CombinedDetector, L = FaceLandmark68> {
    detector: D,
    landmarks: L,
    config: FinderConfig,
}

impl FaceFinder {
    /// The networks that come with this crate, as they are by default.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Shipped`] if the weights were tampered with.
    pub fn shipped(device: &Device) -> Result<Self, FaceDetectError> {
        Self::shipped_with(FinderConfig::default(), device)
    }

    /// The networks that come with this crate.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Config`] for a number out of its range, [`FaceDetectError::Shipped`] if the
    /// weights were tampered with.
    pub fn shipped_with(config: FinderConfig, device: &Device) -> Result<Self, FaceDetectError> {
        let detector = CombinedDetector::shipped(device)?;
        Self::new(detector, FaceLandmark68::new(device)?, config)
    }
}

impl<D: FaceDetector, L: LandmarkNetwork> FaceFinder<D, L> {
    /// Joins any detector and any landmark network.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Config`] for a number out of its range.
    pub fn new(detector: D, landmarks: L, config: FinderConfig) -> Result<Self, FaceDetectError> {
        config.check()?;
        Ok(Self {
            detector,
            landmarks,
            config,
        })
    }

    /// The faces of one picture (8-bit sRGB).
    ///
    /// # Errors
    ///
    /// As [`FaceDetector::detect_batch`] and [`LandmarkNetwork::locate`]. That there is no face is
    /// no error.
    pub fn find(&self, picture: &RgbImage) -> Result<FaceSearch, FaceDetectError> {
        let mut found = self.find_batch(&[picture])?;
        Ok(found.pop().unwrap_or(FaceSearch::NotFound))
    }

    /// The faces of some pictures, each network run once for all of them.
    ///
    /// # Errors
    ///
    /// As [`Self::find`].
    pub fn find_batch(&self, pictures: &[&RgbImage]) -> Result<Vec<FaceSearch>, FaceDetectError> {
        let detections = self.detector.detect_batch(pictures)?;
        let boxes: Vec<(&RgbImage, FaceBox)> = pictures
            .iter()
            .zip(&detections)
            .flat_map(|(picture, found)| found.iter().map(|face| (*picture, face.bounds)))
            .collect();
        let mut fits = self.landmarks.locate(&boxes)?.into_iter();
        Ok(detections
            .iter()
            .map(|found| {
                let faces = found
                    .iter()
                    .zip(fits.by_ref())
                    .filter_map(|(detection, fit)| self.plausible(&fit, detection.score))
                    .collect();
                FaceSearch::from_faces(without_twins(faces), self.config.least_side)
            })
            .collect())
    }

    pub(crate) fn detector(&self) -> &D {
        &self.detector
    }

    pub(crate) fn landmarks(&self) -> &L {
        &self.landmarks
    }

    pub(crate) fn least_side(&self) -> f32 {
        self.config.least_side
    }

    /// The face behind some landmarks, if they are a face's.
    pub(crate) fn plausible(&self, fit: &LandmarkFit, score: f32) -> Option<Face> {
        Face::new(fit, score).filter(|face| face.disagreement <= self.config.most_disagreement)
    }
}

/// The faces without those that lie on an earlier one.
pub(crate) fn without_twins(faces: Vec<Face>) -> Vec<Face> {
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        let twin = |other: &Face| Overlap::Minimum.of(&other.bounds, &face.bounds) > SAME_FACE;
        if !kept.iter().any(twin) {
            kept.push(face);
        }
    }
    kept
}
