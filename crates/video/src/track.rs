//! The video track of a file: how it is coded, how it is shown, and its samples.

use std::sync::Arc;

use image::metadata::Orientation;
use shiguredo_mp4::Decode;
use shiguredo_mp4::boxes::{AvccBox, MvhdBox, TkhdBox};

use crate::boxes::{Boxed, IndexBoxes, children, find, require};
use crate::choice::{Candidate, choose};
use crate::colour::{ColourDescription, Colours, orientation, together};
use crate::parameters::Parameters;
use crate::samples::{Edits, SampleIndex, listed};
use crate::{Limits, VideoError, fragments};

/// Bytes of a visual sample entry before its boxes (ISO/IEC 14496-12 section 12.1.3).
const VISUAL_ENTRY_FIELDS: usize = 78;

/// All that is needed to decode the frames of a file.
#[derive(Debug)]
pub(crate) struct Track {
    /// Its number in the file.
    pub(crate) id: u32,
    /// Parameter sets, sent to the decoder before the first frame.
    pub(crate) parameter_sets: Vec<Vec<u8>>,
    /// Bytes of the length before each unit of a sample, 1 to 4.
    pub(crate) length_bytes: usize,
    /// Size of the decoded pictures, before they are turned.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) described: ColourDescription,
    pub(crate) colours: Colours,
    pub(crate) orientation: Orientation,
    /// Ticks a second.
    pub(crate) timescale: u32,
    pub(crate) index: Arc<SampleIndex>,
    /// A fragment at the end of the file is not whole.
    pub(crate) cut_off: bool,
    /// The file is written in fragments.
    pub(crate) fragmented: bool,
    /// What the built-in decoder would need and lacks.
    pub(crate) lacking: Option<String>,
    /// Brightness and colours in full size, 8 bits, limited range: what the conversion here takes.
    pub(crate) full_colour: bool,
    /// Pictures may be coded as two fields, which the built-in decoder lacks.
    pub(crate) may_be_fields: bool,
}

/// A track of pictures, its boxes opened.
struct Pictures<'a> {
    track: Vec<Boxed<'a>>,
    media: Vec<Boxed<'a>>,
    table: Vec<Boxed<'a>>,
    entry: Boxed<'a>,
    header: TkhdBox,
    timescale: u32,
}

impl Track {
    /// Finds the film among the tracks (see [`choose`]), and reads it.
    ///
    /// # Errors
    ///
    /// [`VideoError::UnsupportedCodec`] where the film is not H.264, and what is damaged.
    pub(crate) fn find(boxes: &IndexBoxes, limits: &Limits) -> Result<Self, VideoError> {
        let movie = children(&boxes.movie)?;
        let (mut found, mut broken) = (Vec::new(), None);
        let mut thumbnails = Vec::new();
        for track in movie.iter().filter(|b| &b.kind == b"trak") {
            // A track of no concern must not make the file unreadable.
            match Pictures::open(track, &mut thumbnails) {
                Ok(pictures) => found.extend(pictures),
                Err(error) => broken = broken.or(Some(error)),
            }
        }
        let candidates = found.iter().map(|pictures| Candidate {
            preferred: pictures.header.flag_track_enabled
                && !thumbnails.contains(&pictures.header.track_id),
            // Of a fragmented file, the header does not tell.
            seconds: match boxes.fragments.is_empty() {
                true => pictures.seconds(),
                false => 0.0,
            },
            pixels: pictures.pixels(),
        });
        let candidates: Vec<Candidate> = candidates.collect();
        let Some(pictures) = choose(&candidates).map(|film| &found[film]) else {
            return Err(broken.unwrap_or(VideoError::NoVideoTrack));
        };
        match &pictures.entry.kind {
            b"avc1" | b"avc3" => Self::read(boxes, &movie, pictures, limits),
            other => Err(VideoError::UnsupportedCodec(
                other.escape_ascii().to_string(),
            )),
        }
    }

    fn read(
        boxes: &IndexBoxes,
        movie: &[Boxed],
        pictures: &Pictures,
        limits: &Limits,
    ) -> Result<Self, VideoError> {
        let Pictures {
            track,
            table,
            entry,
            header,
            timescale,
            ..
        } = pictures;
        let timescale = *timescale;
        let movie_header = MvhdBox::decode(require(movie, b"mvhd")?.whole)?.0;
        let edits = match find(track, b"edts") {
            Some(found) => find(&children(found.payload)?, b"elst"),
            None => None,
        };
        let edits = Edits::decode(edits, timescale, movie_header.timescale.get())?;

        let entry = children(entry.payload.get(VISUAL_ENTRY_FIELDS..).unwrap_or_default())?;
        let configuration = AvccBox::decode(require(&entry, b"avcC")?.whole)?.0;
        let mut parameter_sets = configuration.sps_list;
        let Some(first) = parameter_sets.first() else {
            return Err(VideoError::UnsupportedFeature(
                "parameter sets only between the frames".to_owned(),
            ));
        };
        let parameters = Parameters::read(first, limits)?;
        let mut lacking = parameters.lacking;
        for set in &parameter_sets[1..] {
            lacking = lacking.or(Parameters::read(set, limits)?.lacking);
        }
        parameter_sets.extend(configuration.pps_list);

        let colr = find(&entry, b"colr").map(|b| ColourDescription::from_colr(b.payload));
        let described = parameters.colours.or(colr.unwrap_or_default());
        let mut lacking = lacking.map(str::to_owned);
        let colours = Colours::new(described, parameters.width, parameters.height);
        let colours = colours.unwrap_or_else(|unknown| {
            lacking.get_or_insert(unknown);
            Colours::WRITTEN
        });
        let mut samples = listed(table, limits)?;
        fragments::append(&mut samples, header.track_id, movie, boxes, limits)?;
        Ok(Self {
            id: header.track_id,
            parameter_sets,
            length_bytes: usize::from(configuration.length_size_minus_one.get()) + 1,
            width: parameters.width,
            height: parameters.height,
            described,
            colours,
            orientation: orientation(together(header.matrix, movie_header.matrix)),
            timescale,
            index: Arc::new(SampleIndex::new(samples, &edits)?),
            cut_off: boxes.cut_off && !boxes.fragments.is_empty(),
            fragmented: !boxes.fragments.is_empty(),
            full_colour: parameters.full_colour
                && described.full_range != Some(true)
                && matches!(described.matrix, None | Some(1..=7 | 9 | 10)),
            lacking,
            may_be_fields: parameters.may_be_fields,
        })
    }
}

impl<'a> Pictures<'a> {
    /// Opens a track where it is one of pictures; `thumbnails` are the tracks that others name as
    /// theirs, or that say so themselves.
    fn open(track: &Boxed<'a>, thumbnails: &mut Vec<u32>) -> Result<Option<Self>, VideoError> {
        let track = children(track.payload)?;
        let header = TkhdBox::decode(require(&track, b"tkhd")?.whole)?.0;
        if let Some(references) = find(&track, b"tref") {
            for reference in children(references.payload)? {
                match &reference.kind {
                    // Titles of chapters and their pictures.
                    b"chap" => thumbnails.extend(
                        (reference.payload.chunks_exact(4))
                            .map(|id| u32::from_be_bytes([id[0], id[1], id[2], id[3]])),
                    ),
                    b"thmb" => thumbnails.push(header.track_id),
                    _ => {}
                }
            }
        }
        let Some(media) = find(&track, b"mdia") else {
            return Ok(None);
        };
        let media = children(media.payload)?;
        let handler = find(&media, b"hdlr").and_then(|b| b.payload.get(8..12));
        if handler != Some(b"vide".as_slice()) {
            return Ok(None);
        }
        let information = children(require(&media, b"minf")?.payload)?;
        let table = children(require(&information, b"stbl")?.payload)?;
        Ok(Some(Self {
            entry: sample_entry(&table)?,
            timescale: media_timescale(require(&media, b"mdhd")?)?,
            track,
            media,
            table,
            header,
        }))
    }

    /// How long the track says that it is; 0 where it does not.
    fn seconds(&self) -> f64 {
        let header = find(&self.media, b"mdhd").map_or(&[][..], |header| header.payload);
        let ticks = match header.first() {
            Some(1) => header
                .get(24..32)
                .and_then(|b| b.try_into().ok())
                .map(u64::from_be_bytes),
            _ => header
                .get(16..20)
                .and_then(|b| b.try_into().ok())
                .map(|b| u64::from(u32::from_be_bytes(b))),
        };
        ticks.unwrap_or(0) as f64 / f64::from(self.timescale)
    }

    /// Pixels of a picture, as the sample entry has them (section 12.1.3).
    fn pixels(&self) -> u64 {
        let side = |place: usize| {
            let bytes = self.entry.payload.get(place..place + 2);
            bytes.map_or(0, |b| u64::from(u16::from_be_bytes([b[0], b[1]])))
        };
        side(24) * side(26)
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
