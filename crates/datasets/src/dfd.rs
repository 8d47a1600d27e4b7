//! DeepFakeDetection (Google and Jigsaw, 2019), which lies beside FaceForensics++.
//!
//! `original_sequences/actors/{raw,c23,c40}/videos/ACTOR__SCENE.mp4`,
//! `manipulated_sequences/DeepFakeDetection/{raw,c23,c40}/videos/TARGET_SOURCE__SCENE__XXXXXXXX.mp4`,
//! masks as in FaceForensics++. No official split.

use crate::clip::{Clip, stem};
use crate::error::DatasetError;
use crate::faceforensics::{COMPRESSIONS, FORGED, mask};
use crate::tree::{Tree, VIDEOS};

const DATASET: &str = "DFD";
const METHOD: &str = "DeepFakeDetection";
const REALS: &str = "original_sequences/actors";

/// What a forgery's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forgery<'a> {
    /// The actor whose face was replaced.
    pub target: &'a str,
    /// The actor whose face it is.
    pub source: &'a str,
    /// What they do.
    pub scene: &'a str,
}

/// Reads a forgery's name, without its ending; `None` for any other.
pub fn parse_forgery(name: &str) -> Option<Forgery<'_>> {
    let (actors, rest) = name.split_once("__")?;
    let (target, source) = actors.split_once('_')?;
    let (scene, code) = rest.rsplit_once("__")?;
    let complete = [target, source, scene].iter().all(|part| !part.is_empty());
    (complete && code.len() == 8).then_some(Forgery {
        target,
        source,
        scene,
    })
}

pub(crate) fn is_here(tree: &Tree) -> bool {
    tree.has_folder(REALS) || tree.has_folder(&format!("{FORGED}/{METHOD}"))
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let person = |actor: &str| Some(format!("{DATASET}/{actor}"));
    for compression in COMPRESSIONS {
        let canonical = if compression == "c0" {
            "raw"
        } else {
            compression
        };
        let reals = format!("{REALS}/{compression}/videos");
        for file in tree.files(&reals, &VIDEOS)? {
            let path = format!("{reals}/{file}");
            let Some((actor, _)) = stem(&file).split_once("__") else {
                tree.unlisted(path);
                continue;
            };
            let mut clip = Clip::new(DATASET, path, stem(&file));
            clip.compression = Some(canonical.into());
            clip.identity = person(actor);
            tree.push(clip);
        }
        let fakes = format!("{FORGED}/{METHOD}/{compression}/videos");
        for file in tree.files(&fakes, &VIDEOS)? {
            let path = format!("{fakes}/{file}");
            let Some(name) = parse_forgery(stem(&file)) else {
                tree.unlisted(path);
                continue;
            };
            let mut clip = Clip::new(DATASET, path, stem(&file)).forged(METHOD);
            clip.compression = Some(canonical.into());
            clip.identity = person(name.target);
            clip.source_identity = person(name.source);
            clip.mask = mask(tree, METHOD, stem(&file));
            let original = format!("{reals}/{}__{}.mp4", name.target, name.scene);
            clip.original = tree.need(original, "the real clip of a forgery");
            tree.push(clip);
        }
    }
    Ok(())
}
