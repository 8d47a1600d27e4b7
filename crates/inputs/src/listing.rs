//! Paths as files to look at.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use face_preproc::{geometry::Landmarks68, manifest::Manifest};

use crate::{InputError, shown};

/// Names that are told of each kind of file that was passed over.
const NAMED: usize = 3;

/// A file to look at.
#[derive(Debug)]
pub struct Input {
    /// The file; or the folder or manifest that could not be listed.
    pub file: PathBuf,
    /// The landmarks of its face, where a manifest has them; or why it is not looked at.
    pub landmarks: Result<Option<Box<Landmarks68>>, InputError>,
}

/// What some paths stand for.
#[derive(Debug, Default)]
pub struct Listing {
    /// The files to look at, in order.
    pub inputs: Vec<Input>,
    /// What else lies in the folders.
    pub passed_over: PassedOver,
}

/// What lies in folders and is not looked at: why, and what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassedOver(BTreeMap<&'static str, Vec<PathBuf>>);

impl PassedOver {
    /// Why a folder in a folder is passed over.
    pub const FOLDER: &'static str = "a folder in a folder";
    /// Why a link is.
    pub const CIRCLE: &'static str = "a link to a folder that was looked into already";
    /// Why a file with a dot before its name is.
    pub const HIDDEN: &'static str = "hidden by a dot before its name";

    pub(crate) fn push(&mut self, why: &'static str, what: PathBuf) {
        self.0.entry(why).or_default().push(what);
    }

    pub(crate) fn extend(&mut self, others: Self) {
        for (why, mut what) in others.0 {
            self.0.entry(why).or_default().append(&mut what);
        }
    }

    /// How many files, folders and links there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// What was passed over for a reason: what it is, or one of the constants.
    #[must_use]
    pub fn of(&self, why: &str) -> &[PathBuf] {
        self.0.get(why).map_or(&[], Vec::as_slice)
    }
}

/// `text: 2 (a.txt, b.txt); an empty file: 1 (c)`.
impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (why, what)) in self.0.iter().enumerate() {
            let names: Vec<String> = what.iter().take(NAMED).map(|path| shown(path)).collect();
            let more = if what.len() > NAMED { ", ..." } else { "" };
            let comma = if place > 0 { "; " } else { "" };
            let (count, names) = (what.len(), names.join(", "));
            write!(f, "{comma}{why}: {count} ({names}{more})")?;
        }
        Ok(())
    }
}

impl Listing {
    pub(crate) fn push(
        &mut self,
        file: PathBuf,
        landmarks: Result<Option<Box<Landmarks68>>, InputError>,
    ) {
        self.inputs.push(Input { file, landmarks });
    }

    /// The rows of a manifest.
    pub(crate) fn manifest(&mut self, path: &Path) {
        match Manifest::read(path) {
            Ok(manifest) => {
                for row in &manifest.rows {
                    let landmarks = row.landmarks68.map(Box::new);
                    self.push(manifest.picture_path(row), Ok(landmarks));
                }
            }
            Err(error) => self.push(path.to_owned(), Err(error.into())),
        }
    }
}
