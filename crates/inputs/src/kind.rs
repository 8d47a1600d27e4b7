//! What a file is to be read as.

use std::path::Path;

use serde::{Deserialize, Serialize};
use video::Content;

use crate::InputError;

/// Endings of names of pictures; where the content tells, they do not count.
const PICTURES: [&str; 20] = [
    "jpg", "jpeg", "jpe", "jfif", "png", "bmp", "gif", "tif", "tiff", "webp", "pbm", "pgm", "ppm",
    "pnm", "pam", "heic", "heif", "avif", "jxl", "jp2",
];

/// What a file is to be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A picture.
    Picture,
    /// A video.
    Video,
}

impl Kind {
    /// By its content, and where that is not known by its name: what looks like nothing is tried as a
    /// video, which more programs know about.
    ///
    /// # Errors
    /// [`InputError::Neither`] of what is something else, and where it cannot be read.
    pub fn of(file: &Path) -> Result<Self, InputError> {
        let content = Content::of(file).map_err(|source| InputError::Io {
            path: file.to_owned(),
            source,
        })?;
        match content {
            Content::IsoMedia | Content::Video(_) => Ok(Self::Video),
            content if content.is_picture() => Ok(Self::Picture),
            Content::Other(kind) => Err(InputError::Neither {
                path: file.to_owned(),
                kind,
            }),
            Content::Unknown if ends_in(file, &PICTURES) => Ok(Self::Picture),
            Content::Unknown => Ok(Self::Video),
        }
    }
}

/// Whether a file is a picture by its first bytes.
pub(crate) fn is_picture(file: &Path) -> bool {
    Content::of(file).is_ok_and(Content::is_picture)
}

/// Whether a file is called a picture or a video.
pub(crate) fn is_called_one(file: &Path) -> bool {
    ends_in(file, &PICTURES) || ends_in(file, video::ENDINGS)
}

fn ends_in(file: &Path, endings: &[&str]) -> bool {
    let ending = file.extension().unwrap_or_default();
    let ending = ending.to_string_lossy().to_lowercase();
    endings.contains(&ending.as_str())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn names_count_where_the_content_says_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let kind = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            Kind::of(&path).map_err(|error| error.to_string())
        };
        assert_eq!(kind("a.mp4", b"GIF89a"), Ok(Kind::Picture));
        assert_eq!(kind("a.jpg", b"RIFF\0\0\0\0AVI LIST"), Ok(Kind::Video));
        assert_eq!(
            kind("P2.pgm", b"P2\n2 2\n255\n0 0 0 0\n"),
            Ok(Kind::Picture)
        );
        assert_eq!(kind("b.JPG", &[1, 2, 3, 254]), Ok(Kind::Picture));
        assert_eq!(kind("b", &[1, 2, 3, 254]), Ok(Kind::Video));
        for (name, bytes, word) in [("c.jpg", &b""[..], "an empty file"), ("c", b"abc", "text")] {
            let said = kind(name, bytes).unwrap_err();
            assert!(said.contains(word) && said.contains(name), "{said}");
        }
    }
}
