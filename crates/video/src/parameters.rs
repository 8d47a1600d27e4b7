//! Sequence parameter sets of H.264 (section 7.3.2.1): what a stream needs of its decoder.

use std::panic::catch_unwind;

use h264_reader::nal::sps::{ChromaFormat, FrameMbsFlags, SeqParameterSet};
use h264_reader::rbsp::{BitReader, decode_nal};

use crate::colour::ColourDescription;
use crate::{Limits, VideoError};

/// `nal_unit_type` of the units that matter here (table 7-1).
pub(crate) const SLICE: u8 = 1;
pub(crate) const SLICE_IDR: u8 = 5;
pub(crate) const SEQUENCE_PARAMETERS: u8 = 7;
pub(crate) const PICTURE_PARAMETERS: u8 = 8;

/// `level_idc` of level 6.2 (table A-1).
const HIGHEST_LEVEL: u8 = 62;

/// `nal_unit_type` of a unit; 0 for an empty one.
pub(crate) fn unit_kind(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |header| header & 0x1f)
}

/// What a sequence parameter set says of the pictures.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parameters {
    /// Size of the pictures, pixels.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) colours: ColourDescription,
    /// What the built-in decoder would need and lacks.
    pub(crate) lacking: Option<&'static str>,
    /// 8 bits, 4:4:4.
    pub(crate) full_colour: bool,
    /// Pictures may be coded as two fields: their slices tell.
    pub(crate) may_be_fields: bool,
}

impl Parameters {
    /// Reads the unit `sps`, header included.
    ///
    /// # Errors
    ///
    /// A unit that cannot be read, and a picture larger than allowed.
    pub(crate) fn read(sps: &[u8], limits: &Limits) -> Result<Self, VideoError> {
        let damaged =
            |reason: String| VideoError::Damaged(format!("sequence parameters of H.264: {reason}"));
        let set = sequence_parameters(sps).map_err(damaged)?;
        let chroma = &set.chroma_info;
        let subsampled = chroma.chroma_format == ChromaFormat::YUV420;
        let adaptive = FrameMbsFlags::Fields {
            mb_adaptive_frame_field_flag: true,
        };
        let lacking = if chroma.bit_depth_luma_minus8 > 0 || chroma.bit_depth_chroma_minus8 > 0 {
            Some("more than 8 bits a sample")
        } else if !subsampled {
            Some("colour sampling other than 4:2:0")
        } else if chroma.qpprime_y_zero_transform_bypass_flag {
            Some("lossless coding (transform bypass)")
        } else if set.frame_mbs_flags == adaptive {
            Some("interlaced coding (MBAFF)")
        } else {
            None
        };
        let macroblocks_across = u64::from(set.pic_width_in_mbs_minus1) + 1;
        let map_units_down = u64::from(set.pic_height_in_map_units_minus1) + 1;
        let fields = match set.frame_mbs_flags {
            FrameMbsFlags::Frames => 1,
            FrameMbsFlags::Fields { .. } => 2,
        };
        let pixels = macroblocks_across
            .saturating_mul(map_units_down)
            .saturating_mul(256 * fields);
        VideoError::check("pixels of a picture", pixels, limits.max_pixels)?;
        let size = catch_unwind(|| set.pixel_dimensions().map_err(|e| format!("{e:?}")));
        let (width, height) = size
            .unwrap_or_else(|_| Err("unreadable size".to_owned()))
            .map_err(damaged)?;
        let halves = subsampled && (width % 2 == 1 || height % 2 == 1);
        if width == 0 || height == 0 || halves {
            return Err(damaged(format!("pictures of {width}x{height}")));
        }
        let signal = (set.vui_parameters.as_ref()).and_then(|vui| vui.video_signal_type.as_ref());
        Ok(Self {
            width,
            height,
            colours: ColourDescription {
                matrix: signal
                    .and_then(|s| s.colour_description.as_ref())
                    .map(|c| c.matrix_coefficients),
                full_range: signal.map(|s| s.video_full_range_flag),
            },
            lacking,
            full_colour: chroma.chroma_format == ChromaFormat::YUV444
                && chroma.bit_depth_luma_minus8 == 0
                && chroma.bit_depth_chroma_minus8 == 0,
            may_be_fields: set.frame_mbs_flags != FrameMbsFlags::Frames,
        })
    }
}

/// Reads the unit `sps`, header included.
///
/// # Errors
///
/// Why it cannot be read, in words.
pub(crate) fn sequence_parameters(sps: &[u8]) -> Result<SeqParameterSet, String> {
    // Files understate their level, and the reader would hold them to it: read as the highest.
    let mut sps = sps.to_vec();
    *sps.get_mut(3).ok_or("cut off")? = HIGHEST_LEVEL;
    let parsed = catch_unwind(|| {
        let payload = decode_nal(&sps).map_err(|e| e.to_string())?;
        SeqParameterSet::from_bits(BitReader::new(&*payload)).map_err(|e| format!("{e:?}"))
    });
    parsed.unwrap_or_else(|_| Err("unreadable".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A baseline parameter set (section 7.3.2.1.1) for pictures of so many macroblocks.
    fn baseline(across: u32, down: u32) -> Vec<u8> {
        let mut bits = String::new();
        for byte in [0x67_u8, 66, 0, 30] {
            bits += &format!("{byte:08b}");
        }
        let golomb = |value: u32| {
            let code = format!("{:b}", value + 1);
            format!("{}{code}", "0".repeat(code.len() - 1))
        };
        // Identifier, frame numbers, order as decoded, one reference; no gaps; the size.
        bits += &[0, 0, 2, 1].map(golomb).concat();
        bits += &["0", &golomb(across - 1), &golomb(down - 1)].concat();
        // Progressive, direct inference, no cropping, no description; stop bit.
        bits += "11001";
        bits += &"0".repeat(bits.len().next_multiple_of(8) - bits.len());
        (bits.as_bytes().chunks(8))
            .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap())
            .collect()
    }

    #[test]
    fn a_huge_picture_is_refused_before_it_takes_memory() {
        let limits = Limits::default();
        for (across, down) in [
            (257, 144),
            (6250, 6250),
            (1 << 28, 1 << 28),
            (u32::MAX / 2, 1),
        ] {
            let error = Parameters::read(&baseline(across, down), &limits).unwrap_err();
            let expected = matches!(error, VideoError::TooLarge { .. } | VideoError::Damaged(_));
            assert!(expected, "{across} {down} {error}");
        }
    }

    /// An understated level and zeros behind the end are common and do no harm.
    #[test]
    fn small_faults_are_passed_over() {
        let mut sps = baseline(80, 45);
        sps[3] = 10;
        for zeros in 0..3 {
            let read = Parameters::read(&sps, &Limits::default()).unwrap();
            assert_eq!((read.width, read.height), (1280, 720), "{zeros}");
            sps.push(0);
        }
    }
}
