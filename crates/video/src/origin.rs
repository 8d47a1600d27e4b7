//! Where the bytes of a video come from.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// What can be read at any place.
pub(crate) trait Source: Read + Seek + Send {}

impl<T: Read + Seek + Send> Source for T {}

/// Where the bytes come from: a file, or something that the caller has opened.
#[derive(Clone)]
pub(crate) enum Origin {
    File(PathBuf),
    Reader(Arc<Mutex<dyn Source>>),
}

impl Origin {
    pub(crate) fn reader(reader: impl Read + Seek + Send + 'static) -> Self {
        Self::Reader(Arc::new(Mutex::new(reader)))
    }

    /// The bytes from their beginning; what is opened twice is read at two places.
    pub(crate) fn open(&self) -> io::Result<Bytes> {
        Ok(match self {
            Self::File(path) => Bytes::File(File::open(path)?),
            Self::Reader(source) => Bytes::Shared {
                source: Arc::clone(source),
                position: 0,
            },
        })
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Reader(_) => f.write_str("a reader"),
        }
    }
}

/// Opened bytes.
pub(crate) enum Bytes {
    File(File),
    Shared {
        source: Arc<Mutex<dyn Source>>,
        position: u64,
    },
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Shared { source, position } => {
                // Each read begins with a seek: what a panic left behind does not matter.
                let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
                source.seek(SeekFrom::Start(*position))?;
                let read = source.read(buffer)?;
                *position += read as u64;
                Ok(read)
            }
        }
    }
}

impl Seek for Bytes {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Shared { source, position } => {
                let before = || io::Error::new(io::ErrorKind::InvalidInput, "before the beginning");
                *position = match to {
                    SeekFrom::Start(place) => place,
                    SeekFrom::Current(by) => position.checked_add_signed(by).ok_or_else(before)?,
                    SeekFrom::End(_) => {
                        let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
                        source.seek(to)?
                    }
                };
                Ok(*position)
            }
        }
    }
}
