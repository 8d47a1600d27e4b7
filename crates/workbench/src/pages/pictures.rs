//! Where a page has its pictures.

use std::{fs, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};

/// Where a page has its pictures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// At the server.
    Linked,
    /// In itself.
    Inside,
}

/// The pictures of a case.
pub(super) struct Pictures<'a> {
    pub folder: &'a Path,
    pub id: i64,
    pub shown: Shown,
}

impl Pictures<'_> {
    /// What stands at an `img`'s `src`; nothing where there is no such picture.
    pub(super) fn source(&self, name: &str) -> Option<String> {
        if Path::new(name).file_name()? != name {
            return None;
        }
        let kind = match name.rsplit_once('.')? {
            (_, "png") => "png",
            (_, "jpg") => "jpeg",
            _ => return None,
        };
        let path = self.folder.join(name);
        match self.shown {
            Shown::Linked => path
                .is_file()
                .then(|| format!("/cases/{}/answer/{name}", self.id)),
            Shown::Inside => {
                let bytes = fs::read(path).ok()?;
                Some(format!(
                    "data:image/{kind};base64,{}",
                    STANDARD.encode(bytes)
                ))
            }
        }
    }
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
        for shown in [Shown::Linked, Shown::Inside] {
            let pictures = Pictures {
                folder: &inside,
                id: 1,
                shown,
            };
            assert!(pictures.source("face.png").is_some());
            for name in [
                "../secret.png",
                "/etc/passwd.png",
                "absent.png",
                "face",
                "..",
            ] {
                assert_eq!(pictures.source(name), None, "{name}");
            }
        }
    }
}
