//! ForgeryNet (He et al., 2021), by the lists of its training and validation set.
//!
//! In `Training` and `Validation` lie the lists `image_list*.txt` and `video_list*.txt` and, in folders whose
//! names begin with `image` and `video`, what they name. A line of the first is `NAME BINARY TRIPLE APPROACH`, of the
//! second `N NAME (START COUNT CLASS) x N BINARY TRIPLE APPROACH`, N being the stretches of which the video
//! consists; 0 is real, and the 15 approaches are counted from 1 without names. A video that is forged for a
//! stretch is forged. Who is seen is not said, and the test set's lists have no published names.

use std::collections::BTreeSet;

use face_preproc::manifest::{Split, relative_path};

use crate::clip::{Clip, Kind};
use crate::error::{DatasetError, ListError};
use crate::tree::Tree;

const DATASET: &str = "ForgeryNet";
const PARTS: [(&str, Split); 2] = [("Training", Split::Train), ("Validation", Split::Val)];
/// How the names of lists and of folders begin.
const MEDIA: [(&str, Kind); 2] = [("image", Kind::Picture), ("video", Kind::Video)];

/// A line of a list: the path, and the approach that forged it, from 1; 0 is real.
type Listed = (String, u8);

/// A list of pictures. A line of column names is passed over.
///
/// # Errors
///
/// [`ListError`]: a line of another form, labels that contradict each other, or a path out of the folder.
pub fn parse_images(text: &str) -> Result<Vec<Listed>, ListError> {
    lines(text, |words| match words {
        [name, binary, _, approach] => Some((*name, *binary, *approach)),
        _ => None,
    })
}

/// A list of videos.
///
/// # Errors
///
/// As [`parse_images`].
pub fn parse_videos(text: &str) -> Result<Vec<Listed>, ListError> {
    lines(text, |words| {
        let stretches: usize = words.first()?.parse().ok()?;
        let all = stretches.checked_mul(3)?.checked_add(5)?;
        match words {
            [_, name, .., binary, _, approach] if words.len() == all => {
                Some((*name, *binary, *approach))
            }
            _ => None,
        }
    })
}

fn lines<'a>(
    text: &'a str,
    read: impl Fn(&[&'a str]) -> Option<(&'a str, &'a str, &'a str)>,
) -> Result<Vec<Listed>, ListError> {
    let mut listed = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        if words.is_empty() || number == 0 && words.contains(&"binary_cls_label") {
            continue;
        }
        let wrong = || ListError::line(number, "a path with three labels", line);
        let (name, binary, approach) = read(&words).ok_or_else(wrong)?;
        let approach: u8 = approach.parse().map_err(|_| wrong())?;
        let agreeing = if approach == 0 { "0" } else { "1" };
        if approach > 15 || binary != agreeing {
            return Err(ListError::line(number, "labels that agree", line));
        }
        listed.push((relative_path(name)?, approach));
    }
    Ok(listed)
}

pub(crate) fn is_here(tree: &Tree) -> Result<bool, DatasetError> {
    for (part, _) in PARTS {
        for (media, _) in MEDIA {
            if !lists(tree, part, media)?.is_empty() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The lists of a part, by name.
fn lists(tree: &Tree, part: &str, media: &str) -> Result<Vec<String>, DatasetError> {
    let mut names = tree.files(part, &["txt"])?;
    names.retain(|name| name.starts_with(&format!("{media}_list")));
    Ok(names)
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    for (part, split) in PARTS {
        for (media, kind) in MEDIA {
            let mut homes = tree.folders(part)?;
            homes.retain(|name| name.starts_with(media));
            // One of the two kinds is enough.
            if homes.is_empty() {
                continue;
            }
            let mut taken = BTreeSet::new();
            for name in lists(tree, part, media)? {
                let name = format!("{part}/{name}");
                let text = tree.text(&name)?.unwrap_or_default();
                let listed = match kind {
                    Kind::Video => parse_videos(&text),
                    _ => parse_images(&text),
                };
                for (file, approach) in listed.map_err(tree.in_list(&name))? {
                    let places = homes.iter().map(|home| format!("{part}/{home}/{file}"));
                    let Some(path) = places.clone().find(|path| tree.has(path)) else {
                        let first = places.clone().next().unwrap_or(file);
                        tree.missing(first, "named by the list of its part");
                        continue;
                    };
                    if !taken.insert(path.clone()) {
                        continue;
                    }
                    let mut clip = Clip::new(DATASET, path.clone(), &path);
                    if approach > 0 {
                        clip = clip.forged(&format!("approach-{approach}"));
                    }
                    clip.kind = kind.clone();
                    clip.split = Some(split);
                    tree.push(clip);
                }
            }
        }
    }
    Ok(())
}
