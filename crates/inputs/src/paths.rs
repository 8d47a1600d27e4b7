//! What a user names.

use std::path::PathBuf;

use crate::{Listing, walk::walk};

/// The files that paths stand for: themselves; the pictures and videos of a folder, sorted, and where
/// `recursive` of the folders in it; the rows of a manifest (`.json`).
///
/// Of a folder, what its content or its name says is a picture or a video is there; all else is passed
/// over. A link to a file is a file. Links to folders are followed where `recursive`, each folder is looked
/// into once, and none that the walk began in or above.
#[must_use]
pub fn list(paths: &[PathBuf], recursive: bool) -> Listing {
    let mut listing = Listing::default();
    for path in paths {
        if path.is_dir() {
            walk(path, recursive, &mut listing);
        } else if path.extension().is_some_and(|ending| ending == "json") {
            listing.manifest(path);
        } else {
            listing.push(path.clone(), Ok(None));
        }
    }
    listing
}
