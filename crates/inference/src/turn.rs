//! Images that lie on their side or stand on their head.

use face_preproc::geometry::Similarity;
use image::{RgbImage, imageops};

/// A turn of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// By a quarter, clockwise.
    Right,
    /// By a quarter, anticlockwise.
    Left,
    /// By a half.
    Over,
}

impl Turn {
    /// All turns, the likeliest first.
    pub(crate) const ALL: [Self; 3] = [Self::Right, Self::Left, Self::Over];

    /// Degrees, clockwise.
    pub(crate) fn degrees(self) -> u16 {
        match self {
            Self::Right => 90,
            Self::Over => 180,
            Self::Left => 270,
        }
    }

    /// The image turned.
    pub(crate) fn of(self, image: &RgbImage) -> RgbImage {
        match self {
            Self::Right => imageops::rotate90(image),
            Self::Left => imageops::rotate270(image),
            Self::Over => imageops::rotate180(image),
        }
    }

    /// From pixels of an image of that size to those of the turned one.
    pub(crate) fn transform(self, (width, height): (u32, u32)) -> Similarity {
        let [right, bottom] = [width, height].map(|side| side as f32 - 1.0);
        let (a, b, tx, ty) = match self {
            Self::Right => (0.0, 1.0, bottom, 0.0),
            Self::Left => (0.0, -1.0, 0.0, right),
            Self::Over => (-1.0, 0.0, right, bottom),
        };
        Similarity { a, b, tx, ty }
    }
}
