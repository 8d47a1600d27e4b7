//! How coarsely the frames of a video are quantised, read without decoding them.

use std::panic::catch_unwind;

use h264_reader::Context;
use h264_reader::nal::NalHeader;
use h264_reader::nal::pps::PicParameterSet;
use h264_reader::nal::slice::{FieldPic, SliceHeader};
use h264_reader::rbsp::{BitReader, decode_nal};

use crate::decoder::units;
use crate::parameters::{
    PICTURE_PARAMETERS, SEQUENCE_PARAMETERS, SLICE, SLICE_IDR, sequence_parameters, unit_kind,
};
use crate::track::Track;

/// Bytes that hold the header of a slice, with room for its tables.
const HEADER_BYTES: usize = 256;

/// What the header of a slice says.
struct Slice {
    quantizer: u8,
    is_field: bool,
}

/// The parameter sets of a track, which its slices refer to.
pub(crate) struct SliceReader {
    sets: Context,
    length_bytes: usize,
}

impl SliceReader {
    /// What cannot be read is left out; slices that refer to it say nothing.
    pub(crate) fn new(track: &Track) -> Self {
        let mut reader = Self {
            sets: Context::new(),
            length_bytes: track.length_bytes,
        };
        for set in &track.parameter_sets {
            reader.learn(set);
        }
        reader
    }

    /// The quantisation parameter that the first slice of a sample begins with, 0..=51 (section
    /// 7.4.3, `SliceQPY`): each 6 more double the steps. `None` where no slice can be read.
    pub(crate) fn quantizer(&mut self, sample: &[u8]) -> Option<u8> {
        self.first_slice(sample).map(|slice| slice.quantizer)
    }

    /// Whether a sample is coded as two fields. `None` where no slice can be read.
    pub(crate) fn is_fields(&mut self, sample: &[u8]) -> Option<bool> {
        self.first_slice(sample).map(|slice| slice.is_field)
    }

    fn first_slice(&mut self, sample: &[u8]) -> Option<Slice> {
        for unit in units(sample, self.length_bytes) {
            let unit = unit.ok()?;
            match unit_kind(unit) {
                SLICE | SLICE_IDR => return self.of_slice(unit),
                SEQUENCE_PARAMETERS | PICTURE_PARAMETERS => self.learn(unit),
                _ => {}
            }
        }
        None
    }

    fn learn(&mut self, unit: &[u8]) {
        if unit_kind(unit) == SEQUENCE_PARAMETERS {
            if let Ok(set) = sequence_parameters(unit) {
                self.sets.put_seq_param_set(set);
            }
            return;
        }
        let sets = std::panic::AssertUnwindSafe(&self.sets);
        let read = catch_unwind(|| {
            let payload = decode_nal(unit).ok()?;
            PicParameterSet::from_bits(&sets, BitReader::new(&*payload)).ok()
        });
        if let Ok(Some(set)) = read {
            self.sets.put_pic_param_set(set);
        }
    }

    fn of_slice(&self, unit: &[u8]) -> Option<Slice> {
        let sets = std::panic::AssertUnwindSafe(&self.sets);
        let read = catch_unwind(|| {
            let header = NalHeader::new(*unit.first()?).ok()?;
            let payload = decode_nal(&unit[..unit.len().min(HEADER_BYTES)]).ok()?;
            let mut bits = BitReader::new(&*payload);
            let (slice, _, pictures) =
                SliceHeader::from_bits(&sets, &mut bits, header, None).ok()?;
            let quantizer = 26 + pictures.pic_init_qp_minus26 + slice.slice_qp_delta;
            Some(Slice {
                // Of more than 8 bits it may lie below 0.
                quantizer: quantizer.clamp(0, 51) as u8,
                is_field: slice.field_pic != FieldPic::Frame,
            })
        });
        read.ok().flatten()
    }
}
