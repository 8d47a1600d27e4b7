//! A case that was taken along, brought back from its ZIP. Whoever wrote the ZIP may mean no good: of the file
//! the hash is checked, sizes are bounded, and of names nothing is used but that of the table or picture.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use answers::Answer;
use provenance::Fact;
use serde::Deserialize;
use zip::{ZipArchive, result::ZipError};

use crate::{
    protocol::{About, Settings},
    store::{Arriving, Incoming},
};

/// Entries of an archive, bytes of what describes the case, and of all its pictures.
const ENTRIES: usize = 10_000;
const DESCRIPTION: u64 = 64 << 20;
const PICTURES: u64 = 512 << 20;

/// The newest format that is read.
const SCHEMA: u32 = 1;

/// A case from an archive.
pub(crate) struct Imported {
    pub name: String,
    pub notes: String,
    pub settings: Settings,
    pub answer: Answer,
    pub facts: Vec<Fact>,
    pub detector: About,
    pub file: Incoming,
    /// Names and bytes of what shows the answer.
    pub pictures: Vec<(String, Vec<u8>)>,
}

/// Why an archive is no case.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImportError {
    #[error("it is no ZIP that can be read: {0}")]
    Archive(#[from] ZipError),
    #[error("it is no case: {0}")]
    Description(#[from] serde_json::Error),
    #[error("it is no case with an answer: {0}")]
    Unfit(&'static str),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// What is read of `case.json`.
#[derive(Deserialize)]
struct Described {
    schema: u32,
    name: String,
    sha256: String,
    #[serde(default)]
    notes: String,
    settings: Settings,
    answer: Option<Answer>,
    #[serde(default)]
    facts: Vec<Fact>,
    detector: Option<About>,
}

/// Reads an archive; its file of at most so many bytes arrives in a folder.
pub(crate) fn read(archive: File, most_bytes: u64, folder: &Path) -> Result<Imported, ImportError> {
    let mut archive = ZipArchive::new(archive)?;
    if archive.len() > ENTRIES {
        return Err(ImportError::Unfit("it has too many entries"));
    }
    let described = bounded(archive.by_name("case.json")?, DESCRIPTION)?;
    let Described {
        schema,
        name,
        sha256,
        notes,
        settings,
        answer,
        mut facts,
        detector,
    } = serde_json::from_slice(&described)?;
    let (Some(answer), Some(detector)) = (answer, detector) else {
        return Err(ImportError::Unfit("it has none"));
    };
    if schema > SCHEMA {
        return Err(ImportError::Unfit("it is of a later version"));
    }
    let mut file = None;
    let mut pictures = Vec::new();
    let mut left = PICTURES;
    for place in 0..archive.len() {
        let entry = archive.by_index(place)?;
        let path = entry.name()?.into_owned();
        match path.split_once('/') {
            Some(("file", _)) if file.is_none() => {
                file = Some(arrived(entry, most_bytes, folder)?);
            }
            Some(("answer", name)) if is_shown(name) => {
                let bytes = bounded(entry, left)?;
                left -= bytes.len() as u64;
                pictures.push((name.to_owned(), bytes));
            }
            _ => {}
        }
    }
    let file = file.filter(|file| file.sha256 == sha256);
    let file = file.ok_or(ImportError::Unfit(
        "its file is not the one that it speaks of",
    ))?;
    facts.push(Fact::new(
        "Imported",
        "from a ZIP: of what it says, only the file's hash was checked",
    ));
    Ok(Imported {
        name,
        notes,
        settings,
        answer,
        facts,
        detector,
        file,
        pictures,
    })
}

/// Whether a file of that name may show an answer.
pub(crate) fn is_shown(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let known = ["png", "jpg", "csv"];
    name.bytes().all(plain)
        && name.rsplit_once('.').is_some_and(|(stem, kind)| {
            !stem.is_empty() && !stem.starts_with('.') && known.contains(&kind)
        })
}

/// The bytes of an entry, which are not more than so many, whatever it says itself.
fn bounded(entry: impl Read, most: u64) -> Result<Vec<u8>, ImportError> {
    let mut bytes = Vec::new();
    entry.take(most + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > most {
        true => Err(ImportError::Unfit("it is too large")),
        false => Ok(bytes),
    }
}

fn arrived(mut entry: impl Read, most: u64, folder: &Path) -> Result<Incoming, ImportError> {
    let mut arriving: Arriving = Incoming::begin(folder)?;
    let mut piece = vec![0; 1 << 20];
    loop {
        match entry.read(&mut piece)? {
            0 => return Ok(arriving.finish()?),
            read => arriving.push(&piece[..read])?,
        }
        if arriving.bytes() > most {
            return Err(ImportError::Unfit("its file is too large"));
        }
    }
}
