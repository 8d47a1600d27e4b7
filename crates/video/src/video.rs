//! Opening a video.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::boxes::read_index;
#[cfg(feature = "ffmpeg")]
use crate::ffmpeg::PipedFrames;
use crate::frames::{Frames, TrackFrames};
use crate::info::VideoInfo;
use crate::track::Track;
use crate::{Limits, VideoError};

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
enum Source {
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
            info: VideoInfo::of(&track),
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
        self.frames_of((0..self.info.frame_count).collect())
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
        self.frames_of(wanted)
    }

    /// Frames `wanted`, which are ascending, distinct and exist.
    fn frames_of(&self, wanted: Vec<usize>) -> Result<Frames<'_>, VideoError> {
        match &self.source {
            Source::Track(track) => self.track_frames(track, wanted).map(Frames::from),
            #[cfg(feature = "ffmpeg")]
            Source::Ffmpeg(source) => {
                PipedFrames::new(&self.path, source, &self.info, wanted).map(Frames::from)
            }
        }
    }

    /// The same of the track, which the built-in decoder reads.
    pub(crate) fn track_frames<'a>(
        &'a self,
        track: &'a Track,
        wanted: Vec<usize>,
    ) -> Result<TrackFrames<'a>, VideoError> {
        let file = File::open(&self.path)?;
        TrackFrames::new(file, track, &self.info, &self.limits, wanted)
    }

    /// Mean quantisation parameter of the frames at `indices`, from 0 for almost nothing lost to 51
    /// for almost everything: each 6 more double the steps (H.264, section 7.4.3, `SliceQPY`).
    /// FaceForensics++'s c23 and c40 are named after it. `None` where it is not known, as of what
    /// FFmpeg decodes. Nothing is decoded.
    pub fn mean_quantizer(&self, indices: &[usize]) -> Option<f64> {
        let track = self.track()?;
        let there = indices.iter().copied();
        let there = there.filter(|&index| index < self.info.frame_count);
        let frames = self.track_frames(track, there.collect()).ok()?;
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

    /// The track, where the built-in decoder reads it.
    pub(crate) fn track(&self) -> Option<&Track> {
        match &self.source {
            Source::Track(track) => Some(track),
            #[cfg(feature = "ffmpeg")]
            Source::Ffmpeg(_) => None,
        }
    }
}
