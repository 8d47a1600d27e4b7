#![doc = include_str!("../README.md")]

mod error;
mod listing;
mod program;
mod selection;
mod still;

pub use error::Error;
pub use listing::{Contents, Decoded, Described, Packet, decode, first_time, list};
pub use program::{Dialect, Program, Shown, dialect, is_there};
pub use selection::stretches;
pub use still::{hevc_pictures, still};

/// Bounds on what a file may make FFmpeg do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Pixels of one picture.
    pub pixels: u64,
    /// Packets or frames of a file.
    pub frames: u64,
}
