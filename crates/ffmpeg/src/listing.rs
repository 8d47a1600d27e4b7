//! What `ffprobe` lists of a file: its streams of pictures and their packets, and the frames that come
//! out of one.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};
use std::path::Path;

use crate::{Bounds, Error, error::said, program::Program};

/// Bytes of a line of `ffprobe`'s that are looked at.
const LINE_BYTES: u64 = 1 << 16;

/// A packet, as the container has it.
#[derive(Debug, Clone, Copy)]
pub struct Packet {
    /// When it is shown, in ticks of its stream.
    pub time: Option<i64>,
    /// In the same ticks; 0 where that is not said.
    pub duration: i64,
    /// Decoding may begin here.
    pub key: bool,
    /// An edit list hides it.
    pub hidden: bool,
}

/// A stream of pictures.
#[derive(Debug, Default)]
pub struct Described {
    /// As FFmpeg counts them.
    pub number: u32,
    /// In the order of the file.
    pub packets: Vec<Packet>,
    fields: BTreeMap<String, String>,
}

impl Described {
    /// What `ffprobe` says under a key.
    #[must_use]
    pub fn field(&self, key: &str) -> Option<&str> {
        self.fields.get(key).map(String::as_str)
    }

    /// The same as a number.
    #[must_use]
    pub fn number_of(&self, key: &str) -> Option<u64> {
        self.field(key)?.parse().ok()
    }

    /// Whether it has a disposition, as `default`.
    #[must_use]
    pub fn is(&self, disposition: &str) -> bool {
        self.field(&format!("disposition:{disposition}")) == Some("1")
    }

    /// Seconds of a tick, as a fraction.
    #[must_use]
    pub fn tick(&self) -> Option<(u32, u32)> {
        let (numerator, denominator) = self.field("time_base")?.split_once('/')?;
        let tick: (u32, u32) = (numerator.parse().ok()?, denominator.parse().ok()?);
        (tick.0 > 0 && tick.1 > 0).then_some(tick)
    }
}

/// What is in a file.
#[derive(Debug)]
pub struct Contents {
    /// Its streams of pictures.
    pub streams: Vec<Described>,
    /// FFmpeg's names of the container, with commas between.
    pub container: String,
    /// What `ffprobe` says is wrong.
    pub wrong: Option<String>,
}

/// All streams of pictures, and their packets in the order of the file. Nothing is decoded but a few
/// frames by which `ffprobe` finds out about the streams.
///
/// # Errors
/// Where `ffprobe` cannot read the file, or it goes beyond `bounds`.
pub fn list(path: &Path, bounds: Bounds) -> Result<Contents, Error> {
    const WANTED: &str = "packet=stream_index,pts,duration,flags\
        :stream=index,codec_name,width,height,time_base,nb_frames,color_space,pix_fmt\
        :stream_disposition=default,attached_pic,timed_thumbnails\
        :stream_side_data=displaymatrix:format=format_name";
    let mut streams: BTreeMap<u32, Described> = BTreeMap::new();
    let mut container = String::new();
    let arguments = [
        "-select_streams",
        "V",
        "-show_entries",
        WANTED,
        "-of",
        "compact",
    ];
    let mut probe = Program::start("ffprobe", path, bounds, &arguments, &[""; 0])?;
    let mut count = 0;
    lines(&mut probe, |line| {
        let fields = || line.split('|').filter_map(|field| field.split_once('='));
        let value = |key: &str| fields().find_map(|(name, value)| (name == key).then_some(value));
        let number = |key: &str| value(key)?.parse::<i64>().ok();
        if line.starts_with("packet|") {
            let Some(stream) = value("stream_index").and_then(|value| value.parse().ok()) else {
                return Ok(());
            };
            count += 1;
            check(count, bounds)?;
            let flags = value("flags").unwrap_or_default();
            streams.entry(stream).or_default().packets.push(Packet {
                time: number("pts"),
                duration: number("duration").unwrap_or(0),
                key: flags.contains('K'),
                hidden: flags.contains('D'),
            });
        } else if line.starts_with("stream|") {
            if let Some(stream) = value("index").and_then(|value| value.parse().ok()) {
                let stream: &mut Described = streams.entry(stream).or_default();
                let fields = fields().map(|(key, value)| (key.to_owned(), value.to_owned()));
                stream.fields.extend(fields);
            }
        } else if line.starts_with("format|") {
            container = value("format_name").unwrap_or_default().to_owned();
        }
        Ok(())
    })?;
    let wrong = probe.end()?;
    for (number, stream) in &mut streams {
        stream.number = *number;
    }
    Ok(Contents {
        // Packets of what is no stream of pictures are of no use.
        streams: streams
            .into_values()
            .filter(|stream| stream.field("width").is_some())
            .collect(),
        container,
        wrong,
    })
}

/// FFmpeg's time of the first packet of a track of MP4, in ticks, its edit list passed over.
///
/// # Errors
/// Where nothing of the track comes.
pub fn first_time(path: &Path, track: u32, bounds: Bounds) -> Result<i64, Error> {
    let stream = format!("i:{track}");
    let arguments = [
        "-ignore_editlist",
        "1",
        "-select_streams",
        &stream,
        "-read_intervals",
        "%+#1",
        "-show_entries",
        "packet=pts",
        "-of",
        "compact",
    ];
    let mut probe = Program::start("ffprobe", path, bounds, &arguments, &[""; 0])?;
    let mut first = None;
    lines(&mut probe, |line| {
        let time = line.strip_prefix("packet|pts=");
        let time = time.and_then(|time| time.split('|').next()?.parse().ok());
        first = first.or(time);
        Ok(())
    })?;
    probe.end()?;
    first.ok_or_else(|| said(format!("nothing of track {track} comes")))
}

/// The frames that come out of a stream: all of it is decoded.
#[derive(Debug, Default)]
pub struct Decoded {
    /// When each is shown and how long, in seconds; of a frame without a time, that of the one before
    /// and its duration. Ascending.
    pub frames: Vec<(f64, f64)>,
    /// What is wrong with the file.
    pub wrong: Option<String>,
}

/// Decodes a stream of pictures of a size. Where the size changes, the frames before that count.
///
/// # Errors
/// Where no frame comes, or more than `bounds` allow.
pub fn decode(
    path: &Path,
    stream: u32,
    (width, height): (u32, u32),
    bounds: Bounds,
) -> Result<Decoded, Error> {
    let stream = stream.to_string();
    let arguments = [
        "-select_streams",
        &stream,
        "-show_entries",
        "frame=best_effort_timestamp_time,pkt_duration_time,duration_time,width,height",
        "-of",
        "compact=p=0",
    ];
    let mut probe = Program::start("ffprobe", path, bounds, &arguments, &[""; 0])?;
    let size = (width.to_string(), height.to_string());
    let mut decoded = Decoded::default();
    let mut changed = None;
    let mut read = |line: &str| {
        let value = |key: &str| {
            line.split('|')
                .find_map(|field| field.strip_prefix(key)?.strip_prefix('='))
        };
        let number = |key: &str| value(key)?.parse::<f64>().ok().filter(|n| n.is_finite());
        let (Some(width), Some(height)) = (value("width"), value("height")) else {
            return Ok(());
        };
        if changed.is_some() || (width, height) != (&*size.0, &*size.1) {
            changed.get_or_insert_with(|| format!("its size changes to {width}x{height}"));
            return Ok(());
        }
        let before = decoded.frames.last().copied();
        let time = number("best_effort_timestamp_time");
        let time = match (time, before) {
            (Some(time), Some((before, _))) => time.max(before),
            (Some(time), None) => time,
            (None, before) => before.map_or(0.0, |(before, duration)| before + duration),
        };
        let duration = number("duration_time").or(number("pkt_duration_time"));
        let duration = duration.or(before.map(|(_, duration)| duration));
        decoded.frames.push((time, duration.unwrap_or(0.0)));
        check(decoded.frames.len() as u64, bounds)
    };
    lines(&mut probe, &mut read)?;
    let outcome = probe.end();
    decoded.wrong = match (changed, outcome) {
        (Some(changed), _) => Some(changed),
        (None, Ok(wrong)) => wrong,
        (None, Err(error)) if decoded.frames.is_empty() => return Err(error),
        (None, Err(error)) => Some(error.to_string()),
    };
    Ok(decoded)
}

fn check(count: u64, Bounds { frames, .. }: Bounds) -> Result<(), Error> {
    match count > frames {
        true => Err(Error::TooManyFrames {
            count,
            limit: frames,
        }),
        false => Ok(()),
    }
}

/// Hands over the lines of a program, those that are too long cut.
fn lines(
    program: &mut Program,
    mut read: impl FnMut(&str) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let output = &mut program.output;
        if output.take(LINE_BYTES).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        read(String::from_utf8_lossy(&line).trim_end())?;
    }
}
