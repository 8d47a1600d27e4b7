//! Links between folders, which may lead in a circle or from one class into another.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::tree::Tree;

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

/// Without links; as it is where the file system does not tell.
fn whole(path: PathBuf) -> PathBuf {
    fs::canonicalize(&path).unwrap_or(path)
}
