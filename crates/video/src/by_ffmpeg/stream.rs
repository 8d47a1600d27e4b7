//! What FFmpeg is to decode, and how its frames are known again.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use ffmpeg::first_time;
use image::metadata::Orientation;

use crate::colour::{Colours, is_large};
use crate::samples::SampleIndex;
use crate::track::Track;
use crate::{Limits, VideoError};

/// One stream of pictures of a file.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) index: Arc<SampleIndex>,
    /// Ticks a second of the index.
    pub(crate) ticks: u32,
    /// Size of the pictures, before they are turned.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) orientation: Orientation,
    /// Which one it is, as `-map` takes it.
    pub(super) map: String,
    /// The edit list is ours to follow: FFmpeg hands over every frame.
    pub(super) every_frame: bool,
    pub(super) key: Key,
    /// Pictures come as planes in 4:4:4, and these are their colours; `None` where FFmpeg converts them.
    pub(super) planes: Option<Colours>,
    /// Colours are to be taken as BT.709's: the file does not say, and its pictures are large.
    pub(super) bt709: bool,
    /// What the file promises and does not hold.
    pub(super) missing: Option<String>,
    /// What FFmpeg says is wrong with the file as a whole.
    pub(super) wrong: Option<String>,
    /// Bytes of the file, where the index says where its frames lie.
    pub(super) file_length: Option<u64>,
}

/// What a frame of FFmpeg's is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// Its time: that of its sample, multiplied back and moved.
    Time {
        /// Index's ticks in one of FFmpeg's.
        unit: i64,
        /// FFmpeg's time of the index's time 0.
        shift: i64,
    },
    /// Its number among those that come out.
    Number,
}

impl Stream {
    /// A track of the built-in reader's, which has the index of it but not the decoder.
    ///
    /// # Errors
    ///
    /// Where FFmpeg has to be asked for its times, and cannot be run.
    pub(crate) fn of_track(
        path: &Path,
        track: &Track,
        limits: &Limits,
    ) -> Result<Self, VideoError> {
        let map = format!("0:i:{}", track.id);
        // FFmpeg moves all times where composition offsets are negative, and by its own rule.
        let first = track.index.sample(0);
        let shift = match track.fragmented || track.index.shown_before_decoded() {
            true => first_time(path, track.id, limits.into())?.saturating_sub(first.shown_at),
            false => 0,
        };
        let silent = matches!(track.described.matrix, None | Some(2 | 3));
        Ok(Self {
            index: Arc::clone(&track.index),
            ticks: track.timescale,
            width: track.width,
            height: track.height,
            orientation: track.orientation,
            map,
            every_frame: true,
            key: Key::Time { unit: 1, shift },
            // FFmpeg's conversion of these takes longer than its decoding.
            planes: track.full_colour.then_some(track.colours),
            bt709: silent && is_large(track.width, track.height),
            missing: (track.cut_off)
                .then(|| "frames may follow in a fragment that is not whole".to_owned()),
            wrong: None,
            file_length: Some(File::open(path)?.metadata()?.len()),
        })
    }

    /// FFmpeg's time of a frame; 0 where frames are known by their numbers.
    pub(super) fn time_of(&self, frame: usize) -> i64 {
        self.time_of_sample(self.index.sample_of(frame))
    }

    pub(super) fn time_of_sample(&self, sample: usize) -> i64 {
        match self.key {
            Key::Time { unit, shift } => {
                (self.index.sample(sample).shown_at / unit).saturating_add(shift)
            }
            Key::Number => 0,
        }
    }
}
