//! A data set's folder while it is listed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::clip::{Clip, stem};
use crate::error::{DatasetError, ListError};

/// What a folder holds of one data set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The clips that are there, by path.
    pub clips: Vec<Clip>,
    /// What should be there and is not, by path; their number is the list's length.
    pub missing: Vec<Missing>,
    /// Clips that are there although the data set's lists do not speak of them, by path. They are
    /// not among [`clips`](Self::clips): nothing tells their label or their part.
    pub unlisted: Vec<String>,
    /// Links that lead in a circle, to a folder that was read already, or from one class into the
    /// other, by path. They were not followed.
    pub circles: Vec<String>,
}

/// A file that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its path, relative to the data set's folder.
    pub path: String,
    /// Why it should be there; of several reasons, one.
    pub why: &'static str,
}

/// What a file that is not there would be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A clip or picture that a list names.
    Clip,
    /// The real clip of a forgery.
    Original,
    /// The mask of a forgery.
    Mask,
    /// A list, as of the official split.
    List,
    /// The folder of a class.
    Class,
}

impl Missing {
    /// What the file would be.
    pub fn what(&self) -> What {
        let says = |word| self.why.contains(word);
        match self.why {
            "the official split" | "the labels" | "the labels of a part" => What::List,
            _ if says("mask") => What::Mask,
            _ if says("the real cl") => What::Original,
            _ if says("one of the") => What::Class,
            _ => What::Clip,
        }
    }
}

/// The longest list that is read, in bytes. The longest published one is below 20 MB.
const LONGEST: u64 = 256 << 20;

pub(crate) const VIDEOS: [&str; 6] = ["mp4", "mov", "m4v", "avi", "mkv", "webm"];
pub(crate) const PICTURES: [&str; 6] = ["png", "jpg", "jpeg", "bmp", "webp", "tiff"];

/// The folder, and what was found in it so far.
pub(crate) struct Tree<'a> {
    root: &'a Path,
    clips: Vec<Clip>,
    /// Why each absent path should be there.
    missing: BTreeMap<String, &'static str>,
    unlisted: Vec<String>,
    circles: Vec<String>,
    /// The videos of each folder that was asked about, by name without ending.
    videos: RefCell<BTreeMap<String, BTreeMap<String, String>>>,
}

impl<'a> Tree<'a> {
    pub(crate) fn new(root: &'a Path) -> Self {
        Self {
            root,
            clips: Vec::new(),
            missing: BTreeMap::new(),
            unlisted: Vec::new(),
            circles: Vec::new(),
            videos: RefCell::default(),
        }
    }

    pub(crate) fn root(&self) -> &'a Path {
        self.root
    }

    pub(crate) fn push(&mut self, clip: Clip) {
        self.clips.push(clip);
    }

    pub(crate) fn unlisted(&mut self, path: String) {
        self.unlisted.push(path);
    }

    pub(crate) fn circle(&mut self, path: String) {
        self.circles.push(path);
    }

    pub(crate) fn missing(&mut self, path: impl Into<String>, why: &'static str) {
        self.missing.entry(path.into()).or_insert(why);
    }

    /// The path, if there is such a file; else it is counted as missing.
    pub(crate) fn need(&mut self, path: String, why: &'static str) -> Option<String> {
        if self.has(&path) {
            return Some(path);
        }
        self.missing(path, why);
        None
    }

    /// The video of this path, or one beside it of the same name with another ending (`000.MP4`,
    /// `000.mov` for `000.mp4`).
    pub(crate) fn video(&self, path: &str) -> Result<Option<String>, DatasetError> {
        if self.has(path) {
            return Ok(Some(path.to_owned()));
        }
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut known = self.videos.borrow_mut();
        if !known.contains_key(folder) {
            let mut by_name = BTreeMap::new();
            for file in self.files(folder, &VIDEOS)? {
                by_name.entry(stem(&file).to_owned()).or_insert(file);
            }
            known.insert(folder.to_owned(), by_name);
        }
        let file = known.get(folder).and_then(|names| names.get(stem(name)));
        Ok(file.map(|file| within(folder, file)))
    }

    /// [`video`](Self::video), or counted as missing.
    pub(crate) fn need_video(
        &mut self,
        path: String,
        why: &'static str,
    ) -> Result<Option<String>, DatasetError> {
        let found = self.video(&path)?;
        if found.is_none() {
            self.missing(path, why);
        }
        Ok(found)
    }

    /// What was found, in order.
    pub(crate) fn finish(mut self) -> Listing {
        let order = |clip: &Clip| match &clip.kind {
            crate::Kind::Archived { folder, .. } => (clip.path.clone(), folder.clone()),
            _ => (clip.path.clone(), String::new()),
        };
        self.clips.sort_by_cached_key(order);
        self.unlisted.sort_unstable();
        self.circles.sort_unstable();
        Listing {
            clips: self.clips,
            missing: self
                .missing
                .into_iter()
                .map(|(path, why)| Missing { path, why })
                .collect(),
            unlisted: self.unlisted,
            circles: self.circles,
        }
    }

    /// Whether there is a file at the path.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.root.join(path).is_file()
    }

    /// Whether there is a folder at the path.
    pub(crate) fn has_folder(&self, path: &str) -> bool {
        self.root.join(path).is_dir()
    }

    /// The names of the folders in a folder, sorted; none where it is absent.
    pub(crate) fn folders(&self, folder: &str) -> Result<Vec<String>, DatasetError> {
        self.names(folder, Path::is_dir)
    }

    /// The names of the files in a folder that end in one of `endings`, sorted; none where the
    /// folder is absent.
    pub(crate) fn files(
        &self,
        folder: &str,
        endings: &[&str],
    ) -> Result<Vec<String>, DatasetError> {
        self.names(folder, |path| {
            let ending = path.extension().and_then(|ending| ending.to_str());
            ending.is_some_and(|e| endings.contains(&e.to_ascii_lowercase().as_str()))
                && path.is_file()
        })
    }

    fn names(
        &self,
        folder: &str,
        keep: impl Fn(&Path) -> bool,
    ) -> Result<Vec<String>, DatasetError> {
        let path = self.root.join(folder);
        if !path.is_dir() {
            return Ok(Vec::new());
        }
        let io = |source| DatasetError::Io {
            path: path.clone(),
            source,
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(&path).map_err(io)? {
            let entry = entry.map_err(io)?.path();
            let name = entry.file_name().and_then(|name| name.to_str());
            // Hidden files are of the file system or of a copy under way.
            if name.is_some_and(|name| name.starts_with('.')) || !keep(&entry) {
                continue;
            }
            match name {
                Some(name) => names.push(name.to_owned()),
                None => return Err(DatasetError::Name { path: entry }),
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// A list's text, or `None` where there is no such file.
    pub(crate) fn text(&self, path: &str) -> Result<Option<String>, DatasetError> {
        if !self.has(path) {
            return Ok(None);
        }
        let path = self.root.join(path);
        let mut text = String::new();
        File::open(&path)
            .and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text))
            .map_err(|source| DatasetError::Io {
                path: path.clone(),
                source,
            })?;
        if text.len() as u64 > LONGEST {
            return Err(DatasetError::TooLarge {
                path,
                limit: LONGEST,
            });
        }
        // Some editors put a byte order mark before UTF-8; it is no part of the text.
        Ok(Some(match text.strip_prefix('\u{feff}') {
            Some(text) => text.to_owned(),
            None => text,
        }))
    }

    /// Names the list in what is wrong with it.
    pub(crate) fn in_list(&self, path: &str) -> impl Fn(ListError) -> DatasetError + use<> {
        let path: PathBuf = self.root.join(path);
        move |source| DatasetError::List {
            path: path.clone(),
            source,
        }
    }
}

/// A file of a folder, as a path; `""` is the root.
pub(crate) fn within(folder: &str, file: &str) -> String {
    match folder {
        "" => file.to_owned(),
        folder => format!("{folder}/{file}"),
    }
}
