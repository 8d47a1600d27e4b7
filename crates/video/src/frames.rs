//! Frames in display order, one at a time.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use rusty_h264::YuvFrame;

use crate::by_ffmpeg::PipedFrames;
use crate::colour::upright;
use crate::decoder::{PictureDecoder, is_disposable};
use crate::frame::Frame;
use crate::info::VideoInfo;
use crate::origin::Bytes;
use crate::quantizer::SliceReader;
use crate::track::Track;
use crate::{Limits, VideoError};

/// Decoded frames that may wait for one before them. A decoder of H.264 holds at most 16.
const MAX_WAITING: usize = 32;

/// The frames asked for, in ascending order; then, where some could not be had, one error:
/// [`VideoError::Partial`].
///
/// A frame that cannot be decoded takes with it those up to the next place where decoding can
/// begin. All others come as if nothing had happened, and the first reason comes last.
pub struct Frames<'a> {
    origin: Origin<'a>,
    wanted: usize,
    read: usize,
}

/// Who decodes.
enum Origin<'a> {
    BuiltIn(Box<TrackFrames<'a>>),
    Ffmpeg(Box<PipedFrames<'a>>),
}

impl<'a> From<TrackFrames<'a>> for Frames<'a> {
    fn from(frames: TrackFrames<'a>) -> Self {
        Self {
            wanted: frames.wanted.len(),
            read: 0,
            origin: Origin::BuiltIn(Box::new(frames)),
        }
    }
}

impl<'a> From<PipedFrames<'a>> for Frames<'a> {
    fn from(frames: PipedFrames<'a>) -> Self {
        Self {
            wanted: frames.wanted(),
            read: 0,
            origin: Origin::Ffmpeg(Box::new(frames)),
        }
    }
}

impl Iterator for Frames<'_> {
    type Item = Result<Frame, VideoError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = match &mut self.origin {
            Origin::BuiltIn(frames) => frames.next(),
            Origin::Ffmpeg(frames) => frames.next(),
        };
        next.map(|next| match next {
            Ok(frame) => {
                self.read += 1;
                Ok(frame)
            }
            Err(reason) => Err(VideoError::Partial {
                read: self.read,
                wanted: self.wanted,
                reason: Box::new(reason),
            }),
        })
    }
}

impl std::iter::FusedIterator for Frames<'_> {}

/// The frames of a track that the built-in decoder reads.
pub(crate) struct TrackFrames<'a> {
    track: &'a Track,
    info: &'a VideoInfo,
    limits: &'a Limits,
    file: Bytes,
    file_length: u64,
    decoder: PictureDecoder<'a>,
    /// Next sample to decode.
    position: usize,
    /// Where decoding began, and when that sample is shown: what follows in the file but is shown
    /// before may refer to pictures that were never decoded.
    began: (usize, i64),
    /// Frames still wanted, ascending.
    wanted: std::vec::IntoIter<usize>,
    /// The last frame of the video is among them.
    to_the_end: bool,
    is_wanted: Vec<bool>,
    /// Decoded frames that wait for their turn.
    waiting: BTreeMap<usize, YuvFrame>,
    /// The first thing that went wrong.
    error: Option<VideoError>,
    compressed: Vec<u8>,
}

impl<'a> TrackFrames<'a> {
    /// Frames `wanted`, which are ascending, distinct and exist, of a `track` of `file`.
    pub(crate) fn new(
        mut file: Bytes,
        track: &'a Track,
        info: &'a VideoInfo,
        limits: &'a Limits,
        wanted: Vec<usize>,
    ) -> Result<Self, VideoError> {
        let file_length = file.seek(SeekFrom::End(0))?;
        let mut is_wanted = vec![false; track.index.frame_count()];
        for &frame in &wanted {
            is_wanted[frame] = true;
        }
        let to_the_end = is_wanted.last() == Some(&true);
        Ok(Self {
            track,
            info,
            limits,
            file,
            file_length,
            decoder: PictureDecoder::new(track, limits),
            position: 0,
            began: (0, i64::MIN),
            wanted: wanted.into_iter(),
            to_the_end,
            is_wanted,
            waiting: BTreeMap::new(),
            error: None,
            compressed: Vec::new(),
        })
    }

    /// Decodes until `frame` waits, or cannot come any more.
    fn decode_until(&mut self, frame: usize) {
        let index = &self.track.index;
        let sample = index.sample_of(frame);
        let start = index.start_for(sample);
        if start > self.position {
            self.begin_at(start);
        }
        while self.position <= sample && !self.waiting.contains_key(&frame) {
            if let Err(error) = self.step() {
                self.error.get_or_insert(error);
                let next = index.next_start(self.position);
                self.begin_at(next.unwrap_or(index.sample_count()));
            }
        }
    }

    /// Continues at `sample` with a fresh decoder.
    fn begin_at(&mut self, sample: usize) {
        let track = self.track;
        self.decoder = PictureDecoder::new(track, self.limits);
        self.position = sample;
        if sample < track.index.sample_count() {
            self.began = (sample, track.index.sample(sample).shown_at);
        }
    }

    /// Decodes the next sample, or passes over it where nobody needs it.
    fn step(&mut self) -> Result<(), VideoError> {
        let track = self.track;
        let frame = track.index.frame_of(self.position);
        let wanted = frame.filter(|&frame| self.is_wanted[frame]);
        let leads = self.position > self.began.0
            && track.index.sample(self.position).shown_at < self.began.1;
        if !leads {
            self.read_sample()?;
            if wanted.is_some() || !is_disposable(&self.compressed, track.length_bytes) {
                let picture = self.decoder.decode(&self.compressed).map_err(|reason| {
                    VideoError::Undecodable {
                        sample: self.position,
                        reason,
                    }
                })?;
                if let Some(frame) = wanted {
                    self.keep(frame, picture)?;
                }
            }
        }
        self.position += 1;
        Ok(())
    }

    /// Lets a picture wait for its turn.
    fn keep(&mut self, frame: usize, picture: YuvFrame) -> Result<(), VideoError> {
        if self.waiting.len() == MAX_WAITING {
            return Err(VideoError::Damaged(format!(
                "more than {MAX_WAITING} frames out of order"
            )));
        }
        self.waiting.insert(frame, picture);
        Ok(())
    }

    /// Reads the bytes of the sample at the current position.
    fn read_sample(&mut self) -> Result<(), VideoError> {
        let sample = self.track.index.sample(self.position);
        let size = u64::from(sample.size);
        let limit = self.limits.max_sample_bytes;
        VideoError::check("bytes of a compressed frame", size, limit)?;
        if sample.offset.saturating_add(size) > self.file_length {
            let missing = format!("compressed frame {} is not there", self.position);
            return Err(VideoError::truncated(missing));
        }
        self.compressed.resize(sample.size as usize, 0);
        self.file.seek(SeekFrom::Start(sample.offset))?;
        self.file.read_exact(&mut self.compressed)?;
        Ok(())
    }

    /// The quantisation parameter of each frame wanted, 0..=51, where it can be read.
    pub(crate) fn quantizers(mut self) -> impl Iterator<Item = u8> {
        let mut reader = SliceReader::new(self.track);
        let wanted = std::mem::take(&mut self.wanted);
        wanted.filter_map(move |frame| {
            self.position = self.track.index.sample_of(frame);
            self.read_sample().ok()?;
            reader.quantizer(&self.compressed)
        })
    }

    /// Whether any frame wanted is coded as two fields, as far as that can be read.
    pub(crate) fn has_fields(mut self) -> bool {
        let mut reader = SliceReader::new(self.track);
        let mut wanted = std::mem::take(&mut self.wanted);
        wanted.any(|frame| {
            self.position = self.track.index.sample_of(frame);
            let read = self.read_sample().is_ok();
            read && reader.is_fields(&self.compressed) == Some(true)
        })
    }

    /// The next frame wanted, as it was decoded: not turned, not RGB.
    pub(crate) fn next_planes(&mut self) -> Option<Result<(usize, YuvFrame), VideoError>> {
        while let Some(frame) = self.wanted.next() {
            self.decode_until(frame);
            match self.waiting.remove(&frame) {
                Some(picture) => return Some(Ok((frame, picture))),
                None if self.error.is_none() => {
                    let error = format!("frame {frame} lies before its time");
                    self.error = Some(VideoError::Damaged(error));
                }
                None => {}
            }
        }
        if std::mem::take(&mut self.to_the_end) && self.track.cut_off {
            let missing = "frames may follow in a fragment that is not whole";
            self.error.get_or_insert(VideoError::truncated(missing));
        }
        self.error.take().map(Err)
    }
}

impl Iterator for TrackFrames<'_> {
    type Item = Result<Frame, VideoError>;

    fn next(&mut self) -> Option<Self::Item> {
        let track = self.track;
        self.next_planes().map(|next| {
            let (index, planes) = next?;
            Ok(Frame {
                index,
                time_seconds: self.info.times_seconds[index],
                picture: upright(track.colours.to_rgb(&planes)?, track.orientation),
            })
        })
    }
}
