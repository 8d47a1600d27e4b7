//! Miniature trees.
use std::fs;
use std::path::Path;

use datasets::{Clip, Layout, Listing, read};

/// A folder made of empty files and lists.
pub(crate) struct Made(tempfile::TempDir);

impl Made {
    pub(crate) fn new(files: &[&str]) -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        files.iter().for_each(|file| made.add(file, ""));
        made
    }

    pub(crate) fn with(self, file: &str, content: &str) -> Self {
        self.add(file, content);
        self
    }

    pub(crate) fn without(self, file: &str) -> Self {
        fs::remove_file(self.path().join(file)).unwrap();
        self
    }

    pub(crate) fn add(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Found to be of this one layout, and listed.
    pub(crate) fn list(&self, layout: Layout) -> Listing {
        assert_eq!(Layout::detect(self.path()).unwrap(), [layout]);
        read(self.path(), layout).unwrap()
    }

    /// What is said when it is listed.
    pub(crate) fn error(&self, layout: Layout) -> String {
        read(self.path(), layout).unwrap_err().to_string()
    }
}

/// The clip at a path.
pub(crate) fn at<'a>(listing: &'a Listing, path: &str) -> &'a Clip {
    let mut found = listing.clips.iter().filter(|clip| clip.path == path);
    let clip = found
        .next()
        .unwrap_or_else(|| panic!("no {path} in {listing:#?}"));
    assert!(found.next().is_none(), "{path} twice");
    clip
}

/// The paths of what is missing.
pub(crate) fn missing(listing: &Listing) -> Vec<&str> {
    listing.missing.iter().map(|m| m.path.as_str()).collect()
}
