//! FaceForensics++ (Roessler et al., 2019), with FaceShifter.
//!
//! `original_sequences/youtube/{raw,c23,c40}/videos/NNN.mp4`,
//! `manipulated_sequences/METHOD/{raw,c23,c40}/videos/TTT_SSS.mp4` (target, source),
//! `manipulated_sequences/METHOD/masks/videos/TTT_SSS.mp4`, shared by all compressions and absent
//! for FaceShifter; `{train,val,test}.json`, here or in `splits`. Of methods, compressions and masks
//! any subset may be there, but what is there must be whole. `truth/NAME.json` beside the compressions
//! is no part of the published data: see [`parse_annotations`](crate::parse_annotations). `c0` is another name of `raw`.

use std::collections::BTreeMap;

use face_preproc::manifest::Split;

use crate::clip::{Clip, stem};
use crate::error::{DatasetError, ListError};
use crate::tree::{Tree, VIDEOS};

pub(crate) const DATASET: &str = "FaceForensics++";
/// The methods' folders.
pub const METHODS: [&str; 5] = [
    "Deepfakes",
    "Face2Face",
    "FaceSwap",
    "NeuralTextures",
    "FaceShifter",
];
/// The compressions' folders.
pub const COMPRESSIONS: [&str; 4] = ["raw", "c0", "c23", "c40"];
const REALS: &str = "original_sequences/youtube";
pub(crate) const FORGED: &str = "manipulated_sequences";

/// A split file: a list of pairs of three-digit numbers. Each pair stands for two real clips and,
/// for each method, two forgeries.
///
/// # Errors
///
/// [`ListError`] for anything else.
pub fn parse_pairs(text: &str) -> Result<Vec<[String; 2]>, ListError> {
    let pairs: Vec<[String; 2]> = serde_json::from_str(text)?;
    for name in pairs.iter().flatten() {
        if !is_number(name) {
            return Err(ListError::entry(
                name,
                "expected the number of a clip, such as \"071\"",
            ));
        }
    }
    Ok(pairs)
}

fn is_number(name: &str) -> bool {
    name.len() == 3 && name.bytes().all(|b| b.is_ascii_digit())
}

/// Target and source of a forgery's name.
pub(crate) fn target_and_source(name: &str) -> Option<(&str, &str)> {
    let (target, source) = name.split_once('_')?;
    (is_number(target) && is_number(source)).then_some((target, source))
}

/// The part of every name, real or forged, that the split files speak of.
fn splits(tree: &mut Tree) -> Result<BTreeMap<String, Split>, DatasetError> {
    let mut splits = BTreeMap::new();
    for split in [Split::Train, Split::Val, Split::Test] {
        let places = [format!("{split}.json"), format!("splits/{split}.json")];
        let Some(path) = places.iter().find(|path| tree.has(path)) else {
            tree.missing(&places[1], "the official split");
            continue;
        };
        let bad = tree.in_list(path);
        let text = tree.text(path)?.unwrap_or_default();
        for [a, b] in parse_pairs(&text).map_err(&bad)? {
            for name in [a.clone(), b.clone(), format!("{a}_{b}"), format!("{b}_{a}")] {
                if splits
                    .insert(name.clone(), split)
                    .is_some_and(|s| s != split)
                {
                    return Err(bad(ListError::entry(&name, "it is in two parts")));
                }
            }
        }
    }
    Ok(splits)
}

pub(crate) fn is_here(tree: &Tree) -> bool {
    tree.has_folder(REALS)
        || METHODS
            .iter()
            .any(|method| tree.has_folder(&format!("{FORGED}/{method}")))
}

/// The name that the clips bear: rendered trees (`cargo xtask fixtures --videos`) say in `clips.json`
/// that they are not the published data.
fn name(tree: &Tree) -> Result<String, DatasetError> {
    #[derive(serde::Deserialize)]
    struct Settings {
        dataset: String,
    }
    let text = tree.text("clips.json")?.unwrap_or_default();
    let settings = serde_json::from_str(&text).ok();
    Ok(settings.map_or_else(|| DATASET.to_owned(), |settings: Settings| settings.dataset))
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let splits = splits(tree)?;
    let dataset = name(tree)?;
    for compression in COMPRESSIONS {
        let folder = format!("{REALS}/{compression}/videos");
        let names = splits.keys().filter(|name| is_number(name));
        for name in present(tree, &folder, names)? {
            let mut clip = real(&folder, compression, &name);
            clip.dataset.clone_from(&dataset);
            clip.split = splits.get(&name).copied();
            clip.annotations = annotations(tree, REALS, &name);
            tree.push(clip);
        }
        for method in METHODS {
            let folder = format!("{FORGED}/{method}/{compression}/videos");
            let names = splits.keys().filter(|name| !is_number(name));
            for name in present(tree, &folder, names)? {
                let Some((target, source)) = target_and_source(&name) else {
                    tree.unlisted(format!("{folder}/{name}.mp4"));
                    continue;
                };
                let mut clip = Clip::new(&dataset, format!("{folder}/{name}.mp4"), &name);
                clip = clip.forged(method);
                clip.compression = Some(canonical(compression).into());
                clip.identity = Some(target.into());
                clip.source_identity = Some(source.into());
                clip.split = splits.get(&name).copied();
                clip.mask = mask(tree, method, &name);
                clip.annotations = annotations(tree, &format!("{FORGED}/{method}"), &name);
                clip.original_annotations = annotations(tree, REALS, target);
                let original = format!("{REALS}/{compression}/videos/{target}.mp4");
                clip.original = tree.need(original, "the real clip of a forgery");
                tree.push(clip);
            }
        }
    }
    Ok(())
}

/// The names of the videos in a folder; those that the split files name and that are not there are
/// counted as missing, unless the folder as a whole is absent.
fn present<'n>(
    tree: &mut Tree,
    folder: &str,
    listed: impl Iterator<Item = &'n String>,
) -> Result<Vec<String>, DatasetError> {
    if tree.has_folder(folder) {
        for name in listed {
            tree.need(
                format!("{folder}/{name}.mp4"),
                "named by the official split",
            );
        }
    }
    let files = tree.files(folder, &VIDEOS)?;
    Ok(files.iter().map(|file| stem(file).to_owned()).collect())
}

/// A real clip, as DeeperForensics needs it too.
pub(crate) fn real(folder: &str, compression: &str, name: &str) -> Clip {
    let mut clip = Clip::new(DATASET, format!("{folder}/{name}.mp4"), name);
    clip.compression = Some(canonical(compression).into());
    clip.identity = Some(name.into());
    clip
}

fn canonical(compression: &str) -> &str {
    if compression == "c0" {
        "raw"
    } else {
        compression
    }
}

/// What is known of a clip's frames, in trees that have it (the published one has not).
fn annotations(tree: &Tree, folder: &str, name: &str) -> Option<String> {
    let path = format!("{folder}/truth/{name}.json");
    tree.has(&path).then_some(path)
}

/// The mask of a forgery; its absence is counted only where the method has masks at all.
pub(crate) fn mask(tree: &mut Tree, method: &str, name: &str) -> Option<String> {
    let folder = format!("{FORGED}/{method}/masks/videos");
    if !tree.has_folder(&folder) {
        return None;
    }
    tree.need(format!("{folder}/{name}.mp4"), "the mask of a forgery")
}
