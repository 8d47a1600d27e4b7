//! The evaluation set of deepsafe-bench, by its list `metadata.json`.
//!
//! A JSON array with `id`, `path` (`images/fake/GENERATOR/img_00001.png`), `modality` (`images`, `video`,
//! `audio`), `label` (`real`, `fake`) and `generator` (of real files where they are from) for each file. Sounds
//! are left alone. All of it is for tests. Who is in a picture, and whether anybody is, is not said.

use std::collections::BTreeMap;

use face_preproc::manifest::{Label, Split, relative_path};
use serde::Deserialize;

use crate::clip::{Clip, Kind};
use crate::error::{DatasetError, ListError};
use crate::tree::Tree;

const DATASET: &str = "deepsafe-bench";
const LIST: &str = "metadata.json";

/// What the list says of a picture or a video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name in the list.
    pub id: String,
    /// Which of both it is.
    pub kind: Kind,
    /// Real or forged.
    pub label: Label,
    /// What made it.
    pub generator: String,
}

#[derive(Deserialize)]
struct Entry {
    id: String,
    path: String,
    modality: String,
    label: String,
    generator: String,
}

/// `metadata.json`, by path, without sounds.
///
/// # Errors
///
/// [`ListError`]: no such JSON, unknown labels or kinds, or a path out of the folder.
pub fn parse(text: &str) -> Result<BTreeMap<String, Listed>, ListError> {
    let entries: Vec<Entry> = serde_json::from_str(text)?;
    let mut listed = BTreeMap::new();
    for entry in entries {
        let path = relative_path(&entry.path)?;
        let kind = match entry.modality.as_str() {
            "images" => Kind::Picture,
            "video" => Kind::Video,
            "audio" => continue,
            _ => {
                let expected = "expected the modality images, video or audio";
                return Err(ListError::entry(&path, expected));
            }
        };
        let label = match entry.label.as_str() {
            "real" => Label::Real,
            "fake" => Label::Forged,
            _ => return Err(ListError::entry(&path, "expected the label real or fake")),
        };
        let (id, generator) = (entry.id, entry.generator);
        listed.entry(path).or_insert(Listed {
            id,
            kind,
            label,
            generator,
        });
    }
    Ok(listed)
}

pub(crate) fn is_here(tree: &Tree) -> bool {
    let folders = ["images/real", "images/fake", "video/real", "video/fake"];
    tree.has(LIST) && folders.iter().any(|folder| tree.has_folder(folder))
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let Some(text) = tree.text(LIST)? else {
        tree.missing(LIST, "the labels");
        return Ok(());
    };
    for (path, entry) in parse(&text).map_err(tree.in_list(LIST))? {
        let Some(path) = tree.need(path, "named by metadata.json") else {
            continue;
        };
        let mut clip = Clip::new(DATASET, path, &entry.id);
        if entry.label.is_forged() {
            clip = clip.forged(&entry.generator);
        }
        clip.kind = entry.kind;
        clip.split = Some(Split::Test);
        tree.push(clip);
    }
    Ok(())
}
