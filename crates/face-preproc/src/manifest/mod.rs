//! Manifests: which pictures there are, and what is known of each.
//!
//! A manifest is a JSON array of objects, one a picture (or a face in one). Only `file` is needed.
//!
//! | key | what | where absent |
//! |---|---|---|
//! | `file` | path of the picture, relative to the manifest's folder, with `/` | an error |
//! | `label` | 0 real, 1 forged | 0 |
//! | `dataset`, or else `set` | name of the data set | `"unnamed"` |
//! | `method` | what forged it | `"real"` for label 0, `"unknown"` for 1 |
//! | `video` | the clip it is a frame of; string or number | the file |
//! | `frame` | index in the clip; number or digits | none |
//! | `identity` | the person; string or number | the video |
//! | `landmarks68` | 68 `[x, y]` in pixels, dlib's order | none |
//! | `mask` | path of the mask, relative like `file` | none |
//! | `split` | `"train"`, `"val"` or `"test"` | drawn by [`assign_splits`](crate::split::assign_splits) |
//!
//! `null` counts as absent. Every other key is kept in [`Row::extra`]; those of [`known`] have names of
//! their own.

mod error;
mod folder;
pub mod known;
mod parse;
mod paths;
mod row;

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::pictures::write_atomically;

pub use error::{ManifestError, RowError};
pub use row::{Label, Row, Split};

/// A path as lists of files may have it: relative, without `..`, with `/` on every system. Comes
/// back without `.` and doubled slashes, so that two spellings of a path are equal.
///
/// # Errors
///
/// [`RowError`], saying what is wrong with the path.
pub fn relative_path(text: &str) -> Result<String, RowError> {
    paths::relative("path", text)
}

/// A manifest that was read whole and found valid.
#[derive(Clone, Debug, PartialEq)]
pub struct Manifest {
    /// The folder that `file` and `mask` of the rows start from.
    pub root: PathBuf,
    /// The rows, in the manifest's order; at least one.
    pub rows: Vec<Row>,
    /// Which of all rows each is, from 0: [`Manifest::read_part`] leaves some out.
    pub numbers: Vec<usize>,
    /// How many rows there are, those left out among them.
    pub listed: usize,
    /// SHA-256 of the manifest's bytes, 64 hexadecimal digits.
    pub digest: String,
}

impl Manifest {
    /// The longest manifest that is read, in bytes: 1 GiB, about a million rows with landmarks.
    pub const MAX_BYTES: u64 = 1 << 30;

    /// Reads and checks a manifest. No picture is opened.
    ///
    /// # Errors
    ///
    /// [`ManifestError`], naming the row (the first is 0), the key, and what was expected.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ManifestError> {
        Self::read_part(path, None)
    }

    /// Reads the rows of one part and checks them alone: of a long manifest a small part is there at once. All
    /// rows come where one does not name its part, or none is of this one.
    ///
    /// # Errors
    ///
    /// As [`Manifest::read`].
    pub fn read_part(path: impl AsRef<Path>, part: Option<Split>) -> Result<Self, ManifestError> {
        let path = path.as_ref();
        let bytes = read_bytes(path)?;
        let json = |source| ManifestError::Json {
            path: path.into(),
            source,
        };
        // Rows stay text until their turn, so that an error can name its row.
        let texts: Vec<&RawValue> = serde_json::from_slice(&bytes).map_err(json)?;
        let numbers = part.and_then(|part| numbers_of(part, &texts));
        let numbers = numbers.unwrap_or_else(|| (0..texts.len()).collect());
        let read = |&row: &usize| {
            Row::from_json(texts[row].get()).map_err(|problem| problem.at(path, row))
        };
        let rows = numbers
            .par_iter()
            .map(read)
            .collect::<Result<Vec<_>, _>>()?;
        check_rows(path, numbers.iter().copied().zip(&rows))?;
        Ok(Self {
            root: path.parent().unwrap_or(Path::new("")).into(),
            numbers,
            listed: texts.len(),
            rows,
            digest: digest(&bytes),
        })
    }

    /// Writes the rows as a manifest, one row a line, whole or not at all. Defaults are written
    /// out. Paths of files and masks are written as they are: they start from the folder of `path`.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Io`], and what [`Manifest::read`] would refuse.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), ManifestError> {
        let path = path.as_ref();
        check_rows(path, self.rows.iter().enumerate())?;
        let mut bytes = vec![];
        for (i, row) in self.rows.iter().enumerate() {
            bytes.extend_from_slice(if i == 0 { b"[\n" } else { b",\n" });
            let text = row.to_json().map_err(|problem| problem.at(path, i))?;
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend_from_slice(b"\n]\n");
        write_atomically(path, &bytes).map_err(|source| ManifestError::Io {
            path: path.into(),
            source,
        })
    }

    /// Where a row's picture is. Rows hold no absolute path and no `..`, but a symbolic link in the
    /// folder may lead elsewhere: linking a large data set into place is common.
    pub fn picture_path(&self, row: &Row) -> PathBuf {
        self.root.join(&row.file)
    }

    /// Where a row's mask is, symbolic links resolved.
    ///
    /// # Errors
    ///
    /// [`ManifestError::Io`] where there is no such file, and [`ManifestError::Escapes`] where it
    /// is not inside the manifest's folder once links are followed.
    pub fn mask_path(&self, row: &Row) -> Result<Option<PathBuf>, ManifestError> {
        row.mask
            .as_ref()
            .map(|mask| paths::inside(&self.root, mask))
            .transpose()
    }
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, ManifestError> {
    let io = |source| ManifestError::Io {
        path: path.into(),
        source,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    // A growing vector would need twice the memory.
    let length = file.metadata().map_err(io)?.len().min(Manifest::MAX_BYTES);
    bytes.reserve_exact(length as usize + 1);
    file.take(Manifest::MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(io)?;
    if bytes.len() as u64 > Manifest::MAX_BYTES {
        return Err(ManifestError::TooLarge {
            path: path.into(),
            limit: Manifest::MAX_BYTES,
        });
    }
    Ok(bytes)
}

/// The rows of a part, if there are any and each row names its part.
fn numbers_of(part: Split, texts: &[&RawValue]) -> Option<Vec<usize>> {
    #[derive(Deserialize)]
    struct Named {
        split: Option<Split>,
    }
    let named = |text: &&RawValue| serde_json::from_str::<Named>(text.get()).ok()?.split;
    let named: Vec<_> = texts.par_iter().map(named).collect::<Option<_>>()?;
    let numbers = (0..named.len()).filter(|&row| named[row] == part);
    Some(numbers.collect()).filter(|numbers: &Vec<_>| !numbers.is_empty())
}

/// At least one row, and no two that mean the same frame.
fn check_rows<'a>(
    path: &Path,
    rows: impl ExactSizeIterator<Item = (usize, &'a Row)>,
) -> Result<(), ManifestError> {
    if rows.len() == 0 {
        return Err(ManifestError::Empty { path: path.into() });
    }
    let mut seen = HashMap::with_capacity(rows.len());
    for (i, row) in rows {
        let key = (&row.dataset, &row.method, &row.video, row.frame, &row.file);
        if let Some(first) = seen.insert(key, i) {
            return Err(ManifestError::Duplicate {
                path: path.into(),
                first,
                second: i,
                file: row.file.clone(),
            });
        }
    }
    Ok(())
}

fn digest(bytes: &[u8]) -> String {
    let mut hex = Vec::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").expect("a vector takes every byte");
    }
    String::from_utf8(hex).expect("hexadecimal digits are ASCII")
}
