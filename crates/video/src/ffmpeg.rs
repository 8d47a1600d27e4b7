//! Whatever else FFmpeg can decode, by its programs `ffprobe` and `ffmpeg` (5.1 or newer).
//!
//! `ffprobe` decodes the file once to count its frames: what a container claims and what comes out
//! differ too often. `ffmpeg` then hands the frames over through a pipe, one at a time.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::{self, JoinHandle};

use image::RgbImage;
use serde::Deserialize;

use crate::frame::Frame;
use crate::info::VideoInfo;
use crate::{Limits, VideoError};

/// The containers that are read. Playlists are not among them: they name other files.
const CONTAINERS: &str =
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,ivf,h264,hevc,m4v,mxf,nut,rm,dv";
/// More stretches of frames than these are not listed on a command line: all frames then come, and
/// those not wanted are passed over.
const MOST_STRETCHES: usize = 1000;

/// A running program of FFmpeg; it ends with this value.
struct Program {
    child: Child,
    output: BufReader<ChildStdout>,
    /// Gives the first line of what the program says is wrong.
    complaint: Option<JoinHandle<String>>,
    /// What FFmpeg puts before its complaints.
    name: String,
}

impl Program {
    /// Starts a program that reads `path`, which is taken as a file whatever its name looks like.
    fn start(
        program: &str,
        path: &Path,
        before: &[&str],
        after: &[&str],
    ) -> Result<Self, VideoError> {
        let mut file = OsString::from("file:");
        file.push(path);
        let name = format!("{}: ", file.to_string_lossy());
        let mut child = Command::new(program)
            .args(["-v", "error", "-threads", "1"])
            .args([
                "-protocol_whitelist",
                "file",
                "-format_whitelist",
                CONTAINERS,
            ])
            .args(before)
            .arg("-i")
            .arg(file)
            .args(after)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound => said(format!("`{program}` is not there: install FFmpeg")),
                _ => said(format!("`{program}`: {error}")),
            })?;
        let (Some(output), Some(errors)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(said(format!("`{program}` has no output")));
        };
        // Read to the end, or a talkative program would wait for ever.
        let complaint = thread::spawn(move || {
            let mut lines = BufReader::new(errors).split(b'\n').map_while(Result::ok);
            let first = lines.find(|line| !line.trim_ascii().is_empty());
            lines.for_each(drop);
            String::from_utf8_lossy(&first.unwrap_or_default()).into_owned()
        });
        Ok(Self {
            child,
            output: BufReader::new(output),
            complaint: Some(complaint),
            name,
        })
    }

    /// Waits for the end, and takes what the program says is wrong.
    fn end(&mut self) -> Result<(), VideoError> {
        let status = self.child.wait()?;
        let complaint = self.complaint.take().map(JoinHandle::join);
        // The path differs between machines, and the caller knows it.
        let complaint = match complaint {
            Some(Ok(line)) => line.trim().replace(&self.name, ""),
            _ => String::new(),
        };
        match complaint.is_empty() {
            true if status.success() => Ok(()),
            true => Err(said(status.to_string())),
            false => Err(said(complaint)),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn said(reason: impl Into<String>) -> VideoError {
    VideoError::Ffmpeg(reason.into())
}

#[derive(Deserialize)]
struct Description {
    #[serde(default)]
    streams: Vec<Stream>,
}

#[derive(Deserialize)]
struct Stream {
    width: u32,
    height: u32,
    #[serde(default)]
    color_space: Option<String>,
    #[serde(default)]
    side_data_list: Vec<SideData>,
}

#[derive(Deserialize)]
struct SideData {
    #[serde(default)]
    rotation: f64,
}

/// What `ffprobe` says of a file, and whether its colours are to be taken as BT.709's.
pub(crate) fn describe(path: &Path, limits: &Limits) -> Result<(VideoInfo, Source), VideoError> {
    const STREAM: &str = "stream=width,height,color_space:stream_side_data=rotation";
    let arguments = [
        "-select_streams",
        "V:0",
        "-show_entries",
        STREAM,
        "-of",
        "json",
    ];
    let mut probe = Program::start("ffprobe", path, &arguments, &[])?;
    let mut json = Vec::new();
    (&mut probe.output).take(1 << 20).read_to_end(&mut json)?;
    probe.end()?;
    let description: Description =
        serde_json::from_slice(&json).map_err(|error| said(format!("`ffprobe`: {error}")))?;
    let stream = description
        .streams
        .first()
        .ok_or(VideoError::NoVideoTrack)?;
    let coded = (stream.width, stream.height);
    let pixels = u64::from(coded.0) * u64::from(coded.1);
    VideoError::check("pixels of a picture", pixels, limits.max_pixels)?;
    if pixels == 0 {
        return Err(said("its pictures have no pixels"));
    }
    let turns = stream.side_data_list.iter().map(|data| data.rotation);
    let upright = turns.sum::<f64>().rem_euclid(180.0) < 45.0;
    let (width, height) = match upright {
        true => coded,
        false => (coded.1, coded.0),
    };
    let silent = matches!(
        stream.color_space.as_deref(),
        None | Some("unknown" | "reserved")
    );
    let (times_seconds, duration_seconds) = times(path, coded, limits)?;
    let info = VideoInfo {
        width,
        height,
        frame_count: times_seconds.len(),
        frame_rate: match duration_seconds > 0.0 {
            true => times_seconds.len() as f64 / duration_seconds,
            false => 0.0,
        },
        duration_seconds,
        times_seconds,
    };
    // As the built-in decoder has it.
    let bt709 = silent && (coded.0 >= 1280 || coded.1 > 576);
    Ok((info, Source { bt709 }))
}

/// When each frame is shown, in seconds after the first one, and when the last one ends.
fn times(
    path: &Path,
    (width, height): (u32, u32),
    limits: &Limits,
) -> Result<(Vec<f64>, f64), VideoError> {
    const FRAME: &str =
        "frame=best_effort_timestamp_time,pkt_duration_time,duration_time,width,height";
    let arguments = [
        "-select_streams",
        "V:0",
        "-show_entries",
        FRAME,
        "-of",
        "compact=p=0",
    ];
    let mut probe = Program::start("ffprobe", path, &arguments, &[])?;
    let (mut times, mut last) = (Vec::<f64>::new(), 0.0);
    let mut first = None;
    for line in (&mut probe.output).lines() {
        let line = line?;
        let value = |key: &str| {
            line.split('|')
                .find_map(|field| field.strip_prefix(key)?.strip_prefix('='))
        };
        let number = |key: &str| value(key)?.parse::<f64>().ok().filter(|n| n.is_finite());
        let Some(size) = value("width").zip(value("height")) else {
            continue;
        };
        if size != (&*width.to_string(), &*height.to_string()) {
            let (width, height) = size;
            let reason = format!("its size changes to {width}x{height}");
            return Err(VideoError::UnsupportedFeature(reason));
        }
        let before = times.last().copied();
        // Without a time of its own, a frame follows the one before.
        let time = match number("best_effort_timestamp_time") {
            Some(time) => time - *first.get_or_insert(time),
            None => before.map_or(0.0, |before| before + last),
        };
        times.push(before.map_or(0.0, |before| time.max(before)));
        VideoError::check("frames", times.len() as u64, limits.max_frames)?;
        last = number("duration_time")
            .or(number("pkt_duration_time"))
            .unwrap_or(last);
    }
    let outcome = probe.end();
    match times.last() {
        // What is wrong with some frames is said when these are read.
        Some(&end) => Ok((times, end + last)),
        None => outcome.and(Err(VideoError::NoFrames)),
    }
}

/// A file that FFmpeg reads.
#[derive(Debug)]
pub(crate) struct Source {
    bt709: bool,
}

/// The frames asked for, as FFmpeg hands them over.
pub(crate) struct PipedFrames<'a> {
    info: &'a VideoInfo,
    program: Option<Program>,
    /// The numbers of the frames that come, and of those that are wanted.
    coming: std::vec::IntoIter<usize>,
    wanted: std::iter::Peekable<std::vec::IntoIter<usize>>,
    error: Option<VideoError>,
}

impl<'a> PipedFrames<'a> {
    /// Frames `wanted`, which are ascending, distinct and exist.
    pub(crate) fn new(
        path: &Path,
        source: &Source,
        info: &'a VideoInfo,
        wanted: Vec<usize>,
    ) -> Result<Self, VideoError> {
        let stretches = stretches(&wanted);
        let mut coming = wanted.clone();
        let mut filter = String::new();
        if stretches.len() > MOST_STRETCHES {
            coming = (0..=wanted.last().copied().unwrap_or(0)).collect();
        } else {
            let chosen = stretches
                .iter()
                .map(|(from, to)| format!("between(n,{from},{to})"));
            let chosen: Vec<String> = chosen.collect();
            filter = format!("select='{}',", chosen.join("+"));
        }
        // A size of its own, so that no other can come.
        filter += &format!("scale={}:{}", info.width, info.height);
        if source.bt709 {
            filter += ":in_color_matrix=bt709";
        }
        let count = coming.len().to_string();
        let arguments = [
            "-map",
            "0:V:0",
            "-vf",
            &filter,
            "-fps_mode",
            "passthrough",
            "-frames:v",
            &count,
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
            "pipe:1",
        ];
        let program = match wanted.is_empty() {
            true => None,
            false => Some(Program::start("ffmpeg", path, &["-nostdin"], &arguments)?),
        };
        Ok(Self {
            info,
            program,
            coming: coming.into_iter(),
            wanted: wanted.into_iter().peekable(),
            error: None,
        })
    }

    /// The next picture that comes.
    fn picture(&mut self) -> Result<RgbImage, VideoError> {
        let mut picture = RgbImage::new(self.info.width, self.info.height);
        let Some(program) = &mut self.program else {
            return Err(VideoError::truncated("frames that were there before"));
        };
        match program.output.read_exact(&mut picture) {
            Ok(()) => Ok(picture),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                program.end()?;
                Err(VideoError::truncated("frames that were there before"))
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Iterator for PipedFrames<'_> {
    type Item = Result<Frame, VideoError>;

    fn next(&mut self) -> Option<Self::Item> {
        while let (Some(&index), Some(number)) = (self.wanted.peek(), self.coming.next()) {
            match self.picture() {
                Ok(picture) if number == index => {
                    self.wanted.next();
                    return Some(Ok(Frame {
                        index,
                        time_seconds: self.info.times_seconds[index],
                        picture,
                    }));
                }
                Ok(_) => {}
                Err(error) => {
                    self.error = Some(error);
                    self.coming = Vec::new().into_iter();
                    self.program = None;
                }
            }
        }
        // All came; FFmpeg may have found damage in some of them.
        if let Some(mut program) = self.program.take() {
            self.error = program.end().err();
        }
        self.error.take().map(Err)
    }
}

/// The first and last of each run of successive numbers.
fn stretches(numbers: &[usize]) -> Vec<(usize, usize)> {
    let mut stretches: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match stretches.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => stretches.push((number, number)),
        }
    }
    stretches
}
