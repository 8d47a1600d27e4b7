//! Where what shows an answer is, and how a page gets at it.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// All that a part of an address does not hold as it is.
const PART: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// The same of a path.
const PATH: &AsciiSet = &PART.remove(b'/');

/// Where what shows an answer is, and how a page gets at it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The folder of its files.
    pub folder: &'a Path,
    /// What the names of its files begin with.
    pub name: &'a str,
    /// How a page gets at them.
    pub link: Link<'a>,
}

/// How a page gets at files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link<'a> {
    /// By an address that begins so, and ends with the file's name; empty where they lie beside the page.
    At(&'a str),
    /// It has them in itself.
    Inside,
}

impl Place<'_> {
    /// What stands at a picture's `src`; nothing where there is no such picture.
    pub(crate) fn picture(&self, name: &str) -> Option<String> {
        if Path::new(name).file_name()? != name {
            return None;
        }
        let kind = match name.rsplit_once('.')? {
            (_, "png") => "png",
            (_, "jpg") => "jpeg",
            _ => return None,
        };
        let path = self.folder.join(name);
        match self.link {
            Link::At(_) => path.is_file().then(|| self.address(name)).flatten(),
            Link::Inside => {
                let bytes = fs::read(path).ok()?;
                Some(format!(
                    "data:image/{kind};base64,{}",
                    STANDARD.encode(bytes)
                ))
            }
        }
    }

    /// The address of the table of a film's scores; nothing where there is none, or no link to it.
    pub(crate) fn table(&self) -> Option<String> {
        let name = format!("{}.csv", self.name);
        let there = self.folder.join(&name).is_file();
        there.then(|| self.address(&name)).flatten()
    }

    fn address(&self, name: &str) -> Option<String> {
        match self.link {
            Link::At(begin) => Some(format!("{begin}{}", percent_encode(name.as_bytes(), PART))),
            Link::Inside => None,
        }
    }
}

/// The address of a file of this machine, whatever bytes its name has; nothing where there is no current
/// directory that it could start from.
#[must_use]
pub fn file_address(path: &Path) -> Option<String> {
    let path = std::path::absolute(path).ok()?;
    let bytes = path.as_os_str().as_encoded_bytes();
    Some(match cfg!(windows) {
        true => {
            let path = path.to_string_lossy().replace('\\', "/");
            format!("file:///{}", percent_encode(path.as_bytes(), PATH))
        }
        false => format!("file://{}", percent_encode(bytes, PATH)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_picture_is_taken_from_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("answers");
        fs::create_dir(&inside).unwrap();
        fs::write(folder.path().join("secret.png"), "x").unwrap();
        fs::write(inside.join("face.png"), "x").unwrap();
        for link in [Link::At("/cases/1/"), Link::At(""), Link::Inside] {
            let place = Place {
                folder: &inside,
                name: "face",
                link,
            };
            assert!(place.picture("face.png").is_some());
            for name in [
                "../secret.png",
                "/etc/passwd.png",
                "absent.png",
                "face",
                "..",
            ] {
                assert_eq!(place.picture(name), None, "{name}");
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn addresses_hold_every_name() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        let folder = tempfile::tempdir().unwrap();
        let name = "100%25 #1? a&b";
        fs::write(folder.path().join(format!("{name}.csv")), "x").unwrap();
        let place = Place {
            folder: folder.path(),
            name,
            link: Link::At(""),
        };
        assert_eq!(
            place.table().as_deref(),
            Some("100%2525%20%231%3F%20a%26b.csv")
        );
        let latin = Path::new(OsStr::from_bytes(b"/films/caf\xe9 #1.mp4"));
        assert_eq!(
            file_address(latin).as_deref(),
            Some("file:///films/caf%E9%20%231.mp4")
        );
    }
}
