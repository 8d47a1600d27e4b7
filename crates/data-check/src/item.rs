//! What is looked at: a data set's clips, or a store's.

use std::collections::BTreeMap;
use std::path::PathBuf;

use datasets::{Clip, Kind};
use face_preproc::manifest::Row;
use face_store::Store;

/// A clip, and where its pictures are.
pub(crate) struct Item {
    pub(crate) clip: Clip,
    pub(crate) pictures: Pictures,
}

/// Where a clip's pictures are.
pub(crate) enum Pictures {
    /// In a file, which may be a video or one picture.
    File(PathBuf),
    /// In several files, in the order of time.
    Files(Vec<PathBuf>),
    /// In an archive, which is not unpacked.
    Archive,
    /// In a store, by number.
    Crops(Vec<usize>),
}

impl Item {
    pub(crate) fn of_clip(root: &std::path::Path, clip: Clip) -> Self {
        let pictures = match &clip.kind {
            Kind::Video | Kind::Picture => Pictures::File(root.join(&clip.path)),
            Kind::Frames(files) => {
                Pictures::Files(files.iter().map(|file| root.join(file)).collect())
            }
            Kind::Archived { .. } => Pictures::Archive,
        };
        Self { clip, pictures }
    }

    /// The clips of a store, each with its crops.
    pub(crate) fn of_store(store: &Store) -> Vec<Self> {
        let mut clips: BTreeMap<(&str, &str, &str), Vec<usize>> = BTreeMap::new();
        for (number, row) in store.rows().iter().enumerate() {
            let key = (&*row.dataset, &*row.method, &*row.video);
            clips.entry(key).or_default().push(number);
        }
        let item = |crops: Vec<usize>| Self {
            clip: clip_of(&store.rows()[crops[0]]),
            pictures: Pictures::Crops(crops),
        };
        clips.into_values().map(item).collect()
    }

    /// What was filmed: a forgery and its original, in all compressions, are of one scene.
    pub(crate) fn scene(&self) -> String {
        let clip = &self.clip;
        let original = clip.original.as_deref();
        let name = original.map_or(&*clip.video, |path| {
            let file = path.rsplit('/').next().unwrap_or(path);
            file.rsplit_once('.').map_or(file, |(stem, _)| stem)
        });
        format!("{}/{name}", clip.dataset)
    }
}

/// What a crop's row says of its clip.
fn clip_of(row: &Row) -> Clip {
    let compression = row.compression().map(str::to_owned);
    let plain = |video: &str| match &compression {
        Some(name) => {
            let rest = video
                .strip_prefix(&**name)
                .and_then(|v| v.strip_prefix('/'));
            rest.unwrap_or(video).to_owned()
        }
        None => video.to_owned(),
    };
    Clip {
        path: row.file.clone(),
        kind: Kind::Picture,
        label: row.label,
        dataset: row.dataset.clone(),
        method: row.method.clone(),
        video: plain(&row.video),
        identity: Some(row.identity.clone()),
        source_identity: row.source_identity(),
        split: row.split,
        mask: row.mask.clone(),
        original: row.original().map(plain),
        annotations: None,
        original_annotations: None,
        compression,
    }
}
