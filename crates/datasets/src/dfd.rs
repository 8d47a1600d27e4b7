//! DeepFakeDetection (Google and Jigsaw, 2019), which lies beside FaceForensics++.
//!
//! `original_sequences/actors/{raw,c23,c40}/videos/ACTOR__SCENE.mp4`,
//! `manipulated_sequences/DeepFakeDetection/{raw,c23,c40}/videos/TARGET_SOURCE__SCENE__XXXXXXXX.mp4`,
//! masks as in FaceForensics++. No official split. Flat copies of FaceForensics++ may have the forgeries in
//! `DeepFakeDetection`, without what they were made from.

use crate::clip::{Clip, stem};
use crate::error::DatasetError;
use crate::faceforensics::{self, COMPRESSIONS, FORGED, mask};
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
    tree.has_folder(REALS) || tree.has_folder(&format!("{FORGED}/{METHOD}")) || is_flat(tree)
}

/// Whether the forgeries lie in a flat copy of FaceForensics++, without the actors' clips.
fn is_flat(tree: &Tree) -> bool {
    tree.has_folder(METHOD) && faceforensics::is_flat(tree)
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    if is_flat(tree) {
        let compression = faceforensics::compression_of_root(tree);
        return forgeries(tree, METHOD, None, compression.as_deref());
    }
    for compression in COMPRESSIONS {
        let canonical = faceforensics::canonical(compression);
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
        forgeries(tree, &fakes, Some(&reals), Some(canonical))?;
    }
    Ok(())
}

fn person(actor: &str) -> Option<String> {
    Some(format!("{DATASET}/{actor}"))
}

/// The forgeries of a folder, and where the clips are that they were made from.
fn forgeries(
    tree: &mut Tree,
    folder: &str,
    reals: Option<&str>,
    compression: Option<&str>,
) -> Result<(), DatasetError> {
    for file in tree.files(folder, &VIDEOS)? {
        let path = format!("{folder}/{file}");
        let Some(name) = parse_forgery(stem(&file)) else {
            tree.unlisted(path);
            continue;
        };
        let mut clip = Clip::new(DATASET, path, stem(&file)).forged(METHOD);
        clip.compression = compression.map(str::to_owned);
        clip.identity = person(name.target);
        clip.source_identity = person(name.source);
        clip.mask = mask(tree, METHOD, stem(&file))?;
        if let Some(reals) = reals {
            let original = format!("{reals}/{}__{}.mp4", name.target, name.scene);
            clip.original = tree.need_video(original, "the real clip of a forgery")?;
        }
        tree.push(clip);
    }
    Ok(())
}
