//! Whatever the built-in decoder does not read, by FFmpeg's programs where they are installed.
//!
//! Frames are known by their times, which FFmpeg says of each: that it leaves one out, or patches one,
//! cannot shift those behind it.

mod packets;
mod piped;
mod probe;
mod program;
mod stream;

pub(crate) use piped::PipedFrames;
pub(crate) use probe::probe;
pub(crate) use program::is_there;
pub(crate) use stream::Stream;
