//! Celeb-DF++ (Li et al., 2025), as the README of its repository (OUC-VAS/Celeb-DF-PP) shows it.
//!
//! Celeb-DF's three folders and its list of test clips, with a folder for each of 22 methods in
//! `Celeb-synthesis/{FaceSwap,FaceReenact,TalkingFace}`; `FaceSwap/Celeb-DF` has Celeb-DF's own forgeries.
//! The README does not say how the other methods' clips are called: of a name that begins with people of
//! Celeb-DF (`id3_id7_...`) these are taken, and an original is known of Celeb-DF's own alone.

use crate::celeb_df::{self, FOLDERS, FORGED, in_place, part, tested};
use crate::clip::{Clip, stem};
use crate::error::DatasetError;
use crate::tree::{Tree, VIDEOS};

const DATASET: &str = "Celeb-DF++";
/// Celeb-DF's own forgeries.
const CELEB_DF: &str = "Celeb-DF";
/// Methods that replace a face.
pub const FACE_SWAPS: [&str; 8] = [
    CELEB_DF,
    "BlendFace",
    "GHOST",
    "HifiFace",
    "InSwapper",
    "MobileFaceSwap",
    "SimSwap",
    "UniFace",
];
/// Methods that move a face.
pub const REENACTMENTS: [&str; 7] = [
    "DaGAN",
    "FSRT",
    "HyperReenact",
    "LIA",
    "LivePortrait",
    "MCNET",
    "TPSMM",
];
/// Methods that move a mouth to speech.
pub const TALKING_FACES: [&str; 7] = [
    "AniTalker",
    "EchoMimic",
    "EDTalk",
    "FLOAT",
    "IP_LAP",
    "Real3DPortrait",
    "SadTalker",
];
const SCENARIOS: [&str; 3] = ["FaceSwap", "FaceReenact", "TalkingFace"];

pub(crate) fn is_here(tree: &Tree) -> bool {
    let scenario = |name| tree.has_folder(&format!("{FORGED}/{name}"));
    SCENARIOS.into_iter().any(scenario)
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let tested = tested(tree)?;
    let [celebrities, youtube, _] = FOLDERS;
    let mut folders = vec![(celebrities.to_owned(), None), (youtube.to_owned(), None)];
    for scenario in SCENARIOS {
        let scenario = format!("{FORGED}/{scenario}");
        let methods = tree.folders(&scenario)?;
        folders.extend(
            methods
                .into_iter()
                .map(|m| (format!("{scenario}/{m}"), Some(m))),
        );
    }
    for (folder, method) in folders {
        let folder = match method {
            None => in_place(tree, &folder),
            Some(_) => folder,
        };
        for file in tree.files(&folder, &VIDEOS)? {
            let path = format!("{folder}/{file}");
            let clip = match method.as_deref() {
                None => celeb_df::clip(tree, DATASET, &path)?,
                Some(CELEB_DF) => {
                    let clip = celeb_df::clip(tree, DATASET, &path)?;
                    clip.map(|clip| clip.forged(CELEB_DF))
                }
                Some(method) => Some(forgery(&path, method)),
            };
            match clip {
                Some(mut clip) => {
                    clip.split = tested.as_ref().map(|tested| part(tested, &path));
                    tree.push(clip);
                }
                None => tree.unlisted(path),
            }
        }
    }
    Ok(())
}

/// A forgery by another method than Celeb-DF's own.
fn forgery(path: &str, method: &str) -> Clip {
    let name = stem(path);
    let mut clip = Clip::new(DATASET, path.into(), name).forged(method);
    let is_person = |part: &&str| {
        let number = part.strip_prefix("id");
        number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
    };
    let mut people = name.split('_').take_while(is_person);
    let mut person = || people.next().map(|id| format!("Celeb-DF/{id}"));
    clip.identity = person();
    clip.source_identity = person();
    clip
}
