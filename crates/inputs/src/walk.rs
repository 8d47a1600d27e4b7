//! Folders: what is in them, and where links lead.

use std::{
    collections::BTreeSet,
    fs::{self, DirEntry},
    io,
    path::{Path, PathBuf},
};

use video::Content;

use crate::{InputError, Listing, PassedOver, kind::is_called_one};

/// Lists the pictures and videos of a folder.
pub(crate) fn walk(root: &Path, recursive: bool, listing: &mut Listing) {
    let mut walk = Walk {
        recursive,
        home: whole(root),
        entered: BTreeSet::from([whole(root)]),
        folders: vec![root.to_owned()],
        links: Vec::new(),
        found: Listing::default(),
    };
    walk.all();
    let Listing {
        mut inputs,
        passed_over,
    } = walk.found;
    inputs.sort_unstable_by(|a, b| a.file.cmp(&b.file));
    if inputs.is_empty() {
        let path = root.to_owned();
        listing.push(path.clone(), Err(InputError::Empty { path }));
    }
    listing.inputs.append(&mut inputs);
    listing.passed_over.extend(passed_over);
}

struct Walk {
    recursive: bool,
    /// Where it began, without links, as all of `entered`.
    home: PathBuf,
    entered: BTreeSet<PathBuf>,
    /// To be looked into.
    folders: Vec<PathBuf>,
    /// Links to folders: followed last, so that a folder is known by its own name.
    links: Vec<PathBuf>,
    found: Listing,
}

impl Walk {
    fn all(&mut self) {
        loop {
            while let Some(folder) = self.folders.pop() {
                if let Err(source) = self.folder(&folder) {
                    self.unreadable(folder, source);
                }
            }
            let Some(link) = self.links.pop() else {
                return;
            };
            let place = whole(&link);
            // A link to where the walk began, or above it, leads back.
            if self.home.starts_with(&place) || !self.entered.insert(place) {
                self.found.passed_over.push(PassedOver::CIRCLE, link);
            } else {
                self.folders.push(link);
            }
        }
    }

    fn folder(&mut self, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                self.found.passed_over.push(PassedOver::HIDDEN, path);
                continue;
            }
            if let Err(source) = self.entry(&entry, &path) {
                self.unreadable(path, source);
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry, path: &Path) -> io::Result<()> {
        let passed_over = &mut self.found.passed_over;
        if fs::metadata(path)?.is_dir() {
            match (self.recursive, entry.file_type()?.is_symlink()) {
                (false, _) => passed_over.push(PassedOver::FOLDER, path.to_owned()),
                (true, true) => self.links.push(path.to_owned()),
                // By a link that was followed before, it may have been entered.
                (true, false) if !self.entered.insert(whole(path)) => {
                    passed_over.push(PassedOver::CIRCLE, path.to_owned());
                }
                (true, false) => self.folders.push(path.to_owned()),
            }
            return Ok(());
        }
        match Content::of(path)? {
            content if content.is_video() || content.is_picture() || is_called_one(path) => {
                self.found.push(path.to_owned(), Ok(None));
            }
            Content::Other(kind) => passed_over.push(kind, path.to_owned()),
            _ => passed_over.push("of no known kind", path.to_owned()),
        }
        Ok(())
    }

    fn unreadable(&mut self, path: PathBuf, source: io::Error) {
        let error = InputError::Io {
            path: path.clone(),
            source,
        };
        self.found.push(path, Err(error));
    }
}

/// Without links; as it is where the file system does not tell.
fn whole(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::list;

    const GIF: &[u8] = b"GIF89a";

    fn names(listing: &Listing, root: &Path) -> Vec<PathBuf> {
        let files = listing.inputs.iter().map(|input| &input.file);
        files
            .map(|file| file.strip_prefix(root).unwrap().to_owned())
            .collect()
    }

    #[test]
    fn pictures_and_videos_are_there_and_the_rest_has_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("sub/deeper")).unwrap();
        for (name, bytes) in [
            ("b.gif", GIF),
            ("a", b"\x1a\x45\xdf\xa3\x01\0\0\0"),
            ("zeros.jpg", &[0; 9]),
            ("list.txt", b"abc"),
            (".hidden.gif", GIF),
            ("what", &[1, 2, 254]),
            ("sub/deeper/c.gif", GIF),
        ] {
            fs::write(root.join(name), bytes).unwrap();
        }
        let flat = list(&[root.to_owned()], false);
        assert_eq!(
            names(&flat, root),
            ["a", "b.gif", "zeros.jpg"].map(PathBuf::from)
        );
        assert_eq!(flat.passed_over.count(), 4);
        let said = flat.passed_over.to_string();
        for (why, name) in [
            ("text", "list.txt"),
            (PassedOver::HIDDEN, ".hidden.gif"),
            (PassedOver::FOLDER, "sub"),
            ("of no known kind", "what"),
        ] {
            assert_eq!(flat.passed_over.of(why), [root.join(name)]);
            assert!(said.contains(&format!("{why}: 1 (")), "{said}");
        }
        let deep = list(&[root.to_owned()], true);
        assert!(names(&deep, root).contains(&"sub/deeper/c.gif".into()));
        assert!(deep.passed_over.of(PassedOver::FOLDER).is_empty());
        let none = list(&[root.join("sub")], false);
        let error = none.inputs[0].landmarks.as_ref().unwrap_err().to_string();
        assert!(error.contains("no pictures or videos"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_circles_are_noticed() {
        use std::os::unix::fs::symlink;
        let ground = tempfile::tempdir().unwrap();
        let root = ground.path().join("root");
        let other = ground.path().join("other");
        fs::create_dir_all(root.join("own")).unwrap();
        fs::create_dir_all(&other).unwrap();
        fs::write(root.join("own/a.gif"), GIF).unwrap();
        fs::write(other.join("b.gif"), GIF).unwrap();
        symlink("..", root.join("up")).unwrap();
        symlink(".", root.join("own/here")).unwrap();
        symlink("../../root", root.join("own/root")).unwrap();
        symlink("own", root.join("again")).unwrap();
        for name in ["first", "second"] {
            symlink(&other, root.join(name)).unwrap();
        }
        symlink("own/a.gif", root.join("c.gif")).unwrap();
        symlink("nowhere", root.join("broken.gif")).unwrap();
        let listing = list(std::slice::from_ref(&root), true);
        let found = names(&listing, &root);
        let of_other = found.iter().filter(|file| file.ends_with("b.gif")).count();
        assert_eq!(of_other, 1, "{found:?}");
        let mut own: Vec<_> = found
            .iter()
            .filter(|file| !file.ends_with("b.gif"))
            .collect();
        own.sort();
        assert_eq!(own, ["broken.gif", "c.gif", "own/a.gif"].map(Path::new));
        let circles = listing.passed_over.of(PassedOver::CIRCLE).len();
        assert_eq!(circles, 5, "{}", listing.passed_over);
        let broken = listing.inputs.iter().find(|i| i.landmarks.is_err());
        assert!(broken.unwrap().file.ends_with("broken.gif"));
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_unicode_is_a_name() {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        let folder = tempfile::tempdir().unwrap();
        let latin = folder.path().join(OsStr::from_bytes(b"caf\xe9.gif"));
        // Some file systems have no such names.
        if fs::write(&latin, GIF).is_ok() {
            let listing = list(&[folder.path().to_owned()], false);
            assert_eq!(listing.inputs[0].file, latin);
            assert!(listing.inputs[0].landmarks.is_ok());
        }
    }
}
