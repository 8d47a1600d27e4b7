//! The index of a track: where each compressed frame lies, and when it is shown.
//!
//! A *sample* is one compressed frame, counted in decoding order (ISO/IEC 14496-12 section 8.6).

use shiguredo_mp4::Decode;
use shiguredo_mp4::boxes::{
    Co64Box, CttsBox, ElstBox, StcoBox, StscBox, StssBox, StszBox, SttsBox,
};

use crate::boxes::{Boxed, find, require};
use crate::{Limits, VideoError};

/// One compressed frame.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// First byte in the file.
    pub(crate) offset: u64,
    /// When it is shown, in ticks of the track.
    pub(crate) shown_at: i64,
    /// Bytes.
    pub(crate) size: u32,
    /// Ticks until the next one is decoded.
    pub(crate) duration: u32,
    /// Decoding may begin here.
    pub(crate) sync: bool,
    /// It is decoded, but not shown, whatever the edit list says.
    pub(crate) hidden: bool,
}

/// The samples that the sample table `stbl` lists, in decoding order.
///
/// Too short a list of times goes on with its last duration, and of composition offsets with 0.
///
/// # Errors
///
/// A missing box, chunks that hold fewer samples than there are, or more samples than allowed.
pub(crate) fn listed(table: &[Boxed], limits: &Limits) -> Result<Vec<Sample>, VideoError> {
    let sizes = Sizes::decode(table)?;
    VideoError::check("number of frames", sizes.count as u64, limits.max_frames)?;
    let mut samples = Vec::with_capacity(sizes.count);
    place(&mut samples, &sizes, table)?;

    let times = SttsBox::decode(require(table, b"stts")?.whole)?.0.entries;
    let mut durations = Runs::new(times.iter().map(|e| (e.sample_count, e.sample_delta)));
    let offsets = match find(table, b"ctts") {
        Some(found) => CttsBox::decode(found.whole)?.0.entries,
        None => Vec::new(),
    };
    let mut offsets = Runs::new(offsets.iter().map(|e| (e.sample_count, e.sample_offset)));
    let mut decoded_at = 0_i64;
    for sample in &mut samples {
        sample.duration = durations.next_or_last();
        sample.shown_at = decoded_at.saturating_add(offsets.next().unwrap_or(0));
        decoded_at = decoded_at.saturating_add(i64::from(sample.duration));
    }

    match find(table, b"stss") {
        // Without the box, every sample is a place to begin.
        None => samples.iter_mut().for_each(|sample| sample.sync = true),
        Some(found) => {
            for number in StssBox::decode(found.whole)?.0.sample_numbers {
                if let Some(sample) = samples.get_mut(number.get() as usize - 1) {
                    sample.sync = true;
                }
            }
        }
    }
    Ok(samples)
}

/// Sizes of all samples.
struct Sizes {
    count: usize,
    table: StszBox,
}

impl Sizes {
    fn decode(table: &[Boxed]) -> Result<Self, VideoError> {
        let (table, _) = StszBox::decode(require(table, b"stsz")?.whole)?;
        let count = match &table {
            StszBox::Fixed { sample_count, .. } => *sample_count as usize,
            StszBox::Variable { entry_sizes } => entry_sizes.len(),
        };
        Ok(Self { count, table })
    }

    fn get(&self, sample: usize) -> u32 {
        match &self.table {
            StszBox::Fixed { sample_size, .. } => sample_size.get(),
            StszBox::Variable { entry_sizes } => entry_sizes[sample],
        }
    }
}

/// Lays the samples into the chunks of the file (section 8.7).
fn place(samples: &mut Vec<Sample>, sizes: &Sizes, table: &[Boxed]) -> Result<(), VideoError> {
    if sizes.count == 0 {
        return Ok(()); // a fragmented file lists its samples elsewhere
    }
    let chunks: Vec<u64> = match find(table, b"co64") {
        Some(found) => Co64Box::decode(found.whole)?.0.chunk_offsets,
        None => StcoBox::decode(require(table, b"stco")?.whole)?
            .0
            .chunk_offsets
            .into_iter()
            .map(u64::from)
            .collect(),
    };
    let runs = StscBox::decode(require(table, b"stsc")?.whole)?.0.entries;
    let mut run = 0;
    for (chunk, &start) in chunks.iter().enumerate() {
        while runs
            .get(run + 1)
            .is_some_and(|next| next.first_chunk.get() as usize <= chunk + 1)
        {
            run += 1;
        }
        let in_chunk = runs.get(run).map_or(0, |run| run.sample_per_chunk);
        let mut offset = start;
        for _ in 0..in_chunk {
            if samples.len() == sizes.count {
                return Ok(());
            }
            let size = sizes.get(samples.len());
            samples.push(Sample {
                offset,
                shown_at: 0,
                size,
                duration: 0,
                sync: false,
                hidden: false,
            });
            offset = offset.saturating_add(u64::from(size));
        }
    }
    match samples.len() == sizes.count {
        true => Ok(()),
        false => Err(VideoError::Damaged(format!(
            "{} frames are listed, but only {} have a place in the file",
            sizes.count,
            samples.len()
        ))),
    }
}

/// Run-length coded values, one by one.
struct Runs<I, V> {
    runs: I,
    left: u32,
    value: V,
}

impl<V: Copy + Default, I: Iterator<Item = (u32, V)>> Runs<I, V> {
    fn new(runs: I) -> Self {
        Self {
            runs,
            left: 0,
            value: V::default(),
        }
    }

    fn next_or_last(&mut self) -> V {
        self.next().unwrap_or(self.value)
    }
}

impl<V: Copy, I: Iterator<Item = (u32, V)>> Iterator for Runs<I, V> {
    type Item = V;

    fn next(&mut self) -> Option<V> {
        while self.left == 0 {
            (self.left, self.value) = self.runs.next()?;
        }
        self.left -= 1;
        Some(self.value)
    }
}

/// The part of a track that is shown (section 8.6.6, edit list), in ticks of the track.
#[derive(Debug)]
pub(crate) struct Edits(Vec<(i64, i64)>);

impl Edits {
    /// All is shown.
    pub(crate) const NONE: Self = Self(Vec::new());

    /// Reads `elst` of a track with `ticks` a second in a movie with `movie_ticks` a second. Empty
    /// edits, which delay the start, and speeds are passed over.
    pub(crate) fn decode(
        list: Option<Boxed>,
        ticks: u32,
        movie_ticks: u32,
    ) -> Result<Self, VideoError> {
        let Some(list) = list else {
            return Ok(Self::NONE);
        };
        let edits = ElstBox::decode(list.whole)?.0.entries;
        let shown = edits
            .iter()
            .filter(|edit| edit.media_time >= 0)
            .map(|edit| {
                // A duration of 0 is that of a file that was written piece by piece: all that follows.
                let end = match edit.edit_duration {
                    0 => i64::MAX,
                    duration => {
                        let ticks = u128::from(duration) * u128::from(ticks);
                        let ticks = ticks.div_ceil(u128::from(movie_ticks));
                        edit.media_time
                            .saturating_add(i64::try_from(ticks).unwrap_or(i64::MAX))
                    }
                };
                (edit.media_time, end)
            });
        Ok(Self(shown.collect()))
    }

    fn show(&self, time: i64) -> bool {
        self.0.is_empty()
            || self
                .0
                .iter()
                .any(|&(start, end)| (start..end).contains(&time))
    }
}

/// The samples of a track and the order in which they are shown.
#[derive(Debug)]
pub(crate) struct SampleIndex {
    samples: Vec<Sample>,
    /// Sample of each frame, in display order.
    shown: Vec<u32>,
    /// Frame of each sample; [`HIDDEN`] for one that is decoded but never shown.
    frame_of: Vec<u32>,
    /// Samples at which decoding may begin.
    sync: Vec<u32>,
}

const HIDDEN: u32 = u32::MAX;

impl SampleIndex {
    /// Orders `samples`; there must be fewer than `u32::MAX`, which [`Limits`] see to.
    ///
    /// # Errors
    ///
    /// [`VideoError::NoFrames`] where nothing is shown.
    pub(crate) fn new(samples: Vec<Sample>, edits: &Edits) -> Result<Self, VideoError> {
        let mut shown: Vec<u32> = (0..samples.len() as u32)
            .filter(|&i| {
                let sample = &samples[i as usize];
                !sample.hidden && edits.show(sample.shown_at)
            })
            .collect();
        if shown.is_empty() {
            return Err(VideoError::NoFrames);
        }
        shown.sort_by_key(|&i| samples[i as usize].shown_at);
        let mut frame_of = vec![HIDDEN; samples.len()];
        for (frame, &sample) in shown.iter().enumerate() {
            frame_of[sample as usize] = frame as u32;
        }
        let sync = (0..samples.len() as u32)
            .filter(|&i| samples[i as usize].sync)
            .collect();
        Ok(Self {
            samples,
            shown,
            frame_of,
            sync,
        })
    }

    /// Number of frames shown.
    pub(crate) fn frame_count(&self) -> usize {
        self.shown.len()
    }

    /// Number of samples, shown or not.
    pub(crate) fn sample_count(&self) -> usize {
        self.samples.len()
    }

    pub(crate) fn sample(&self, sample: usize) -> &Sample {
        &self.samples[sample]
    }

    /// Sample that holds `frame`.
    pub(crate) fn sample_of(&self, frame: usize) -> usize {
        self.shown[frame] as usize
    }

    /// Frame that `sample` holds, if it is shown.
    pub(crate) fn frame_of(&self, sample: usize) -> Option<usize> {
        match self.frame_of[sample] {
            HIDDEN => None,
            frame => Some(frame as usize),
        }
    }

    /// The latest sample at which decoding may begin so as to reach `sample`. A picture that
    /// follows its sync sample in the file but is shown before it may need the group before.
    pub(crate) fn start_for(&self, sample: usize) -> usize {
        let behind = self.sync.partition_point(|&s| s as usize <= sample);
        let candidates = self.sync[..behind].iter().rev().map(|&s| s as usize);
        let wanted = self.samples[sample].shown_at;
        let mut candidates = candidates.take(2).peekable();
        match candidates.peek() {
            Some(&last) if self.samples[last].shown_at <= wanted => last,
            _ => candidates.nth(1).unwrap_or(0),
        }
    }

    /// Whether some sample is shown before the time at which it is decoded, with the durations
    /// added up: its composition offset is negative.
    pub(crate) fn shown_before_decoded(&self) -> bool {
        let mut decoded_at = 0_i64;
        self.samples.iter().any(|sample| {
            let before = sample.shown_at < decoded_at;
            decoded_at = decoded_at.saturating_add(i64::from(sample.duration));
            before
        })
    }

    /// The first sample behind `sample` at which decoding may begin.
    pub(crate) fn next_start(&self, sample: usize) -> Option<usize> {
        let behind = self.sync.partition_point(|&s| s as usize <= sample);
        self.sync.get(behind).map(|&s| s as usize)
    }
}
