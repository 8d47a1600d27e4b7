//! Opening a video.

use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use crate::boxes::read_index;
use crate::by_ffmpeg::{PipedFrames, Stream, probe};
use crate::frames::{Frames, TrackFrames};
use crate::info::VideoInfo;
use crate::origin::Origin;
use crate::track::Track;
use crate::{Content, Limits, VideoError};

/// Frames among which one coded as two fields is sought, where the stream allows for such: a choice.
const FIELDS_SOUGHT_IN: usize = 64;

/// An opened video: H.264 (8 bits, 4:2:0, progressive) in MP4 or MOV, fragmented or not; with FFmpeg's
/// programs installed, all that FFmpeg reads.
///
/// The edit list decides which frames are shown, the matrices of film and track how they are turned. Of
/// several tracks the film is taken, not a thumbnail or a cover.
#[derive(Debug)]
pub struct Video {
    origin: Origin,
    limits: Limits,
    source: Source,
    info: VideoInfo,
}

/// Where frames come from.
#[derive(Debug)]
enum Source {
    Track(Track),
    /// FFmpeg decodes; of H.264 in MP4 and MOV, the index is the built-in reader's.
    Ffmpeg {
        path: PathBuf,
        stream: Stream,
        track: Option<Track>,
    },
}

impl Video {
    /// Opens the file and reads its index, but no picture.
    ///
    /// What the built-in decoder lacks goes to FFmpeg's programs `ffmpeg` and `ffprobe`. Of containers
    /// that do not tell when each frame is shown, as AVI and transport streams, all is then decoded once
    /// to count the frames.
    ///
    /// # Errors
    ///
    /// Any [`VideoError`] of reading; memory stays within `limits` whatever the file claims.
    /// [`VideoError::NeedsFfmpeg`] where FFmpeg has to be installed first.
    pub fn open(path: impl AsRef<Path>, limits: &Limits) -> Result<Self, VideoError> {
        let path = path.as_ref();
        let content = Content::of(path)?;
        let named = || content.named(path);
        let (unreadable, indexed) = match content {
            Content::IsoMedia => match Self::open_index(Origin::File(path.into()), limits) {
                Ok(video) => match video.lacking() {
                    None => return Ok(video),
                    Some(lacking) => (VideoError::UnsupportedFeature(lacking), Some(video)),
                },
                Err(
                    error @ (VideoError::UnsupportedCodec(_) | VideoError::UnsupportedFeature(_)),
                ) => (error, None),
                Err(error) => return Err(error),
            },
            Content::Video(_) => (VideoError::NotMp4(named()), None),
            // FFmpeg may know it all the same.
            Content::Unknown if ffmpeg::is_there() => (VideoError::NotVideo(named()), None),
            Content::Unknown | Content::Other(_) => return Err(VideoError::NotVideo(named())),
        };
        if !ffmpeg::is_there() {
            return Err(VideoError::NeedsFfmpeg(Box::new(unreadable)));
        }
        if let Some(Ok(video)) = indexed.map(|video| video.decoded_by_ffmpeg(path)) {
            return Ok(video);
        }
        Self::open_with_ffmpeg(path, limits).map_err(|error| VideoError::Neither {
            built_in: Box::new(unreadable),
            ffmpeg: Box::new(error),
        })
    }

    /// Opens what the caller has opened, as bytes in memory, or a part of a larger file; otherwise as
    /// [`open`](Self::open). FFmpeg's programs read files: without a path, only what the built-in decoder
    /// reads can be read.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), of the built-in decoder.
    pub fn from_reader(
        mut reader: impl Read + Seek + Send + 'static,
        limits: &Limits,
    ) -> Result<Self, VideoError> {
        match Content::of_reader(&mut reader)? {
            Content::IsoMedia => {
                let video = Self::open_index(Origin::reader(reader), limits)?;
                match video.lacking() {
                    None => Ok(video),
                    Some(lacking) => Err(VideoError::UnsupportedFeature(lacking)),
                }
            }
            Content::Video(name) => Err(VideoError::NotMp4(name.to_owned())),
            Content::Other(name) => Err(VideoError::NotVideo(name.to_owned())),
            Content::Unknown => Err(VideoError::NotVideo("bytes of no known kind".to_owned())),
        }
    }

    /// Opens the file with FFmpeg, whatever the built-in decoder would say.
    ///
    /// # Errors
    ///
    /// [`VideoError::Ffmpeg`] where it cannot be run or does not read the file, and what goes beyond
    /// `limits`.
    pub fn open_with_ffmpeg(path: impl AsRef<Path>, limits: &Limits) -> Result<Self, VideoError> {
        let path = path.as_ref();
        let stream = probe(path, limits)?;
        let size = (stream.width, stream.height);
        let ticks = stream.ticks;
        Ok(Self {
            info: VideoInfo::of(&stream.index, ticks, size, stream.orientation),
            origin: Origin::File(path.to_owned()),
            limits: limits.clone(),
            source: Source::Ffmpeg {
                path: path.to_owned(),
                stream,
                track: None,
            },
        })
    }

    /// This video, of which the built-in reader has the index but not the decoder.
    fn decoded_by_ffmpeg(self, path: &Path) -> Result<Self, VideoError> {
        let Source::Track(track) = self.source else {
            return Ok(self);
        };
        // Other colours neither of both knows.
        if !matches!(track.described.matrix, None | Some(0..=7 | 9 | 10)) {
            return Err(VideoError::UnsupportedFeature("colours".to_owned()));
        }
        let stream = Stream::of_track(path, &track, &self.limits)?;
        Ok(Self {
            source: Source::Ffmpeg {
                path: path.to_owned(),
                stream,
                track: Some(track),
            },
            ..self
        })
    }

    fn open_index(origin: Origin, limits: &Limits) -> Result<Self, VideoError> {
        let track = Track::find(&read_index(&mut origin.open()?, limits)?, limits)?;
        let size = (track.width, track.height);
        let ticks = track.timescale;
        Ok(Self {
            info: VideoInfo::of(&track.index, ticks, size, track.orientation),
            origin,
            limits: limits.clone(),
            source: Source::Track(track),
        })
    }

    /// What the built-in decoder would need and lacks.
    fn lacking(&self) -> Option<String> {
        let track = self.track()?;
        let fields = || {
            let first: Vec<usize> = (0..self.info.frame_count.min(FIELDS_SOUGHT_IN)).collect();
            let frames = self.track_frames(track, first).ok()?;
            let fields = track.may_be_fields && frames.has_fields();
            fields.then(|| "interlaced coding (fields)".to_owned())
        };
        track.lacking.clone().or_else(fields)
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
        Ok(match &self.source {
            Source::Track(track) => self.track_frames(track, wanted)?.into(),
            Source::Ffmpeg { path, stream, .. } => {
                PipedFrames::new(path, stream, &self.info, &self.limits, wanted).into()
            }
        })
    }

    /// The same of the track, which the built-in decoder reads.
    pub(crate) fn track_frames<'a>(
        &'a self,
        track: &'a Track,
        wanted: Vec<usize>,
    ) -> Result<TrackFrames<'a>, VideoError> {
        TrackFrames::new(self.origin.open()?, track, &self.info, &self.limits, wanted)
    }

    /// Mean quantisation parameter of the frames at `indices`, from 0 for almost nothing lost to 51
    /// for almost everything: each 6 more double the steps (H.264, section 7.4.3, `SliceQPY`).
    /// FaceForensics++'s c23 and c40 are named after it. `None` where it is not known, as of other than
    /// H.264 in MP4 and MOV. Nothing is decoded.
    pub fn mean_quantizer(&self, indices: &[usize]) -> Option<f64> {
        let track = self.track()?;
        let there = indices.iter().copied();
        let there = there.filter(|&index| index < self.info.frame_count);
        let frames = self.track_frames(track, there.collect()).ok()?;
        let quantizers: Vec<f64> = frames.quantizers().map(f64::from).collect();
        let count = quantizers.len();
        (count > 0).then(|| quantizers.iter().sum::<f64>() / count as f64)
    }

    /// The track, where the built-in reader has the index.
    pub(crate) fn track(&self) -> Option<&Track> {
        match &self.source {
            Source::Track(track) => Some(track),
            Source::Ffmpeg { track, .. } => track.as_ref(),
        }
    }
}
