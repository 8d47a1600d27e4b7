//! A plain folder of pictures as a manifest.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Label, Manifest, ManifestError, Row, digest};

/// Endings of file names that are taken for pictures. What the files hold shows when they are read.
const ENDINGS: [&str; 13] = [
    "jpg", "jpeg", "png", "bmp", "gif", "tif", "tiff", "webp", "pbm", "pgm", "ppm", "pnm", "pam",
];

impl Manifest {
    /// Every picture in a folder and its subfolders, by the ending of its name, sorted by path.
    ///
    /// A picture in a subfolder called `fake` or `forged` is labelled forged, any other real; each
    /// picture is its own video and identity. Names that start with a dot and links to folders are
    /// passed over. The digest is that of the sorted list of paths, one a line.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Empty`] for a folder without pictures, [`ManifestError::Io`] for one that
    /// cannot be read, and [`ManifestError::Name`] for a picture whose name is not Unicode.
    pub fn from_folder(folder: impl AsRef<Path>) -> Result<Self, ManifestError> {
        let root = folder.as_ref();
        let mut files = Vec::new();
        let mut pending = vec![root.to_path_buf()];
        while let Some(folder) = pending.pop() {
            list(root, &folder, &mut files, &mut pending)?;
        }
        files.sort_unstable();
        if files.is_empty() {
            return Err(ManifestError::Empty { path: root.into() });
        }
        let digest = digest(files.join("\n").as_bytes());
        Ok(Self {
            root: root.into(),
            numbers: (0..files.len()).collect(),
            listed: files.len(),
            rows: files.into_iter().map(row).collect(),
            digest,
        })
    }
}

/// One folder: its pictures to `files`, its subfolders to `pending`.
fn list(
    root: &Path,
    folder: &Path,
    files: &mut Vec<String>,
    pending: &mut Vec<PathBuf>,
) -> Result<(), ManifestError> {
    let io = |source| ManifestError::Io {
        path: folder.into(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(io)? {
        let entry = entry.map_err(io)?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.file_type().map_err(io)?.is_dir() {
            pending.push(path);
        } else if is_picture(&path) && path.is_file() {
            let name = |path: &Path| path.to_str().map(str::to_owned);
            let relative = path.strip_prefix(root).ok().and_then(name);
            let relative = relative.ok_or(ManifestError::Name { path })?;
            files.push(relative.replace(std::path::MAIN_SEPARATOR, "/"));
        }
    }
    Ok(())
}

fn is_picture(path: &Path) -> bool {
    path.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

fn row(file: String) -> Row {
    let forged = file
        .rsplit_once('/')
        .is_some_and(|(folders, _)| folders.split('/').any(|f| matches!(f, "fake" | "forged")));
    let mut row = Row::new(file);
    if forged {
        row.label = Label::Forged;
        row.method = "unknown".into();
    }
    row
}
