//! Video files in, pictures out, and pictures into video files.
//!
//! | item | what |
//! |---|---|
//! | [`Video`] | an opened H.264 file in MP4 or MOV; hands out its frames in display order |
//! | [`Frames`] | the frames asked for, one at a time, then at most one error |
//! | [`sample_uniform`], [`snippets`] | which frames to ask for |
//! | [`Mp4Writer`] | pictures to an H.264 MP4 at a given [`Quality`] |
//! | [`recompress`] | pictures as they are after coding at a [`Quality`], without a file |
//!
//! Memory depends on the size of a picture and, with about 40 bytes a frame, on the index of the
//! file, never on the size of the file. Nothing here needs a system library.

mod boxes;
mod colour;
mod decoder;
mod encoder;
mod error;
#[cfg(feature = "ffmpeg")]
mod ffmpeg;
mod fragments;
mod frame;
mod frames;
#[cfg(test)]
mod golden;
mod info;
mod limits;
mod parameters;
mod quantizer;
mod samples;
mod sampling;
mod track;
mod video;
mod writer;

/// Endings of the files that are worth opening, in lower case.
pub const ENDINGS: &[&str] = &[
    "mp4",
    "mov",
    "m4v",
    #[cfg(feature = "ffmpeg")]
    "avi",
    #[cfg(feature = "ffmpeg")]
    "mkv",
    #[cfg(feature = "ffmpeg")]
    "webm",
    #[cfg(feature = "ffmpeg")]
    "mpg",
    #[cfg(feature = "ffmpeg")]
    "mpeg",
    #[cfg(feature = "ffmpeg")]
    "wmv",
    #[cfg(feature = "ffmpeg")]
    "flv",
    #[cfg(feature = "ffmpeg")]
    "ts",
];

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
