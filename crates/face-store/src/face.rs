//! What is put into a store.

use std::io;

use face_preproc::manifest::Row;
use face_preproc::pictures::{Mask, encode_jpeg, encode_mask, encode_png};
use image::RgbImage;
use serde::{Deserialize, Serialize};

/// How crops are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "snake_case", deny_unknown_fields)]
pub enum Encoding {
    /// Baseline JPEG with 4:2:0 chroma.
    Jpeg {
        /// 1 (worst) ..= 100.
        quality: u8,
    },
    /// Without loss, about five times as large.
    Png,
}

/// One crop with all that is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    pub(crate) row: Row,
    pub(crate) ending: &'static str,
    pub(crate) picture: Vec<u8>,
    pub(crate) mask: Option<Vec<u8>>,
}

impl Face {
    /// Encodes a crop.
    ///
    /// Of `row` everything is kept but `file` and `mask`, which the store names; its `extra` gets
    /// the key `size`, `[width, height]` in pixels. By convention `extra` also holds `box` (`[x, y,
    /// width, height]` in pixels of the source frame), `score` (the detector's, 0 ..= 1), `track`
    /// (a whole number), `compression` and `source_identity`, where these are known.
    ///
    /// # Errors
    ///
    /// A picture without pixels, or too large for its format.
    pub fn encode(
        mut row: Row,
        picture: &RgbImage,
        mask: Option<&Mask>,
        encoding: Encoding,
    ) -> io::Result<Self> {
        let size = [picture.width(), picture.height()];
        row.extra.insert("size".into(), size.as_slice().into());
        let (ending, picture) = match encoding {
            Encoding::Jpeg { quality } => ("jpg", encode_jpeg(picture, quality)?),
            Encoding::Png => ("png", encode_png(picture)?),
        };
        Ok(Self {
            row,
            ending,
            picture,
            mask: mask.map(encode_mask).transpose()?,
        })
    }
}

/// What came of one clip.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Finished {
    /// The crops, in the order they shall have; none where no face was found.
    pub faces: Vec<Face>,
    /// What was wrong with the clip. A broken clip may have crops all the same, from the frames
    /// before the damage. For the store to be the same wherever it is made, the message must not
    /// name what differs between machines.
    pub error: Option<String>,
}
