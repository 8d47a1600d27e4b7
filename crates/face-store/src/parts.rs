//! From finished clips to a shard: each clip's stretch of the tar is a file of its own until all
//! are there, and the shard is their concatenation.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use face_preproc::manifest::Row;
use tar::{Builder, EntryType, Header};

use crate::error::{StoreError, io};
use crate::face::{Face, Finished};
use crate::files::{self, PARTS};
use crate::info::Info;

/// What was wrong with a clip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClipError {
    /// The clip's name in the plan.
    pub clip: String,
    /// What was wrong.
    pub message: String,
}

/// Two blocks of zeros end a tar.
const END: [u8; 1024] = [0; 1024];

/// The file of a shard, relative to the store.
pub(crate) fn shard_name(shard: u32) -> String {
    format!("shard-{shard:06}.tar")
}

/// The folder of a shard's finished clips, relative to the store.
fn parts_name(shard: u32) -> String {
    format!("{PARTS}/{shard:06}")
}

fn part_name(shard: u32, clip: usize, ending: &str) -> String {
    format!("{}/{clip:06}.{ending}", parts_name(shard))
}

/// The errors of a full shard's clips, until the store is complete.
fn errors_name(shard: u32) -> String {
    format!("{PARTS}/{shard:06}.errors.csv")
}

/// Whether a clip is finished; its shard is not full yet.
pub(crate) fn is_finished(dir: &Path, shard: u32, clip: usize) -> bool {
    dir.join(part_name(shard, clip, "tar")).exists()
}

/// Keeps what came of a clip.
pub(crate) fn put(
    dir: &Path,
    shard: u32,
    clip: usize,
    finished: &Finished,
) -> Result<(), StoreError> {
    let bytes = stretch(clip, &finished.faces)?;
    let error = part_name(shard, clip, "error");
    match &finished.error {
        Some(message) => files::write(dir, &error, message.as_bytes())?,
        None => files::remove(&dir.join(&error))?,
    }
    // Last, because its presence says that the clip is finished.
    files::write(dir, &part_name(shard, clip, "tar"), &bytes)
}

/// A clip's stretch of its shard's tar.
fn stretch(clip: usize, faces: &[Face]) -> Result<Vec<u8>, StoreError> {
    let mut tar = Builder::new(Vec::new());
    for (i, face) in faces.iter().enumerate() {
        let key = format!("{clip:06}-{i:05}");
        let row = Row {
            file: format!("{key}.{}", face.ending),
            mask: face.mask.as_ref().map(|_| format!("{key}.mask.png")),
            ..face.row.clone()
        };
        let json = row.to_json().map_err(|source| StoreError::Row {
            clip,
            face: i,
            source,
        })?;
        let memory = io(Path::new(&row.file));
        let mut entries = vec![
            (format!("{key}.json"), json.as_bytes()),
            (row.file.clone(), &face.picture),
        ];
        entries.extend(row.mask.zip(face.mask.as_deref()));
        entries
            .into_iter()
            .try_for_each(|(name, bytes)| append(&mut tar, &name, bytes))
            .map_err(memory)?;
    }
    let mut bytes = tar.into_inner().map_err(io(Path::new("tar")))?;
    bytes.truncate(bytes.len() - END.len());
    Ok(bytes)
}

/// One file, with nothing in its header that differs between machines or days.
fn append(tar: &mut Builder<Vec<u8>>, name: &str, bytes: &[u8]) -> io::Result<()> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_path(name)?;
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    tar.append(&header, bytes)
}

/// Makes the shard of its finished clips, all of which must be there, and removes them.
pub(crate) fn seal(dir: &Path, info: &Info, shard: u32) -> Result<(), StoreError> {
    let parts = dir.join(parts_name(shard));
    if !is_sealed(dir, shard) {
        let outcome = concatenate(dir, info, shard);
        // Another process may have sealed the shard and removed its parts meanwhile.
        if !is_sealed(dir, shard) {
            outcome?;
        }
    }
    files::remove(&parts)
}

/// Whether a shard is whole and in its place.
pub(crate) fn is_sealed(dir: &Path, shard: u32) -> bool {
    dir.join(shard_name(shard)).exists()
}

fn concatenate(dir: &Path, info: &Info, shard: u32) -> Result<(), StoreError> {
    let mut errors = Vec::new();
    for clip in info.clips_of(shard) {
        let path = dir.join(part_name(shard, clip, "error"));
        match fs::read_to_string(&path) {
            Ok(message) => errors.push((clip, message)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(io(&path)(error)),
        }
    }
    if !errors.is_empty() {
        files::write_with(dir, &errors_name(shard), |file| {
            let mut table = csv::Writer::from_writer(file);
            errors.iter().try_for_each(|row| table.serialize(row))?;
            table.flush()
        })?;
    }
    files::write_with(dir, &shard_name(shard), |file| {
        for clip in info.clips_of(shard) {
            let part = dir.join(part_name(shard, clip, "tar"));
            io::copy(&mut File::open(part)?, file)?;
        }
        file.write_all(&END)
    })
}

/// The errors of the clips of full shards, by number, while the store is not complete.
pub(crate) fn errors(
    dir: &Path,
    info: &Info,
    plan: &[String],
) -> Result<Vec<ClipError>, StoreError> {
    let mut errors = Vec::new();
    for shard in 0..info.shards() {
        let path = dir.join(errors_name(shard));
        if !path.exists() {
            continue;
        }
        let damaged = |error: csv::Error| crate::error::damaged(&path, error);
        let mut table = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_path(&path)
            .map_err(damaged)?;
        for row in table.deserialize() {
            let (clip, message): (usize, String) = row.map_err(damaged)?;
            let clip = plan.get(clip).cloned();
            let clip = clip.ok_or_else(|| crate::error::damaged(&path, "no such clip"))?;
            errors.push(ClipError { clip, message });
        }
    }
    Ok(errors)
}
