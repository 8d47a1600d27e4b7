//! How much a file may ask for.

/// Bounds on what a file may declare; beyond them it is refused with
/// [`VideoError::TooLarge`](crate::VideoError::TooLarge) before memory is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Coded pixels of one picture, width times height in whole macroblocks. A decoder holds up to
    /// 18 pictures of about 2.5 bytes a pixel.
    pub max_pixels: u64,
    /// Frames of the track. The index takes about 40 bytes for each.
    pub max_frames: u64,
    /// Bytes of all index boxes (`moov` and `moof`) together.
    pub max_index_bytes: u64,
    /// Bytes of one compressed frame.
    pub max_sample_bytes: u64,
}

impl Default for Limits {
    /// 4096x2304 (the largest picture of H.264 level 5.1), two million frames (18 hours at 30
    /// frames/s), 64 MiB of index, 32 MiB a compressed frame.
    fn default() -> Self {
        Self {
            max_pixels: 4096 * 2304,
            max_frames: 2_000_000,
            max_index_bytes: 64 << 20,
            max_sample_bytes: 32 << 20,
        }
    }
}

impl From<&Limits> for ffmpeg::Bounds {
    fn from(limits: &Limits) -> Self {
        Self {
            pixels: limits.max_pixels,
            frames: limits.max_frames,
        }
    }
}
