//! The main face of a clip, followed and cut out.

use std::collections::BTreeMap;

use face_detect::tracks::{Track, largest_track, masked_track};
use face_detect::{
    Face, FaceDetectError, FaceFinder, FaceSearch, FaceTracker, FinderConfig, LEAD, TrackerConfig,
};
use face_preproc::pictures::Mask;
use image::{Luma, RgbImage};
use video::sample_uniform;

use burn::tensor::Device;

use crate::PrepConfig;
use crate::cut::Cut;
use crate::frames::Frames;
use crate::places::Places;
use crate::window::Window;

/// The networks of one worker.
pub(crate) fn finder(config: &PrepConfig, device: &Device) -> Result<FaceFinder, FaceDetectError> {
    let config = FinderConfig {
        least_side: config.least_face,
        ..FinderConfig::default()
    };
    FaceFinder::shipped_with(config, device)
}

/// Frames from one look of the detector to the next while every face is followed, a choice: others
/// than the main face are of no concern here.
const KEY_INTERVAL: usize = 8;

/// Frames whose masks are looked at to tell which face is forged.
const MASKS: usize = 32;

/// The crops of a clip's main face: the forged one where there is a `mask`, else the largest. Frames
/// that cannot be read are the clip's `error`; the others count.
pub(crate) fn main_face(
    frames: &Frames,
    places: &Places,
    mask: Option<&Frames>,
    finder: &FaceFinder,
    config: &PrepConfig,
    error: &mut Option<String>,
) -> Result<(usize, Vec<Cut>), String> {
    let following = TrackerConfig {
        key_interval: KEY_INTERVAL,
        ..TrackerConfig::sampled()
    };
    let mut tracker = FaceTracker::new(finder, following).map_err(|error| error.to_string())?;
    let mut by_track: BTreeMap<usize, Vec<Cut>> = BTreeMap::new();
    let mut too_small: Option<f32> = None;
    // The frames that were read, in their order, which the tracker counts.
    let mut read = Vec::new();
    let mut windows = Windows::default();
    let lead = if config.successive < 2 { 0 } else { LEAD };
    let kept = places.frames();
    for frame in frames.at(&places.led(lead, |number| frames.place(number).is_some()))? {
        let (number, picture) = match frame {
            Ok(frame) => frame,
            Err(reason) => {
                error.get_or_insert(reason);
                continue;
            }
        };
        read.push(number);
        let seen = tracker.push(&picture).map_err(|error| error.to_string())?;
        if let FaceSearch::TooSmall { largest, .. } = seen.search {
            too_small = Some(too_small.map_or(largest, |most| most.max(largest)));
        }
        if kept.binary_search(&number).is_err() {
            continue;
        }
        if places.begins(number, config.successive) {
            windows = Windows::default();
        }
        for (face, &track) in seen.search.faces().iter().zip(&seen.tracks) {
            if let Some(window) = windows.of(track, face, picture.dimensions(), config) {
                by_track.entry(track).or_default().push(Cut {
                    frame: number,
                    window,
                    picture: window.cut(&picture),
                    landmarks: window.landmarks(&face.landmarks),
                    score: face.score,
                    pristine: false,
                });
            }
        }
    }
    let tracks = tracker.into_tracks();
    let main = match mask {
        Some(mask) if tracks.len() > 1 => forged_track(&tracks, mask, &read, error),
        _ => largest_track(&tracks),
    };
    match main.and_then(|track| Some((track.id, by_track.remove(&track.id)?))) {
        Some(main) => Ok(main),
        None => Err(match (read.len(), too_small) {
            (0, _) => error.take().unwrap_or_else(|| "it has no frames".into()),
            (_, Some(largest)) => format!(
                "its faces are too small: {largest:.0} px, and {:.0} are wanted",
                config.least_face
            ),
            (read, _) => format!("no face found in {read} frames"),
        }),
    }
}

/// The windows of a snippet, by track: each stays where the snippet's first frame has it, so that nothing
/// moves in the crops but the face.
#[derive(Default)]
struct Windows(BTreeMap<usize, Window>);

impl Windows {
    /// The window of a face; `None` where nothing of it is inside.
    fn of(
        &mut self,
        track: usize,
        face: &Face,
        picture: (u32, u32),
        config: &PrepConfig,
    ) -> Option<Window> {
        let around = || Window::around(&face.bounds, picture, config);
        if config.successive < 2 {
            return around();
        }
        if let Some(window) = self.0.get(&track) {
            return Some(*window);
        }
        let window = around()?;
        self.0.insert(track, window);
        Some(window)
    }
}

/// The track whose boxes hold the most of the masks; `read` are the frames that the tracker saw.
fn forged_track<'t>(
    tracks: &'t [Track],
    mask: &Frames,
    read: &[usize],
    error: &mut Option<String>,
) -> Option<&'t Track> {
    let wanted: Vec<usize> = sample_uniform(read.len(), MASKS)
        .into_iter()
        .map(|place| read[place])
        .filter(|number| mask.place(*number).is_some())
        .collect();
    let pictures = match mask.at(&wanted) {
        Ok(pictures) => pictures,
        Err(reason) => {
            error.get_or_insert(format!("its mask: {reason}"));
            return largest_track(tracks);
        }
    };
    let masks = pictures.filter_map(|frame| {
        let (number, picture) = frame.ok()?;
        Some((read.binary_search(&number).ok()?, forged_pixels(&picture)))
    });
    masked_track(tracks, masks)
}

/// 1 where a mask's picture is nearer to white than to black: compression leaves some grey in both.
fn forged_pixels(picture: &RgbImage) -> Mask {
    Mask::from_fn(picture.width(), picture.height(), |x, y| {
        let sum: u32 = picture
            .get_pixel(x, y)
            .0
            .iter()
            .map(|&v| u32::from(v))
            .sum();
        Luma([f32::from(u8::from(sum > 3 * 127))])
    })
}
