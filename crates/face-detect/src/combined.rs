//! The detector that finds faces by default.

use burn::tensor::Device;
use face_preproc::geometry::FaceBox;
use image::{RgbImage, imageops};

use crate::detection::{Detection, FaceDetector, Overlap, suppress};
use crate::error::FaceDetectError;
use crate::mtcnn::{Mtcnn, MtcnnConfig};
use crate::tiny_face::{TinyFaceConfig, TinyFaceDetector};

/// Boxes of the two detectors that overlap more, as [`Overlap::Minimum`], are one face.
const SAME_FACE: f32 = 0.5;

/// The longer side of what [`Mtcnn`] is shown at once, in pixels: at its largest input it finds faces
/// from 31 pixels on in that.
const TILE: u32 = 4096;

/// What neighbouring tiles share, in pixels: faces that are larger are found in the whole picture.
const SHARED: u32 = 512;

/// [`TinyFaceDetector`], and [`Mtcnn`] for the small faces that it misses.
///
/// The first is fast and sees faces that fill a picture, the second sees faces from about 20 pixels on in
/// pictures of any size: a picture longer than 4,096 pixels is looked at in tiles, too.
#[derive(Debug)]
pub struct CombinedDetector {
    tiny: TinyFaceDetector,
    mtcnn: Mtcnn,
}

impl CombinedDetector {
    /// Both detectors with the weights that come with this crate.
    ///
    /// # Errors
    ///
    /// [`FaceDetectError::Shipped`] if the weights were tampered with.
    pub fn shipped(device: &Device) -> Result<Self, FaceDetectError> {
        Ok(Self {
            tiny: TinyFaceDetector::new(TinyFaceConfig::default(), device)?,
            mtcnn: Mtcnn::shipped(MtcnnConfig::default(), device)?,
        })
    }

    /// The faces that the second detector finds in a picture, and in tiles of a large one.
    fn small(&self, picture: &RgbImage) -> Result<Vec<Detection>, FaceDetectError> {
        let mut found = self.mtcnn.detect(picture)?;
        let (width, height) = picture.dimensions();
        if width.max(height) <= TILE {
            return Ok(found);
        }
        for (top, rows) in tiles(height) {
            for (left, columns) in tiles(width) {
                let tile = imageops::crop_imm(picture, left, top, columns, rows).to_image();
                found.extend(
                    self.mtcnn
                        .detect(&tile)?
                        .into_iter()
                        .map(|face| moved(face, [left as f32, top as f32])),
                );
            }
        }
        Ok(suppress(found, Overlap::Minimum, SAME_FACE))
    }
}

/// Begin and length of what a side is divided into, each no longer than a tile.
fn tiles(side: u32) -> Vec<(u32, u32)> {
    if side <= TILE {
        return vec![(0, side)];
    }
    let count = (side - SHARED).div_ceil(TILE - SHARED);
    let step = (side - TILE).div_ceil(count - 1);
    (0..count)
        .map(|tile| ((tile * step).min(side - TILE), TILE))
        .collect()
}

fn moved(face: Detection, [x, y]: [f32; 2]) -> Detection {
    Detection {
        bounds: FaceBox {
            x: face.bounds.x + x,
            y: face.bounds.y + y,
            ..face.bounds
        },
        points: face
            .points
            .map(|points| points.map(|[a, b]| [a + x, b + y])),
        ..face
    }
}

impl FaceDetector for CombinedDetector {
    fn detect_batch(&self, pictures: &[&RgbImage]) -> Result<Vec<Vec<Detection>>, FaceDetectError> {
        let large = self.tiny.detect_batch(pictures)?;
        let found = large.into_iter().zip(pictures).map(|(large, picture)| {
            let mut found = self.small(picture)?;
            for face in large {
                let same = |small: &Detection| {
                    Overlap::Minimum.of(&face.bounds, &small.bounds) > SAME_FACE
                };
                if !found.iter().any(same) {
                    found.push(face);
                }
            }
            Ok(found)
        });
        found.collect()
    }

    fn detect_quickly(&self, picture: &RgbImage) -> Result<Vec<Detection>, FaceDetectError> {
        self.tiny.detect(picture)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_cover_a_side_and_share_enough() {
        for side in [1, 4096, 4097, 7680, 7681, 12_000, 16_000, 65_535] {
            let tiles = tiles(side);
            assert_eq!(tiles[0].0, 0);
            let (last, length) = tiles[tiles.len() - 1];
            assert_eq!(last + length, side);
            for pair in tiles.windows(2) {
                assert!(
                    pair[0].0 + pair[0].1 >= pair[1].0 + SHARED,
                    "{side}: {pair:?}"
                );
            }
        }
    }
}
