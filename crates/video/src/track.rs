//! The video track of a file: how it is coded, how it is shown, and its samples.

use image::metadata::Orientation;
use shiguredo_mp4::Decode;
use shiguredo_mp4::boxes::{AvccBox, MvhdBox, TkhdBox};

use crate::boxes::{Boxed, IndexBoxes, children, find, require};
use crate::colour::{ColourDescription, Colours, orientation};
use crate::parameters::Parameters;
use crate::samples::{Edits, SampleIndex, listed};
use crate::{Limits, VideoError, fragments};

/// Bytes of a visual sample entry before its boxes (ISO/IEC 14496-12 section 12.1.3).
const VISUAL_ENTRY_FIELDS: usize = 78;

/// All that is needed to decode the frames of a file.
#[derive(Debug)]
pub(crate) struct Track {
    /// Parameter sets, sent to the decoder before the first frame.
    pub(crate) parameter_sets: Vec<Vec<u8>>,
    /// Bytes of the length before each unit of a sample, 1 to 4.
    pub(crate) length_bytes: usize,
    /// Size of the decoded pictures, before they are turned.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) colours: Colours,
    pub(crate) orientation: Orientation,
    /// Ticks a second.
    pub(crate) timescale: u32,
    pub(crate) index: SampleIndex,
    /// A fragment at the end of the file is not whole.
    pub(crate) cut_off: bool,
}

impl Track {
    /// Finds the first H.264 track.
    pub(crate) fn find(boxes: &IndexBoxes, limits: &Limits) -> Result<Self, VideoError> {
        let movie = children(&boxes.movie)?;
        let mut other_codec = None;
        for track in movie.iter().filter(|b| &b.kind == b"trak") {
            let track = children(track.payload)?;
            let Some(media) = find(&track, b"mdia") else {
                continue;
            };
            let media = children(media.payload)?;
            let handler = find(&media, b"hdlr").and_then(|b| b.payload.get(8..12));
            if handler != Some(b"vide".as_slice()) {
                continue;
            }
            let information = children(require(&media, b"minf")?.payload)?;
            let table = children(require(&information, b"stbl")?.payload)?;
            let entry = sample_entry(&table)?;
            if !matches!(&entry.kind, b"avc1" | b"avc3") {
                other_codec.get_or_insert(entry.kind.escape_ascii().to_string());
                continue;
            }
            return Self::read(boxes, &movie, &track, &media, &table, entry, limits);
        }
        match other_codec {
            Some(codec) => Err(VideoError::UnsupportedCodec(codec)),
            None => Err(VideoError::NoVideoTrack),
        }
    }

    fn read(
        boxes: &IndexBoxes,
        movie: &[Boxed],
        track: &[Boxed],
        media: &[Boxed],
        table: &[Boxed],
        entry: Boxed,
        limits: &Limits,
    ) -> Result<Self, VideoError> {
        let header = TkhdBox::decode(require(track, b"tkhd")?.whole)?.0;
        let timescale = media_timescale(require(media, b"mdhd")?)?;
        let movie_timescale = MvhdBox::decode(require(movie, b"mvhd")?.whole)?.0.timescale;
        let edits = match find(track, b"edts") {
            Some(found) => find(&children(found.payload)?, b"elst"),
            None => None,
        };
        let edits = Edits::decode(edits, timescale, movie_timescale.get())?;

        let entry = children(entry.payload.get(VISUAL_ENTRY_FIELDS..).unwrap_or_default())?;
        let configuration = AvccBox::decode(require(&entry, b"avcC")?.whole)?.0;
        let mut parameter_sets = configuration.sps_list;
        let Some(first) = parameter_sets.first() else {
            return Err(VideoError::UnsupportedFeature(
                "parameter sets only between the frames".to_owned(),
            ));
        };
        let parameters = Parameters::read(first, limits)?;
        for set in &parameter_sets[1..] {
            Parameters::read(set, limits)?;
        }
        parameter_sets.extend(configuration.pps_list);

        let colr = find(&entry, b"colr").map(|b| ColourDescription::from_colr(b.payload));
        let colours = parameters.colours.or(colr.unwrap_or_default());
        let mut samples = listed(table, limits)?;
        fragments::append(&mut samples, header.track_id, movie, boxes, limits)?;
        Ok(Self {
            parameter_sets,
            length_bytes: usize::from(configuration.length_size_minus_one.get()) + 1,
            width: parameters.width,
            height: parameters.height,
            colours: Colours::new(colours, parameters.width, parameters.height)?,
            orientation: orientation(header.matrix),
            timescale,
            index: SampleIndex::new(samples, &edits)?,
            cut_off: boxes.cut_off && !boxes.fragments.is_empty(),
        })
    }
}

/// The first description of `stsd`, whatever its codec.
fn sample_entry<'a>(table: &[Boxed<'a>]) -> Result<Boxed<'a>, VideoError> {
    let descriptions = require(table, b"stsd")?.payload;
    let entries = children(descriptions.get(8..).unwrap_or_default())?;
    match entries.first() {
        Some(&entry) => Ok(entry),
        None => Err(VideoError::Damaged("`stsd` describes nothing".to_owned())),
    }
}

/// Ticks a second. Read by hand because QuickTime's languages are not those of MP4.
fn media_timescale(header: Boxed) -> Result<u32, VideoError> {
    let place = match header.payload.first() {
        Some(1) => 20,
        _ => 12,
    };
    let ticks = header.payload.get(place..place + 4);
    match ticks
        .and_then(|b| b.try_into().ok())
        .map(u32::from_be_bytes)
    {
        Some(ticks) if ticks > 0 => Ok(ticks),
        _ => Err(VideoError::Damaged("`mdhd` has no time scale".to_owned())),
    }
}
