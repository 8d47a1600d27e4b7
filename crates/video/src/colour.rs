//! From planes of brightness and colour to upright RGB pictures, and back.

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use rusty_h264::YuvFrame;
use yuv::{
    BufferStoreMut, YuvConversionMode, YuvPlanarImage, YuvPlanarImageMut, YuvRange,
    YuvStandardMatrix, rgb_to_yuv420, yuv420_to_rgb, yuv444_to_rgb,
};

use crate::VideoError;

/// What a file says about its colours; `None` where it does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ColourDescription {
    /// `matrix_coefficients` of ITU-T H.273 table 4; 2 means that it does not say.
    pub(crate) matrix: Option<u8>,
    /// Brightness from 0 to 255, not 16 to 235.
    pub(crate) full_range: Option<bool>,
}

impl ColourDescription {
    /// Reads the payload of a `colr` box: `nclx` (ISO/IEC 14496-12 section 12.1.5) or QuickTime's
    /// `nclc`. Colour profiles say nothing here.
    pub(crate) fn from_colr(payload: &[u8]) -> Self {
        let Some((kind, values)) = payload.split_at_checked(4) else {
            return Self::default();
        };
        let matrix = values.get(5).copied();
        match kind {
            b"nclx" => Self {
                matrix,
                full_range: values.get(6).map(|flags| flags & 0x80 != 0),
            },
            b"nclc" => Self {
                matrix,
                full_range: None,
            },
            _ => Self::default(),
        }
    }

    /// This description, with `other` where it is silent.
    pub(crate) fn or(self, other: Self) -> Self {
        Self {
            matrix: self.matrix.filter(|&m| m != 2).or(other.matrix),
            full_range: self.full_range.or(other.full_range),
        }
    }
}

/// How numbers become colours.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Colours {
    matrix: YuvStandardMatrix,
    range: YuvRange,
}

impl Colours {
    /// What [`Mp4Writer`](crate::Mp4Writer) writes: BT.601, limited range.
    pub(crate) const WRITTEN: Self = Self {
        matrix: YuvStandardMatrix::Bt601,
        range: YuvRange::Limited,
    };

    /// `colr` box that says [`WRITTEN`](Self::WRITTEN).
    pub(crate) const WRITTEN_COLR: [u8; 11] = *b"nclx\0\x06\0\x06\0\x06\0";

    /// Where the file does not say, range is limited, and the matrix BT.709 for pictures of 1280
    /// pixels across or more than 576 down (before rotation), BT.601 for smaller ones.
    ///
    /// # Errors
    ///
    /// A matrix that is not known here, in words.
    pub(crate) fn new(
        described: ColourDescription,
        width: u32,
        height: u32,
    ) -> Result<Self, String> {
        let by_size = match is_large(width, height) {
            true => YuvStandardMatrix::Bt709,
            false => YuvStandardMatrix::Bt601,
        };
        let matrix = match described.matrix {
            None | Some(2 | 3) => by_size,
            Some(1) => YuvStandardMatrix::Bt709,
            Some(4) => YuvStandardMatrix::Fcc,
            Some(5 | 6) => YuvStandardMatrix::Bt601,
            Some(7) => YuvStandardMatrix::Smpte240,
            Some(9 | 10) => YuvStandardMatrix::Bt2020,
            Some(other) => return Err(format!("colour matrix {other} of H.273")),
        };
        let range = match described.full_range {
            Some(true) => YuvRange::Full,
            _ => YuvRange::Limited,
        };
        Ok(Self { matrix, range })
    }

    /// The RGB picture of a decoded frame, each colour sample standing for its 2x2 pixels.
    pub(crate) fn to_rgb(self, frame: &YuvFrame) -> Result<RgbImage, VideoError> {
        let (width, height) = (frame.width as u32, frame.height as u32);
        let planes = YuvPlanarImage {
            y_plane: &frame.y,
            y_stride: width,
            u_plane: &frame.u,
            u_stride: width / 2,
            v_plane: &frame.v,
            v_stride: width / 2,
            width,
            height,
        };
        let mut picture = RgbImage::new(width, height);
        yuv420_to_rgb(&planes, &mut picture, 3 * width, self.range, self.matrix)
            .map_err(|e| VideoError::Picture(e.to_string()))?;
        Ok(picture)
    }

    /// The RGB picture of three planes in full size, one behind the other in the bytes of `planes`.
    pub(crate) fn full_to_rgb(self, planes: &RgbImage) -> Result<RgbImage, VideoError> {
        let (width, height) = planes.dimensions();
        let plane = (width * height) as usize;
        let (y_plane, colours) = planes.split_at(plane);
        let (u_plane, v_plane) = colours.split_at(plane);
        let planes = YuvPlanarImage {
            y_plane,
            y_stride: width,
            u_plane,
            u_stride: width,
            v_plane,
            v_stride: width,
            width,
            height,
        };
        let mut picture = RgbImage::new(width, height);
        yuv444_to_rgb(&planes, &mut picture, 3 * width, self.range, self.matrix)
            .map_err(|e| VideoError::Picture(e.to_string()))?;
        Ok(picture)
    }

    /// The planes of a picture of even width and height, colours averaged over 2x2 pixels.
    pub(crate) fn to_planes(
        self,
        picture: &RgbImage,
        frame: &mut YuvFrame,
    ) -> Result<(), VideoError> {
        let (width, height) = picture.dimensions();
        let mut planes = YuvPlanarImageMut {
            y_plane: BufferStoreMut::Borrowed(&mut frame.y),
            y_stride: width,
            u_plane: BufferStoreMut::Borrowed(&mut frame.u),
            u_stride: width / 2,
            v_plane: BufferStoreMut::Borrowed(&mut frame.v),
            v_stride: width / 2,
            width,
            height,
        };
        rgb_to_yuv420(
            &mut planes,
            picture,
            3 * width,
            self.range,
            self.matrix,
            YuvConversionMode::Balanced,
        )
        .map_err(|e| VideoError::Picture(e.to_string()))
    }
}

/// Whether pictures of this size, before they are turned, are taken as BT.709's where nothing is said.
pub(crate) fn is_large(width: u32, height: u32) -> bool {
    width >= 1280 || height > 576
}

/// The turn or flip that the matrix of a track header asks for (ISO/IEC 14496-12 section 6.2.2):
/// (x, y) goes to (a x + c y, b x + d y), with a, b, c, d at places 0, 1, 3, 4. Anything but turns
/// by quarters and flips is passed over.
pub(crate) fn orientation(matrix: [i32; 9]) -> Orientation {
    match [matrix[0], matrix[1], matrix[3], matrix[4]].map(i32::signum) {
        [0, 1, -1, 0] => Orientation::Rotate90,
        [-1, 0, 0, -1] => Orientation::Rotate180,
        [0, -1, 1, 0] => Orientation::Rotate270,
        [-1, 0, 0, 1] => Orientation::FlipHorizontal,
        [1, 0, 0, -1] => Orientation::FlipVertical,
        [0, 1, 1, 0] => Orientation::Rotate90FlipH,
        [0, -1, -1, 0] => Orientation::Rotate270FlipH,
        _ => Orientation::NoTransforms,
    }
}

/// The turn of a track's matrix, then that of the whole film (`mvhd`): a point is a row times the
/// matrix, so the matrices are multiplied in this order. Places 0, 1, 3, 4 alone are of use afterwards.
pub(crate) fn together(track: [i32; 9], movie: [i32; 9]) -> [i32; 9] {
    let mut both = track;
    for (row, column) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let sum: i64 = (0..2)
            .map(|k| i64::from(track[3 * row + k]) * i64::from(movie[3 * k + column]))
            .sum();
        // 16.16 times 16.16.
        let value = (sum >> 16).clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        both[3 * row + column] = value as i32;
    }
    both
}

/// Whether width and height change places.
pub(crate) fn swaps_sides(orientation: Orientation) -> bool {
    matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    )
}

/// The picture as it is to be seen.
pub(crate) fn upright(picture: RgbImage, orientation: Orientation) -> RgbImage {
    if orientation == Orientation::NoTransforms {
        return picture;
    }
    let mut picture = DynamicImage::ImageRgb8(picture);
    picture.apply_orientation(orientation);
    picture.into_rgb8()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Moves the four corners of a 3x2 picture as the matrix says, against `apply_orientation`.
    #[test]
    fn every_orientation_follows_its_matrix() {
        let picture = RgbImage::from_fn(3, 2, |x, y| image::Rgb([x as u8, y as u8, 7]));
        for [a, b, c, d] in [
            [1, 0, 0, 1],
            [0, 1, -1, 0],
            [-1, 0, 0, -1],
            [0, -1, 1, 0],
            [-1, 0, 0, 1],
            [1, 0, 0, -1],
            [0, 1, 1, 0],
            [0, -1, -1, 0],
        ] {
            let one = 1 << 16;
            let matrix = [a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30];
            let turned = upright(picture.clone(), orientation(matrix));
            assert_eq!(swaps_sides(orientation(matrix)), turned.width() == 2);
            for (x, y, pixel) in picture.enumerate_pixels() {
                let (x, y) = (x as i32, y as i32);
                // A negative coordinate counts from the far side.
                let place = |value: i32, size: u32, negative: bool| match negative {
                    true => (value + size as i32 - 1) as u32,
                    false => value as u32,
                };
                let to_x = place(a * x + c * y, turned.width(), a + c < 0);
                let to_y = place(b * x + d * y, turned.height(), b + d < 0);
                assert_eq!(turned.get_pixel(to_x, to_y), pixel, "{a} {b} {c} {d}");
            }
        }
    }
}
