//! Compressed frames in, decoded pictures out, whatever the bytes are.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rusty_h264::{Decoder, YuvFrame};

use crate::Limits;
use crate::parameters::{
    PICTURE_PARAMETERS, Parameters, SEQUENCE_PARAMETERS, SLICE, SLICE_IDR, unit_kind,
};
use crate::track::Track;

/// Zeros at the end of a slice that do no harm, a choice: a unit has none (H.264, section 7.4.1), but
/// writers leave some. Of more, its data are not there, which the decoder would not notice.
const MOST_ZEROS: usize = 16;

/// A decoder that has seen the parameter sets of its track and no frame.
pub(crate) struct PictureDecoder<'a> {
    track: &'a Track,
    limits: &'a Limits,
    decoder: Decoder,
    /// Units behind start codes (Annex B), as the decoder wants them. Empty before the first
    /// frame, which brings the parameter sets of the track with it.
    stream: Vec<u8>,
}

impl<'a> PictureDecoder<'a> {
    pub(crate) fn new(track: &'a Track, limits: &'a Limits) -> Self {
        Self {
            track,
            limits,
            decoder: Decoder::new(),
            stream: Vec::new(),
        }
    }

    /// Decodes one sample to its picture. After an error, only a new decoder is of use.
    ///
    /// # Errors
    ///
    /// The reason, in words.
    pub(crate) fn decode(&mut self, sample: &[u8]) -> Result<YuvFrame, String> {
        let first = self.stream.is_empty();
        self.stream.clear();
        if first {
            for set in &self.track.parameter_sets {
                push_unit(&mut self.stream, set);
            }
        }
        for unit in units(sample, self.track.length_bytes) {
            let unit = unit?;
            if unit_kind(unit) == SEQUENCE_PARAMETERS {
                let set = Parameters::read(unit, self.limits).map_err(|e| e.to_string())?;
                set.lacking
                    .map_or(Ok(()), |lacking| Err(lacking.to_owned()))?;
            }
            let zeros = unit.iter().rev().take_while(|&&byte| byte == 0).count();
            if matches!(unit_kind(unit), SLICE | SLICE_IDR) && zeros > MOST_ZEROS {
                return Err(format!("its last {zeros} bytes are zeros"));
            }
            push_unit(&mut self.stream, unit);
        }
        // The decoder is meant not to panic; should it, the frame is lost and not the program.
        let decoded = catch_unwind(AssertUnwindSafe(|| self.decoder.decode(&self.stream)));
        let picture = match decoded {
            Ok(Ok(Some(picture))) => picture,
            Ok(Ok(None)) => return Err("it holds no picture".to_owned()),
            Ok(Err(error)) => return Err(error.to_string()),
            Err(_) => return Err("the decoder failed".to_owned()),
        };
        if (picture.width, picture.height)
            != (self.track.width as usize, self.track.height as usize)
        {
            return Err(format!(
                "its size changes to {}x{}",
                picture.width, picture.height
            ));
        }
        Ok(picture)
    }
}

/// Whether a sample can be left out without harm to any other: no picture refers to it
/// (`nal_ref_idc` is 0) and it brings no parameter sets.
pub(crate) fn is_disposable(sample: &[u8], length_bytes: usize) -> bool {
    let mut slices = 0;
    for unit in units(sample, length_bytes) {
        match unit.map(|unit| (unit_kind(unit), unit.first())) {
            Ok((SLICE, Some(header))) if header >> 5 & 3 == 0 => slices += 1,
            Ok((SLICE | SLICE_IDR | SEQUENCE_PARAMETERS | PICTURE_PARAMETERS, _)) | Err(_) => {
                return false;
            }
            Ok(_) => {}
        }
    }
    slices > 0
}

/// The units of a sample, each behind its length (ISO/IEC 14496-15 section 4.3.3).
pub(crate) fn units(
    sample: &[u8],
    length_bytes: usize,
) -> impl Iterator<Item = Result<&[u8], String>> {
    let mut rest = sample;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let unit = rest
            .split_at_checked(length_bytes)
            .and_then(|(length, behind)| {
                let length = length.iter().fold(0, |n, &byte| n << 8 | usize::from(byte));
                behind.split_at_checked(length)
            });
        let Some((unit, behind)) = unit else {
            rest = &[];
            return Some(Err("a unit reaches beyond its end".to_owned()));
        };
        rest = behind;
        Some(Ok(unit))
    })
}

fn push_unit(stream: &mut Vec<u8>, unit: &[u8]) {
    stream.extend_from_slice(&[0, 0, 0, 1]);
    stream.extend_from_slice(unit);
}
