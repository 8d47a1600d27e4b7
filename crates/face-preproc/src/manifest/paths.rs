//! Paths that stay inside the manifest's folder.

use std::fs;
use std::path::{Path, PathBuf};

use super::ManifestError;
use super::error::RowError;

/// A path as manifests may have it: relative, without `..`, with `/` on every system. Comes back
/// without `.` and doubled slashes, so that two spellings of a path are equal.
pub(super) fn relative(key: &'static str, text: &str) -> Result<String, RowError> {
    let wrong = |expected| RowError::new(key, expected, format!("{text:?}"));
    if text.contains(['\\', '\0']) {
        return Err(wrong("a relative path with / between its parts"));
    }
    let parts: Vec<&str> = text
        .split('/')
        .filter(|p| !matches!(*p, "" | "."))
        .collect();
    // A colon in the first part is a drive on Windows.
    if text.starts_with('/') || parts.first().is_some_and(|part| part.contains(':')) {
        return Err(wrong(
            "a path relative to the manifest's folder, not an absolute one",
        ));
    }
    if parts.contains(&"..") {
        return Err(wrong("a path inside the manifest's folder, without .."));
    }
    let path = parts.join("/");
    // A blank name would be that of its video, too, where a blank is no name.
    if path.trim().is_empty() || text.ends_with('/') {
        return Err(wrong("the path of a file"));
    }
    Ok(path)
}

/// The file behind a relative path, if it is inside `root` once symbolic links are followed.
pub(super) fn inside(root: &Path, relative: &str) -> Result<PathBuf, ManifestError> {
    let root = if root.as_os_str().is_empty() {
        Path::new(".")
    } else {
        root
    };
    let resolve = |path: PathBuf| {
        fs::canonicalize(&path).map_err(|source| ManifestError::Io { path, source })
    };
    let resolved = resolve(root.join(relative))?;
    if resolved.starts_with(resolve(root.into())?) {
        return Ok(resolved);
    }
    Err(ManifestError::Escapes {
        path: root.join(relative),
        resolved,
        root: root.into(),
    })
}
