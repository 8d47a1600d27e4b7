//! Whatever the built-in decoder does not read, by FFmpeg's programs where they are installed.
//!
//! Frames are known by their times, which FFmpeg says of each: that it leaves one out, or patches one,
//! cannot shift those behind it.

mod frames;
mod probe;
mod stream;

pub(crate) use frames::PipedFrames;
pub(crate) use probe::probe;
pub(crate) use stream::Stream;
