//! FaceForensics++ (Roessler et al., 2019), with FaceShifter.
//!
//! `original_sequences/youtube/{raw,c23,c40}/videos/NNN.mp4`,
//! `manipulated_sequences/METHOD/{raw,c23,c40}/videos/TTT_SSS.mp4` (target, source),
//! `manipulated_sequences/METHOD/masks/videos/TTT_SSS.mp4`, shared by all compressions and absent
//! for FaceShifter; `{train,val,test}.json`, here or in `splits`. Of methods, compressions and masks
//! any subset may be there, but what is there must be whole. `truth/NAME.json` beside the compressions
//! is no part of the published data: see [`parse_annotations`](crate::parse_annotations). `c0` is another name of `raw`.
//!
//! Copies of one compression that lie flat (`original/NNN.mp4`, `METHOD/TTT_SSS.mp4`) are read as well;
//! the folder's name tells the compression (`FaceForensics++_C23`), the split files are put beside them.

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
/// The real clips of a flat copy.
const FLAT_REALS: &str = "original";
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
    is_flat(tree)
        || tree.has_folder(REALS)
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

/// The folders of one compression.
struct Shelf {
    compression: Option<String>,
    reals: String,
    /// Each method with its folder.
    forged: Vec<(&'static str, String)>,
}

/// Whether the methods' folders lie beside the one of the real clips.
pub(crate) fn is_flat(tree: &Tree) -> bool {
    tree.has_folder(FLAT_REALS) && METHODS.iter().any(|method| tree.has_folder(method))
}

/// The compression that a flat copy's folder is called by.
pub(crate) fn compression_of_root(tree: &Tree) -> Option<String> {
    let name = tree.root().file_name()?.to_str()?.to_ascii_lowercase();
    let found = COMPRESSIONS.into_iter().find(|known| name.contains(known));
    found.map(|compression| canonical(compression).to_owned())
}

fn shelves(tree: &Tree) -> Vec<Shelf> {
    if is_flat(tree) {
        return vec![Shelf {
            compression: compression_of_root(tree),
            reals: FLAT_REALS.into(),
            forged: METHODS.map(|method| (method, method.to_owned())).into(),
        }];
    }
    let shelf = |compression: &str| {
        let folder = |method| format!("{FORGED}/{method}/{compression}/videos");
        Shelf {
            compression: Some(canonical(compression).into()),
            reals: format!("{REALS}/{compression}/videos"),
            forged: METHODS.map(|method| (method, folder(method))).into(),
        }
    };
    COMPRESSIONS.into_iter().map(shelf).collect()
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let splits = splits(tree)?;
    let dataset = name(tree)?;
    for shelf in shelves(tree) {
        let names = splits.keys().filter(|name| is_number(name));
        for (name, path) in present(tree, &shelf.reals, names)? {
            let mut clip = real(path, shelf.compression.as_deref(), &name);
            clip.dataset.clone_from(&dataset);
            clip.split = splits.get(&name).copied();
            clip.annotations = annotations(tree, REALS, &name);
            tree.push(clip);
        }
        for (method, folder) in shelf.forged {
            let names = splits.keys().filter(|name| !is_number(name));
            for (name, path) in present(tree, &folder, names)? {
                let Some((target, source)) = target_and_source(&name) else {
                    tree.unlisted(path);
                    continue;
                };
                let mut clip = Clip::new(&dataset, path, &name).forged(method);
                clip.compression.clone_from(&shelf.compression);
                clip.identity = Some(target.into());
                clip.source_identity = Some(source.into());
                clip.split = splits.get(&name).copied();
                clip.mask = mask(tree, method, &name)?;
                clip.annotations = annotations(tree, &format!("{FORGED}/{method}"), &name);
                clip.original_annotations = annotations(tree, REALS, target);
                let original = format!("{}/{target}.mp4", shelf.reals);
                clip.original = tree.need_video(original, "the real clip of a forgery")?;
                tree.push(clip);
            }
        }
    }
    Ok(())
}

/// The names of the videos in a folder with their paths; those that the split files name and that are
/// not there are counted as missing, unless the folder as a whole is absent.
fn present<'n>(
    tree: &mut Tree,
    folder: &str,
    listed: impl Iterator<Item = &'n String>,
) -> Result<BTreeMap<String, String>, DatasetError> {
    if tree.has_folder(folder) {
        for name in listed {
            let path = format!("{folder}/{name}.mp4");
            tree.need_video(path, "named by the official split")?;
        }
    }
    let mut videos = BTreeMap::new();
    for file in tree.files(folder, &VIDEOS)? {
        let (name, path) = (stem(&file), format!("{folder}/{file}"));
        // Of two files of one name one is the clip.
        match tree.video(&format!("{folder}/{name}.mp4"))? {
            Some(chosen) if chosen != path => tree.unlisted(path),
            _ => {
                videos.insert(name.to_owned(), path);
            }
        }
    }
    Ok(videos)
}

/// A real clip, as DeeperForensics needs it too.
pub(crate) fn real(path: String, compression: Option<&str>, name: &str) -> Clip {
    let mut clip = Clip::new(DATASET, path, name);
    clip.compression = compression.map(str::to_owned);
    clip.identity = Some(name.into());
    clip
}

/// `raw` for `c0`, which is the same.
pub(crate) fn canonical(compression: &str) -> &str {
    match compression {
        "c0" => "raw",
        other => other,
    }
}

/// What is known of a clip's frames, in trees that have it (the published one has not).
fn annotations(tree: &Tree, folder: &str, name: &str) -> Option<String> {
    let path = format!("{folder}/truth/{name}.json");
    tree.has(&path).then_some(path)
}

/// The mask of a forgery; its absence is counted only where the method has masks at all.
pub(crate) fn mask(
    tree: &mut Tree,
    method: &str,
    name: &str,
) -> Result<Option<String>, DatasetError> {
    let folder = format!("{FORGED}/{method}/masks/videos");
    if !tree.has_folder(&folder) {
        return Ok(None);
    }
    tree.need_video(format!("{folder}/{name}.mp4"), "the mask of a forgery")
}
