//! Which of a video's tracks is the face it is about.

use face_preproc::geometry::FaceBox;
use image::{ImageBuffer, Luma};

use super::Track;

/// The largest track: the one whose boxes cover the most area, summed over its frames. The earlier
/// one of equals; `None` for no tracks.
pub fn largest_track(tracks: &[Track]) -> Option<&Track> {
    best(tracks, |track| {
        track
            .observations
            .iter()
            .map(|face| f64::from(face.bounds.area()))
            .sum()
    })
}

/// The forged track: the one whose boxes hold the most of the masks, summed over the frames that
/// `masks` gives one for. The largest track where no box holds any; `None` for no tracks.
///
/// A mask has the size of its frame and values 0 (pristine) ..= 1 (forged). Each is looked at once and
/// let go of, so that a clip's masks need not be held together.
pub fn masked_track(
    tracks: &[Track],
    masks: impl IntoIterator<Item = (usize, ImageBuffer<Luma<f32>, Vec<f32>>)>,
) -> Option<&Track> {
    let mut held = vec![0.0; tracks.len()];
    for (frame, mask) in masks {
        for (track, held) in tracks.iter().zip(&mut held) {
            let here = track.observations.iter().filter(|face| face.frame == frame);
            *held += here
                .map(|face| forged_within(&mask, &face.bounds))
                .sum::<f64>();
        }
    }
    if held.iter().all(|&held| held <= 0.0) {
        return largest_track(tracks);
    }
    let mut held = held.into_iter();
    best(tracks, |_| held.next().unwrap_or_default())
}

/// The sum of a mask's values whose pixels have their centre in a box.
fn forged_within(mask: &ImageBuffer<Luma<f32>, Vec<f32>>, bounds: &FaceBox) -> f64 {
    let range = |start: f32, extent: f32, size: u32| {
        let first = start.ceil().clamp(0.0, size as f32) as usize;
        let end = ((start + extent).floor() + 1.0).clamp(0.0, size as f32) as usize;
        first..end.max(first)
    };
    let columns = range(bounds.x, bounds.width, mask.width());
    let rows = range(bounds.y, bounds.height, mask.height());
    let width = mask.width() as usize;
    rows.flat_map(|row| &mask.as_raw()[row * width..][columns.clone()])
        .map(|&value| f64::from(value))
        .sum()
}

fn best(tracks: &[Track], mut worth: impl FnMut(&Track) -> f64) -> Option<&Track> {
    let mut chosen: Option<(&Track, f64)> = None;
    for track in tracks {
        let worth = worth(track);
        if chosen.is_none_or(|(_, most)| worth > most) {
            chosen = Some((track, worth));
        }
    }
    chosen.map(|(track, _)| track)
}
