//! What a network says of crops, and of clips of them.

use burn::tensor::Device;
use core_tensor_ops::{ClipDetector, Detector, ForgedBox, InputSpec};
use face_preproc::pictures::Mask;
use image::RgbImage;

/// What a network says of a batch of faces.
pub struct Judged {
    /// Probability that the face is forged, 0..1.
    pub score: f64,
    /// `size` x `size`, 0..1, 1 = forged; absent where the method does not localise.
    pub heat_map: Option<Mask>,
    /// Regions that look forged, the surest first; absent where the method has none.
    pub boxes: Option<Vec<ForgedBox>>,
}

/// Asks the network about crops of its input's size.
pub fn judge(
    model: &dyn Detector,
    images: &[&RgbImage],
    with_heat_map: bool,
    device: &Device,
) -> Vec<Judged> {
    if images.is_empty() {
        return Vec::new();
    }
    let spec = model.input_spec();
    let pixels: Vec<&[u8]> = images
        .iter()
        .map(|image| image.as_raw().as_slice())
        .collect();
    let detection = model.detect(spec.to_tensor(&pixels, device));
    let floats = |data: burn::tensor::TensorData| -> Vec<f32> { data.iter::<f32>().collect() };
    let mut boxes = detection.boxes.into_iter();
    let scores = floats(detection.forged_probability.into_data());
    let maps = detection
        .heat_map
        .filter(|_| with_heat_map)
        .map(|maps| floats(maps.into_data()));
    let area = spec.size * spec.size;
    scores
        .into_iter()
        .enumerate()
        .map(|(index, score)| Judged {
            score: f64::from(score),
            boxes: boxes.next(),
            heat_map: maps.as_ref().and_then(|maps| {
                let side = spec.size as u32;
                Mask::from_raw(side, side, maps[index * area..][..area].to_vec())
            }),
        })
        .collect()
}

/// A clip's verdict.
pub struct JudgedClip {
    /// Probability that the clip is forged, 0..1.
    pub score: f64,
    /// The same of each frame, in the order given.
    pub frames: Vec<f64>,
}

/// Asks the network about a clip of snippets of `length` frames each.
pub fn judge_clip(
    model: &dyn ClipDetector,
    frames: &[&RgbImage],
    length: usize,
    device: &Device,
) -> JudgedClip {
    let spec = model.input_spec();
    let clip = to_clips(&spec, frames, [1, frames.len() / length, length], device);
    let verdict = model.detect_clips(clip);
    let floats = |data: burn::tensor::TensorData| -> Vec<f64> {
        data.iter::<f32>().map(f64::from).collect()
    };
    JudgedClip {
        score: floats(verdict.forged_probability.into_data())[0],
        frames: floats(verdict.frame_probability.into_data()),
    }
}

/// Frames as `[batch, U, T, 3, size, size]`.
pub fn to_clips(
    spec: &InputSpec,
    frames: &[&RgbImage],
    [batch, snippets, length]: [usize; 3],
    device: &Device,
) -> burn::tensor::Tensor<6> {
    let pixels: Vec<&[u8]> = frames
        .iter()
        .map(|frame| frame.as_raw().as_slice())
        .collect();
    let shape = [batch, snippets, length, 3, spec.size, spec.size];
    spec.to_tensor(&pixels, device).reshape(shape)
}
