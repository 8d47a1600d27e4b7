//! Files written whole or not at all, with nothing left beside them by a process that was killed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::error::{self, StoreError};

/// Where everything unfinished lives, so that removing it leaves a clean store.
pub(crate) const PARTS: &str = ".parts";

/// How often a file is tried again whose folder another process removed meanwhile: that process
/// found the store complete, so there is little left to write. A folder that goes while it is being
/// made is said to be there already.
const ATTEMPTS: usize = 3;

/// Writes `name` in the store at `dir`: first under `.parts`, then into its place in one step.
pub(crate) fn write(dir: &Path, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    write_with(dir, name, |file| file.write_all(bytes))
}

/// Like [`write`], with a function that writes the content.
pub(crate) fn write_with(
    dir: &Path,
    name: &str,
    mut content: impl FnMut(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), StoreError> {
    let path = dir.join(name);
    let mut attempt = || {
        let parts = dir.join(PARTS);
        fs::create_dir_all(&parts)?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let (temporary, file) = temporary(&parts)?;
        let mut file = BufWriter::new(file);
        content(&mut file)
            .and_then(|()| file.flush())
            .and_then(|()| fs::rename(&temporary, &path))
            .inspect_err(|_| {
                // The first error is the one to report.
                let _ = fs::remove_file(&temporary);
            })
    };
    let mut outcome = attempt();
    for _ in 1..ATTEMPTS {
        match &outcome {
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists
                ) =>
            {
                outcome = attempt();
            }
            _ => break,
        }
    }
    outcome.map_err(error::io(&path))
}

/// A new file that no other process, on this machine or another, writes to.
fn temporary(parts: &Path) -> io::Result<(PathBuf, File)> {
    let mut number = u64::from(std::process::id()) << 20;
    loop {
        let path = parts.join(format!("{number}.tmp"));
        match File::create_new(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            other => return other.map(|file| (path, file)),
        }
    }
}

/// Removes a file or a folder with all that is in it, if it is there; another process may be doing
/// the same.
pub(crate) fn remove(path: &Path) -> Result<(), StoreError> {
    let mut outcome = Ok(());
    for _ in 0..ATTEMPTS {
        outcome = match fs::symlink_metadata(path) {
            Ok(found) if found.is_dir() => fs::remove_dir_all(path),
            Ok(_) => fs::remove_file(path),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => Err(error),
        };
        if outcome.is_ok() {
            break;
        }
    }
    outcome.map_err(error::io(path))
}
