//! JPEG, decoded strictly: what is not all there is an error, not grey blocks.

use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::read::{check_size, too_large};
use super::{Limits, PictureError};

/// Decodes a JPEG file held in memory; the orientation in its EXIF block is applied. CMYK and
/// greyscale come out as RGB.
pub(super) fn decode(bytes: &[u8], path: &Path, limits: &Limits) -> Result<RgbImage, PictureError> {
    // The decoder fills what is missing of the last row of blocks with grey, even when strict.
    if !reaches_end(bytes) {
        return Err(PictureError::Truncated {
            path: path.into(),
            reason: format!(
                "the JPEG's end marker is missing after {} bytes",
                bytes.len()
            ),
        });
    }
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
        .ok_or_else(|| damaged(path, "it has no frame header".into()))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    check_size(width, height, path, limits)?;
    let pixels = decoder.decode().map_err(explain)?;
    let orientation = decoder
        .exif()
        .and_then(|chunk| Orientation::from_exif_chunk(chunk));
    let picture = RgbImage::from_raw(width, height, pixels)
        .ok_or_else(|| damaged(path, "its size contradicts its content".into()))?;
    let mut picture = DynamicImage::from(picture);
    picture.apply_orientation(orientation.unwrap_or(Orientation::NoTransforms));
    Ok(picture.into_rgb8())
}

/// Whether the chain of segments and scans leads to an end-of-image marker. Walks the structure, so
/// that neither a thumbnail inside a segment nor bytes after the picture mislead it.
fn reaches_end(bytes: &[u8]) -> bool {
    const END_OF_IMAGE: u8 = 0xD9;
    const START_OF_SCAN: u8 = 0xDA;
    let mut at = 2; // after the start-of-image marker
    while let Some(marker) = next_marker(bytes, &mut at) {
        match marker {
            END_OF_IMAGE => return true,
            0x01 | 0xD0..=0xD8 => {} // markers without a segment
            _ => {
                let Some(&[high, low]) = bytes.get(at..at + 2) else {
                    return false;
                };
                at += usize::from(u16::from_be_bytes([high, low])).max(2);
                if marker == START_OF_SCAN {
                    skip_scan(bytes, &mut at);
                }
            }
        }
    }
    false
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

fn damaged(path: &Path, reason: String) -> PictureError {
    PictureError::Damaged {
        path: path.into(),
        reason,
    }
}

fn explain(error: DecodeErrors, path: &Path, limits: &Limits) -> PictureError {
    match error {
        DecodeErrors::Unsupported(scheme) => PictureError::Unsupported {
            path: path.into(),
            reason: format!("this kind of JPEG ({scheme:?})"),
        },
        DecodeErrors::LargeDimensions(side) => {
            too_large(path, format!("{side} pixels a side"), limits)
        }
        DecodeErrors::ExhaustedData | DecodeErrors::IoErrors(_) => PictureError::Truncated {
            path: path.into(),
            reason: "the JPEG's data end early".into(),
        },
        other => damaged(path, format!("{other:?}").replace('"', "")),
    }
}
