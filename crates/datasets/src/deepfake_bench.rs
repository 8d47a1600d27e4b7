//! The JSON lists of the DeepfakeBench collection (Yan et al., 2023), read and written.
//!
//! `{DATASET: {LABEL: {train | val | test: {[COMPRESSION:] {VIDEO: {"label": LABEL, "frames": [...],
//! "masks": [...]}}}}}}`, with the compression for FaceForensics++'s family only. Labels are such as
//! `FF-real`, `FF-DF`, `CelebDFv2_real`: what ends in `real` is real. Paths may have `\` between their
//! parts. The landmarks of a frame lie at the frame's path with `landmarks` for `frames` and `.npy`
//! for its ending.

use std::collections::BTreeMap;

use face_preproc::manifest::{Label, Split, relative_path};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::clip::{Clip, Kind};
use crate::error::{DatasetError, ListError};
use crate::order::in_order_of_time;
use crate::tree::Tree;

/// A video's entry. Other keys are passed over.
#[derive(Deserialize)]
struct Video {
    label: String,
    frames: Vec<String>,
    #[serde(default)]
    masks: Vec<String>,
}

/// Reads a list. Each clip's path is its frames' folder, its `mask` the folder of its masks.
///
/// # Errors
///
/// [`ListError`]: no such JSON, an unknown part, a label that is not that of its group, or an
/// absolute path or one with `..`.
pub fn parse(text: &str) -> Result<Vec<Clip>, ListError> {
    // Videos stay text until their turn, so that memory stays within a few times the list's length.
    let datasets: Levels<BTreeMap<String, &RawValue>> = serde_json::from_str(text)?;
    let mut clips = Vec::new();
    for (dataset, labels) in &datasets {
        for (label, splits) in labels {
            for (split, videos) in splits {
                let group = Group {
                    dataset,
                    label,
                    split: part(split)?,
                };
                for (name, value) in videos {
                    if is_video(value.get()) {
                        clips.push(group.clip(None, name, value.get())?);
                        continue;
                    }
                    let videos: BTreeMap<String, &RawValue> = serde_json::from_str(value.get())?;
                    for (video, value) in videos {
                        clips.push(group.clip(Some(name), &video, value.get())?);
                    }
                }
            }
        }
    }
    Ok(clips)
}

/// By data set, label, and part.
type Levels<T> = BTreeMap<String, BTreeMap<String, BTreeMap<String, T>>>;

/// Whether an entry is a video, and not a compression with videos in it.
fn is_video(text: &str) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        frames: Option<IgnoredAny>,
    }
    serde_json::from_str::<Probe>(text).is_ok_and(|probe| probe.frames.is_some())
}

fn part(name: &str) -> Result<Split, ListError> {
    match name {
        "train" => Ok(Split::Train),
        "val" => Ok(Split::Val),
        "test" => Ok(Split::Test),
        _ => Err(ListError::entry(name, "expected train, val or test")),
    }
}

/// Where in the list a video stands.
struct Group<'a> {
    dataset: &'a str,
    label: &'a str,
    split: Split,
}

impl Group<'_> {
    fn clip(&self, compression: Option<&str>, video: &str, text: &str) -> Result<Clip, ListError> {
        let entry: Video = serde_json::from_str(text)?;
        if entry.label != self.label {
            return Err(ListError::entry(
                video,
                "its label is not that of its group",
            ));
        }
        let mut frames = paths(&entry.frames)?;
        // The collection's own lists are in no order.
        in_order_of_time(&mut frames);
        frames.dedup();
        let folder = |paths: &[String]| {
            let first = paths.first()?;
            Some(
                first
                    .rsplit_once('/')
                    .map_or("", |(folder, _)| folder)
                    .to_owned(),
            )
        };
        let path = folder(&frames).ok_or_else(|| ListError::entry(video, "it has no frames"))?;
        let mut clip = Clip::new(self.dataset, path, video);
        if !self.label.to_ascii_lowercase().ends_with("real") {
            clip = clip.forged(self.label);
        }
        clip.compression = compression.map(str::to_owned);
        clip.split = Some(self.split);
        clip.mask = folder(&paths(&entry.masks)?);
        clip.kind = Kind::Frames(frames);
        Ok(clip)
    }
}

fn paths(paths: &[String]) -> Result<Vec<String>, ListError> {
    let read = |path: &String| Ok(relative_path(&path.replace('\\', "/"))?);
    paths.iter().map(read).collect()
}

/// Where a frame's landmarks lie; `None` for a frame in no folder called `frames`.
pub fn landmarks_path(frame: &str) -> Option<String> {
    let (folders, name) = frame.rsplit_once('/')?;
    let mut parts: Vec<&str> = folders.split('/').collect();
    let at = parts.iter().rposition(|part| *part == "frames")?;
    parts[at] = "landmarks";
    let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    Some(format!("{}/{name}.npy", parts.join("/")))
}

/// Writes clips as a list. A clip without a part of its own, or that is not a folder of frames, has
/// no place in such a list and is left out; `label` gives each clip's label in the list's terms.
pub fn write(clips: &[Clip], label: impl Fn(&Clip) -> String) -> String {
    let mut datasets = Value::Object(Map::new());
    for clip in clips {
        let (Some(split), Kind::Frames(frames)) = (clip.split, &clip.kind) else {
            continue;
        };
        let label = label(clip);
        let masks: Vec<String> = match &clip.mask {
            Some(folder) => frames
                .iter()
                .filter_map(|frame| frame.rsplit_once('/'))
                .map(|(_, name)| format!("{folder}/{name}"))
                .collect(),
            None => Vec::new(),
        };
        let mut level = &mut datasets[&clip.dataset][&label][split.as_str()];
        if let Some(compression) = &clip.compression {
            level = &mut level[compression];
        }
        level[&clip.video] = json!({"label": label, "frames": frames, "masks": masks});
    }
    datasets.to_string()
}

/// The label that [`parse`] takes for the clip's: its method, or the data set's name and `real`.
pub fn label(clip: &Clip) -> String {
    match clip.label {
        Label::Real => format!("{}_real", clip.dataset),
        Label::Forged => clip.method.clone(),
    }
}

/// Lists in the folder: JSON files of this form, by name.
fn lists(tree: &Tree) -> Result<Vec<(String, Vec<Clip>)>, DatasetError> {
    let mut lists = Vec::new();
    for file in tree.files("", &["json"])? {
        let Some(text) = tree.text(&file)? else {
            continue;
        };
        if looks_like_one(&text) {
            let clips = parse(&text).map_err(tree.in_list(&file))?;
            lists.push((file, clips));
        }
    }
    Ok(lists)
}

/// Whether a JSON file has three levels of objects down to a part's name.
fn looks_like_one(text: &str) -> bool {
    let Ok(datasets) = serde_json::from_str::<Levels<IgnoredAny>>(text) else {
        return false;
    };
    let splits = datasets.values().flat_map(BTreeMap::values);
    let mut splits = splits.flat_map(BTreeMap::keys).peekable();
    splits.peek().is_some() && splits.all(|split| part(split).is_ok())
}

pub(crate) fn is_here(tree: &Tree) -> Result<bool, DatasetError> {
    for file in tree.files("", &["json"])? {
        if tree.text(&file)?.is_some_and(|text| looks_like_one(&text)) {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    for (_, clips) in lists(tree)? {
        for mut clip in clips {
            if let Kind::Frames(frames) = &mut clip.kind {
                frames.retain(|frame| {
                    tree.need(frame.clone(), "a frame named by the list")
                        .is_some()
                });
                if frames.is_empty() {
                    continue;
                }
            }
            tree.push(clip);
        }
    }
    Ok(())
}
