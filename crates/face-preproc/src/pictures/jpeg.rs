//! JPEG, decoded strictly: what is not all there is an error, not grey blocks.

use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::{Limits, PictureError};

/// Decodes a JPEG file held in memory; the orientation in its EXIF block is applied. CMYK and
/// greyscale come out as RGB.
pub(super) fn decode(bytes: &[u8], path: &Path, limits: &Limits) -> Result<RgbImage, PictureError> {
    let Layout { frame, end } = layout(bytes).ok_or_else(|| truncated(path, "no end marker"))?;
    let (picture, orientation) = match frame {
        Some(BASELINE | EXTENDED) => decode_complete(&bytes[..end], path, limits)?,
        Some(PROGRESSIVE) => decode_strictly(bytes, path, limits)?,
        Some(_) => {
            return Err(PictureError::Unsupported {
                path: path.into(),
                reason: "lossless, hierarchical or arithmetic-coded JPEG".into(),
            });
        }
        None => return Err(damaged(path, "it has no frame header")),
    };
    let mut picture = DynamicImage::from(picture);
    picture.apply_orientation(orientation);
    Ok(picture.into_rgb8())
}

/// Decodes a sequential JPEG whose end marker is cut off, and makes sure that no data are missing.
///
/// Even when strict, the decoder takes an end marker that comes early for a reason to fill the rest
/// with grey. Without the marker it notices that the data end, but may do so although they are
/// complete, because it reads ahead. Then the answer is in the pixels: different bytes behind
/// complete data change nothing.
fn decode_complete(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Decoded, PictureError> {
    let decoded = decode_strictly(bytes, path, limits);
    if matches!(decoded, Ok(_) | Err(PictureError::TooLarge { .. })) {
        return decoded;
    }
    let padded = |byte: u8| {
        let bytes = [bytes, &[byte; 64], &[0xFF, END_OF_IMAGE]].concat();
        decode_strictly(&bytes, path, limits)
    };
    let (first, second) = (padded(0x00)?, padded(0x55));
    match second {
        Ok(second) if first == second => Ok(first),
        _ => Err(truncated(path, "the last rows are missing")),
    }
}

type Decoded = (RgbImage, Orientation);

fn decode_strictly(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Decoded, PictureError> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let explain = |error| explain(error, path, limits);
    decoder.decode_headers().map_err(explain)?;
    let info = decoder
        .info()
        .ok_or_else(|| damaged(path, "it has no frame header"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    limits.check(width, height, path)?;
    let pixels = decoder.decode().map_err(explain)?;
    let picture = RgbImage::from_raw(width, height, pixels)
        .ok_or_else(|| damaged(path, "its size contradicts its content"))?;
    let orientation = decoder
        .exif()
        .and_then(|chunk| Orientation::from_exif_chunk(chunk))
        .unwrap_or(Orientation::NoTransforms);
    Ok((picture, orientation))
}

const BASELINE: u8 = 0xC0;
const EXTENDED: u8 = 0xC1;
const PROGRESSIVE: u8 = 0xC2;
const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;

/// What the chain of markers says of a JPEG.
struct Layout {
    /// The code of the first frame header.
    frame: Option<u8>,
    /// Where the end-of-image marker stands.
    end: usize,
}

/// Follows segments and scans to the end-of-image marker, so that neither a thumbnail inside a
/// segment nor bytes after the picture mislead it; `None` if there is no such marker.
fn layout(bytes: &[u8]) -> Option<Layout> {
    let mut frame = None;
    let mut at = 2; // after the start-of-image marker
    loop {
        let marker = next_marker(bytes, &mut at)?;
        match marker {
            END_OF_IMAGE => return Some(Layout { frame, end: at - 2 }),
            0x01 | 0xD0..=0xD8 => continue, // markers without a segment
            0xC4 | 0xC8 | 0xCC => {}        // tables that share the frame headers' range
            0xC0..=0xCF => frame = frame.or(Some(marker)),
            _ => {}
        }
        let &[high, low] = bytes.get(at..at + 2)? else {
            return None;
        };
        at += usize::from(u16::from_be_bytes([high, low])).max(2);
        if marker == START_OF_SCAN {
            skip_scan(bytes, &mut at);
        }
    }
}

/// The next marker's code; `at` is left behind it. Bytes before the marker are passed over.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        *at += bytes.get(*at..)?.iter().position(|&b| b == 0xFF)?;
        *at += bytes.get(*at..)?.iter().position(|&b| b != 0xFF)?;
        let code = bytes[*at];
        *at += 1;
        if code != 0 {
            return Some(code);
        }
    }
}

/// Moves over entropy-coded data, up to the marker that ends them. Stuffed zeros and restart
/// markers belong to the data.
fn skip_scan(bytes: &[u8], at: &mut usize) {
    while let Some(step) = bytes
        .get(*at..)
        .and_then(|rest| rest.iter().position(|&b| b == 0xFF))
    {
        *at += step;
        match bytes.get(*at + 1) {
            Some(0 | 0xD0..=0xD7) => *at += 2,
            Some(0xFF) => *at += 1,
            _ => return,
        }
    }
    *at = bytes.len();
}

fn damaged(path: &Path, reason: impl Into<String>) -> PictureError {
    PictureError::Damaged {
        path: path.into(),
        reason: reason.into(),
    }
}

fn truncated(path: &Path, missing: &str) -> PictureError {
    PictureError::Truncated {
        path: path.into(),
        reason: format!("the JPEG's data end early ({missing})"),
    }
}

fn explain(error: DecodeErrors, path: &Path, limits: &Limits) -> PictureError {
    match error {
        DecodeErrors::Unsupported(scheme) => PictureError::Unsupported {
            path: path.into(),
            reason: format!("this kind of JPEG ({scheme:?})"),
        },
        DecodeErrors::LargeDimensions(side) => {
            limits.too_large(path, format!("{side} pixels a side"))
        }
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => truncated(path, "in a scan"),
        other => damaged(path, format!("{other:?}").replace('"', "")),
    }
}
