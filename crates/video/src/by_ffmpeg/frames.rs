//! The frames asked for, as FFmpeg hands them over through a pipe.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use ffmpeg::{Program, Shown, dialect, stretches};
use image::RgbImage;

use super::stream::{Key, Stream};
use crate::colour::upright;
use crate::frame::Frame;
use crate::info::VideoInfo;
use crate::{Limits, VideoError};

/// Frames in a row that nobody needs, for which decoding begins anew behind them, a choice: starting
/// the program takes as long as decoding some hundred.
const WORTH_A_START: usize = 250;
/// FFmpeg says of a frame what it is before it hands it over.
const PATIENCE: Duration = Duration::from_secs(20);

/// The frames asked for, as FFmpeg hands them over.
pub(crate) struct PipedFrames<'a> {
    path: &'a Path,
    stream: &'a Stream,
    info: &'a VideoInfo,
    limits: &'a Limits,
    /// How many frames are wanted.
    wanted: usize,
    legs: VecDeque<Leg>,
    running: Option<Running>,
    /// The first thing that went wrong.
    error: Option<VideoError>,
    /// The last frame of the video is among those wanted.
    to_the_end: bool,
}

/// Frames that one call of FFmpeg decodes.
#[derive(Debug, PartialEq, Eq)]
struct Leg {
    /// Sample at which decoding begins; 0 is the start of the file.
    start: usize,
    /// Ascending.
    wanted: Vec<usize>,
}

/// A call of FFmpeg that hands over frames.
struct Running {
    program: Program,
    /// Frames still to come, ascending, those not wanted among them.
    coming: VecDeque<usize>,
    wanted: VecDeque<usize>,
}

impl<'a> PipedFrames<'a> {
    /// Frames `wanted`, which are ascending, distinct and exist.
    pub(crate) fn new(
        path: &'a Path,
        stream: &'a Stream,
        info: &'a VideoInfo,
        limits: &'a Limits,
        mut wanted: Vec<usize>,
    ) -> Self {
        let count = wanted.len();
        let index = &stream.index;
        let to_the_end = wanted.last() == Some(&(index.frame_count() - 1));
        let mut error = None;
        if let Some(length) = stream.file_length {
            wanted.retain(|&frame| {
                let sample = index.sample_of(frame);
                let place = index.sample(sample);
                let there = place.offset.saturating_add(u64::from(place.size)) <= length;
                if !there {
                    let missing = format!("compressed frame {sample} is not there");
                    error.get_or_insert(VideoError::truncated(missing));
                }
                there
            });
        }
        Self {
            path,
            stream,
            info,
            limits,
            wanted: count,
            legs: legs(stream, wanted),
            running: None,
            error,
            to_the_end,
        }
    }

    /// How many frames are wanted.
    pub(crate) fn wanted(&self) -> usize {
        self.wanted
    }

    fn start(&self, leg: Leg) -> Result<Running, VideoError> {
        let stream = self.stream;
        let (mut filter, coming) = chosen(stream, &leg.wanted);
        // A size of its own, so that no other can come.
        let dialect = dialect();
        let (width, height) = (stream.width, stream.height);
        filter += &format!("{},scale={width}:{height}", dialect.showinfo);
        if stream.bt709 {
            filter += ":in_color_matrix=bt709";
        }
        let mut before = vec!["-nostdin", "-nostats", "-noautorotate", "-copyts"];
        if stream.every_frame {
            before.extend(["-ignore_editlist", "1"]);
        }
        let seconds;
        if leg.start > 0 {
            seconds = self.seconds_of(leg.start);
            before.extend(["-seek_timestamp", "1", "-noaccurate_seek", "-ss", &seconds]);
        }
        // Frames that the edit list hides may lie among those chosen.
        let hidden = stream.index.sample_count() - stream.index.frame_count();
        let count = (coming.len() + hidden).to_string();
        let mut after = vec![
            "-map",
            &stream.map,
            "-vf",
            &filter,
            dialect.pass_through,
            "passthrough",
        ];
        after.extend(["-frames:v", &count]);
        let pixels = if stream.planes.is_some() {
            "yuv444p"
        } else {
            "rgb24"
        };
        after.extend(["-f", "rawvideo", "-pix_fmt", pixels, "pipe:1"]);
        Ok(Running {
            program: Program::start("ffmpeg", self.path, self.limits.into(), &before, &after)?,
            coming: coming.into(),
            wanted: leg.wanted.into(),
        })
    }

    /// FFmpeg's time in the middle of a sample, in seconds.
    fn seconds_of(&self, sample: usize) -> String {
        let ticks = f64::from(self.stream.ticks);
        let unit = match self.stream.key {
            Key::Time { unit, .. } => unit as f64,
            Key::Number => 1.0,
        };
        let duration = f64::from(self.stream.index.sample(sample).duration);
        let time = self.stream.time_of_sample(sample) as f64 * unit + duration / 2.0;
        format!("{:.6}", time / ticks)
    }

    /// The next frame wanted of the call that runs; `None` at its end.
    fn next_of(&mut self, running: &mut Running) -> Result<Option<Frame>, VideoError> {
        while let Some(&wanted) = running.wanted.front() {
            let Some((picture, shown)) = self.picture(&mut running.program)? else {
                let wrong = running.program.end()?;
                let missing = format!("frame {wanted} does not come");
                return Err(wrong.map_or(VideoError::truncated(missing), VideoError::ffmpeg));
            };
            if shown.size != (self.stream.width, self.stream.height) {
                let (width, height) = shown.size;
                let reason = format!("its size changes to {width}x{height}");
                return Err(VideoError::Undecodable {
                    sample: self.stream.index.sample_of(wanted),
                    reason,
                });
            }
            let Some(frame) = self.which(running, shown) else {
                continue;
            };
            return Ok(Some(Frame {
                index: frame,
                time_seconds: self.info.times_seconds[frame],
                picture: upright(picture, self.stream.orientation),
            }));
        }
        // All came; FFmpeg may have found damage in some of them.
        // Waited for, it would go on to the end of the file where more was asked of it.
        let index = &self.stream.index;
        let wrong = match index.sample_count() > index.frame_count() {
            true => running.program.stop(),
            false => running.program.end()?,
        };
        wrong.map_or(Ok(None), |wrong| Err(VideoError::ffmpeg(wrong)))
    }

    /// Which of the frames wanted a picture is, if any.
    fn which(&mut self, running: &mut Running, shown: Shown) -> Option<usize> {
        if self.stream.key == Key::Number {
            let number = running.coming.pop_front()?;
            let frame = *running.wanted.front()?;
            return (number == frame)
                .then(|| running.wanted.pop_front())
                .flatten();
        }
        let time = shown.time?;
        while let Some(&frame) = running.wanted.front() {
            let expected = self.stream.time_of(frame);
            if time < expected {
                return None;
            }
            running.wanted.pop_front();
            if time == expected {
                return Some(frame);
            }
            let missing = VideoError::ffmpeg(format!("frame {frame} cannot be decoded"));
            self.error.get_or_insert(missing);
        }
        None
    }

    /// The next picture that comes, and what FFmpeg says of it; `None` at the end.
    fn picture(&self, program: &mut Program) -> Result<Option<(RgbImage, Shown)>, VideoError> {
        let mut picture = RgbImage::new(self.stream.width, self.stream.height);
        match program.output.read_exact(&mut picture) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(error.into()),
        }
        if let Some(colours) = self.stream.planes {
            picture = colours.full_to_rgb(&picture)?;
        }
        match program.shown.recv_timeout(PATIENCE) {
            Ok(shown) => Ok(Some((picture, shown))),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                Err(VideoError::ffmpeg(
                    "it does not say which frames come: is its version 4.2 or newer?",
                ))
            }
        }
    }
}

impl Iterator for PipedFrames<'_> {
    type Item = Result<Frame, VideoError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut running = match self.running.take() {
                Some(running) => running,
                None => match self.legs.pop_front().map(|leg| self.start(leg)) {
                    Some(Ok(running)) => running,
                    Some(Err(error)) => {
                        self.error.get_or_insert(error);
                        continue;
                    }
                    None => break,
                },
            };
            match self.next_of(&mut running) {
                Ok(Some(frame)) => {
                    self.running = Some(running);
                    return Some(Ok(frame));
                }
                Ok(None) => {}
                Err(error) => _ = self.error.get_or_insert(error),
            }
        }
        if std::mem::take(&mut self.to_the_end) && self.error.is_none() {
            let missing = self
                .stream
                .missing
                .as_ref()
                .map(|missing| VideoError::truncated(missing.clone()));
            self.error = missing.or_else(|| {
                self.stream
                    .wrong
                    .as_ref()
                    .map(|wrong| VideoError::ffmpeg(wrong.clone()))
            });
        }
        self.error.take().map(Err)
    }
}

/// Divides the frames wanted where much lies between them that nobody needs.
fn legs(stream: &Stream, wanted: Vec<usize>) -> VecDeque<Leg> {
    let index = &stream.index;
    let mut legs: VecDeque<Leg> = VecDeque::new();
    let mut decoded = 0;
    for frame in wanted {
        let sample = index.sample_of(frame);
        let start = match stream.key {
            Key::Time { .. } => index.start_for(sample),
            Key::Number => 0,
        };
        let anew = start > decoded + WORTH_A_START;
        match legs.back_mut().filter(|_| !anew) {
            Some(leg) => leg.wanted.push(frame),
            None => legs.push_back(Leg {
                start: if anew { start } else { 0 },
                wanted: vec![frame],
            }),
        }
        decoded = decoded.max(sample);
    }
    legs
}

/// The filter that lets the frames wanted pass, and the numbers of those that come.
fn chosen(stream: &Stream, wanted: &[usize]) -> (String, Vec<usize>) {
    let stretches = stretches(wanted);
    let between = |&(from, to): &(usize, usize)| match stream.key {
        Key::Time { .. } => {
            let (from, to) = (stream.time_of(from), stream.time_of(to));
            format!("between(pts,{from},{to})")
        }
        Key::Number => format!("between(n,{from},{to})"),
    };
    let chosen: Vec<String> = stretches.iter().map(between).collect();
    let coming = stretches.into_iter().flat_map(|(from, to)| from..=to);
    (format!("select='{}',", chosen.join("+")), coming.collect())
}
