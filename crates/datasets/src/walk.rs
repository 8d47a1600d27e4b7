//! Links between folders, which may lead in a circle or from one class into another.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::DatasetError;
use crate::tree::{Tree, within};

/// What was entered of some folders (homes) that have nothing in common: one for each class, say.
pub(crate) struct Walk {
    homes: Vec<PathBuf>,
    entered: BTreeSet<PathBuf>,
}

impl Walk {
    /// A walk through folders of the tree.
    pub(crate) fn new(tree: &Tree, homes: &[String]) -> Self {
        let place = |home: &String| whole(tree.root().join(home));
        Self {
            homes: homes.iter().map(place).collect(),
            entered: BTreeSet::new(),
        }
    }

    /// Whether a folder below a home (its number) is to be read. A link that leads back, to what was
    /// read already, or to another home is told to the tree instead.
    pub(crate) fn enter(&mut self, tree: &mut Tree, folder: &str, home: usize) -> bool {
        let place = whole(tree.root().join(folder));
        let may = !self.meets_another(&place, home) && self.entered.insert(place);
        if !may {
            tree.circle(folder.to_owned());
        }
        may
    }

    /// Whether a file below a home is its own; a link to another home's file is told to the tree.
    pub(crate) fn takes(&self, tree: &mut Tree, file: &str, home: usize) -> bool {
        let path = tree.root().join(file);
        let may = !path.is_symlink() || !self.meets_another(&whole(path), home);
        if !may {
            tree.circle(file.to_owned());
        }
        may
    }

    /// Whether a place lies in another home, or has one in it.
    fn meets_another(&self, place: &Path, home: usize) -> bool {
        let others = self.homes.iter().enumerate();
        let others = others.filter(|(number, path)| *number != home && **path != self.homes[home]);
        others
            .map(|(_, other)| other)
            .any(|other| place.starts_with(other) || other.starts_with(place))
    }
}

/// The files below a folder of a home (its number) that end in one of `endings`, down to `depth` folders.
pub(crate) fn collect(
    tree: &mut Tree,
    walk: &mut Walk,
    home: usize,
    folder: &str,
    endings: &[&str],
    depth: usize,
    files: &mut Vec<String>,
) -> Result<(), DatasetError> {
    if !walk.enter(tree, folder, home) {
        return Ok(());
    }
    for file in tree.files(folder, endings)? {
        let path = within(folder, &file);
        if walk.takes(tree, &path, home) {
            files.push(path);
        }
    }
    if depth > 0 {
        for below in tree.folders(folder)? {
            let below = within(folder, &below);
            collect(tree, walk, home, &below, endings, depth - 1, files)?;
        }
    }
    Ok(())
}

/// Without links; as it is where the file system does not tell.
fn whole(path: PathBuf) -> PathBuf {
    fs::canonicalize(&path).unwrap_or(path)
}
