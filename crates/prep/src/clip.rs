//! One clip: from its frames to the crops of its main face.

use std::collections::BTreeMap;
use std::path::Path;

use datasets::Clip;
use face_detect::FaceFinder;
use face_preproc::manifest::Label;
use face_preproc::manifest::known::{CLIP_FORGED, WINDOW};
use face_store::{Face, Finished};
use serde_json::json;

use crate::annotated::annotated;
use crate::companions::Companions;
use crate::cut::Cut;
use crate::frames::Frames;
use crate::track::main_face;
use crate::{FaceSource, PrepConfig};

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
    let beside = Companions::open(root, clip, config)?;
    let error = &mut finished.error;
    let places = beside.places(&frames, config, error)?;
    let mask = beside.mask();
    let (track, cuts) = match (config.faces, beside.cut_by(clip, config)) {
        (FaceSource::Annotated, _) => (0, annotated(root, clip, &frames, &places, config, error)?),
        (_, Some(real)) => {
            let (track, cuts) = main_face(real, &places, mask, finder, config, error)
                .map_err(|error| format!("its original {}: {error}", beside.original_path()))?;
            (track, cut_again(cuts, &frames, error)?)
        }
        _ => main_face(&frames, &places, mask, finder, config, error)?,
    };
    let masks = beside.masks(&cuts, config, error)?;
    let masked = beside.gives_masks(&config.mask);
    for cut in &cuts {
        let made = masks.get(&cut.frame);
        let mask = made.and_then(Option::as_ref);
        // A frame whose mask cannot be read is none that both have.
        if masked && made.is_none() {
            continue;
        }
        let mut row = clip.to_row();
        row.frame = Some(cut.frame as u64);
        row.landmarks68 = Some(cut.landmarks);
        if cut.pristine {
            row.label = Label::Real;
            row.extra.insert(CLIP_FORGED.into(), json!(true));
        }
        row.extra
            .insert(WINDOW.into(), json!(cut.window.as_array()));
        row.extra.insert("score".into(), json!(cut.score));
        row.extra.insert("track".into(), json!(track));
        let face = Face::encode(row, &cut.picture, mask, config.encoding);
        finished
            .faces
            .push(face.map_err(|error| error.to_string())?);
    }
    Ok(())
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
