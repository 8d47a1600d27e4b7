//! A plain folder: `real` and `fake`, with videos and pictures in them and in their subfolders. The
//! first subfolder of `fake` names the method.

use crate::clip::{Clip, Kind};
use crate::error::DatasetError;
use crate::tree::{PICTURES, Tree, VIDEOS};

/// The deepest nesting of folders, so that a circle of links ends.
const DEEPEST: usize = 8;

pub(crate) fn is_here(tree: &Tree) -> bool {
    tree.has_folder("real") || tree.has_folder("fake")
}

pub(crate) fn list(tree: &mut Tree) -> Result<(), DatasetError> {
    let root = tree.root().file_name().and_then(|name| name.to_str());
    let dataset = root.unwrap_or("unnamed").to_owned();
    for folder in ["real", "fake"] {
        if !tree.has_folder(folder) {
            tree.missing(folder, "one of the two classes");
        }
        walk(tree, &dataset, folder, DEEPEST)?;
    }
    Ok(())
}

fn walk(tree: &mut Tree, dataset: &str, folder: &str, depth: usize) -> Result<(), DatasetError> {
    for (endings, kind) in [(&VIDEOS, Kind::Video), (&PICTURES, Kind::Picture)] {
        for file in tree.files(folder, endings)? {
            let path = format!("{folder}/{file}");
            // With its folders and its ending: nothing else keeps two clips apart.
            let mut clip = Clip::new(dataset, path.clone(), &path);
            if folder.starts_with("fake") {
                clip = clip.forged(folder.split('/').nth(1).unwrap_or("unknown"));
            }
            clip.kind = kind.clone();
            tree.push(clip);
        }
    }
    for below in tree.folders(folder)? {
        if depth == 0 {
            tree.unlisted(format!("{folder}/{below}"));
        } else {
            walk(tree, dataset, &format!("{folder}/{below}"), depth - 1)?;
        }
    }
    Ok(())
}
