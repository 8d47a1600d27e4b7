//! Video files in, pictures out, and pictures into video files.
//!
//! | item | what |
//! |---|---|
//! | [`Video`] | an opened video; hands out its frames in display order |
//! | [`Frames`] | the frames asked for, one at a time, then at most one error |
//! | [`Content`] | what a file is, by its first bytes |
//! | [`sample_uniform`], [`snippets`] | which frames to ask for |
//! | [`Mp4Writer`] | pictures to an H.264 MP4 at a given [`Quality`] |
//! | [`recompress`] | pictures as they are after coding at a [`Quality`], without a file |
//!
//! Memory depends on the size of a picture and, with about 40 bytes a frame, on the index of the
//! file, never on the size of the file. No system library is needed: what the built-in decoder does not
//! read goes to FFmpeg's programs, where they are installed.

mod boxes;
mod by_ffmpeg;
mod choice;
mod colour;
mod content;
mod decoder;
mod encoder;
mod error;
mod fragments;
mod frame;
mod frames;
#[cfg(test)]
mod golden;
mod info;
mod limits;
mod origin;
mod parameters;
mod quantizer;
mod samples;
mod sampling;
mod track;
mod video;
mod writer;

/// Endings of the files that are worth opening, in lower case. What a file is, [`Content`] tells.
pub const ENDINGS: &[&str] = &[
    "mp4", "mov", "m4v", "3gp", "3g2", "avi", "mkv", "webm", "mpg", "mpeg", "vob", "ts", "mts",
    "m2ts", "wmv", "asf", "flv", "ogv", "mxf",
];

pub use content::Content;
pub use encoder::{Quality, recompress};
pub use error::VideoError;
pub use frame::Frame;
pub use frames::Frames;
pub use info::VideoInfo;
pub use limits::Limits;
pub use sampling::{sample_uniform, snippets};
pub use video::Video;
pub use writer::{Encoding, Mp4Writer};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
