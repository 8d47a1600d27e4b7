//! Celeb-DF, versions 1 and 2 (Li et al., 2020).
//!
//! `Celeb-real/idI_NNNN.mp4`, `YouTube-real/NNNNN.mp4`, `Celeb-synthesis/idT_idS_NNNN.mp4` (target,
//! source; its original is `idT_NNNN`), in some copies with a folder `videos` between;
//! `List_of_testing_videos.txt`, without a header: **1 is real there, 0 is forged**, contrary to
//! everything here. What is not in the list is for training; there is no validation part.

use std::collections::BTreeSet;

use face_preproc::manifest::{Label, Split, relative_path};

use crate::clip::{Clip, stem};
use crate::error::{DatasetError, ListError};
use crate::tree::{Tree, VIDEOS};

const LIST: &str = "List_of_testing_videos.txt";
pub(crate) const FOLDERS: [&str; 3] = ["Celeb-real", "YouTube-real", "Celeb-synthesis"];
pub(crate) const FORGED: &str = "Celeb-synthesis";

/// Lines in the list of version 1: 38 real and 62 forged clips. Version 2 has 178 and 340.
const TESTED_V1: usize = 100;

/// The list of test clips: label and path (`Celeb-real/id0_0001.mp4`) of each line.
///
/// # Errors
///
/// [`ListError`]: a line that is not `0 or 1, space, path`, a path out of the folder, or a label
/// that contradicts the clip's folder.
pub fn parse_list(text: &str) -> Result<Vec<(Label, String)>, ListError> {
    let mut clips = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (i, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let wrong = || ListError::line(i, "0 (forged) or 1 (real), a space, and a path", line);
        let (label, path) = line.split_once(' ').ok_or_else(wrong)?;
        let label = match label {
            "1" => Label::Real,
            "0" => Label::Forged,
            _ => return Err(wrong()),
        };
        let path = relative_path(path.trim())?;
        let folder = path.split('/').next().unwrap_or_default();
        if !FOLDERS.contains(&folder) || label.is_forged() != (folder == FORGED) {
            let expected = "0 before clips of Celeb-synthesis and 1 before real ones";
            return Err(ListError::line(i, expected, line));
        }
        clips.push((label, path));
    }
    Ok(clips)
}

pub(crate) fn is_here(tree: &Tree) -> bool {
    tree.has_folder(FORGED) || tree.has(LIST) && FOLDERS.iter().any(|f| tree.has_folder(f))
}

/// Whether the folder is version 1, as its list of test clips tells.
pub(crate) fn is_version_1(tree: &Tree) -> Result<bool, DatasetError> {
    let list = tree.text(LIST)?.unwrap_or_default();
    Ok(parse_list(&list).is_ok_and(|list| list.len() == TESTED_V1))
}

/// The clips of the test list; `None` where there is no list.
pub(crate) fn tested(tree: &mut Tree) -> Result<Option<BTreeSet<String>>, DatasetError> {
    let Some(text) = tree.text(LIST)? else {
        tree.missing(LIST, "the official split");
        return Ok(None);
    };
    let mut tested = BTreeSet::new();
    for (_, path) in parse_list(&text).map_err(tree.in_list(LIST))? {
        let path = in_place(tree, &path);
        let found = tree.need_video(path, "named by the list of test clips")?;
        tested.extend(found);
    }
    Ok(Some(tested))
}

/// What is not in the list of test clips is for training.
pub(crate) fn part(tested: &BTreeSet<String>, path: &str) -> Split {
    match tested.contains(path) {
        true => Split::Test,
        false => Split::Train,
    }
}

pub(crate) fn list(tree: &mut Tree, dataset: &str) -> Result<(), DatasetError> {
    let tested = tested(tree)?;
    for folder in FOLDERS {
        let folder = in_place(tree, folder);
        for file in tree.files(&folder, &VIDEOS)? {
            let path = format!("{folder}/{file}");
            let Some(mut clip) = clip(tree, dataset, &path)? else {
                tree.unlisted(path);
                continue;
            };
            clip.split = tested.as_ref().map(|tested| part(tested, &path));
            tree.push(clip);
        }
    }
    Ok(())
}

/// The path with `videos` after its first folder, where this copy has it so.
pub(crate) fn in_place(tree: &Tree, path: &str) -> String {
    let (folder, file) = path.split_once('/').unwrap_or((path, ""));
    let folder = if tree.has_folder(&format!("{folder}/videos")) {
        format!("{folder}/videos")
    } else {
        folder.to_owned()
    };
    // Lists of copies with `videos` have it already.
    let file = file.strip_prefix("videos/").unwrap_or(file);
    if file.is_empty() {
        folder
    } else {
        format!("{folder}/{file}")
    }
}

/// A clip by its path; `None` for a name of another form.
pub(crate) fn clip(
    tree: &mut Tree,
    dataset: &str,
    path: &str,
) -> Result<Option<Clip>, DatasetError> {
    let name = stem(path);
    let person = |id: &str| Some(format!("Celeb-DF/{id}"));
    let parts: Vec<&str> = name.split('_').collect();
    let mut clip = Clip::new(dataset, path.into(), name);
    let folder = path.split('/').next().unwrap_or_default();
    match (folder, parts.as_slice()) {
        ("YouTube-real", [number]) => clip.identity = person(&format!("youtube-{number}")),
        ("Celeb-real", [id, _]) => clip.identity = person(id),
        (FORGED, [target, source, number]) => {
            clip = clip.forged(FORGED);
            clip.identity = person(target);
            clip.source_identity = person(source);
            let original = in_place(tree, &format!("Celeb-real/{target}_{number}.mp4"));
            clip.original = tree.need_video(original, "the real clip of a forgery")?;
        }
        _ => return Ok(None),
    }
    Ok(Some(clip))
}
