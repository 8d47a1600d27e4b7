//! JSON files of a run, whole or not at all.

use std::{fs, path::Path};

use serde::{Serialize, de::DeserializeOwned};

use crate::Error;

/// Reads a JSON file.
///
/// # Errors
/// Where it cannot be read, or does not hold a `T`.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    serde_json::from_str(&text).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}

/// Writes a JSON file, all or nothing.
///
/// # Errors
/// Where it cannot be written.
pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), Error> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    text.push('\n');
    write_atomically(path, text.as_bytes())
}

/// Writes a file, all or nothing: a reader, or a run after a kill, sees the old or the new one.
///
/// # Errors
/// Where it cannot be written.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    face_preproc::pictures::write_atomically(path, bytes).map_err(Error::io(path))
}
