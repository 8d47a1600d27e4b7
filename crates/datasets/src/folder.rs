//! A plain folder: one for each class, with videos and pictures in them and in their subfolders. The
//! first subfolder of the forged class names the method.
//!
//! The classes' folders are known by the words of their names: `real` and `fake`, `Real`, `0_real` and
//! `1_fake`, `training_fake`, `original` and `manipulated`. They may lie in folders for the parts
//! (`train/real`, `val/fake`), or have these in them (`real/test`). [`Classes`] names others.

use face_preproc::manifest::{Label, Split};

use crate::clip::{Clip, Kind};
use crate::error::DatasetError;
use crate::tree::{PICTURES, Tree, VIDEOS, within};
use crate::walk::Walk;

/// The deepest nesting of folders that is looked into.
const DEEPEST: usize = 8;

const REAL: [&str; 7] = [
    "real",
    "reals",
    "original",
    "originals",
    "pristine",
    "authentic",
    "genuine",
];
const FAKE: [&str; 7] = [
    "fake",
    "fakes",
    "forged",
    "manipulated",
    "deepfake",
    "deepfakes",
    "synthetic",
];
/// Words that say nothing of the class.
const BESIDE: [&str; 13] = [
    "video", "videos", "clip", "clips", "image", "images", "img", "imgs", "face", "faces", "frame",
    "frames", "data",
];

/// The folders of each class, by name or path below the root; empty: known by the words of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Classes {
    /// Of real clips.
    pub real: Vec<String>,
    /// Of forged ones.
    pub fake: Vec<String>,
}

/// A folder of one class.
struct Home {
    path: String,
    forged: bool,
    split: Option<Split>,
}

/// What the words of a folder's name say: whether it is forged, and which part it is.
fn told(name: &str) -> (Option<bool>, Option<Split>) {
    let name = name.to_ascii_lowercase();
    let (mut class, mut part) = (None, None);
    for word in name.split(|c: char| !c.is_ascii_alphanumeric()) {
        let number = word.bytes().all(|b| b.is_ascii_digit());
        let (also, split) = (forged(word), split(word));
        if also.is_some() && class.is_some() || split.is_some() && part.is_some() {
            return (None, None);
        }
        if also.is_none() && split.is_none() && !number && !BESIDE.contains(&word) {
            return (None, None);
        }
        class = class.or(also);
        part = part.or(split);
    }
    (class, part)
}

/// The class that a folder's name tells by its words, as `real`, `1_fake` or `original_videos` do; `None`
/// for any other name, such as a method's.
pub fn class_of_folder(name: &str) -> Option<Label> {
    let (forged, _) = told(name);
    forged.map(|forged| match forged {
        true => Label::Forged,
        false => Label::Real,
    })
}

fn forged(word: &str) -> Option<bool> {
    let real = REAL.contains(&word).then_some(false);
    real.or(FAKE.contains(&word).then_some(true))
}

fn split(word: &str) -> Option<Split> {
    match word {
        "train" | "training" => Some(Split::Train),
        "val" | "valid" | "validation" | "dev" => Some(Split::Val),
        "test" | "testing" => Some(Split::Test),
        _ => None,
    }
}

/// The classes' folders, by their names.
fn homes(tree: &Tree) -> Result<Vec<Home>, DatasetError> {
    let mut homes = Vec::new();
    for outer in tree.folders("")? {
        match told(&outer) {
            (Some(forged), split) => homes.push(Home {
                path: outer,
                forged,
                split,
            }),
            (None, Some(split)) => {
                for inner in tree.folders(&outer)? {
                    if let (Some(forged), None) = told(&inner) {
                        homes.push(Home {
                            path: within(&outer, &inner),
                            forged,
                            split: Some(split),
                        });
                    }
                }
            }
            (None, None) => {}
        }
    }
    Ok(homes)
}

/// Both classes, or one called `real` or `fake`: other words alone say too little.
pub(crate) fn is_here(tree: &Tree) -> Result<bool, DatasetError> {
    let homes = homes(tree)?;
    let has = |forged| homes.iter().any(|home: &Home| home.forged == forged);
    Ok(tree.has_folder("real") || tree.has_folder("fake") || has(false) && has(true))
}

pub(crate) fn list(tree: &mut Tree, classes: &Classes) -> Result<(), DatasetError> {
    let mut homes = match *classes == Classes::default() {
        true => homes(tree)?,
        false => Vec::new(),
    };
    for (paths, forged) in [(&classes.real, false), (&classes.fake, true)] {
        for path in paths {
            let path = face_preproc::manifest::relative_path(path)
                .map_err(crate::ListError::from)
                .map_err(tree.in_list(""))?;
            if !tree.has_folder(&path) {
                tree.missing(path, "one of the folders that were named");
                continue;
            }
            homes.push(Home {
                path,
                forged,
                split: None,
            });
        }
    }
    for (name, forged) in [("real", false), ("fake", true)] {
        if !homes.iter().any(|home| home.forged == forged) {
            tree.missing(name, "one of the two classes");
        }
    }
    let root = tree.root().file_name().and_then(|name| name.to_str());
    let dataset = root.unwrap_or("unnamed").to_owned();
    let paths: Vec<String> = homes.iter().map(|home| home.path.clone()).collect();
    let mut walk = Walk::new(tree, &paths);
    for (number, home) in homes.iter().enumerate() {
        let place = Place {
            number,
            dataset: &dataset,
            method: None,
            split: home.split,
        };
        read(tree, &mut walk, home, &home.path, &place, DEEPEST)?;
    }
    Ok(())
}

/// Where a walk is, and what the folders on the way said.
#[derive(Clone)]
struct Place<'a> {
    number: usize,
    dataset: &'a str,
    method: Option<String>,
    split: Option<Split>,
}

fn read(
    tree: &mut Tree,
    walk: &mut Walk,
    home: &Home,
    folder: &str,
    place: &Place<'_>,
    depth: usize,
) -> Result<(), DatasetError> {
    if !walk.enter(tree, folder, place.number) {
        return Ok(());
    }
    for (endings, kind) in [(&VIDEOS, Kind::Video), (&PICTURES, Kind::Picture)] {
        for file in tree.files(folder, endings)? {
            let path = within(folder, &file);
            if !walk.takes(tree, &path, place.number) {
                continue;
            }
            // With its folders and its ending: nothing else keeps two clips apart.
            let mut clip = Clip::new(place.dataset, path.clone(), &path);
            if home.forged {
                clip = clip.forged(place.method.as_deref().unwrap_or("unknown"));
            }
            clip.kind = kind.clone();
            clip.split = place.split;
            tree.push(clip);
        }
    }
    for name in tree.folders(folder)? {
        let below = within(folder, &name);
        if depth == 0 {
            tree.unlisted(below);
            continue;
        }
        let mut place = place.clone();
        match told(&name) {
            (None, Some(split)) if place.split.is_none() => place.split = Some(split),
            _ => {
                place.method.get_or_insert(name);
            }
        }
        read(tree, walk, home, &below, &place, depth - 1)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_by_their_words() {
        for (name, forged, split) in [
            ("real", Some(false), None),
            ("Fake", Some(true), None),
            ("0_real", Some(false), None),
            ("1_fake", Some(true), None),
            ("training_fake", Some(true), Some(Split::Train)),
            ("fake-videos", Some(true), None),
            ("Validation", None, Some(Split::Val)),
            ("really", None, None),
            ("real_or_fake", None, None),
            ("unreal engine", None, None),
        ] {
            assert_eq!(told(name), (forged, split), "{name}");
        }
    }
}
