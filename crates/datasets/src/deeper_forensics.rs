//! DeeperForensics-1.0 (Jiang et al., 2020).
//!
//! `manipulated_videos/VARIANT/TTT_ACTOR.mp4`, where a variant is a method, or a method and a
//! perturbation, and `TTT` the clip of FaceForensics++ whose face was replaced;
//! `lists/splits/{train,val,test}.txt`, a file name a line.
//!
//! The real class is FaceForensics++'s clips in c23, not the actors of `source_videos`: they belong
//! into `original_sequences/youtube/c23/videos` of the same folder (a link will do), and are counted
//! as missing otherwise.

use std::collections::BTreeMap;

use face_preproc::manifest::{Split, relative_path};

use crate::clip::{Clip, stem};
use crate::error::{DatasetError, ListError};
use crate::faceforensics;
use crate::tree::{Tree, VIDEOS};

const DATASET: &str = "DeeperForensics-1.0";
const FORGED: &str = "manipulated_videos";
const REALS: &str = "original_sequences/youtube/c23/videos";
/// The variants' folders.
pub const VARIANTS: [&str; 11] = [
    "end_to_end",
    "end_to_end_level_1",
    "end_to_end_level_2",
    "end_to_end_level_3",
    "end_to_end_level_4",
    "end_to_end_level_5",
    "end_to_end_mix_2_distortions",
    "end_to_end_mix_3_distortions",
    "end_to_end_mix_4_distortions",
    "end_to_end_random_level",
    "reenact_postprocess",
];

/// A split file: the names of forgeries, without ending.
///
/// # Errors
///
/// [`ListError`] for a line that is no `TTT_ACTOR.mp4`.
pub fn parse_split(text: &str) -> Result<Vec<String>, ListError> {
    let mut names = Vec::new();
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let path = relative_path(line)?;
        if path.contains('/') || target_and_actor(stem(&path)).is_none() {
            return Err(ListError::line(i, "a clip such as 000_M101.mp4", line));
        }
        names.push(stem(&path).to_owned());
    }
    Ok(names)
}

fn target_and_actor(name: &str) -> Option<(&str, &str)> {
    let (target, actor) = name.split_once('_')?;
    let number = target.len() == 3 && target.bytes().all(|b| b.is_ascii_digit());
    (number && !actor.is_empty()).then_some((target, actor))
}

pub(crate) fn is_here(tree: &Tree) -> bool {
    tree.has_folder(FORGED)
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let splits = splits(tree)?;
    let mut targets = BTreeMap::new();
    for (name, split) in &splits {
        if let Some((target, _)) = target_and_actor(name) {
            targets.insert(target.to_owned(), Some(*split));
        }
    }
    for variant in VARIANTS {
        let folder = format!("{FORGED}/{variant}");
        if !tree.has_folder(&folder) {
            continue;
        }
        for name in splits.keys() {
            tree.need_video(
                format!("{folder}/{name}.mp4"),
                "named by the official split",
            )?;
        }
        for file in tree.files(&folder, &VIDEOS)? {
            let path = format!("{folder}/{file}");
            let name = stem(&file);
            let Some((target, actor)) = target_and_actor(name) else {
                tree.unlisted(path);
                continue;
            };
            let mut clip = Clip::new(DATASET, path, name).forged(variant);
            clip.identity = Some(target.into());
            clip.source_identity = Some(format!("{DATASET}/{actor}"));
            clip.split = splits.get(name).copied();
            clip.original = tree.video(&format!("{REALS}/{target}.mp4"))?;
            targets.entry(target.to_owned()).or_insert(clip.split);
            tree.push(clip);
        }
    }
    for (target, split) in targets {
        let path = format!("{REALS}/{target}.mp4");
        if let Some(path) = tree.need_video(path, "the real class is FaceForensics++ c23")? {
            let mut clip = faceforensics::real(path, Some("c23"), &target);
            clip.dataset = DATASET.into();
            clip.split = split;
            tree.push(clip);
        }
    }
    Ok(())
}

fn splits(tree: &mut Tree) -> Result<BTreeMap<String, Split>, DatasetError> {
    let mut splits = BTreeMap::new();
    for split in [Split::Train, Split::Val, Split::Test] {
        let path = format!("lists/splits/{split}.txt");
        let Some(text) = tree.text(&path)? else {
            tree.missing(path, "the official split");
            continue;
        };
        let bad = tree.in_list(&path);
        for name in parse_split(&text).map_err(&bad)? {
            if splits
                .insert(name.clone(), split)
                .is_some_and(|s| s != split)
            {
                return Err(bad(ListError::entry(&name, "it is in two parts")));
            }
        }
    }
    Ok(splits)
}
