//! Marks that programs leave.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use crate::fact::Fact;

/// Marks of programs in a file's beginning and end; of Content Credentials too, where they are not checked.
const MARKS: &[(&[u8], &str, &str)] = &[
    #[cfg(not(feature = "credentials"))]
    (
        b"jumbc2pa",
        "Content Credentials",
        "a C2PA block is there; it was not checked",
    ),
    (b"Adobe Photoshop", "Names a program", "Adobe Photoshop"),
    (
        b"Lavf",
        "Names a program",
        "FFmpeg (libavformat): written anew by it",
    ),
    (b"x264 - core", "Names a program", "x264: encoded by it"),
    (
        b"CREATOR: gd-jpeg",
        "Names a program",
        "gd-jpeg: written anew, as web sites do",
    ),
];

/// Bytes at either end of a file that are searched for [`MARKS`].
const SEARCHED: u64 = 1 << 20;

/// Marks of programs, each once.
pub(crate) fn facts(path: &Path) -> io::Result<Vec<Fact>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    (&mut file).take(SEARCHED).read_to_end(&mut bytes)?;
    if length > 2 * SEARCHED {
        file.seek(SeekFrom::End(-(SEARCHED as i64)))?;
    }
    file.take(SEARCHED).read_to_end(&mut bytes)?;
    let found = MARKS.iter().filter(|(mark, ..)| {
        bytes
            .windows(mark.len())
            .any(|window| window[0] == mark[0] && window == *mark)
    });
    Ok(found
        .map(|(_, what, told)| Fact::new(what, *told))
        .collect())
}
