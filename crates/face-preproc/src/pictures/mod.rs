//! Pictures from files, whatever the file holds, and pictures to files, whole or not at all.
//!
//! The format is told by the content, never by the file's name. JPEG is decoded by `zune-jpeg` in
//! its strict mode, the rest by `image`. Every size is checked against [`Limits`] before memory is
//! taken.

mod error;
mod jpeg;
mod read;
mod write;

use image::{ImageBuffer, Luma};

pub use error::PictureError;
pub use read::{decode_mask, decode_rgb, read_mask, read_rgb};
pub use write::{
    encode_jpeg, encode_mask, encode_png, write_atomically, write_jpeg, write_mask, write_png,
};

/// A soft mask, row-major H x W: 0 is pristine, 1 is forged.
pub type Mask = ImageBuffer<Luma<f32>, Vec<f32>>;

/// What a picture may ask of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest width or height, in pixels.
    pub max_side: u32,
    /// The most pixels, width times height.
    pub max_pixels: u64,
    /// The longest file, in bytes.
    pub max_bytes: u64,
}

impl Default for Limits {
    /// 16,384 pixels a side, 100 million pixels, 512 MiB a file: any photograph, no bomb.
    fn default() -> Self {
        Self {
            max_side: 16_384,
            max_pixels: 100_000_000,
            max_bytes: 512 << 20,
        }
    }
}

impl Limits {
    /// Whether a picture of `width` x `height` pixels is within the limits.
    fn allow(&self, width: u32, height: u32) -> bool {
        width.max(height) <= self.max_side
            && u64::from(width) * u64::from(height) <= self.max_pixels
    }
}
