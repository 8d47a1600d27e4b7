//! One clip, or one picture, of a data set.

use face_preproc::manifest::known::{COMPRESSION, ORIGINAL, SOURCE_IDENTITY};
use face_preproc::manifest::{Label, Row, Split};

/// What a clip's path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A video file.
    Video,
    /// One picture.
    Picture,
    /// Pictures in the order of time, their paths relative to the data set's folder. The clip's
    /// path is their folder.
    Frames(Vec<String>),
    /// Pictures inside a gzipped tar, which is the clip's path.
    Archived {
        /// The folder in the archive.
        folder: String,
        /// The pictures' paths in the archive, in the order of time.
        frames: Vec<String>,
    },
}

/// One clip, or one picture. Every path is relative to the data set's folder, with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Where it is.
    pub path: String,
    /// What is there.
    pub kind: Kind,
    /// Real or forged.
    pub label: Label,
    /// The data set.
    pub dataset: String,
    /// What forged it; `"real"` where nothing did.
    pub method: String,
    /// `"raw"`, `"c23"` or `"c40"`, where the data set has several.
    pub compression: Option<String>,
    /// Its name, without folders and ending. Unique only in its [`ClipKey`].
    pub video: String,
    /// The person that the face was or is; of a forgery, the target. Prefixed by the data set but
    /// for FaceForensics++'s numbers, so that nobody is taken for somebody else; `None` where the
    /// data set does not tell.
    pub identity: Option<String>,
    /// Of a forgery, the person that the face or the motion was taken from, in the same terms.
    pub source_identity: Option<String>,
    /// The data set's own part; `None` where it has none.
    pub split: Option<Split>,
    /// The clip of the mask of what is forged.
    pub mask: Option<String>,
    /// Of a forgery, the real clip it was made from, frame by frame the same scene.
    pub original: Option<String>,
    /// A file of what is known of each frame, for [`parse_annotations`](crate::parse_annotations).
    pub annotations: Option<String>,
    /// The same of the original.
    pub original_annotations: Option<String>,
}

/// What a clip's scores are grouped by. The name alone is not enough: `000_003` is a clip of five
/// methods in three compressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClipKey<'a> {
    /// The data set.
    pub dataset: &'a str,
    /// What forged it.
    pub method: &'a str,
    /// Its compression.
    pub compression: Option<&'a str>,
    /// Its name.
    pub video: &'a str,
}

impl Clip {
    /// A real video of which nothing else is known.
    pub(crate) fn new(dataset: &str, path: String, video: &str) -> Self {
        Self {
            path,
            kind: Kind::Video,
            label: Label::Real,
            dataset: dataset.into(),
            method: "real".into(),
            compression: None,
            video: video.into(),
            identity: None,
            source_identity: None,
            split: None,
            mask: None,
            original: None,
            annotations: None,
            original_annotations: None,
        }
    }

    /// The same, forged by `method`.
    pub(crate) fn forged(self, method: &str) -> Self {
        Self {
            label: Label::Forged,
            method: method.into(),
            ..self
        }
    }

    /// The path, and in an archive the folder behind it: no two clips of a data set share it.
    pub fn place(&self) -> String {
        match &self.kind {
            Kind::Archived { folder, .. } => format!("{}/{folder}", self.path),
            _ => self.path.clone(),
        }
    }

    /// The paths that the clip and its original would have in another compression (`raw` may be
    /// called `c0`); `None` where there is only one compression, or no original.
    pub fn pair_in(&self, compression: &str) -> Option<[String; 2]> {
        let original = self.original.as_deref()?;
        let own = self.compression.as_deref()?;
        let is_own = |part: &&str| *part == own || own == "raw" && *part == "c0";
        let other = |path: &str| {
            let own = path.split('/').find(is_own)?;
            Some(path.replacen(&format!("/{own}/"), &format!("/{compression}/"), 1))
        };
        Some([other(&self.path)?, other(original)?])
    }

    /// What the clip's scores are grouped by.
    pub fn key(&self) -> ClipKey<'_> {
        ClipKey {
            dataset: &self.dataset,
            method: &self.method,
            compression: self.compression.as_deref(),
            video: &self.video,
        }
    }

    /// A manifest's row with what is known of the clip, for a crop of it. The row's `video` has the
    /// compression in front (`c23/000_003`), because a row's key has none.
    pub fn to_row(&self) -> Row {
        let mut row = Row::new(self.path.clone());
        row.label = self.label;
        row.dataset.clone_from(&self.dataset);
        row.method.clone_from(&self.method);
        row.video = match &self.compression {
            Some(compression) => format!("{compression}/{}", self.video),
            None => self.video.clone(),
        };
        // A person nobody knows is another in each clip.
        let unknown = || format!("{}/{}", self.dataset, self.video);
        row.identity = self.identity.clone().unwrap_or_else(unknown);
        row.split = self.split;
        // In the terms of the original's own row, which is of the same compression.
        let original = self.original.as_deref().map(|path| {
            let video = stem(path.rsplit('/').next().unwrap_or(path));
            match &self.compression {
                Some(compression) => format!("{compression}/{video}"),
                None => video.to_owned(),
            }
        });
        for (key, value) in [
            (COMPRESSION, &self.compression),
            (ORIGINAL, &original),
            (SOURCE_IDENTITY, &self.source_identity),
        ] {
            if let Some(value) = value {
                row.extra.insert(key.into(), value.as_str().into());
            }
        }
        row
    }
}

/// A file's name without its ending.
pub(crate) fn stem(name: &str) -> &str {
    let name = name.rsplit_once('/').map_or(name, |(_, name)| name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}
