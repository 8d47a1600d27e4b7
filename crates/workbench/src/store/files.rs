//! Files of the store: those that arrive, and where those that are there lie.

use std::{
    fs::{self, File},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// The folders of files by their SHA-256, of what shows answers by case, and of what arrives.
pub(super) const FILES: &str = "files";
pub(super) const ANSWERS: &str = "answers";
pub(super) const INCOMING: &str = "incoming";

/// Where the files of a store lie.
pub(crate) struct Places {
    pub(super) folder: PathBuf,
}

impl Places {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    /// Where the file of a hash lies.
    pub(crate) fn file(&self, sha256: &str) -> PathBuf {
        self.folder.join(FILES).join(sha256)
    }

    /// Where what shows the answer of a case lies.
    pub(crate) fn answers(&self, id: i64) -> PathBuf {
        self.folder.join(ANSWERS).join(id.to_string())
    }

    /// A folder for the answer of a case, new and empty.
    pub(crate) fn fresh_answers(&self, id: i64) -> io::Result<PathBuf> {
        let folder = self.answers(id);
        remove_folder(&folder)?;
        fs::create_dir(&folder)?;
        Ok(folder)
    }

    /// Where files arrive.
    pub(crate) fn incoming(&self) -> PathBuf {
        self.folder.join(INCOMING)
    }
}

/// A file that arrives; removed unless it is kept.
pub(crate) struct Arriving {
    file: NamedTempFile,
    hash: Sha256,
    bytes: u64,
}

/// A file that has arrived, whole and on the disk.
pub(crate) struct Incoming {
    file: NamedTempFile,
    pub sha256: String,
    pub bytes: u64,
}

impl Incoming {
    /// Begins to take a file in a folder.
    pub(crate) fn begin(folder: &Path) -> io::Result<Arriving> {
        Ok(Arriving {
            file: NamedTempFile::new_in(folder)?,
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// The file, from its beginning.
    pub(crate) fn reopen(&self) -> io::Result<File> {
        self.file.reopen()
    }

    /// Gives it its place; where there is such a file already, that stays.
    pub(super) fn keep(self, place: &Path) -> io::Result<()> {
        if place.is_file() {
            return Ok(());
        }
        self.file.persist(place).map_err(|error| error.error)?;
        // The name is on the disk only with its folder.
        match place.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }
}

impl Arriving {
    /// Takes more of it.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// How much there is of it.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// It is whole.
    pub(crate) fn finish(self) -> io::Result<Incoming> {
        self.file.as_file().sync_all()?;
        let digest = self.hash.finalize();
        Ok(Incoming {
            file: self.file,
            sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
            bytes: self.bytes,
        })
    }
}

/// Whether there is no room left for a file.
pub(crate) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge
    )
}

/// The names in a folder.
pub(super) fn names(folder: &Path) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?;
    entries
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    absent_is_fine(fs::remove_file(path))
}

/// Removes a folder with all that is in it, if it is there.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    absent_is_fine(fs::remove_dir_all(path))
}

fn absent_is_fine(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
