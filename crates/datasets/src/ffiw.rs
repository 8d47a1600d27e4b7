//! FFIW10K (Zhou et al., 2021), as the README of its repository (tfzhou/FFIW) shows it.
//!
//! `source`, `target` and `target_mask`, each with `train` and `val`. What is in `source` is real, in
//! `target` forged, and a forgery's mask has its name in `target_mask`; SBI's evaluation takes them so
//! too. The clips may lie in a folder `videos` below, as that evaluation has it. Which source a target was
//! made from is not said, nor who is in a clip.

use face_preproc::manifest::Split;

use crate::clip::{Clip, stem};
use crate::error::DatasetError;
use crate::tree::{Tree, VIDEOS};

const DATASET: &str = "FFIW10K";
const REALS: &str = "source";
const FORGED: &str = "target";
const MASKS: &str = "target_mask";
const PARTS: [Split; 2] = [Split::Train, Split::Val];

pub(crate) fn is_here(tree: &Tree) -> bool {
    let has = |folder| {
        PARTS
            .iter()
            .any(|part| tree.has_folder(&format!("{folder}/{part}")))
    };
    has(REALS) && has(FORGED)
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    for part in PARTS {
        for folder in [REALS, FORGED] {
            let home = in_place(tree, folder, part);
            for file in tree.files(&home, &VIDEOS)? {
                let path = format!("{home}/{file}");
                // The same name may be in both folders.
                let video = format!("{folder}/{part}/{}", stem(&file));
                let mut clip = Clip::new(DATASET, path, &video);
                clip.split = Some(part);
                if folder == FORGED {
                    clip = clip.forged("FFIW10K");
                    let masks = in_place(tree, MASKS, part);
                    if tree.has_folder(&masks) {
                        clip.mask =
                            tree.need_video(format!("{masks}/{file}"), "the mask of a forgery")?;
                    }
                }
                tree.push(clip);
            }
        }
    }
    Ok(())
}

/// The folder of a part, or the folder `videos` in it.
fn in_place(tree: &Tree, folder: &str, part: Split) -> String {
    let home = format!("{folder}/{part}");
    let videos = format!("{home}/videos");
    match tree.has_folder(&videos) {
        true => videos,
        false => home,
    }
}
