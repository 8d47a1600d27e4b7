//! Pictures and masks out of files.

use std::error::Error as _;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::Path;

use image::error::ImageError;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage};

use super::{Limits, Mask, PictureError, exif, jpeg, kinds};

/// Reads a picture of any common format (JPEG, PNG, BMP, GIF, TIFF, WebP, PNM) as 8-bit RGB.
///
/// The format is told by the content. EXIF orientation is applied. Greyscale is repeated over the
/// three channels, 16 bits are rounded to 8, CMYK is converted, what is transparent is laid over
/// white, and of an animation the first frame is taken. Colour profiles are not applied: values are taken as sRGB.
///
/// # Errors
///
/// Any [`PictureError`]; a JPEG that lacks its end is [`PictureError::Truncated`].
pub fn read_rgb(path: impl AsRef<Path>, limits: &Limits) -> Result<RgbImage, PictureError> {
    let path = path.as_ref();
    decode_rgb(&read_bytes(path, limits)?, path, limits)
}

/// Like [`read_rgb`], from a file's bytes held in memory; `path` only names them in errors.
///
/// # Errors
///
/// Any [`PictureError`] but [`PictureError::Io`].
pub fn decode_rgb(bytes: &[u8], path: &Path, limits: &Limits) -> Result<RgbImage, PictureError> {
    match format_of(bytes, path)? {
        ImageFormat::Jpeg => jpeg::decode(bytes, path, limits),
        other => Ok(over_white(decode(bytes, other, path, limits)?)),
    }
}

/// Eight bits of R, G and B; where a picture is transparent, white shows.
fn over_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    let (width, height) = picture.dimensions();
    RgbImage::from_fn(width, height, |x, y| {
        let [r, g, b, alpha] = picture.get_pixel(x, y).0.map(u32::from);
        // Rounded to the nearest.
        image::Rgb([r, g, b].map(|value| ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    })
}

/// Reads a mask: any picture, taken as greyscale, black as 0 (pristine) and white as 1 (forged).
/// 16-bit files keep their precision.
///
/// # Errors
///
/// As [`read_rgb`].
pub fn read_mask(path: impl AsRef<Path>, limits: &Limits) -> Result<Mask, PictureError> {
    let path = path.as_ref();
    decode_mask(&read_bytes(path, limits)?, path, limits)
}

/// Like [`read_mask`], from a file's bytes held in memory; `path` only names them in errors.
///
/// # Errors
///
/// As [`decode_rgb`].
pub fn decode_mask(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Mask, PictureError> {
    let picture = match format_of(bytes, path)? {
        ImageFormat::Jpeg => jpeg::decode(bytes, path, limits)?.into(),
        other => decode(bytes, other, path, limits)?,
    };
    let grey = picture.into_luma16();
    let (width, height) = grey.dimensions();
    let scale = 1.0 / f32::from(u16::MAX);
    Ok(Mask::from_fn(width, height, |x, y| {
        image::Luma([f32::from(grey.get_pixel(x, y)[0]) * scale])
    }))
}

/// A whole file, if it is a regular one (a pipe would block, a device might never end) and no
/// longer than the limit.
fn read_bytes(path: &Path, limits: &Limits) -> Result<Vec<u8>, PictureError> {
    let io = |source| PictureError::Io {
        path: path.into(),
        source,
    };
    if !fs::metadata(path).map_err(io)?.is_file() {
        return Err(PictureError::NotAPicture {
            path: path.into(),
            reason: "it is a folder or a device, not a file",
        });
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(limits.max_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(io)?;
    if bytes.len() as u64 > limits.max_bytes {
        let found = format!("the file is longer than {} bytes", limits.max_bytes);
        return Err(limits.too_large(path, found));
    }
    Ok(bytes)
}

fn format_of(bytes: &[u8], path: &Path) -> Result<ImageFormat, PictureError> {
    let not_a_picture = |reason| PictureError::NotAPicture {
        path: path.into(),
        reason,
    };
    if bytes.is_empty() {
        return Err(not_a_picture("the file is empty"));
    }
    if let Some(kind) = kinds::other_picture(bytes) {
        return Err(PictureError::Unsupported {
            path: path.into(),
            reason: kind.into(),
        });
    }
    if bytes.starts_with(&[0xFF, 0xD8]) {
        return Ok(ImageFormat::Jpeg);
    }
    image::guess_format(bytes).map_err(|_| not_a_picture(kinds::no_picture(bytes)))
}

fn decode(
    bytes: &[u8],
    format: ImageFormat,
    path: &Path,
    limits: &Limits,
) -> Result<DynamicImage, PictureError> {
    let explain = |error| explain(error, format, path, limits);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut allowed = image::Limits::no_limits();
    allowed.max_image_width = Some(limits.max_side);
    allowed.max_image_height = Some(limits.max_side);
    // Up to four channels of 32 bits, and as much again for the decoder's own buffers.
    allowed.max_alloc = Some(limits.max_pixels.saturating_mul(2 * 4 * 4).max(1 << 20));
    reader.limits(allowed);
    let mut decoder = reader.into_decoder().map_err(explain)?;
    let (width, height) = decoder.dimensions();
    limits.check(width, height, path)?;
    let block = decoder.exif_metadata().map_err(explain)?;
    let orientation = match block.and_then(|block| exif::orientation(&block)) {
        Some(orientation) => orientation,
        None => decoder.orientation().map_err(explain)?,
    };
    let mut picture = DynamicImage::from_decoder(decoder).map_err(explain)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn explain(error: ImageError, format: ImageFormat, path: &Path, limits: &Limits) -> PictureError {
    let path = path.to_path_buf();
    let reason = error.to_string();
    match &error {
        ImageError::Limits(_) => limits.too_large(&path, format!("a {format:?} picture: {reason}")),
        ImageError::Unsupported(_) => PictureError::Unsupported {
            path,
            reason: format!("this kind of {format:?} ({reason})"),
        },
        _ if ends_early(&error) => PictureError::Truncated {
            path,
            reason: format!("the {format:?} data end early"),
        },
        _ => PictureError::Damaged { path, reason },
    }
}

/// Whether somewhere among an error's causes a reader ran out of bytes.
fn ends_early(error: &ImageError) -> bool {
    let mut cause = match error {
        ImageError::IoError(io) => Some(io as &(dyn std::error::Error + 'static)),
        other => other.source(),
    };
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<io::Error>()
            && io.kind() == io::ErrorKind::UnexpectedEof
        {
            return true;
        }
        cause = error.source();
    }
    false
}
