//! The preview of the Deepfake Detection Challenge (Dolhansky et al., 2019).
//!
//! `dataset.json` with the clips' paths for keys: `original_videos/ID/x.mp4`,
//! `method_A/ID/ID_A/x.mp4`, `method_B/...`, and for each `label` (`real`, `fake`) and `set`
//! (`train`, `test`).

use std::collections::BTreeMap;

use face_preproc::manifest::{Label, Split, relative_path};
use serde::Deserialize;

use crate::clip::{Clip, stem};
use crate::error::{DatasetError, ListError};
use crate::tree::Tree;

const DATASET: &str = "DFDC-preview";
const LIST: &str = "dataset.json";

/// What `dataset.json` says of a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Real or forged.
    pub label: Label,
    /// Its part.
    pub split: Split,
}

#[derive(Deserialize)]
struct Entry {
    label: String,
    set: String,
}

/// `dataset.json`, by path.
///
/// # Errors
///
/// [`ListError`]: no such JSON, unknown labels or sets, a path out of the folder, or a label that
/// contradicts the clip's folder.
pub fn parse(text: &str) -> Result<BTreeMap<String, Listed>, ListError> {
    let entries: BTreeMap<String, Entry> = serde_json::from_str(text)?;
    let read = |(path, entry): (String, Entry)| {
        let path = relative_path(&path)?;
        let label = match entry.label.as_str() {
            "real" => Label::Real,
            "fake" => Label::Forged,
            _ => return Err(ListError::entry(&path, "expected the label real or fake")),
        };
        let split = match entry.set.as_str() {
            "train" => Split::Train,
            "test" => Split::Test,
            _ => return Err(ListError::entry(&path, "expected the set train or test")),
        };
        if label.is_forged() == path.starts_with("original_videos/") {
            return Err(ListError::entry(&path, "its label contradicts its folder"));
        }
        Ok((path, Listed { label, split }))
    };
    entries.into_iter().map(read).collect()
}

pub(crate) fn is_here(tree: &Tree) -> bool {
    tree.has(LIST) && (tree.has_folder("original_videos") || tree.has_folder("method_A"))
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let Some(text) = tree.text(LIST)? else {
        tree.missing(LIST, "the labels");
        return Ok(());
    };
    for (path, listed) in parse(&text).map_err(tree.in_list(LIST))? {
        if tree.need(path.clone(), "named by dataset.json").is_none() {
            continue;
        }
        let mut folders = path.split('/');
        let (method, person) = (folders.next(), folders.next());
        let mut clip = Clip::new(DATASET, path.clone(), stem(&path));
        if listed.label.is_forged() {
            clip = clip.forged(method.unwrap_or("unknown"));
        }
        clip.identity = person.map(|id| format!("{DATASET}/{id}"));
        clip.split = Some(listed.split);
        tree.push(clip);
    }
    Ok(())
}
