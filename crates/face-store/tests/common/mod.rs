//! A small store whose content is a function of the clips' numbers.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use face_preproc::manifest::{Label, Row, Split};
use face_preproc::pictures::Mask;
use face_store::{Encoding, Face, Finished, Settings, Share, Writer};
use image::{Luma, Rgb, RgbImage};
use serde_json::json;

pub(crate) fn plan(clips: usize) -> Vec<String> {
    (0..clips)
        .map(|clip| format!("videos/{clip:03}.mp4"))
        .collect()
}

pub(crate) fn settings(clips_per_shard: u32) -> Settings {
    Settings {
        clips_per_shard,
        made_with: json!({"size": 256, "method": "box"}),
    }
}

/// Clip 5 has no face; clips 3 and 9 are broken, the latter after its first crop.
pub(crate) fn finished(clip: usize) -> Finished {
    let faces = match clip {
        3 | 5 => 0,
        9 => 1,
        _ => 1 + clip % 3,
    };
    Finished {
        faces: (0..faces).map(|i| face(clip, i)).collect(),
        error: matches!(clip, 3 | 9).then(|| format!("clip {clip} is \"broken\",\nsomewhat")),
    }
}

fn face(clip: usize, i: usize) -> Face {
    let mut row = Row::new("anything");
    row.video = format!("{clip:03}");
    row.frame = Some(10 * i as u64);
    row.landmarks68 = Some([[i as f32 + 0.5, 7.25]; 68]);
    row.extra.insert("track".into(), json!(i));
    row.split = Some(if clip.is_multiple_of(4) {
        Split::Test
    } else {
        Split::Train
    });
    let forged = clip % 2 == 1;
    if forged {
        row.label = Label::Forged;
        row.method = "swap".into();
    }
    let picture = RgbImage::from_fn(20, 16, |x, y| Rgb([clip as u8, i as u8, (x * y) as u8]));
    let mask = Mask::from_pixel(20, 16, Luma([1.0]));
    Face::encode(row, &picture, forged.then_some(&mask), Encoding::Png).unwrap()
}

/// Which clip and which of its crops a row is of.
pub(crate) fn numbers_of(row: &Row) -> (usize, usize) {
    (row.video.parse().unwrap(), row.frame.unwrap() as usize / 10)
}

/// A folder for a store.
pub(crate) struct Made(tempfile::TempDir);

impl Made {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn whole(clips: usize, clips_per_shard: u32) -> Self {
        let made = Self::new();
        made.fill(clips, clips_per_shard);
        made
    }

    pub(crate) fn fill(&self, clips: usize, clips_per_shard: u32) {
        let writer = self.writer(clips, clips_per_shard, Share::ALL);
        for clip in writer.pending() {
            writer.put(clip, &finished(clip)).unwrap();
        }
        assert!(writer.finish().unwrap().is_complete());
    }

    pub(crate) fn writer(&self, clips: usize, clips_per_shard: u32, share: Share) -> Writer {
        Writer::open(self.path(), plan(clips), &settings(clips_per_shard), share).unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Every file below a folder by its relative path.
pub(crate) fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut pending = vec![dir.to_path_buf()];
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                assert_ne!(path.file_name().unwrap(), ".parts", "left behind");
                pending.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_str().unwrap();
                files.insert(name.replace('\\', "/"), fs::read(&path).unwrap());
            }
        }
    }
    files
}
