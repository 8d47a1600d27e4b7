//! What is told of a file beside its answer.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use answers::Answer;
use provenance::Fact;
use sha2::{Digest, Sha256};

use crate::config::hexadecimal;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// A file's hash and size, and what it says of itself; of one that cannot be read nothing. Nothing at all where
/// `stop` said so.
pub(super) fn told(file: &Path, answer: &Answer, stop: &dyn Fn() -> bool) -> Option<Vec<Fact>> {
    match hashed(file, stop) {
        Ok(Some((sha256, bytes))) => {
            let facts = provenance::facts(file);
            Some(answer_page::told(&sha256, bytes, Some(answer), facts))
        }
        Ok(None) => None,
        Err(_) => Some(Vec::new()),
    }
}

/// The SHA-256 of a file in hexadecimal digits, and its length; nothing where it was stopped.
fn hashed(file: &Path, stop: &dyn Fn() -> bool) -> io::Result<Option<(String, u64)>> {
    let mut file = File::open(file)?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    let mut length = 0;
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            return Ok(Some((hexadecimal(&hash.finalize()), length)));
        }
        if stop() {
            return Ok(None);
        }
        hash.update(&piece[..read]);
        length += read as u64;
    }
}
