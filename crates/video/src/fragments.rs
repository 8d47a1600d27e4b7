//! Samples of a fragmented file (ISO/IEC 14496-12 section 8.8).

use shiguredo_mp4::Decode;
use shiguredo_mp4::boxes::{TfdtBox, TfhdBox, TrexBox, TrunBox};

use crate::boxes::{Boxed, IndexBoxes, children, find, require};
use crate::samples::Sample;
use crate::{Limits, VideoError};

/// Bit of the sample flags that says "not a place to begin".
const NOT_SYNC: u32 = 1 << 16;

/// Appends the samples that the fragments hold for the track, in decoding order.
pub(crate) fn append(
    samples: &mut Vec<Sample>,
    track_id: u32,
    movie: &[Boxed],
    index: &IndexBoxes,
    limits: &Limits,
) -> Result<(), VideoError> {
    if index.fragments.is_empty() {
        return Ok(());
    }
    let defaults = defaults_of(track_id, movie)?;
    let mut decoded_at = samples
        .iter()
        .fold(0_i64, |time, s| time.saturating_add(i64::from(s.duration)));
    for (position, fragment) in &index.fragments {
        // Where data lie that have no address of their own: behind those before them.
        let mut data_end = *position;
        for part in children(fragment)?.iter().filter(|b| &b.kind == b"traf") {
            let part = children(part.payload)?;
            let (header, _) = TfhdBox::decode(require(&part, b"tfhd")?.whole)?;
            let base = match (header.base_data_offset, header.default_base_is_moof) {
                (Some(base), _) => base,
                (None, true) => *position,
                (None, false) => data_end,
            };
            let ours = header.track_id == track_id;
            if let (true, Some(time)) = (ours, find(&part, b"tfdt")) {
                let time = TfdtBox::decode(time.whole)?.0.base_media_decode_time;
                decoded_at = i64::try_from(time).unwrap_or(i64::MAX);
            }
            let mut run = Run {
                duration: (header.default_sample_duration)
                    .unwrap_or(defaults.default_sample_duration),
                size: header
                    .default_sample_size
                    .unwrap_or(defaults.default_sample_size),
                flags: (header.default_sample_flags)
                    .unwrap_or(defaults.default_sample_flags)
                    .get(),
                offset: base,
                decoded_at,
            };
            for list in part.iter().filter(|b| &b.kind == b"trun") {
                run.append(samples, &list_of(list)?, base, ours, limits)?;
            }
            data_end = run.offset;
            if ours {
                decoded_at = run.decoded_at;
            }
        }
    }
    Ok(())
}

/// Decodes one list of samples. Its count is checked first: a list without fields of its own
/// takes twelve bytes, however many samples it claims.
fn list_of(list: &Boxed) -> Result<TrunBox, VideoError> {
    const FIELDS_PER_SAMPLE: u8 = 0x0f; // duration, size, flags and offset: bits 8 to 11
    if let [_, _, flags, _, count @ ..] = list.payload
        && flags & FIELDS_PER_SAMPLE == 0
        && let Some(count) = count.get(..4).and_then(|b| b.try_into().ok())
    {
        const MAX_BARE_SAMPLES: u64 = 1 << 16;
        let count = u64::from(u32::from_be_bytes(count));
        VideoError::check("frames of one bare fragment", count, MAX_BARE_SAMPLES)?;
    }
    Ok(TrunBox::decode(list.whole)?.0)
}

/// Values that a fragment may leave out.
fn defaults_of(track_id: u32, movie: &[Boxed]) -> Result<TrexBox, VideoError> {
    for found in children(require(movie, b"mvex")?.payload)? {
        if &found.kind == b"trex" {
            let (defaults, _) = TrexBox::decode(found.whole)?;
            if defaults.track_id == track_id {
                return Ok(defaults);
            }
        }
    }
    Err(VideoError::Damaged(format!(
        "track {track_id} is fragmented without defaults (`trex`)"
    )))
}

/// Where the next sample of a fragment lies, and its defaults.
struct Run {
    duration: u32,
    size: u32,
    flags: u32,
    offset: u64,
    decoded_at: i64,
}

impl Run {
    /// Walks over one `trun`; the samples of other tracks only take up room.
    fn append(
        &mut self,
        samples: &mut Vec<Sample>,
        list: &TrunBox,
        base: u64,
        ours: bool,
        limits: &Limits,
    ) -> Result<(), VideoError> {
        if let Some(offset) = list.data_offset {
            self.offset = base.saturating_add_signed(i64::from(offset));
        }
        let count = (samples.len() + list.samples.len()) as u64;
        VideoError::check("number of frames", count, limits.max_frames)?;
        for (i, entry) in list.samples.iter().enumerate() {
            let first = list.first_sample_flags.filter(|_| i == 0);
            let flags = first
                .or(entry.flags)
                .map_or(self.flags, shiguredo_mp4::SampleFlags::get);
            let size = entry.size.unwrap_or(self.size);
            let duration = entry.duration.unwrap_or(self.duration);
            if ours {
                samples.push(Sample {
                    offset: self.offset,
                    shown_at: (self.decoded_at)
                        .saturating_add(entry.composition_time_offset.unwrap_or(0)),
                    size,
                    duration,
                    sync: flags & NOT_SYNC == 0,
                    hidden: false,
                });
                self.decoded_at = self.decoded_at.saturating_add(i64::from(duration));
            }
            self.offset = self.offset.saturating_add(u64::from(size));
        }
        Ok(())
    }
}
