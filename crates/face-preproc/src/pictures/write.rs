//! Pictures and masks into files, whole or not at all.

use std::fs::{self, File};
use std::io::{self, Cursor, Write};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use image::{DynamicImage, ImageBuffer, ImageFormat, Luma, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::{Mask, PictureError};

/// Writes a picture as PNG, without loss.
///
/// # Errors
///
/// [`PictureError::Io`]; the file's former content, if any, is then untouched.
pub fn write_png(path: impl AsRef<Path>, picture: &RgbImage) -> Result<(), PictureError> {
    finish(path.as_ref(), encode_png(picture))
}

/// Writes a mask as 8-bit greyscale PNG, 0 as black and 1 as white; values outside `0 ..= 1` are
/// clamped.
///
/// # Errors
///
/// As [`write_png`].
pub fn write_mask(path: impl AsRef<Path>, mask: &Mask) -> Result<(), PictureError> {
    finish(path.as_ref(), encode_mask(mask))
}

/// Writes a picture as baseline JPEG with 4:2:0 chroma, as cameras and video do.
///
/// `quality` is 1 (worst) ..= 100, on the scale of the Independent JPEG Group; 0 counts as 1.
///
/// # Errors
///
/// As [`write_png`]; and [`PictureError::TooLarge`] above the 65,535 pixels a side that JPEG allows.
pub fn write_jpeg(
    path: impl AsRef<Path>,
    picture: &RgbImage,
    quality: u8,
) -> Result<(), PictureError> {
    let path = path.as_ref();
    if picture.width().max(picture.height()) > u32::from(u16::MAX) {
        return Err(PictureError::TooLarge {
            path: path.into(),
            found: format!("{} x {} pixels", picture.width(), picture.height()),
            limit: format!("JPEG's own {} pixels a side", u16::MAX),
        });
    }
    finish(path, encode_jpeg(picture, quality))
}

/// The bytes that [`write_png`] writes.
///
/// # Errors
///
/// What the encoder says of a picture without pixels.
pub fn encode_png(picture: &RgbImage) -> io::Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    let encoded = picture.write_to(&mut bytes, ImageFormat::Png);
    encoded.map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

/// The bytes that [`write_mask`] writes.
///
/// # Errors
///
/// As [`encode_png`].
pub fn encode_mask(mask: &Mask) -> io::Result<Vec<u8>> {
    let grey: ImageBuffer<Luma<u8>, Vec<u8>> =
        ImageBuffer::from_fn(mask.width(), mask.height(), |x, y| {
            Luma([(mask.get_pixel(x, y)[0].clamp(0.0, 1.0) * 255.0).round() as u8])
        });
    let mut bytes = Cursor::new(Vec::new());
    let encoded = DynamicImage::from(grey).write_to(&mut bytes, ImageFormat::Png);
    encoded.map_err(io::Error::other)?;
    Ok(bytes.into_inner())
}

/// The bytes that [`write_jpeg`] writes.
///
/// # Errors
///
/// A picture without pixels, or with more than the 65,535 a side that JPEG allows.
pub fn encode_jpeg(picture: &RgbImage, quality: u8) -> io::Result<Vec<u8>> {
    let side = |pixels: u32| {
        u16::try_from(pixels).map_err(|_| {
            let sides = format!("{pixels} pixels a side, and JPEG has at most {}", u16::MAX);
            io::Error::new(io::ErrorKind::InvalidInput, sides)
        })
    };
    let (width, height) = (side(picture.width())?, side(picture.height())?);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, quality.clamp(1, 100));
    encoder.set_sampling_factor(SamplingFactor::R_4_2_0);
    let encoded = encoder.encode(picture, width, height, ColorType::Rgb);
    encoded.map_err(io::Error::other)?;
    Ok(bytes)
}

/// Writes a file whole or not at all: into a temporary file in the same folder, which then takes
/// the place of `path` in one step.
///
/// # Errors
///
/// What the operating system says; the temporary file is then gone, and `path` is as before.
pub fn write_atomically(path: impl AsRef<Path>, bytes: &[u8]) -> io::Result<()> {
    let path = path.as_ref();
    let temporary = temporary_beside(path)?;
    let written = File::create_new(&temporary)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    written
}

/// A name that no other thread and no other process uses.
fn temporary_beside(path: &Path) -> io::Result<PathBuf> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the path names no file"))?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(
        ".{}-{}.tmp",
        process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    ));
    Ok(path.with_file_name(temporary))
}

fn finish(path: &Path, encoded: io::Result<Vec<u8>>) -> Result<(), PictureError> {
    encoded
        .and_then(|bytes| write_atomically(path, &bytes))
        .map_err(|source| PictureError::Io {
            path: path.into(),
            source,
        })
}
