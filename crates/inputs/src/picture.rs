//! Pictures of all formats.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use face_preproc::pictures::{Limits, PictureError, decode_rgb, read_rgb};
use ffmpeg::Bounds;
use image::{ImageFormat, ImageReader, RgbImage};

use crate::{InputError, heic::Heic, kind::is_picture};

/// Reads a picture as [`read_rgb`] does, and with FFmpeg's programs what is not decoded here: HEIC, AVIF,
/// JPEG XL, JPEG 2000, PSD, OpenEXR and others.
///
/// # Errors
/// [`InputError::Picture`], and what is said of FFmpeg.
pub fn read_picture(path: &Path, limits: &Limits) -> Result<RgbImage, InputError> {
    let picture = match read_rgb(path, limits) {
        Err(error @ PictureError::Unsupported { .. }) => error,
        Err(error @ PictureError::NotAPicture { .. }) if is_picture(path) => error,
        other => return Ok(other?),
    };
    if !ffmpeg::is_there() {
        return Err(InputError::NeedsFfmpeg(picture));
    }
    by_ffmpeg(path, limits).map_err(|ffmpeg| InputError::NeitherReads { picture, ffmpeg })
}

fn by_ffmpeg(path: &Path, limits: &Limits) -> Result<RgbImage, ffmpeg::Error> {
    let bounds = Bounds {
        pixels: limits.max_pixels,
        frames: 1,
    };
    let file = fs::read(path)?;
    if let Some(heic) = Heic::parse(&file) {
        return of_tiles(&heic, limits, bounds);
    }
    let bytes = ffmpeg::still(path, bounds)?;
    let head = ImageReader::with_format(io::Cursor::new(&bytes), ImageFormat::Pnm);
    let size = head.into_dimensions().map_err(io::Error::other)?;
    match largest(&file).is_some_and(|whole| size != whole && size != (whole.1, whole.0)) {
        false => decode_rgb(&bytes, path, limits).map_err(|error| io::Error::other(error).into()),
        true => Err(said(format!(
            "FFmpeg: it takes one tile of {} x {} pixels for the picture; a newer FFmpeg reads all of it",
            size.0, size.1
        ))),
    }
}

fn of_tiles(heic: &Heic, limits: &Limits, bounds: Bounds) -> Result<RgbImage, ffmpeg::Error> {
    let (columns, rows) = heic.grid;
    let pixels = [columns, rows, heic.tile.0, heic.tile.1];
    let pixels = pixels.map(u64::from).into_iter().product::<u64>();
    let (width, height) = heic.size;
    // The outermost tiles may go beyond the picture.
    if pixels > limits.max_pixels.saturating_mul(2) || width.max(height) > limits.max_side {
        return Err(said(format!("too large: {width} x {height} pixels")));
    }
    let mut stream = tempfile::NamedTempFile::new()?;
    stream.write_all(&heic.stream)?;
    let count = columns * rows;
    let tiles = ffmpeg::hevc_pictures(stream.path(), count, heic.tile, heic.colours, bounds)?;
    let picture = heic.picture(tiles);
    picture.ok_or_else(|| said("its tiles are of no picture".to_owned()))
}

fn said(what: String) -> ffmpeg::Error {
    ffmpeg::Error::Said(what)
}

/// The largest size that an index of AVIF or HEIC states (`ispe`, ISO/IEC 23008-12 section 6.5.3): that of
/// the picture, where its tiles have sizes too. `None` of other formats.
fn largest(file: &[u8]) -> Option<(u32, u32)> {
    /// Bytes in which it is sought.
    const INDEX: usize = 1 << 20;
    file.get(4..8).filter(|kind| kind == b"ftyp")?;
    let number = |bytes: &[u8]| Some(u32::from_be_bytes(bytes.try_into().ok()?));
    let index = &file[..file.len().min(INDEX)];
    let sizes = index.windows(16).filter(|bytes| bytes.starts_with(b"ispe"));
    // Behind the name stand a version and flags.
    let sizes = sizes.filter_map(|bytes| Some((number(&bytes[8..12])?, number(&bytes[12..16])?)));
    sizes.max_by_key(|(width, height)| u64::from(*width) * u64::from(*height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_larger_than_its_tiles() {
        let mut index = b"\0\0\0\x18ftypheic".to_vec();
        for (width, height) in [(512_u32, 512_u32), (4032, 3024)] {
            index.extend(b"\0\0\0\x14ispe\0\0\0\0");
            index.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
        }
        assert_eq!(largest(&index), Some((4032, 3024)));
        assert_eq!(largest(&index[8..]), None);
    }

    #[test]
    fn what_no_program_reads_says_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.heic");
        fs::write(&path, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").unwrap();
        let said = read_picture(&path, &Limits::default())
            .unwrap_err()
            .to_string();
        assert!(
            said.contains("a.heic: HEIC") && said.contains("FFmpeg"),
            "{said}"
        );
    }
}
