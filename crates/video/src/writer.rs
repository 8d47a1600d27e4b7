//! Pictures to an MP4 file.

use std::io::{Seek, SeekFrom, Write};
use std::num::NonZeroU32;

use image::RgbImage;
use shiguredo_mp4::boxes::{Avc1Box, AvccBox, SampleEntry, UnknownBox, VisualSampleEntryFields};
use shiguredo_mp4::mux::{Mp4FileMuxer, Sample};
use shiguredo_mp4::{BoxSize, BoxType, TrackKind, Uint};

use crate::VideoError;
use crate::colour::Colours;
use crate::encoder::{PictureEncoder, Quality};
use crate::parameters::{PICTURE_PARAMETERS, SEQUENCE_PARAMETERS, SLICE_IDR, unit_kind};

/// How a video is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoding {
    /// Width, pixels; even.
    pub width: u32,
    /// Height, pixels; even.
    pub height: u32,
    /// Frames a second, as a fraction: (25, 1), (30000, 1001).
    pub frame_rate: (NonZeroU32, NonZeroU32),
    /// Compression.
    pub quality: Quality,
    /// At least one of so many frames can be decoded on its own.
    pub key_frame_every: NonZeroU32,
}

impl Encoding {
    /// 25 frames a second, a key frame at least every 50.
    pub fn new(width: u32, height: u32, quality: Quality) -> Self {
        const RATE: NonZeroU32 = NonZeroU32::new(25).expect("not zero");
        const GROUP: NonZeroU32 = NonZeroU32::new(50).expect("not zero");
        Self {
            width,
            height,
            frame_rate: (RATE, NonZeroU32::MIN),
            quality,
            key_frame_every: GROUP,
        }
    }
}

/// Writes an H.264 video (High profile, no B-frames, BT.601 limited range) as MP4.
///
/// The same pictures and [`Encoding`] give the same bytes. Without [`finish`](Self::finish) the
/// file has no index and cannot be read.
pub struct Mp4Writer<W> {
    output: W,
    encoding: Encoding,
    encoder: PictureEncoder,
    muxer: Mp4FileMuxer,
    /// Where the next frame goes.
    position: u64,
    /// Description of the track, once the first frame has brought it.
    entry: Option<SampleEntry>,
}

impl<W: Write + Seek> Mp4Writer<W> {
    /// Begins a file at the start of `output`.
    ///
    /// # Errors
    ///
    /// [`VideoError::Picture`] for an odd or empty size, or what `output` answers.
    pub fn new(mut output: W, encoding: &Encoding) -> Result<Self, VideoError> {
        let size = (encoding.width, encoding.height);
        if u16::try_from(size.0.max(size.1)).is_err() {
            let reason = format!("{}x{} is more than MP4 can say", size.0, size.1);
            return Err(VideoError::Picture(reason));
        }
        let encoder = PictureEncoder::new(size, encoding.quality, encoding.key_frame_every.get())?;
        let muxer = Mp4FileMuxer::new().map_err(refused)?;
        output.write_all(muxer.initial_boxes_bytes())?;
        Ok(Self {
            position: muxer.initial_boxes_bytes().len() as u64,
            output,
            encoding: encoding.clone(),
            encoder,
            muxer,
            entry: None,
        })
    }

    /// Appends one picture.
    ///
    /// # Errors
    ///
    /// [`VideoError::Picture`] for another size than that of the video, or what the output answers.
    pub fn push(&mut self, picture: &RgbImage) -> Result<(), VideoError> {
        let access_unit = self.encoder.encode(picture)?;
        let (mut sps, mut pps, mut sample, mut keyframe) = (vec![], vec![], vec![], false);
        for unit in units(&access_unit) {
            match unit_kind(unit) {
                SEQUENCE_PARAMETERS => sps.push(unit.to_vec()),
                PICTURE_PARAMETERS => pps.push(unit.to_vec()),
                kind => {
                    keyframe |= kind == SLICE_IDR;
                    let length = u32::try_from(unit.len()).map_err(refused)?;
                    sample.extend_from_slice(&length.to_be_bytes());
                    sample.extend_from_slice(unit);
                }
            }
        }
        let entry = match &self.entry {
            Some(_) => None,
            None => self.entry.insert(self.describe(sps, pps)?).clone().into(),
        };
        let (ticks, duration) = self.encoding.frame_rate;
        self.output.write_all(&sample)?;
        self.muxer
            .append_sample(&Sample {
                track_kind: TrackKind::Video,
                sample_entry: entry,
                keyframe,
                timescale: ticks,
                duration: duration.get(),
                composition_time_offset: None,
                data_offset: self.position,
                data_size: sample.len(),
            })
            .map_err(refused)?;
        self.position += sample.len() as u64;
        Ok(())
    }

    /// Writes the index and hands the output back.
    ///
    /// # Errors
    ///
    /// [`VideoError::NoFrames`] where there is none, or what the output answers.
    pub fn finish(mut self) -> Result<W, VideoError> {
        if self.entry.is_none() {
            return Err(VideoError::NoFrames);
        }
        let index = self.muxer.finalize().map_err(refused)?;
        for (place, bytes) in index.offset_and_bytes_pairs() {
            self.output.seek(SeekFrom::Start(place))?;
            self.output.write_all(bytes)?;
        }
        self.output.flush()?;
        Ok(self.output)
    }

    /// The sample entry `avc1` with its parameter sets and colours.
    fn describe(&self, sps: Vec<Vec<u8>>, pps: Vec<Vec<u8>>) -> Result<SampleEntry, VideoError> {
        let Some(&[_, profile, compatibility, level, ..]) = sps.first().map(Vec::as_slice) else {
            return Err(VideoError::Encode("no parameter sets".to_owned()));
        };
        let eight_bits = Some(Uint::new(0));
        let colours = Colours::WRITTEN_COLR.to_vec();
        Ok(SampleEntry::Avc1(Avc1Box {
            visual: VisualSampleEntryFields {
                data_reference_index: VisualSampleEntryFields::DEFAULT_DATA_REFERENCE_INDEX,
                width: self.encoding.width as u16, // checked by `new`
                height: self.encoding.height as u16,
                horizresolution: VisualSampleEntryFields::DEFAULT_HORIZRESOLUTION,
                vertresolution: VisualSampleEntryFields::DEFAULT_VERTRESOLUTION,
                frame_count: VisualSampleEntryFields::DEFAULT_FRAME_COUNT,
                compressorname: VisualSampleEntryFields::NULL_COMPRESSORNAME,
                depth: VisualSampleEntryFields::DEFAULT_DEPTH,
            },
            avcc_box: AvccBox {
                avc_profile_indication: profile,
                profile_compatibility: compatibility,
                avc_level_indication: level,
                length_size_minus_one: Uint::new(3),
                sps_list: sps,
                pps_list: pps,
                chroma_format: Some(Uint::new(1)), // 4:2:0
                bit_depth_luma_minus8: eight_bits,
                bit_depth_chroma_minus8: eight_bits,
                sps_ext_list: Vec::new(),
            },
            unknown_boxes: vec![UnknownBox {
                box_type: BoxType::Normal(*b"colr"),
                box_size: BoxSize::U32(8 + colours.len() as u32),
                payload: colours,
            }],
        }))
    }
}

fn refused(error: impl std::fmt::Display) -> VideoError {
    VideoError::Encode(error.to_string())
}

/// The units of an Annex B stream, without start codes and the zeros before them.
fn units(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = stream;
    std::iter::from_fn(move || {
        loop {
            let end = rest.windows(3).position(|bytes| bytes == [0, 0, 1]);
            let (unit, behind) = match end {
                Some(end) => (&rest[..end], &rest[end + 3..]),
                None if rest.is_empty() => return None,
                None => (rest, &[][..]),
            };
            rest = behind;
            let zeros = unit.iter().rev().take_while(|&&byte| byte == 0).count();
            if unit.len() > zeros {
                return Some(&unit[..unit.len() - zeros]);
            }
        }
    })
}
