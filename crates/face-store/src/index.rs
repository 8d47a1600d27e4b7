//! The index: a manifest of every crop, with its place in the shards.

use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;

use face_preproc::manifest::Row;
use serde_json::Value;
use tar::Archive;

use crate::error::{StoreError, damaged, io};
use crate::files;
use crate::info::Info;
use crate::parts::{self, shard_name};

pub(crate) const FACES: &str = "faces.json";
pub(crate) const ERRORS: &str = "errors.csv";

/// The longest row that is read, in bytes.
const LONGEST_ROW: u64 = 1 << 20;

/// Whether the store is complete.
pub(crate) fn exists(dir: &Path) -> bool {
    dir.join(FACES).is_file()
}

/// Writes `errors.csv` and `faces.json`, in that order: with the latter the store is complete.
pub(crate) fn write(dir: &Path, info: &Info, plan: &[String]) -> Result<(), StoreError> {
    let errors = parts::errors(dir, info, plan);
    // Another machine may have completed the store meanwhile and removed what errors are read from.
    if exists(dir) {
        return Ok(());
    }
    let errors = errors?;
    files::write_with(dir, ERRORS, |file| {
        let mut table = csv::Writer::from_writer(file);
        table.write_record(["clip", "message"])?;
        for error in &errors {
            table.write_record([&error.clip, &error.message])?;
        }
        table.flush()
    })?;
    // A shard at a time, whatever the store's size.
    let mut failed = None;
    let written = files::write_with(dir, FACES, |file| {
        let mut separator = "[\n";
        for shard in 0..info.shards() {
            let rows = match scan(dir, shard) {
                Ok(rows) => rows,
                Err(error) => {
                    let text = error.to_string();
                    failed = Some(error);
                    return Err(std::io::Error::other(text));
                }
            };
            for row in rows {
                let json = row.to_json().map_err(std::io::Error::other)?;
                write!(file, "{separator}{json}")?;
                separator = ",\n";
            }
        }
        let end = if separator == "[\n" { "[]\n" } else { "\n]\n" };
        file.write_all(end.as_bytes())
    });
    failed.map_or(written, Err)
}

/// The rows of one shard, in its order, each with `shard`, `picture_offset`, `picture_bytes` and,
/// where there is a mask, `mask_offset` and `mask_bytes`. `file` is the path that the crop has where each shard is
/// unpacked into a folder of its own name.
pub(crate) fn scan(dir: &Path, shard: u32) -> Result<Vec<Row>, StoreError> {
    let path = dir.join(shard_name(shard));
    let bad = |reason: String| damaged(&path, reason);
    let file = File::open(&path).map_err(io(&path))?;
    let length = file.metadata().map_err(io(&path))?.len();
    let mut archive = Archive::new(BufReader::new(file));
    let mut rows: Vec<Row> = Vec::new();
    for entry in archive
        .entries_with_seek()
        .map_err(|e| bad(e.to_string()))?
    {
        let mut entry = entry.map_err(|e| bad(e.to_string()))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let (offset, size) = (entry.raw_file_position(), entry.size());
        let end = offset.checked_add(size);
        if !entry.header().entry_type().is_file() || end.is_none_or(|end| end > length) {
            return Err(bad(format!("{name} is no whole file")));
        }
        if name.ends_with(".json") {
            let mut text = String::new();
            entry
                .by_ref()
                .take(LONGEST_ROW)
                .read_to_string(&mut text)
                .map_err(|e| bad(format!("{name}: {e}")))?;
            let row = Row::from_json(&text).map_err(|e| bad(format!("{name}: {e}")))?;
            rows.push(row);
            continue;
        }
        let place = |row: &mut Row, prefix: &str| {
            for (key, value) in [("offset", offset), ("bytes", size)] {
                row.extra.insert(format!("{prefix}_{key}"), value.into());
            }
        };
        match rows.last_mut() {
            Some(row) if row.file == name => place(row, "picture"),
            Some(row) if row.mask.as_ref() == Some(&name) => place(row, "mask"),
            _ => return Err(bad(format!("{name} belongs to no row"))),
        }
    }
    let folder = format!("shard-{shard:06}");
    for row in &mut rows {
        row.extra.insert("shard".into(), Value::from(shard));
        row.file = format!("{folder}/{}", row.file);
        row.mask = row.mask.take().map(|mask| format!("{folder}/{mask}"));
    }
    Ok(rows)
}
