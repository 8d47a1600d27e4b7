//! Networks that judge single faces: Grad-CAM beside what the method itself draws.

use core_tensor_ops::Detector;
use explain::grad_cam;
use face_preproc::crop::Face;
use image::RgbImage;
use report::{ExplainedFace, overlay};

use super::{
    explainer::{Explainer, Tracks},
    picture::{grad_cam_caption, grid, scaled, under},
};
use crate::{
    Error, files::write_picture, forward::predict, network::Architecture, overlay::corners,
    prediction::Prediction,
};

/// What one way of looking shows of some faces.
struct Shown {
    /// A word for file names.
    name: String,
    caption: String,
    /// A picture for each face.
    pictures: Vec<RgbImage>,
}

impl Explainer<'_> {
    /// The faces of an image.
    ///
    /// # Errors
    /// Where a picture cannot be written.
    pub(super) fn faces(
        &self,
        network: &dyn Detector,
        faces: &[Face],
        name: &str,
    ) -> Result<Vec<ExplainedFace>, Error> {
        let mut explained = Vec::new();
        for (index, face) in faces.iter().enumerate() {
            let (scores, shown) = self.look(network, &[&face.image])?;
            let mut pictures = Vec::new();
            for shown in shown {
                let file = format!("{name}.face-{}.{}.png", index + 1, shown.name);
                write_picture(&self.out.join(&file), &shown.pictures[0])?;
                pictures.push((file, shown.caption));
            }
            explained.push(ExplainedFace {
                name: format!("Face {}", index + 1),
                word: self.detector.config.frame.word(scores[0]),
                score: scores[0],
                pictures,
            });
        }
        Ok(explained)
    }

    /// The faces of a video, each in some frames.
    ///
    /// # Errors
    /// Where a picture cannot be written.
    pub(super) fn video_of_faces(
        &self,
        network: &dyn Detector,
        tracks: Tracks,
        name: &str,
    ) -> Result<Vec<ExplainedFace>, Error> {
        let mut explained = Vec::new();
        for (track, seen) in tracks {
            let crops: Vec<_> = seen.iter().map(|(_, face)| &face.image).collect();
            let (scores, shown) = self.look(network, &crops)?;
            let captions: Vec<_> = shown.iter().map(|shown| shown.caption.clone()).collect();
            let times: Vec<_> = seen
                .iter()
                .zip(&scores)
                .map(|((frame, _), score)| format!("{:.2} s ({score:.3})", frame.seconds))
                .collect();
            let sheet: Vec<_> = shown.into_iter().flat_map(|shown| shown.pictures).collect();
            let file = format!("{name}.track-{track}.png");
            write_picture(&self.out.join(&file), &grid(&sheet, seen.len()))?;
            let decision = &self.detector.config.video;
            let score = decision.of_video(&scores);
            let caption = format!(
                "Rows: {}. Columns: {}.",
                captions.join("; "),
                times.join(", ")
            );
            explained.push(ExplainedFace {
                name: format!("Face {track}"),
                word: decision.word(score),
                score,
                pictures: vec![(file, caption)],
            });
        }
        Ok(explained)
    }

    /// Calibrated scores of some crops, and all that is shown of them.
    fn look(
        &self,
        network: &dyn Detector,
        crops: &[&RgbImage],
    ) -> Result<(Vec<f64>, Vec<Shown>), Error> {
        let judged = predict(network, crops, true, &self.detector.device);
        let calibrated = |judged: &Prediction| self.detector.calibrated(judged.score);
        let scores = judged.iter().map(calibrated).collect();
        let mut shown = vec![Shown {
            name: "crop".into(),
            caption: "the face as the network sees it".into(),
            pictures: crops.iter().map(|crop| (*crop).clone()).collect(),
        }];
        shown.extend(self.own_map(crops, &judged));
        let pixels: Vec<_> = crops.iter().map(|crop| crop.as_raw().as_slice()).collect();
        let images = network
            .input_spec()
            .to_tensor(&pixels, &self.detector.device);
        for &(layer, name) in &self.layers {
            let images = images.clone().autodiff();
            let maps = grad_cam(layer, |tap| network.class_logits(images, tap))?;
            let (maps, largest) = scaled(maps);
            shown.push(Shown {
                name: format!("grad-cam-{name}"),
                caption: grad_cam_caption(name, largest),
                pictures: under(crops, &maps),
            });
        }
        Ok((scores, shown))
    }

    /// What the method itself draws, if it draws.
    fn own_map(&self, crops: &[&RgbImage], judged: &[Prediction]) -> Option<Shown> {
        let maps: Vec<_> = judged.iter().filter_map(|j| j.heat_map.clone()).collect();
        if maps.len() == crops.len() && !maps.is_empty() {
            let caption = match &self.detector.config.model {
                Architecture::Pcl(_) => "PCL: patches unlike the rest of the face",
                Architecture::FaceXray(_) => "Face X-ray: the border of what was blended in",
                Architecture::Lisiam { .. } => "LiSiam: segmentation of what is forged",
                _ => "heat map of what is forged",
            };
            return Some(Shown {
                name: "heat-map".into(),
                caption: caption.into(),
                pictures: under(crops, &maps),
            });
        }
        let boxes: Vec<_> = judged.iter().filter_map(|j| j.boxes.as_ref()).collect();
        if boxes.len() != crops.len() || boxes.is_empty() {
            return None;
        }
        let pictures = crops.iter().zip(&boxes).map(|(crop, found)| {
            let mut picture = (*crop).clone();
            overlay::boxes(&mut picture, &corners(found));
            picture
        });
        let surest = boxes
            .iter()
            .flat_map(|found| found.first())
            .map(|found| found.confidence)
            .reduce(f32::max);
        Some(Shown {
            name: "boxes".into(),
            caption: match surest {
                Some(surest) => format!("ADM: boxes of artifacts, the surest {surest:.2}"),
                None => "ADM: no box".into(),
            },
            pictures: pictures.collect(),
        })
    }
}
