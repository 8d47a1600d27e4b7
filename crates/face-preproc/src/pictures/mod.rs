//! Pictures from files, whatever the file holds, and pictures to files, whole or not at all.
//!
//! The format is told by the content, never by the file's name. JPEG is decoded by `zune-jpeg` in
//! its strict mode, the rest by `image`. Every size is checked against [`Limits`] before memory is
//! taken.

mod error;
mod exif;
mod jpeg;
mod kinds;
mod limits;
mod read;
mod write;

use image::{ImageBuffer, Luma};

pub use error::PictureError;
pub use limits::Limits;
pub use read::{decode_mask, decode_rgb, read_mask, read_rgb};
pub use write::{
    encode_jpeg, encode_mask, encode_png, write_atomically, write_jpeg, write_mask, write_png,
};

/// A soft mask, row-major H x W: 0 is pristine, 1 is forged.
pub type Mask = ImageBuffer<Luma<f32>, Vec<f32>>;
