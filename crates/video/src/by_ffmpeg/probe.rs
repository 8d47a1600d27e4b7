//! Opening a file that the built-in reader does not know.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use ffmpeg::{Contents, Described, decode, list};
use image::metadata::Orientation;

use super::stream::{Key, Stream};
use crate::choice::{Candidate, choose};
use crate::colour::{is_large, orientation};
use crate::samples::{Edits, Sample, SampleIndex};
use crate::{Limits, VideoError};

/// Coding formats that give one frame for each packet, unless the file is damaged.
const ONE_FRAME_A_PACKET: [&str; 9] = [
    "h264", "hevc", "av1", "vp9", "ffv1", "mjpeg", "prores", "dnxhd", "huffyuv",
];
/// FFmpeg's names of the containers that say of each packet when it is shown.
const WITH_TIMES: [&str; 2] = ["matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2"];
/// Matrices that FFmpeg's conversion to RGB does not have, by its names.
const NO_MATRIX: [&str; 6] = [
    "ycgco",
    "ycgco-re",
    "ycgco-ro",
    "ictcp",
    "smpte2085",
    "chroma-derived-c",
];
/// Ticks a second of an index that is made from frames' times.
const TICKS: u32 = 1_000_000;

/// What FFmpeg makes of a file.
///
/// Where the container tells all frames and their times, these are taken from it. Elsewhere the file is
/// decoded once to count them: containers claim numbers that do not come out.
pub(crate) fn probe(path: &Path, limits: &Limits) -> Result<Stream, VideoError> {
    let contents = list(path, limits.into())?;
    let films: Vec<&Described> = (contents.streams.iter())
        .filter(|stream| !stream.is("attached_pic") && !stream.is("timed_thumbnails"))
        .collect();
    let candidates: Vec<Candidate> = films.iter().map(|stream| candidate(stream)).collect();
    let film = choose(&candidates).ok_or(VideoError::NoVideoTrack)?;
    let film = films[film];

    let side = |key| {
        film.number_of(key)
            .and_then(|side| u32::try_from(side).ok())
    };
    let (width, height) = side("width").zip(side("height")).unwrap_or((0, 0));
    let pixels = u64::from(width) * u64::from(height);
    VideoError::check("pixels of a picture", pixels, limits.max_pixels)?;
    if pixels == 0 {
        return Err(VideoError::ffmpeg(
            "its pictures have no size: they cannot be decoded",
        ));
    }
    let matrix = film.field("color_space");
    if let Some(matrix) = matrix.filter(|matrix| NO_MATRIX.contains(matrix)) {
        return Err(VideoError::ffmpeg(format!("colour matrix `{matrix}`")));
    }
    let silent = matches!(matrix, None | Some("unknown" | "unspecified" | "reserved"));
    let turn = film.field("displaymatrix").and_then(matrix_of);
    let (index, key, ticks, wrong) = match listed(&contents, film)? {
        Some((index, key, ticks)) => (index, key, ticks, None),
        None => {
            let decoded = decode(path, film.number, (width, height), limits.into())?;
            let index = counted(&decoded.frames)?;
            (index, Key::Number, TICKS, decoded.wrong)
        }
    };
    Ok(Stream {
        ticks,
        index: Arc::new(index),
        width,
        height,
        orientation: turn.map_or(Orientation::NoTransforms, orientation),
        map: format!("0:{}", film.number),
        every_frame: false,
        key,
        planes: None,
        // As the built-in decoder has it.
        bt709: silent && is_large(width, height),
        missing: missing(film),
        wrong: wrong.or(contents.wrong),
        file_length: None,
    })
}

fn candidate(stream: &Described) -> Candidate {
    let (numerator, denominator) = stream.tick().unwrap_or((0, 1));
    let times = || stream.packets.iter().filter_map(|packet| packet.time);
    let ticks = times()
        .max()
        .unwrap_or(0)
        .saturating_sub(times().min().unwrap_or(0));
    Candidate {
        preferred: stream.is("default"),
        seconds: ticks as f64 * f64::from(numerator) / f64::from(denominator),
        pixels: stream.number_of("width").unwrap_or(0) * stream.number_of("height").unwrap_or(0),
    }
}

/// The index that the container's packets make, where they can be relied on.
fn listed(
    contents: &Contents,
    film: &Described,
) -> Result<Option<(SampleIndex, Key, u32)>, VideoError> {
    let codec = film.field("codec_name").unwrap_or_default();
    let Some((unit, ticks)) = film.tick() else {
        return Ok(None);
    };
    let unit = i64::from(unit);
    if !ONE_FRAME_A_PACKET.contains(&codec) || !WITH_TIMES.contains(&contents.container.as_str()) {
        return Ok(None);
    }
    let (mut samples, mut times) = (Vec::with_capacity(film.packets.len()), BTreeSet::new());
    let mut first_key = None;
    for packet in &film.packets {
        let Some(time) = packet.time else {
            return Ok(None);
        };
        if packet.key {
            first_key = first_key.or(Some(time));
        }
        // What is shown before the first place to begin may never come out.
        let comes = first_key.is_some_and(|first| packet.hidden || time >= first);
        if !comes || !times.insert(time) {
            return Ok(None);
        }
        samples.push(Sample {
            offset: 0,
            shown_at: time.saturating_mul(unit),
            size: 0,
            duration: u32::try_from(packet.duration.saturating_mul(unit)).unwrap_or(0),
            sync: packet.key,
            hidden: packet.hidden,
        });
    }
    let index = SampleIndex::new(samples, &Edits::NONE)?;
    Ok(Some((index, Key::Time { unit, shift: 0 }, ticks)))
}

/// Frames that a file says it has and that are not in it.
fn missing(film: &Described) -> Option<String> {
    let promised = film.number_of("nb_frames")?;
    let missing = promised.saturating_sub(film.packets.len() as u64);
    (missing > 0).then(|| format!("{missing} of {promised} frames are not in the file"))
}

/// The index of frames that came out, at these seconds and for so many.
fn counted(frames: &[(f64, f64)]) -> Result<SampleIndex, VideoError> {
    let ticks = |seconds: f64| (seconds * f64::from(TICKS)).round();
    let samples = frames
        .iter()
        .enumerate()
        .map(|(number, &(time, duration))| Sample {
            offset: 0,
            shown_at: ticks(time) as i64,
            size: 0,
            duration: ticks(duration) as u32,
            sync: number == 0,
            hidden: false,
        });
    SampleIndex::new(samples.collect(), &Edits::NONE)
}

/// A matrix as `ffprobe` prints it: three lines of three numbers, each behind its place.
fn matrix_of(printed: &str) -> Option<[i32; 9]> {
    let lines = printed.split("\\n").filter_map(|line| line.split_once(':'));
    let numbers = lines.flat_map(|(_, numbers)| numbers.split_whitespace());
    let numbers: Option<Vec<i32>> = numbers.map(|number| number.parse().ok()).collect();
    numbers?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_matrix_is_read() {
        let printed = "\\n00000000:            0      -65536           0\\n00000001:        65536  \
                       0           0\\n00000002:            0           0  1073741824\\n";
        let expected = [0, -65536, 0, 65536, 0, 0, 0, 0, 1 << 30];
        assert_eq!(matrix_of(printed), Some(expected));
        assert_eq!(matrix_of("nothing"), None);
    }
}
