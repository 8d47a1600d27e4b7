//! What can be wrong with a video.

use std::io;

/// Why a video cannot be read or written. The messages do not name the file: the caller knows it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VideoError {
    /// The file system refused.
    #[error("cannot read or write the video: {0}")]
    Io(#[from] io::Error),
    /// The file is something else.
    #[error("{0}, not a video")]
    NotVideo(String),
    /// A video, but in another container than the built-in reader knows.
    #[error("{0}, not MP4 or MOV")]
    NotMp4(String),
    /// The file ends before something it declares.
    #[error("the file is cut off: {missing}")]
    Truncated {
        /// What is not there.
        missing: String,
    },
    /// There is no track of pictures.
    #[error("the file has no video track")]
    NoVideoTrack,
    /// The track holds no frame to show.
    #[error("the video track has no frames")]
    NoFrames,
    /// The pictures are coded in another format than H.264.
    #[error("the video is coded as `{0}`, not as H.264 (`avc1`)")]
    UnsupportedCodec(String),
    /// H.264, but with a coding tool that the built-in decoder does not have.
    #[error("unsupported kind of H.264: {0}")]
    UnsupportedFeature(String),
    /// The container contradicts itself.
    #[error("damaged MP4 structure: {0}")]
    Damaged(String),
    /// A compressed frame cannot be decoded.
    #[error("cannot decode compressed frame {sample}: {reason}")]
    Undecodable {
        /// Position of the compressed frame in the file's decoding order, from 0.
        sample: usize,
        /// What the decoder found.
        reason: String,
    },
    /// What FFmpeg says of a file that it cannot read, or not all of.
    #[error("FFmpeg: {0}")]
    Ffmpeg(String),
    /// FFmpeg would read it, but is not installed.
    #[error(
        "{0}: FFmpeg reads it, and is not on this machine; install the package `ffmpeg` \
         (`apt install ffmpeg`, `brew install ffmpeg`, `winget install ffmpeg`)"
    )]
    NeedsFfmpeg(Box<Self>),
    /// Neither the built-in decoder nor FFmpeg reads it.
    #[error("{built_in}; {ffmpeg}")]
    Neither {
        /// Why the built-in decoder does not.
        built_in: Box<Self>,
        /// Why FFmpeg does not.
        ffmpeg: Box<Self>,
    },
    /// Some of the frames asked for could not be read, or not as they were.
    #[error("{read} of {wanted} frames could be read: {reason}")]
    Partial {
        /// Frames handed over.
        read: usize,
        /// Frames asked for, all of which the file promises.
        wanted: usize,
        /// The first thing that went wrong.
        reason: Box<Self>,
    },
    /// The file asks for more than [`Limits`](crate::Limits) allow.
    #[error("{what}: {value}, but the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// What the file declares.
        value: u64,
        /// What is allowed.
        limit: u64,
    },
    /// A frame was asked for that does not exist.
    #[error("frame {index} was asked for, but the video has {count} frames")]
    NoSuchFrame {
        /// Index asked for.
        index: usize,
        /// Number of frames.
        count: usize,
    },
    /// A picture cannot be written.
    #[error("cannot write the picture: {0}")]
    Picture(String),
    /// The encoder or the container refused what was written.
    #[error("cannot encode the video: {0}")]
    Encode(String),
}

impl VideoError {
    /// Whether installing FFmpeg is what is to be done.
    pub fn needs_ffmpeg(&self) -> bool {
        matches!(self, Self::NeedsFfmpeg(_))
    }

    pub(crate) fn check(what: &'static str, value: u64, limit: u64) -> Result<(), Self> {
        if value > limit {
            return Err(Self::TooLarge { what, value, limit });
        }
        Ok(())
    }

    /// What FFmpeg did not do.
    pub(crate) fn ffmpeg(reason: impl Into<String>) -> Self {
        Self::Ffmpeg(reason.into())
    }

    pub(crate) fn truncated(missing: impl Into<String>) -> Self {
        Self::Truncated {
            missing: missing.into(),
        }
    }
}

impl From<shiguredo_mp4::Error> for VideoError {
    fn from(error: shiguredo_mp4::Error) -> Self {
        let place = error.box_type.map_or(String::new(), |b| format!("{b}: "));
        Self::Damaged(match error.reason.as_str() {
            "" => format!("{place}{:?}", error.kind),
            reason => format!("{place}{reason}"),
        })
    }
}

impl From<ffmpeg::Error> for VideoError {
    fn from(error: ffmpeg::Error) -> Self {
        match error {
            ffmpeg::Error::Io(error) => Self::Io(error),
            ffmpeg::Error::TooManyFrames { count, limit } => Self::TooLarge {
                what: "number of frames",
                value: count,
                limit,
            },
            ffmpeg::Error::Said(reason) => Self::Ffmpeg(reason),
            other => Self::Ffmpeg(other.to_string()),
        }
    }
}
