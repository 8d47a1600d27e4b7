//! Opening a video.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::boxes::read_index;
use crate::colour::swaps_sides;
use crate::frames::{Frames, TrackFrames};
use crate::track::Track;
use crate::{Limits, VideoError};

/// What is known of a video before anything is decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoInfo {
    /// Width of the upright picture, pixels.
    pub width: u32,
    /// Height of the upright picture, pixels.
    pub height: u32,
    /// Number of frames shown.
    pub frame_count: usize,
    /// Mean frames a second: frames over duration.
    pub frame_rate: f64,
    /// From frame 0 to the end of the last frame, seconds.
    pub duration_seconds: f64,
    /// When each frame is shown, seconds after frame 0, ascending.
    pub times_seconds: Vec<f64>,
}

/// An opened video: H.264 (8 bits, 4:2:0, progressive) in MP4 or MOV, fragmented or not; with the
/// feature `ffmpeg` and FFmpeg installed, what FFmpeg reads.
///
/// The edit list decides which frames are shown, the track's matrix how they are turned. Of several
/// tracks the first in H.264 is taken.
#[derive(Debug)]
pub struct Video {
    path: PathBuf,
    limits: Limits,
    source: Source,
    info: VideoInfo,
}

/// Where frames come from.
#[derive(Debug)]
pub(crate) enum Source {
    Track(Track),
    #[cfg(feature = "ffmpeg")]
    Ffmpeg(crate::ffmpeg::Source),
}

impl Video {
    /// Opens the file and reads its index, but no picture.
    ///
    /// With the feature `ffmpeg`, what the built-in decoder refuses for its format goes to FFmpeg,
    /// which has to decode all of it to count the frames.
    ///
    /// # Errors
    ///
    /// Any [`VideoError`] of reading; memory stays within `limits` whatever the file claims.
    pub fn open(path: impl AsRef<Path>, limits: &Limits) -> Result<Self, VideoError> {
        let built_in = Self::open_built_in(path.as_ref(), limits);
        #[cfg(feature = "ffmpeg")]
        if let Err(
            error @ (VideoError::NotMp4
            | VideoError::UnsupportedCodec(_)
            | VideoError::UnsupportedFeature(_)),
        ) = built_in
        {
            return Self::open_with_ffmpeg(path, limits).map_err(|ffmpeg| VideoError::Neither {
                built_in: Box::new(error),
                ffmpeg: Box::new(ffmpeg),
            });
        }
        built_in
    }

    /// Opens the file with FFmpeg, whatever the built-in decoder would say.
    ///
    /// # Errors
    ///
    /// [`VideoError::Ffmpeg`] where it is not installed or does not read the file, and what goes
    /// beyond `limits`.
    #[cfg(feature = "ffmpeg")]
    pub fn open_with_ffmpeg(path: impl AsRef<Path>, limits: &Limits) -> Result<Self, VideoError> {
        let path = path.as_ref().to_owned();
        if !std::fs::metadata(&path)?.is_file() {
            return Err(VideoError::NotMp4);
        }
        let (info, source) = crate::ffmpeg::describe(&path, limits)?;
        Ok(Self {
            path,
            limits: limits.clone(),
            source: Source::Ffmpeg(source),
            info,
        })
    }

    fn open_built_in(path: &Path, limits: &Limits) -> Result<Self, VideoError> {
        let path = path.to_owned();
        let mut file = File::open(&path)?;
        if !file.metadata()?.is_file() {
            return Err(VideoError::NotMp4);
        }
        let track = Track::find(&read_index(&mut file, limits)?, limits)?;
        Ok(Self {
            info: describe(&track),
            path,
            limits: limits.clone(),
            source: Source::Track(track),
        })
    }

    /// What is known of the video.
    pub fn info(&self) -> &VideoInfo {
        &self.info
    }

    /// All frames, in display order.
    ///
    /// # Errors
    ///
    /// [`VideoError::Io`] where the file cannot be opened again.
    pub fn frames(&self) -> Result<Frames<'_>, VideoError> {
        Frames::new(self, (0..self.info.frame_count).collect())
    }

    /// The frames at `indices`, ascending and each once, however they were given.
    ///
    /// Decoding begins at the last possible place before a wanted frame. Between there and the
    /// frame, pictures that nothing refers to are passed over, and no other is converted to RGB.
    ///
    /// # Errors
    ///
    /// [`VideoError::NoSuchFrame`], or [`VideoError::Io`] where the file cannot be opened again.
    pub fn frames_at(&self, indices: &[usize]) -> Result<Frames<'_>, VideoError> {
        let count = self.info.frame_count;
        if let Some(&index) = indices.iter().find(|&&index| index >= count) {
            return Err(VideoError::NoSuchFrame { index, count });
        }
        let mut wanted = indices.to_vec();
        wanted.sort_unstable();
        wanted.dedup();
        Frames::new(self, wanted)
    }

    /// Mean quantisation parameter of the frames at `indices`, from 0 for almost nothing lost to 51
    /// for almost everything: each 6 more double the steps (H.264, section 7.4.3, `SliceQPY`).
    /// FaceForensics++'s c23 and c40 are named after it. `None` where it is not known, as of what
    /// FFmpeg decodes. Nothing is decoded.
    pub fn mean_quantizer(&self, indices: &[usize]) -> Option<f64> {
        let track = self.track()?;
        let there = indices.iter().copied();
        let there = there.filter(|&index| index < self.info.frame_count);
        let frames = TrackFrames::new(self, track, there.collect()).ok()?;
        let quantizers: Vec<f64> = frames.quantizers().map(f64::from).collect();
        let count = quantizers.len();
        (count > 0).then(|| quantizers.iter().sum::<f64>() / count as f64)
    }

    /// Index of the frame to be seen `seconds` after frame 0: the last one shown by then. A time
    /// before the first frame gives the first, a time behind the last frame the last.
    pub fn frame_at_time(&self, seconds: f64) -> usize {
        let shown = (self.info.times_seconds).partition_point(|&time| time <= seconds);
        shown.saturating_sub(1)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The track, where the built-in decoder reads it.
    pub(crate) fn track(&self) -> Option<&Track> {
        match &self.source {
            Source::Track(track) => Some(track),
            #[cfg(feature = "ffmpeg")]
            Source::Ffmpeg(_) => None,
        }
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }
}

fn describe(track: &Track) -> VideoInfo {
    let index = &track.index;
    let ticks = f64::from(track.timescale);
    let frame_count = index.frame_count();
    let sample = |frame: usize| index.sample(index.sample_of(frame));
    let start = sample(0).shown_at;
    let times_seconds: Vec<f64> = (0..frame_count)
        .map(|frame| sample(frame).shown_at.saturating_sub(start) as f64 / ticks)
        .collect();
    let last = f64::from(sample(frame_count - 1).duration) / ticks;
    let duration_seconds = times_seconds[frame_count - 1] + last;
    let (width, height) = match swaps_sides(track.orientation) {
        true => (track.height, track.width),
        false => (track.width, track.height),
    };
    VideoInfo {
        width,
        height,
        frame_count,
        // A single frame may be said to last no time at all.
        frame_rate: match duration_seconds > 0.0 {
            true => frame_count as f64 / duration_seconds,
            false => 0.0,
        },
        duration_seconds,
        times_seconds,
    }
}
