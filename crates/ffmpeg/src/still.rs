//! A picture of a file, where that is all there is in it.

use std::io::Read;
use std::path::Path;

use crate::program::{Formats, Program, dialect};
use crate::{Bounds, Error, error::said};

/// Bytes of a picture's head, at most.
const HEAD: u64 = 4096;

/// The picture of a file (AVIF, HEIC, JPEG XL, JPEG 2000, PSD, OpenEXR, icons and their kin) as the bytes
/// of a PAM file: eight bits of R, G, B and alpha.
///
/// # Errors
/// Where FFmpeg does not read it, or it is larger than `bounds` allow.
pub fn still(path: &Path, bounds: Bounds) -> Result<Vec<u8>, Error> {
    let after = [
        "-frames:v",
        "1",
        "-f",
        "image2pipe",
        "-c:v",
        "pam",
        "-pix_fmt",
        "rgba",
        "-",
    ];
    let none = [""; 0];
    let mut program = Program::start_with("ffmpeg", Formats::Stills, path, bounds, &none, &after)?;
    let most = bounds.pixels.saturating_mul(4).saturating_add(HEAD);
    let mut bytes = Vec::new();
    (&mut program.output)
        .take(most + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(said(format!("more than {} pixels", bounds.pixels)));
    }
    program.end()?;
    match bytes.is_empty() {
        true => Err(said("no picture comes")),
        false => Ok(bytes),
    }
}

/// The first `count` pictures of a bare stream of HEVC, `width` x `height` each: R, G and B of one after the
/// other. `colours`: their matrix (ITU-T H.273 table 4) and whether their range is full, where the stream
/// does not say it.
///
/// # Errors
/// Where FFmpeg does not read them, or they are of another size or number.
pub fn hevc_pictures(
    stream: &Path,
    count: u32,
    (width, height): (u32, u32),
    colours: Option<(u16, bool)>,
    bounds: Bounds,
) -> Result<Vec<u8>, Error> {
    let matrix = |(matrix, full): (u16, bool)| {
        let matrix = match matrix {
            1 => "bt709",
            9 | 10 => "bt2020",
            _ => "bt601",
        };
        let range = if full { "full" } else { "limited" };
        format!("scale=in_color_matrix={matrix}:in_range={range}")
    };
    let filter = colours.map_or("null".to_owned(), matrix);
    let after = [
        "-vf",
        &filter,
        dialect().pass_through,
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ];
    let before = ["-f", "hevc"];
    let mut program = Program::start("ffmpeg", stream, bounds, &before, &after)?;
    let wanted = u64::from(width) * u64::from(height) * u64::from(count) * 3;
    let mut bytes = Vec::new();
    (&mut program.output)
        .take(wanted + 1)
        .read_to_end(&mut bytes)?;
    let complaint = program.end()?;
    match bytes.len() as u64 == wanted {
        true => Ok(bytes),
        false => Err(said(complaint.unwrap_or_else(|| {
            format!("other than {count} pictures of {width} x {height} pixels come")
        }))),
    }
}
