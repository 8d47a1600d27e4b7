//! Shards kept open, and read at any place by any thread.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// The most files kept open: well below the 256 that the strictest common system allows.
const MOST: usize = 64;

/// Open shards, the one opened last at the back. Those that are open are found by any number of
/// threads at once, and none waits while another opens one.
#[derive(Debug, Default)]
pub(super) struct Handles {
    open: RwLock<VecDeque<(u32, Arc<File>)>>,
}

impl Handles {
    /// `size` bytes of a shard from `offset` on.
    pub(super) fn read(
        &self,
        shard: u32,
        path: &Path,
        offset: u64,
        size: usize,
    ) -> io::Result<Vec<u8>> {
        let file = self.file(shard, path)?;
        let mut bytes = vec![0; size];
        read_at(&file, &mut bytes, offset)?;
        Ok(bytes)
    }

    fn file(&self, shard: u32, path: &Path) -> io::Result<Arc<File>> {
        let find = |open: &VecDeque<(u32, Arc<File>)>| {
            let mut newest_first = open.iter().rev();
            let found = newest_first.find(|(number, _)| *number == shard);
            found.map(|(_, file)| file.clone())
        };
        if let Some(file) = find(&self.open.read().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(file);
        }
        let file = Arc::new(File::open(path)?);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have opened it meanwhile.
        if let Some(file) = find(&open) {
            return Ok(file);
        }
        if open.len() == MOST {
            open.pop_front();
        }
        open.push_back((shard, file.clone()));
        Ok(file)
    }
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, bytes, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes = &mut bytes[read..];
        offset += read as u64;
    }
    Ok(())
}
