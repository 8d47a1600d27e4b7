//! Asking a network about every clip.

use std::ops::ControlFlow;

use burn::tensor::Device;
use core_tensor_ops::ClipDetector;
use face_data::{Clip, Clips, Faces, crops};
use inference::{ClipPrediction, predict_clip};
use runtime::cores::batches_at_once;

use crate::{Error, ahead::ahead};

/// Asks the network about `count` snippets of every clip and hands over, in order and until it is told
/// to stop, each clip, its rows and what the network says; an error where a picture cannot be read any
/// more.
pub fn judge_each(
    clips: &Clips,
    faces: &Faces,
    model: &dyn ClipDetector,
    count: usize,
    device: &Device,
    mut take: impl FnMut(&Clip, Vec<usize>, Result<ClipPrediction, Error>) -> ControlFlow<()>,
) {
    let made = |place: usize| {
        let rows = clips.even(&clips.clips[place], count);
        let frames = crops(faces, &rows, clips.length);
        (rows, frames.map_err(Error::from))
    };
    let judged = |(rows, frames): (Vec<usize>, Result<Vec<_>, Error>)| {
        let judged = frames.map(|frames| {
            let frames: Vec<_> = frames.iter().collect();
            predict_clip(model, &frames, clips.length, device)
        });
        (rows, judged)
    };
    let at_once = batches_at_once(device);
    ahead(
        clips.clips.len(),
        at_once,
        made,
        judged,
        |place, (rows, judged)| take(&clips.clips[place], rows, judged),
    );
}
