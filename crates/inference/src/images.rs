//! Asking a detector about images.

use face_detect::FaceSearch;
use face_preproc::{crop::Face, geometry::Landmarks68};
use image::RgbImage;

use crate::{
    NotJudged, compression,
    detector::Detector,
    forward::predict,
    network::Network,
    prediction::{FacePrediction, ImagePrediction, Prediction},
    turn::Turn,
};

/// Crops that pass through the network together.
pub(crate) const BATCH: usize = 16;

impl Detector {
    /// Finds the faces of an image (8-bit sRGB) and judges each; where none stands upright, those that do
    /// once it is turned.
    ///
    /// # Errors
    /// Why there is nothing to judge.
    pub fn predict_image(&self, image: &RgbImage) -> Result<ImagePrediction, NotJudged> {
        self.check(image)?;
        match self.find_faces(image) {
            Err(NotJudged::NoFace { frames }) => match self.find_turned(image)? {
                Some((faces, turn)) => Ok(ImagePrediction {
                    turned: Some(turn.degrees()),
                    ..self.predict_faces(faces)?
                }),
                None => Err(NotJudged::NoFace { frames }),
            },
            found => self.predict_faces(found?),
        }
    }

    /// The faces of an image in which none stands upright, cut out as if they did.
    fn find_turned(&self, image: &RgbImage) -> Result<Option<(Vec<Face>, Turn)>, NotJudged> {
        for turn in Turn::ALL {
            match self.find_faces(&turn.of(image)) {
                Ok(mut faces) => {
                    let turning = turn.transform(image.dimensions());
                    for face in &mut faces {
                        face.transform = turning.then(&face.transform);
                    }
                    return Ok(Some((faces, turn)));
                }
                Err(NotJudged::NoFace { .. } | NotJudged::FaceTooSmall { .. }) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(None)
    }

    /// As [`predict_image`](Self::predict_image), of the face of these landmarks, in pixels of the
    /// image.
    ///
    /// # Errors
    /// As [`predict_image`](Self::predict_image).
    pub fn predict_face(
        &self,
        image: &RgbImage,
        landmarks: &Landmarks68,
    ) -> Result<ImagePrediction, NotJudged> {
        self.check(image)?;
        self.predict_faces(vec![self.cut_face(image, landmarks)?])
    }

    /// Cuts out the face of these landmarks, in pixels of the image.
    ///
    /// # Errors
    /// Where they are no face's.
    pub fn cut_face(&self, image: &RgbImage, landmarks: &Landmarks68) -> Result<Face, NotJudged> {
        Ok(Face::cut(image, Some(landmarks), &self.config.crop)?)
    }

    /// Judges crops of faces, each cut as [`DetectorConfig::crop`](crate::DetectorConfig::crop) says
    /// or scaled to that size, many at a time; a prediction for each.
    ///
    /// # Errors
    /// [`NotJudged::NeedsVideo`], or where a crop has no pixels.
    pub fn predict_crops(&self, crops: &[RgbImage]) -> Result<Vec<Prediction>, NotJudged> {
        let size = self.config.crop.size;
        let mut predictions = Vec::new();
        for crops in crops.chunks(BATCH) {
            let mut scaled = Vec::new();
            for crop in crops
                .iter()
                .filter(|crop| crop.dimensions() != (size, size))
            {
                scaled.push(Face::cut(crop, None, &self.config.crop)?.image);
            }
            let mut scaled = scaled.iter();
            let of_size: Vec<_> = crops
                .iter()
                .filter_map(|crop| match crop.dimensions() == (size, size) {
                    true => Some(crop),
                    false => scaled.next(),
                })
                .collect();
            predictions.extend(self.judged(&of_size)?);
        }
        Ok(predictions)
    }

    /// The faces of an image: all that are found or, where images are
    /// [cropped](crate::PredictOptions::cropped) already, the whole of it.
    ///
    /// # Errors
    /// Why there are none.
    pub fn find_faces(&self, image: &RgbImage) -> Result<Vec<Face>, NotJudged> {
        let crop = &self.config.crop;
        if self.options.cropped {
            return Ok(vec![Face::cut(image, None, crop)?]);
        }
        match self.finder()?.find(image)? {
            FaceSearch::Found(found) => Ok(found
                .iter()
                .map(|face| Face::cut(image, Some(&face.landmarks), crop))
                .collect::<Result<_, _>>()?),
            FaceSearch::TooSmall { largest, least } => {
                Err(NotJudged::FaceTooSmall { largest, least })
            }
            FaceSearch::NotFound => Err(NotJudged::NoFace { frames: 1 }),
        }
    }

    /// Judges faces of an image.
    ///
    /// # Errors
    /// [`NotJudged::NeedsVideo`].
    pub fn predict_faces(&self, faces: Vec<Face>) -> Result<ImagePrediction, NotJudged> {
        let images: Vec<_> = faces.iter().map(|face| &face.image).collect();
        let mut predictions = Vec::new();
        for images in images.chunks(BATCH) {
            predictions.extend(self.judged(images)?);
        }
        let faces = faces.into_iter().zip(predictions);
        Ok(ImagePrediction {
            faces: faces
                .map(|(face, prediction)| FacePrediction { face, prediction })
                .collect(),
            threshold: self.config.frame.threshold,
            turned: None,
        })
    }

    /// Refuses what cannot be judged, before any face is looked for.
    fn check(&self, image: &RgbImage) -> Result<(), NotJudged> {
        if matches!(self.network, Network::Clips { .. }) {
            return Err(NotJudged::NeedsVideo);
        }
        match self.options.any_compression {
            true => Ok(()),
            false => Ok(compression::check_image(image)?),
        }
    }

    /// Calibrated predictions of crops of the network's size.
    fn judged(&self, images: &[&RgbImage]) -> Result<Vec<Prediction>, NotJudged> {
        let Network::Faces(network) = &self.network else {
            return Err(NotJudged::NeedsVideo);
        };
        let mut predictions = predict(&**network, images, true, &self.device);
        for prediction in &mut predictions {
            prediction.score = self.calibrated(prediction.score);
        }
        Ok(predictions)
    }
}
