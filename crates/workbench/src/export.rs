//! A case as one ZIP: the file, the answer with all that shows it, and what is needed to repeat it.

use std::{
    fs::{self, File},
    io::{self, Seek, Write},
    path::Path,
};

use axum::body::Bytes;
use futures_util::{Stream, stream};
use tokio::io::AsyncReadExt;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::store::Case;

/// Bytes that are sent at once.
const PIECE: usize = 64 << 10;

/// What is in the archive.
pub(crate) struct Parts<'a> {
    pub case: &'a Case,
    /// All of the case in JSON.
    pub json: &'a [u8],
    /// Its report.
    pub page: &'a str,
    /// What was sent.
    pub file: &'a Path,
    /// The folder of what shows the answer.
    pub answers: &'a Path,
}

/// Writes the archive into a file in a folder that has no name there, and goes once it is closed.
pub(crate) fn zip(parts: &Parts<'_>, folder: &Path) -> io::Result<File> {
    let mut archive = ZipWriter::new(tempfile::tempfile_in(folder)?);
    let stored = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .large_file(true);
    let packed = stored.compression_method(CompressionMethod::Deflated);
    archive.start_file("case.json", packed)?;
    archive.write_all(parts.json)?;
    archive.start_file("report.html", packed)?;
    archive.write_all(parts.page.as_bytes())?;
    archive.start_file("SHA256SUMS", packed)?;
    let name = format!("file/{}", portable(&parts.case.row.name));
    archive.write_all(format!("{}  {name}\n", parts.case.row.sha256).as_bytes())?;
    archive.start_file(&name, stored)?;
    io::copy(&mut File::open(parts.file)?, &mut archive)?;
    let entries = match fs::read_dir(parts.answers) {
        Ok(entries) => entries.collect::<io::Result<Vec<_>>>()?,
        // Without an answer there is no folder.
        Err(_) => Vec::new(),
    };
    for entry in entries {
        if entry.file_type()?.is_file() {
            let name = entry.file_name();
            archive.start_file(
                format!("answer/{}", portable(&name.to_string_lossy())),
                stored,
            )?;
            io::copy(&mut File::open(entry.path())?, &mut archive)?;
        }
    }
    let mut file = archive.finish()?;
    file.rewind()?;
    Ok(file)
}

/// A file, piece by piece.
pub(crate) fn pieces(file: tokio::fs::File) -> impl Stream<Item = io::Result<Bytes>> {
    stream::unfold(Some(file), |file| async {
        let mut file = file?;
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok(piece.into()), Some(file)))
            }
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// A name that every file system takes, and none takes for a path.
fn portable(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let tame = |c: char| match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\u{fffd}' => '_',
        c if c.is_control() => '_',
        c => c,
    };
    let tamed: String = last.chars().map(tame).take(100).collect();
    match tamed.trim_matches(['.', ' ']) {
        "" => "file".into(),
        name => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_nowhere() {
        for (name, expected) in [
            ("../../etc/passwd", "passwd"),
            ("..", "file"),
            ("a\\b:c?.jpg", "b_c_.jpg"),
            ("holiday/x.jpg", "x.jpg"),
        ] {
            assert_eq!(portable(name), expected);
        }
    }
}
