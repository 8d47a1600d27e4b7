//! Miniature trees of rendered clips.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;

use data_check::{Check, CheckConfig, CheckOptions, FaultKind, check};
use fixtures::clips::{ClipSet, ClipsConfig, write_clips};
use image::RgbImage;
use video::{Encoding, Mp4Writer, Quality};

/// Folders of the tree.
pub(crate) const REALS: &str = "original_sequences/youtube/c23/videos";
pub(crate) const FORGED: &str = "manipulated_sequences/Deepfakes/c23/videos";
pub(crate) const MASKS: &str = "manipulated_sequences/Deepfakes/masks/videos";

/// A folder to plant faults in.
pub(crate) struct Tree(tempfile::TempDir);

impl Tree {
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// As FaceForensics++ is laid out: two people to train with and two to test with, each one clip and
    /// forgeries of four methods with their masks.
    pub(crate) fn clips() -> Self {
        static RENDERED: OnceLock<tempfile::TempDir> = OnceLock::new();
        let rendered = RENDERED.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            write_clips(folder.path(), &ClipsConfig::tiny(), &mut |_, _| ()).unwrap();
            folder
        });
        let tree = Self::empty();
        copy(rendered.path(), tree.path());
        tree
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Encodes pictures as a video.
    pub(crate) fn film(&self, path: &str, pictures: &[RgbImage], quality: Quality) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let (width, height) = pictures[0].dimensions();
        let file = BufWriter::new(File::create(path).unwrap());
        let mut writer = Mp4Writer::new(file, &Encoding::new(width, height, quality)).unwrap();
        for picture in pictures {
            writer.push(picture).unwrap();
        }
        writer.finish().unwrap();
    }

    /// The two names of the first pair of a part.
    pub(crate) fn pair(&self, part: &str) -> [String; 2] {
        let text = fs::read(self.at(&format!("{part}.json"))).unwrap();
        let pairs: Vec<[String; 2]> = serde_json::from_slice(&text).unwrap();
        pairs[0].clone()
    }

    pub(crate) fn check(&self) -> Check {
        self.check_by(2)
    }

    pub(crate) fn check_by(&self, workers: usize) -> Check {
        let options = CheckOptions {
            root: self.path(),
            layout: None,
            config: &CheckConfig::default(),
            workers,
            stop: &AtomicBool::new(false),
        };
        check(&options, &|_| ()).unwrap()
    }
}

/// The frames of a person's real clip of the tree, before compression.
pub(crate) fn frames(name: &str) -> Vec<RgbImage> {
    let set = ClipSet::new(ClipsConfig::tiny()).unwrap();
    set.real(name.parse().unwrap()).unwrap().frames
}

/// The faults, all of one kind: paths, and what is said.
pub(crate) fn only(check: &Check, kind: FaultKind) -> Vec<(String, String)> {
    let others: Vec<_> = check.faults.iter().filter(|f| f.kind != kind).collect();
    assert!(others.is_empty(), "{others:#?}");
    let faults = check.of(kind).map(|f| (f.path.clone(), f.what.clone()));
    faults.collect()
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}
