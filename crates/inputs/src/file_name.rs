//! Paths in JSON and on a screen, whatever bytes they have.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A path in JSON: its text, and, where that does not say it all, its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileName {
    /// As text; what is no Unicode stands as U+FFFD.
    pub file: String,
    /// Its bytes, where it is not Unicode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_bytes: Option<Vec<u8>>,
}

impl From<&Path> for FileName {
    fn from(path: &Path) -> Self {
        Self {
            file: path.to_string_lossy().into_owned(),
            file_bytes: match path.to_str() {
                Some(_) => None,
                None => Some(path.as_os_str().as_encoded_bytes().to_vec()),
            },
        }
    }
}

impl FileName {
    /// The path.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match &self.file_bytes {
            None => PathBuf::from(&self.file),
            Some(bytes) => of_bytes(bytes, &self.file),
        }
    }
}

#[cfg(unix)]
fn of_bytes(bytes: &[u8], _text: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    std::ffi::OsString::from_vec(bytes.to_vec()).into()
}

/// Elsewhere bytes are no names.
#[cfg(not(unix))]
fn of_bytes(_bytes: &[u8], text: &str) -> PathBuf {
    PathBuf::from(text)
}

/// A path for a person, in one line: a name's line breaks and other control characters are escaped.
#[must_use]
pub fn shown(path: &Path) -> String {
    let mut shown = String::new();
    for character in path.to_string_lossy().chars() {
        match character.is_control() {
            true => shown.extend(character.escape_default()),
            false => shown.push(character),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_unicode_comes_back() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        let latin = Path::new(OsStr::from_bytes(b"caf\xe9.jpg"));
        for path in [latin, Path::new("a/b.jpg")] {
            let json = serde_json::to_string(&FileName::from(path)).unwrap();
            let read: FileName = serde_json::from_str(&json).unwrap();
            assert_eq!(read.path(), path, "{json}");
        }
    }

    #[test]
    fn a_name_stays_in_its_line() {
        assert_eq!(
            shown(Path::new("a\nFORGED \u{1b}[2J.jpg")),
            "a\\nFORGED \\u{1b}[2J.jpg"
        );
    }
}
