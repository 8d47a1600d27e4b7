//! What the fuzz targets share.

use std::path::Path;

/// Hands over a file that holds these bytes, with this ending; it is gone afterwards.
///
/// # Panics
///
/// Where no temporary file can be written.
pub fn with_file(bytes: &[u8], ending: &str, read: impl FnOnce(&Path)) {
    let file = tempfile::Builder::new().suffix(ending).tempfile();
    let file = file.expect("a temporary file");
    std::fs::write(file.path(), bytes).expect("room for a temporary file");
    read(file.path());
}

/// # Panics
///
/// If the path leads out of its folder on any system: no list may give such a one.
pub fn assert_stays(path: &str) {
    let stays = !path.starts_with('/')
        && !path.contains(['\\', '\0'])
        && path.split('/').all(|part| part != "..")
        && path.split('/').next().is_none_or(|part| !part.contains(':'));
    assert!(stays, "{path:?} leads out");
}
