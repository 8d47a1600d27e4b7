//! A forward pass: what a network says of crops, and of clips of them.

use burn::tensor::{Device, Tensor, TensorData};
use core_tensor_ops::{ClipDetector, Detector, ForgedBox, InputSpec};
use face_preproc::pictures::Mask;
use image::RgbImage;

use crate::prediction::Prediction;

/// A batch of faces, judged; heat maps stay on the device until they are asked for.
pub(crate) struct Batch {
    /// Probability of forged for each face, 0..1.
    pub scores: Vec<f64>,
    /// For each face its boxes; empty where the method has none.
    pub boxes: Vec<Vec<ForgedBox>>,
    /// `[batch, size, size]`; absent where the method does not localise.
    heat_maps: Option<Tensor<3>>,
}

impl Batch {
    /// Asks the network about crops of its input's size.
    pub(crate) fn new(model: &dyn Detector, images: &[&RgbImage], device: &Device) -> Self {
        let pixels: Vec<_> = images
            .iter()
            .map(|image| image.as_raw().as_slice())
            .collect();
        let detection = model.detect(model.input_spec().to_tensor(&pixels, device));
        let scores = floats(detection.forged_probability.into_data());
        Self {
            scores: scores.into_iter().map(f64::from).collect(),
            boxes: detection.boxes,
            heat_maps: detection.heat_map,
        }
    }

    /// What is said of the face at `index`.
    pub(crate) fn prediction(&self, index: usize, with_heat_map: bool) -> Prediction {
        let maps = self.heat_maps.as_ref().filter(|_| with_heat_map);
        let heat_map = maps.and_then(|maps| {
            let [_, height, width] = maps.dims();
            let map = maps.clone().narrow(0, index, 1);
            Mask::from_raw(width as u32, height as u32, floats(map.into_data()))
        });
        Prediction {
            score: self.scores[index],
            heat_map,
            boxes: self.boxes.get(index).cloned(),
        }
    }
}

fn floats(data: TensorData) -> Vec<f32> {
    data.iter::<f32>().collect()
}

/// What the network says of crops of its input's size, scores as it gives them.
pub fn predict(
    model: &dyn Detector,
    images: &[&RgbImage],
    with_heat_map: bool,
    device: &Device,
) -> Vec<Prediction> {
    if images.is_empty() {
        return Vec::new();
    }
    let batch = Batch::new(model, images, device);
    (0..images.len())
        .map(|index| batch.prediction(index, with_heat_map))
        .collect()
}

/// A clip's verdict.
pub struct ClipPrediction {
    /// Probability that the clip is forged, 0..1.
    pub score: f64,
    /// The same of each frame, in the order given.
    pub frames: Vec<f64>,
}

/// Asks the network about a clip of snippets of `length` frames each.
pub fn predict_clip(
    model: &dyn ClipDetector,
    frames: &[&RgbImage],
    length: usize,
    device: &Device,
) -> ClipPrediction {
    let spec = model.input_spec();
    let clip = to_clips(&spec, frames, [1, frames.len() / length, length], device);
    let verdict = model.detect_clips(clip);
    let scores = |data| floats(data).into_iter().map(f64::from).collect::<Vec<_>>();
    ClipPrediction {
        score: scores(verdict.forged_probability.into_data())[0],
        frames: scores(verdict.frame_probability.into_data()),
    }
}

/// Frames as `[batch, U, T, 3, size, size]`.
pub fn to_clips(
    spec: &InputSpec,
    frames: &[&RgbImage],
    [batch, snippets, length]: [usize; 3],
    device: &Device,
) -> Tensor<6> {
    let pixels: Vec<&[u8]> = frames
        .iter()
        .map(|frame| frame.as_raw().as_slice())
        .collect();
    let shape = [batch, snippets, length, 3, spec.size, spec.size];
    spec.to_tensor(&pixels, device).reshape(shape)
}
