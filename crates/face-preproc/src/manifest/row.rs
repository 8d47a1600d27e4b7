//! One row of a manifest.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::error::RowError;
use super::paths;
use crate::geometry::{Landmarks68, all_finite};

/// Real or forged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Label {
    /// A picture of a face as the camera took it: 0.
    #[default]
    Real,
    /// A face that was replaced or altered: 1.
    Forged,
}

impl Label {
    /// 0 for real, 1 for forged.
    pub fn as_index(self) -> u8 {
        self as u8
    }

    /// Whether this is [`Label::Forged`].
    pub fn is_forged(self) -> bool {
        self == Self::Forged
    }
}

/// A part of a data set: what is learned from, what chooses, and what judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Split {
    /// For training.
    Train,
    /// For choosing the checkpoint and the threshold.
    Val,
    /// For the final figures only.
    Test,
}

impl Split {
    /// `"train"`, `"val"` or `"test"`, as manifests have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Val => "val",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One row of a manifest: a picture and what is known of it, defaults filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The picture, relative to [`Manifest::root`](super::Manifest::root), with `/`.
    pub file: String,
    /// Real or forged.
    pub label: Label,
    /// The data set's name.
    pub dataset: String,
    /// What forged the picture; `"real"` where nothing did.
    pub method: String,
    /// The clip that this is a frame of. Unique only together with `dataset` and `method`.
    pub video: String,
    /// The frame's index in the clip.
    pub frame: Option<u64>,
    /// The person. For forgeries, the person of the target picture.
    pub identity: String,
    /// The landmarks, in pixels of the picture.
    pub landmarks68: Option<Landmarks68>,
    /// The mask of what is forged, relative like `file`.
    pub mask: Option<String>,
    /// The part the manifest puts this row in.
    pub split: Option<Split>,
    /// Every other key, as it stands in the manifest.
    pub extra: Map<String, Value>,
}

impl Row {
    /// A real picture of which nothing else is known: its own video and its own identity.
    pub fn new(file: impl Into<String>) -> Self {
        let file = file.into();
        Self {
            label: Label::Real,
            dataset: "unnamed".into(),
            method: "real".into(),
            video: file.clone(),
            frame: None,
            identity: file.clone(),
            landmarks68: None,
            mask: None,
            split: None,
            extra: Map::new(),
            file,
        }
    }

    /// The row as one line of JSON, keys in alphabetical order.
    ///
    /// # Errors
    ///
    /// [`RowError`]: a row made in code may hold paths and numbers that no manifest may.
    pub fn to_json(&self) -> Result<String, RowError> {
        let mut map = self.extra.clone();
        map.insert("file".into(), json!(paths::relative("file", &self.file)?));
        map.insert("label".into(), json!(self.label.as_index()));
        for (key, value) in [
            ("dataset", &self.dataset),
            ("method", &self.method),
            ("video", &self.video),
            ("identity", &self.identity),
        ] {
            map.insert(key.into(), json!(value));
        }
        if let Some(frame) = self.frame {
            map.insert("frame".into(), json!(frame));
        }
        if let Some(landmarks) = &self.landmarks68 {
            if !all_finite(landmarks) {
                return Err(RowError::new(
                    "landmarks68",
                    "68 pairs of finite numbers",
                    "NaN",
                ));
            }
            // In the fewest digits that give the same number again, not in those of an `f64`.
            let shortest = |c: f32| c.to_string().parse::<f64>().unwrap_or(c.into());
            let points: Vec<_> = landmarks.iter().map(|point| point.map(shortest)).collect();
            map.insert("landmarks68".into(), json!(points));
        }
        if let Some(mask) = &self.mask {
            map.insert("mask".into(), json!(paths::relative("mask", mask)?));
        }
        if let Some(split) = self.split {
            map.insert("split".into(), json!(split.as_str()));
        }
        Ok(Value::Object(map).to_string())
    }
}
