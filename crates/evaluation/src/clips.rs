//! Asking a network about every clip.

use burn::tensor::Device;
use core_tensor_ops::ClipDetector;
use face_data::{Clip, Clips, Faces, crops};
use inference::{ClipPrediction, predict_clip};
use runtime::{cores::batches_at_once, in_order};

use crate::Error;

/// Asks the network about `count` snippets of every clip and hands over, in order, each clip, its
/// rows and what the network says; an error where a picture cannot be read any more.
pub fn judge_each(
    clips: &Clips,
    faces: &Faces,
    model: &dyn ClipDetector,
    count: usize,
    device: &Device,
    mut take: impl FnMut(&Clip, Vec<usize>, Result<ClipPrediction, Error>),
) {
    let judged = |place: usize| {
        let rows = clips.even(&clips.clips[place], count);
        let judged = crops(faces, &rows, clips.length)
            .map_err(Error::from)
            .map(|frames| {
                let frames: Vec<_> = frames.iter().collect();
                predict_clip(model, &frames, clips.length, device)
            });
        (rows, judged)
    };
    let at_once = batches_at_once(device);
    let all = 0..clips.clips.len();
    in_order(all, at_once, 2 * at_once, judged, |judged| {
        judged.for_each(|(place, (rows, judged))| take(&clips.clips[place], rows, judged));
    });
}
