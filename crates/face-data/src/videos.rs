//! Whether a folder holds videos, where crops of faces are wanted.

use std::{fs, path::Path};

/// The deepest folder that is looked into for videos; those of the published data sets lie at five.
const DEEPEST: usize = 5;

/// Whether there is a video in a folder or below it.
pub(crate) fn holds_videos(folder: &Path) -> bool {
    within(folder, DEEPEST)
}

fn within(folder: &Path, depth: usize) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().map(|entry| entry.path()).any(|path| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let ending = ending.map(str::to_ascii_lowercase).unwrap_or_default();
        path.is_file() && video::ENDINGS.contains(&ending.as_str())
            || depth > 0 && path.is_dir() && within(&path, depth - 1)
    })
}
