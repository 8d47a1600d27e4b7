//! What decides what a store holds.

use datasets::Clip;
use face_preproc::manifest::Split;
use face_store::{Encoding, Settings};
use forgery_masks::MaskSource;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::PrepError;

/// Where the faces of a clip are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaceSource {
    /// In the clip itself.
    #[default]
    Found,
    /// In the real clip that a forgery was made from, where the data set names it, so that both are
    /// cut alike, as forging from pairs needs it; else in the clip. This is for training: clips of the
    /// test part are cut by their own faces, as any detector has to.
    Target,
    /// In the data set's annotations, which also say which frames are forged.
    Annotated,
}

impl FaceSource {
    /// Whether a clip is to be cut where its original's face is.
    pub(crate) fn by_original(self, clip: &Clip) -> bool {
        self == Self::Target && clip.split != Some(Split::Test) && clip.original.is_some()
    }
}

/// What the crops look like. One store serves every model: crops keep the picture's own resolution
/// and a margin that leaves each model's crop inside.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrepConfig {
    /// Places in a clip, spread evenly from its first frame to its last.
    pub frames: usize,
    /// Frames in a row at each place: snippets, for models of motion.
    pub successive: usize,
    /// Where faces are looked for.
    pub faces: FaceSource,
    /// How much wider than the square around the landmarks, as a share of its side.
    pub margin: f32,
    /// Crops with a longer side, in pixels, are scaled down to it.
    pub most_side: u32,
    /// Least longer side of the box around the landmarks, in pixels.
    pub least_face: f32,
    /// How crops are kept.
    pub encoding: Encoding,
    /// How the masks of forgeries are made, where they can be.
    pub mask: MaskSource,
    /// The compression whose clips the masks are made from (`raw`, `c23` or `c40`), where they compare a
    /// forgery with its original: what compression does to both is then no forgery. `None`: the
    /// clip's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub masks_from: Option<String>,
    /// Clips in a shard of the store.
    pub clips_per_shard: u32,
}

impl Default for PrepConfig {
    /// 32 frames (PCL 4.1), a margin of 0.6, at most 512 px, faces of 32 px and more, PNG: a JPEG
    /// would add to the traces that detectors look for.
    fn default() -> Self {
        Self {
            frames: 32,
            successive: 1,
            faces: FaceSource::Found,
            margin: 0.6,
            most_side: 512,
            least_face: 32.0,
            encoding: Encoding::Png,
            mask: MaskSource::dataset(),
            masks_from: None,
            clips_per_shard: 16,
        }
    }
}

impl PrepConfig {
    /// Refuses what makes no crops.
    pub(crate) fn check(&self) -> Result<(), PrepError> {
        let require = |ok: bool, field, expected| {
            ok.then_some(())
                .ok_or(PrepError::Config { field, expected })
        };
        require(self.frames > 0, "frames", "1 or more")?;
        require(self.successive > 0, "successive", "1 or more")?;
        require(
            (0.0..=4.0).contains(&self.margin),
            "margin",
            "a share of the face's side, 0 to 4",
        )?;
        require(
            (16..=4096).contains(&self.most_side),
            "most_side",
            "16 to 4096 pixels",
        )?;
        require(
            self.least_face.is_finite() && self.least_face >= 0.0,
            "least_face",
            "zero or more pixels",
        )?;
        require(
            self.mask.validate().is_ok(),
            "mask",
            "a mask source with numbers in range",
        )?;
        let from = self.masks_from.as_deref();
        require(
            from.is_none_or(|name| ["raw", "c23", "c40"].contains(&name)),
            "masks_from",
            "raw, c23 or c40",
        )?;
        require(
            from.is_none() || self.mask.needs_real(),
            "mask",
            "ssim, dssim or diff where masks_from names a compression",
        )
    }

    /// The store's settings.
    pub(crate) fn settings(&self) -> Settings {
        let mut settings = json!({
            "crops": self,
            "detector": "tiny_face_detector",
            "landmarks": "face_landmark_68",
        });
        // Stores that were begun before these held keep what they are, and are not gone on with.
        if self.faces == FaceSource::Target {
            settings["test_faces"] = json!("found");
        }
        if self.successive > 1 {
            settings["windows"] = json!("one for each snippet");
        }
        Settings {
            clips_per_shard: self.clips_per_shard,
            ..Settings::new(settings)
        }
    }
}
