//! One clip: from its frames to the crops of its main face.

use std::collections::BTreeMap;
use std::path::Path;

use burn::tensor::Device;
use datasets::Clip;
use face_detect::tracks::largest_track;
use face_detect::{
    FaceDetectError, FaceFinder, FaceLandmark68, FaceSearch, FaceTracker, FinderConfig,
    TinyFaceConfig, TinyFaceDetector, TrackerConfig,
};
use face_preproc::manifest::Label;
use face_preproc::pictures::Mask;
use face_store::{Face, Finished};
use serde_json::json;
use video::snippets;

use crate::annotated::annotated;
use crate::cut::Cut;
use crate::frames::Frames;
use crate::window::Window;
use crate::{FaceSource, PrepConfig};

/// The frames of a clip to look at: single ones, or runs, ascending.
fn wanted(count: usize, config: &PrepConfig) -> Vec<usize> {
    let runs = snippets(count, config.frames, config.successive.min(count));
    let mut frames: Vec<usize> = runs.into_iter().flatten().collect();
    frames.sort_unstable();
    frames.dedup();
    frames
}

/// The networks of one worker.
pub(crate) fn finder(config: &PrepConfig, device: &Device) -> Result<FaceFinder, FaceDetectError> {
    FaceFinder::new(
        TinyFaceDetector::new(TinyFaceConfig::default(), device)?,
        FaceLandmark68::new(device)?,
        FinderConfig {
            least_side: config.least_face,
            ..FinderConfig::default()
        },
    )
}

/// What comes of a clip. What is wrong with it is part of the answer.
pub(crate) fn prepare_clip(
    root: &Path,
    clip: &Clip,
    finder: &FaceFinder,
    config: &PrepConfig,
) -> Finished {
    let mut finished = Finished::default();
    if let Err(error) = fill(root, clip, finder, config, &mut finished) {
        finished.error.get_or_insert(error);
    }
    finished
}

fn fill(
    root: &Path,
    clip: &Clip,
    finder: &FaceFinder,
    config: &PrepConfig,
    finished: &mut Finished,
) -> Result<(), String> {
    let frames = Frames::open(root, &clip.path, &clip.kind)?;
    let wanted = wanted(frames.count(), config);
    let error = &mut finished.error;
    let (track, cuts) = match (config.faces, &clip.original) {
        (FaceSource::Annotated, _) => (0, annotated(root, clip, &frames, &wanted, config, error)?),
        (FaceSource::Target, Some(original)) => {
            let real = Frames::beside(root, original, clip)?;
            let (track, cuts) = main_face(&real, &wanted, finder, config, error)
                .map_err(|error| format!("its original {original}: {error}"))?;
            (track, cut_again(cuts, &frames, error)?)
        }
        _ => main_face(&frames, &wanted, finder, config, error)?,
    };
    let masks = match clip.label.is_forged() {
        true => masks(root, clip, &cuts, config)?,
        false => BTreeMap::new(),
    };
    for cut in &cuts {
        let mut row = clip.to_row();
        row.frame = Some(cut.frame as u64);
        row.landmarks68 = Some(cut.landmarks);
        if cut.pristine {
            row.label = Label::Real;
            row.extra.insert("clip_forged".into(), json!(true));
        }
        row.extra.insert("box".into(), json!(cut.window.as_array()));
        row.extra.insert("score".into(), json!(cut.score));
        row.extra.insert("track".into(), json!(track));
        let face = Face::encode(row, &cut.picture, masks.get(&cut.frame), config.encoding);
        finished
            .faces
            .push(face.map_err(|error| error.to_string())?);
    }
    Ok(())
}

/// Frames from one look of the detector to the next while every face is followed, a choice: others
/// than the main face are of no concern here.
const KEY_INTERVAL: usize = 8;

/// The largest track's crops. Frames that cannot be read are the clip's `error`; the others count.
fn main_face(
    frames: &Frames,
    wanted: &[usize],
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
    let mut read = 0;
    for frame in frames.at(wanted)? {
        let (number, picture) = match frame {
            Ok(frame) => frame,
            Err(reason) => {
                error.get_or_insert(reason);
                continue;
            }
        };
        read += 1;
        let seen = tracker.push(&picture).map_err(|error| error.to_string())?;
        if let FaceSearch::TooSmall { largest, .. } = seen.search {
            too_small = Some(too_small.map_or(largest, |most| most.max(largest)));
        }
        for (face, &track) in seen.search.faces().iter().zip(&seen.tracks) {
            if let Some(window) = Window::around(&face.bounds, picture.dimensions(), config) {
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
    match largest_track(&tracks).and_then(|track| Some((track.id, by_track.remove(&track.id)?))) {
        Some(main) => Ok(main),
        None => Err(match (read, too_small) {
            (0, _) => error.take().unwrap_or_else(|| "it has no frames".into()),
            (_, Some(largest)) => format!(
                "its faces are too small: {largest:.0} px, and {:.0} are wanted",
                config.least_face
            ),
            _ => format!("no face found in {read} frames"),
        }),
    }
}

/// The windows of one clip, cut out of the same frames of another.
fn cut_again(
    cuts: Vec<Cut>,
    frames: &Frames,
    error: &mut Option<String>,
) -> Result<Vec<Cut>, String> {
    let mut by_frame: BTreeMap<usize, Cut> = cuts.into_iter().map(|cut| (cut.frame, cut)).collect();
    let numbers: Vec<usize> = by_frame.keys().copied().collect();
    let mut again = Vec::new();
    for frame in frames.at(&numbers)? {
        match frame {
            Ok((number, picture)) => {
                if let Some(mut cut) = by_frame.remove(&number) {
                    cut.picture = cut.window.cut(&picture);
                    again.push(cut);
                }
            }
            Err(reason) => {
                error.get_or_insert(reason);
            }
        }
    }
    Ok(again)
}

/// The masks of a forgery's crops, by frame, where the data set has what they are made from.
fn masks(
    root: &Path,
    clip: &Clip,
    cuts: &[Cut],
    config: &PrepConfig,
) -> Result<BTreeMap<usize, Mask>, String> {
    let needs_real = config.mask.needs_real();
    let other = match needs_real {
        true => &clip.original,
        false => &clip.mask,
    };
    let Some(other) = other else {
        return Ok(BTreeMap::new());
    };
    let what = if needs_real { "original" } else { "mask" };
    let said = |error: String| format!("its {what} {other}: {error}");
    let frames = Frames::beside(root, other, clip).map_err(said)?;
    let wanted: Vec<usize> = cuts.iter().map(|cut| cut.frame).collect();
    if wanted.iter().any(|&frame| frame >= frames.count()) {
        return Err(said(format!("it has only {} frames", frames.count())));
    }
    let by_frame: BTreeMap<usize, &Cut> = cuts.iter().map(|cut| (cut.frame, cut)).collect();
    let mut made = BTreeMap::new();
    for frame in frames.at(&wanted).map_err(said)? {
        let (number, picture) = frame.map_err(said)?;
        let Some(cut) = by_frame.get(&number) else {
            continue;
        };
        let mask = if needs_real {
            let real = cut.window.cut(&picture);
            config.mask.make(&cut.picture, Some(&real), None)
        } else {
            let mask = cut.window.cut_mask(&picture);
            config.mask.make(&cut.picture, None, Some(&mask))
        };
        made.insert(number, mask.map_err(|error| said(error.to_string()))?);
    }
    Ok(made)
}
