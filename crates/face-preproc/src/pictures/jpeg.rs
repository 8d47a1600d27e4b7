//! JPEG, decoded strictly: what is not all there is an error, not grey blocks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use image::metadata::Orientation;
use image::{DynamicImage, RgbImage};
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::{Limits, PictureError, exif};

/// Decodes a JPEG file held in memory; the orientation in its EXIF block is applied. CMYK and
/// greyscale come out as RGB.
pub(super) fn decode(bytes: &[u8], path: &Path, limits: &Limits) -> Result<RgbImage, PictureError> {
    let layout = layout(bytes).ok_or_else(|| truncated(path, "in its headers"))?;
    let tidy = layout.tidy(bytes);
    let body = &tidy[..tidy.len() - if layout.ended { 2 } else { 0 }];
    let (picture, orientation) = match layout.frame {
        Some(BASELINE | EXTENDED) if layout.apart && layout.ended => {
            decode_apart(bytes, &layout, path, limits)?
        }
        Some(BASELINE | EXTENDED) if layout.ended => decode_complete(body, path, limits)?,
        Some(BASELINE | EXTENDED) if !layout.restarts && !layout.apart => {
            decode_padded(body, path, limits)?
        }
        Some(PROGRESSIVE) if layout.ended => decode_strictly(&tidy, path, limits)?,
        Some(PROGRESSIVE) if !layout.restarts && layout.refined() => {
            decode_padded(body, path, limits)?
        }
        // Whether more scans were to come, or more restarts, nothing tells.
        Some(BASELINE | EXTENDED | PROGRESSIVE) => return Err(truncated(path, "no end marker")),
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
    decode_padded(bytes, path, limits)
}

/// Decodes a JPEG without its end marker, none of whose scans is absent, if what stands behind its data changes nothing.
fn decode_padded(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Decoded, PictureError> {
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

/// Decodes a sequential JPEG whose components stand in scans of their own, with a decoder that knows
/// them: `zune-jpeg` 0.5 makes garbage of some (its issues 419, 448 and 449). That no data are missing
/// is seen as in [`decode_complete`], behind every scan.
fn decode_apart(
    bytes: &[u8],
    layout: &Layout,
    path: &Path,
    limits: &Limits,
) -> Result<Decoded, PictureError> {
    let padded = |byte: u8| {
        let mut whole = Vec::with_capacity(bytes.len() + 64 * layout.parts.len());
        for part in &layout.parts {
            whole.extend_from_slice(&bytes[part.clone()]);
            if bytes[part.start + 1] == START_OF_SCAN {
                whole.extend([byte; 64]);
            }
        }
        decode_scans(&whole, path, limits)
    };
    let first = padded(0x00)?;
    match padded(0x55) {
        Ok(second) if first == second => Ok(first),
        _ => Err(truncated(path, "the last rows of a scan are missing")),
    }
}

fn decode_scans(bytes: &[u8], path: &Path, limits: &Limits) -> Result<Decoded, PictureError> {
    let explain = |error: jpeg_decoder::Error| match error {
        jpeg_decoder::Error::Unsupported(feature) => PictureError::Unsupported {
            path: path.into(),
            reason: format!("this kind of JPEG ({feature:?})"),
        },
        other => damaged(path, other.to_string()),
    };
    let mut decoder = jpeg_decoder::Decoder::new(bytes);
    decoder.read_info().map_err(explain)?;
    let info = decoder
        .info()
        .ok_or_else(|| damaged(path, "it has no frame header"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    limits.check(width, height, path)?;
    if info.pixel_format != jpeg_decoder::PixelFormat::RGB24 {
        return Err(PictureError::Unsupported {
            path: path.into(),
            reason: format!("JPEG in separate scans of {:?}", info.pixel_format),
        });
    }
    let pixels = decoder.decode().map_err(explain)?;
    let picture = RgbImage::from_raw(width, height, pixels)
        .ok_or_else(|| damaged(path, "its size contradicts its content"))?;
    let orientation = decoder.exif_data().and_then(exif::orientation);
    Ok((picture, orientation.unwrap_or(Orientation::NoTransforms)))
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
        .and_then(|block| exif::orientation(block))
        .unwrap_or(Orientation::NoTransforms);
    Ok((picture, orientation))
}

const BASELINE: u8 = 0xC0;
const EXTENDED: u8 = 0xC1;
const PROGRESSIVE: u8 = 0xC2;
const START_OF_SCAN: u8 = 0xDA;
const END_OF_IMAGE: u8 = 0xD9;
const RESTART_INTERVAL: u8 = 0xDD;

/// What the chain of markers says of a JPEG.
struct Layout {
    /// The code of the first frame header.
    frame: Option<u8>,
    /// Whether there is an end-of-image marker. Without one, the last scan goes on to the file's end.
    ended: bool,
    /// Whether a scan holds fewer components than the frame.
    apart: bool,
    /// Whether there are restart markers within the data: the decoder takes what is missing between
    /// two for grey.
    restarts: bool,
    /// The markers with their segments and scans; what lies between them belongs to nothing.
    parts: Vec<Range<usize>>,
    /// By the components' names, the coefficients (a bit each) whose last bits are in some scan.
    exact: BTreeMap<u8, u64>,
}

impl Layout {
    /// Whether the scans of a progressive picture are all there.
    fn refined(&self) -> bool {
        self.exact.values().all(|&exact| exact == u64::MAX)
    }

    /// Notes the coefficients that a scan brings to their last bit (ITU-T T.81, B.2.3).
    fn refine(&mut self, scan: &[u8]) {
        let [_, _, count, rest @ ..] = scan else {
            return;
        };
        let Some((names, [first, last, bits, ..])) = rest.split_at_checked(2 * usize::from(*count))
        else {
            return;
        };
        if bits & 0xF == 0 && first <= last && *last < 64 {
            let coefficients = (u64::MAX >> (63 - (last - first))) << first;
            for name in names.iter().step_by(2) {
                *self.exact.entry(*name).or_default() |= coefficients;
            }
        }
    }

    /// The file without bytes between its parts, nor behind its end.
    fn tidy<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let mut end = 0;
        for part in &self.parts {
            if part.start != end {
                let parts = self.parts.iter().map(|part| &bytes[part.clone()]);
                return Cow::Owned(parts.collect::<Vec<_>>().concat());
            }
            end = part.end;
        }
        Cow::Borrowed(&bytes[..end])
    }
}

/// Follows segments and scans to the end-of-image marker, so that neither a thumbnail inside a
/// segment nor bytes after the picture mislead it; `None` if the file ends before its first scan does
/// or within a segment.
fn layout(bytes: &[u8]) -> Option<Layout> {
    let mut layout = Layout {
        frame: None,
        ended: false,
        apart: false,
        restarts: false,
        parts: Vec::new(),
        exact: BTreeMap::new(),
    };
    layout.parts.push(0..2); // the start-of-image marker
    let (mut components, mut scans, mut at) = (0, 0, 2);
    loop {
        let Some(marker) = next_marker(bytes, &mut at) else {
            return (scans > 0).then_some(layout);
        };
        let start = at - 2;
        match marker {
            END_OF_IMAGE => {
                layout.parts.push(start..at);
                layout.ended = true;
                return Some(layout);
            }
            0x01 | 0xD0..=0xD8 => continue, // markers without a segment
            _ => {}
        }
        let &[high, low] = bytes.get(at..at + 2)? else {
            return None;
        };
        let segment = at;
        at += usize::from(u16::from_be_bytes([high, low])).max(2);
        if at > bytes.len() {
            return None;
        }
        match marker {
            RESTART_INTERVAL => layout.restarts = true,
            0xC4 | 0xC8 | 0xCC => {} // tables that share the frame headers' range
            0xC0..=0xCF if layout.frame.is_none() => {
                layout.frame = Some(marker);
                components = bytes.get(segment + 7).copied().unwrap_or(0);
                let names = bytes.get(segment + 8..at).unwrap_or_default();
                layout.exact = names.iter().step_by(3).map(|&name| (name, 0)).collect();
            }
            START_OF_SCAN => {
                layout.refine(&bytes[segment..at]);
                layout.apart |= bytes.get(segment + 2).is_some_and(|&of| of < components);
                skip_scan(bytes, &mut at);
                scans += 1;
            }
            _ => {}
        }
        layout.parts.push(start..at);
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
