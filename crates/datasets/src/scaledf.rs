//! ScaleDF (Wang et al., 2025), as the README of its repository (scaledf/ScaleDF) shows it, unpacked.
//!
//! `train` and `val` hold a tar for each data set of real faces (`000000AFAD.tar`) and for each method
//! (`AniPortrait_faces.tar`): names that begin with `000000` are real. Unpack each into a folder of its name
//! (`train/AniPortrait_faces/...`); what is still packed is counted as unlisted. Who is seen is not said.

use face_preproc::manifest::Split;

use crate::clip::{Clip, Kind};
use crate::error::DatasetError;
use crate::tree::{PICTURES, Tree};
use crate::walk::{Walk, collect};

const DATASET: &str = "ScaleDF";
const PARTS: [(&str, Split); 2] = [("train", Split::Train), ("val", Split::Val)];
/// How the names of real faces' folders begin.
const REAL: &str = "000000";
/// How the names of methods' folders end.
const FACES: &str = "_faces";
/// The deepest nesting of folders in an archive.
const DEEPEST: usize = 6;

pub(crate) fn is_here(tree: &Tree) -> Result<bool, DatasetError> {
    for (part, _) in PARTS {
        let mut names = tree.folders(part)?;
        names.extend(tree.files(part, &["tar"])?);
        if names.iter().any(|name| name.starts_with(REAL)) {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    for (part, split) in PARTS {
        let folders = tree.folders(part)?;
        let homes: Vec<String> = folders
            .iter()
            .map(|name| format!("{part}/{name}"))
            .collect();
        let mut walk = Walk::new(tree, &homes);
        for (home, (name, folder)) in folders.iter().zip(&homes).enumerate() {
            let mut pictures = Vec::new();
            collect(
                tree,
                &mut walk,
                home,
                folder,
                &PICTURES,
                DEEPEST,
                &mut pictures,
            )?;
            for path in pictures {
                let mut clip = Clip::new(DATASET, path.clone(), &path);
                if !name.starts_with(REAL) {
                    clip = clip.forged(name.strip_suffix(FACES).unwrap_or(name));
                }
                clip.kind = Kind::Picture;
                clip.split = Some(split);
                tree.push(clip);
            }
        }
        for packed in tree.files(part, &["tar"])? {
            if !folders
                .iter()
                .any(|name| packed.strip_suffix(".tar") == Some(name))
            {
                tree.unlisted(format!("{part}/{packed}"));
            }
        }
    }
    Ok(())
}
