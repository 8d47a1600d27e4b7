//! The preview of the Deepfake Detection Challenge (Dolhansky et al., 2019).
//!
//! `dataset.json` with the clips' paths for keys: `original_videos/ID/x.mp4`,
//! `method_A/ID/ID_A/x.mp4`, `method_B/...`, and for each `label` (`real`, `fake`) and `set`
//! (`train`, `test`). The names of forgeries tell what they were made from: [`parse_forgery`].

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

/// What a forgery's path says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgery {
    /// The path of the real clip that it was made from.
    pub original: String,
    /// The person whose face was put in.
    pub swapped: String,
}

/// Reads a forgery's path: `method_A/1003254/1003254_A/1255229_1003254_A_001.mp4` has the face of 1255229
/// in `original_videos/1003254/1003254_A_001.mp4`. `None` for a path of another form.
pub fn parse_forgery(path: &str) -> Option<Forgery> {
    let parts: Vec<&str> = path.split('/').collect();
    let [_, target, _, file] = parts.as_slice() else {
        return None;
    };
    let (swapped, original) = file.split_once('_')?;
    let rest = original.strip_prefix(target)?;
    (!swapped.is_empty() && rest.starts_with('_')).then(|| Forgery {
        original: format!("original_videos/{target}/{original}"),
        swapped: swapped.to_owned(),
    })
}

pub(crate) fn is_here(tree: &Tree) -> bool {
    tree.has(LIST) && (tree.has_folder("original_videos") || tree.has_folder("method_A"))
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let Some(text) = tree.text(LIST)? else {
        tree.missing(LIST, "the labels");
        return Ok(());
    };
    let listed = parse(&text).map_err(tree.in_list(LIST))?;
    for (path, entry) in &listed {
        let Some(found) = tree.need_video(path.clone(), "named by dataset.json")? else {
            continue;
        };
        let mut folders = path.split('/');
        let (method, person) = (folders.next(), folders.next());
        let mut clip = Clip::new(DATASET, found, stem(path));
        let known = |id: &str| Some(format!("{DATASET}/{id}"));
        if entry.label.is_forged() {
            clip = clip.forged(method.unwrap_or("unknown"));
            if let Some(name) = parse_forgery(path) {
                clip.source_identity = known(&name.swapped);
                // One that the list does not have was not published.
                if listed.contains_key(&name.original) {
                    let why = "the real clip of a forgery";
                    clip.original = tree.need_video(name.original, why)?;
                }
            }
        }
        clip.identity = person.and_then(known);
        clip.split = Some(entry.split);
        tree.push(clip);
    }
    Ok(())
}
