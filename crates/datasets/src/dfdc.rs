//! The Deepfake Detection Challenge (Dolhansky et al., 2020): training parts and test set.
//!
//! Training: `dfdc_train_part_N/x.mp4` with, in each part, `metadata.json`:
//! `{"x.mp4": {"label": "FAKE", "split": "train", "original": "y.mp4"}, ...}`. A single part may be
//! given as well; `train_sample_videos`, the challenge's sample, is a part like the others.
//!
//! Test: videos beside, or in `videos` beside, `labels.csv` (`filename,label`, 1 = forged) or
//! `metadata.json` (`{"x.mp4": {"is_fake": 0, ...}, ...}`).

use std::collections::{BTreeMap, BTreeSet};

use face_preproc::manifest::{Label, Split, relative_path};
use serde::Deserialize;

use crate::clip::{Clip, stem};
use crate::error::{DatasetError, ListError};
use crate::tree::{Tree, VIDEOS, within};

pub(crate) const DATASET: &str = "DFDC";
const METADATA: &str = "metadata.json";
const LABELS: &str = "labels.csv";

/// A clip of a training part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trained {
    /// Real or forged.
    pub label: Label,
    /// Of a forgery, the file of the real clip in the same part.
    pub original: Option<String>,
}

#[derive(Deserialize)]
struct TrainEntry {
    label: String,
    #[serde(default)]
    original: Option<String>,
}

#[derive(Deserialize)]
struct TestEntry {
    is_fake: u8,
}

/// `metadata.json` of a training part, by file.
///
/// # Errors
///
/// [`ListError`]: no such JSON, a label other than `REAL` and `FAKE`, or a path out of the folder.
pub fn parse_train(text: &str) -> Result<BTreeMap<String, Trained>, ListError> {
    let entries: BTreeMap<String, TrainEntry> = serde_json::from_str(text)?;
    let read = |(file, entry): (String, TrainEntry)| {
        let label = match entry.label.as_str() {
            "REAL" => Label::Real,
            "FAKE" => Label::Forged,
            _ => return Err(ListError::entry(&file, "expected the label REAL or FAKE")),
        };
        let original = entry.original.filter(|_| label.is_forged());
        let original = original.map(|path| relative_path(&path)).transpose()?;
        Ok((relative_path(&file)?, Trained { label, original }))
    };
    entries.into_iter().map(read).collect()
}

/// `metadata.json` of the test set, by file.
///
/// # Errors
///
/// [`ListError`]: no such JSON, `is_fake` other than 0 and 1, or a path out of the folder.
pub fn parse_test(text: &str) -> Result<BTreeMap<String, Label>, ListError> {
    let entries: BTreeMap<String, TestEntry> = serde_json::from_str(text)?;
    let read = |(file, entry): (String, TestEntry)| {
        let label = label(entry.is_fake);
        let label = label.ok_or_else(|| ListError::entry(&file, "expected is_fake 0 or 1"))?;
        Ok((relative_path(&file)?, label))
    };
    entries.into_iter().map(read).collect()
}

/// `labels.csv` of the test set, by file.
///
/// # Errors
///
/// [`ListError`]: no such table, a label other than 0 and 1, or a path out of the folder.
pub fn parse_labels(text: &str) -> Result<BTreeMap<String, Label>, ListError> {
    #[derive(Deserialize)]
    struct Line {
        filename: String,
        label: u8,
    }
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .map(|line| {
            let line: Line = line?;
            let label = label(line.label)
                .ok_or_else(|| ListError::entry(&line.filename, "expected the label 0 or 1"))?;
            Ok((relative_path(&line.filename)?, label))
        })
        .collect()
}

fn label(is_fake: u8) -> Option<Label> {
    match is_fake {
        0 => Some(Label::Real),
        1 => Some(Label::Forged),
        _ => None,
    }
}

/// Names that the folders of training parts begin with: of the published parts, and of the sample that
/// the challenge gave beside its unlabelled `test_videos`.
const PARTS: [&str; 2] = ["dfdc_train_part", "train_sample_videos"];

/// The folders of training parts: `""` for a root that is a part itself. A part's archive may have
/// been unpacked into a folder of its name.
fn parts(tree: &Tree) -> Result<Vec<String>, DatasetError> {
    let is_part = |name: &String| PARTS.iter().any(|part| name.starts_with(part));
    let mut parts = Vec::new();
    for outer in tree.folders("")?.into_iter().filter(is_part) {
        let mut inner = match tree.has(&within(&outer, METADATA)) {
            true => Vec::new(),
            false => tree.folders(&outer)?,
        };
        inner.retain(is_part);
        match inner.is_empty() {
            true => parts.push(outer),
            false => parts.extend(inner.iter().map(|inner| within(&outer, inner))),
        }
    }
    if parts.is_empty()
        && let Some(text) = tree.text(METADATA)?
        && parse_train(&text).is_ok()
    {
        parts.push(String::new());
    }
    Ok(parts)
}

pub(crate) fn is_train(tree: &Tree) -> Result<bool, DatasetError> {
    Ok(!parts(tree)?.is_empty())
}

pub(crate) fn list_train(tree: &mut Tree) -> Result<(), DatasetError> {
    for part in parts(tree)? {
        let within = |file: &str| within(&part, file);
        let list = within(METADATA);
        let Some(text) = tree.text(&list)? else {
            tree.missing(list, "the labels of a part");
            continue;
        };
        let entries = parse_train(&text).map_err(tree.in_list(&list))?;
        let person = |file: &str| Some(format!("{DATASET}/{}", stem(file)));
        let mut listed = BTreeSet::new();
        for (file, entry) in entries {
            let Some(path) = tree.need_video(within(&file), "named by metadata.json")? else {
                continue;
            };
            listed.insert(path.clone());
            let mut clip = Clip::new(DATASET, path, stem(&file));
            clip.split = Some(Split::Train);
            clip.identity = person(entry.original.as_deref().unwrap_or(&file));
            if entry.label.is_forged() {
                clip = clip.forged("unknown");
                if let Some(file) = entry.original {
                    let path = within(&file);
                    clip.original = tree.need_video(path, "the real clip of a forgery")?;
                }
            }
            tree.push(clip);
        }
        unlisted(tree, &part, &listed)?;
    }
    Ok(())
}

/// The clips of a folder that no list speaks of.
fn unlisted(tree: &mut Tree, folder: &str, listed: &BTreeSet<String>) -> Result<(), DatasetError> {
    for file in tree.files(folder, &VIDEOS)? {
        let path = within(folder, &file);
        if !listed.contains(&path) {
            tree.unlisted(path);
        }
    }
    Ok(())
}

/// The test set's labels, if the folder has them.
fn test_labels(tree: &Tree) -> Result<Option<BTreeMap<String, Label>>, DatasetError> {
    if let Some(text) = tree.text(LABELS)? {
        return parse_labels(&text).map(Some).map_err(tree.in_list(LABELS));
    }
    match tree.text(METADATA)? {
        Some(text) => parse_test(&text).map(Some).map_err(tree.in_list(METADATA)),
        None => Ok(None),
    }
}

pub(crate) fn is_test(tree: &Tree) -> Result<bool, DatasetError> {
    Ok(tree.has(LABELS) || tree.has(METADATA) && !is_train(tree)?)
}

pub(crate) fn list_test(tree: &mut Tree) -> Result<(), DatasetError> {
    let Some(labels) = test_labels(tree)? else {
        tree.missing(LABELS, "the labels");
        return Ok(());
    };
    let folder = if tree.has_folder("videos") {
        "videos"
    } else {
        ""
    };
    let mut listed = BTreeSet::new();
    for (file, label) in labels {
        let path = within(folder, &file);
        let Some(path) = tree.need_video(path, "named by the labels")? else {
            continue;
        };
        listed.insert(path.clone());
        let mut clip = Clip::new(DATASET, path, stem(&file));
        clip.split = Some(Split::Test);
        if label.is_forged() {
            clip = clip.forged("unknown");
        }
        tree.push(clip);
    }
    unlisted(tree, folder, &listed)
}
