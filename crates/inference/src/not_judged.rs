//! Why an image or a video was not judged.

use std::path::{Path, PathBuf};

use face_detect::FaceDetectError;
use face_preproc::{crop::CropError, pictures::PictureError};
use inputs::InputError;
use video::VideoError;

/// Why there is no score. That there is no face is an answer, as all others but
/// [`Unreadable`](Self::Unreadable) and [`Stopped`](Self::Stopped) are.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotJudged {
    /// No face was found.
    #[error("{}", match .frames {
        1 => "no face found".to_owned(),
        frames => format!("no face found in {frames} frames"),
    })]
    NoFace {
        /// Frames that were looked at; 1 of an image.
        frames: usize,
    },
    /// There are faces, but none that is large enough.
    #[error("its faces are too small to judge: {largest:.0} px, and {least:.0} are needed")]
    FaceTooSmall {
        /// The longer side of the largest one, in pixels.
        largest: f32,
        /// What is needed, in pixels.
        least: f32,
    },
    /// The network judges motion, and an image has none.
    #[error("the network judges motion: give it a video")]
    NeedsVideo,
    /// The network judges motion, and no face is seen for long enough.
    #[error("no face is seen in {frames} successive frames, as many as the network looks at")]
    TooShort {
        /// Successive frames that are needed.
        frames: usize,
    },
    /// Compression has left too little to judge.
    #[error(transparent)]
    TooCompressed(#[from] TooCompressed),
    /// It could not be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Whoever watched the progress stopped it.
    #[error("stopped before its end")]
    Stopped,
}

impl NotJudged {
    /// `no face`, `face too small`, `needs a video`, `too short`, `too compressed`, `unreadable` or
    /// `stopped`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::NoFace { .. } => "no face",
            Self::FaceTooSmall { .. } => "face too small",
            Self::NeedsVideo => "needs a video",
            Self::TooShort { .. } => "too short",
            Self::TooCompressed(_) => "too compressed",
            Self::Unreadable(_) => "unreadable",
            Self::Stopped => "stopped",
        }
    }

    /// The same, naming the file of a video.
    pub(crate) fn of_file(self, path: &Path) -> Self {
        match self {
            Self::Unreadable(Unreadable::Video { source, .. }) => {
                let path = Some(path.to_owned());
                Self::Unreadable(Unreadable::Video { path, source })
            }
            other => other,
        }
    }
}

/// How much an image or a video has been compressed, and how much is too much.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum TooCompressed {
    /// An image.
    #[error("JPEG left a quality of {quality:.1} on a scale to 10, and {least} is needed")]
    Image {
        /// On the scale of Wang, Sheikh and Bovik, to 10.
        quality: f64,
        /// What is needed.
        least: f64,
    },
    /// A video.
    #[error("its mean quantisation is {quantizer:.1}, and {most} is the most")]
    Video {
        /// Mean quantisation parameter of its frames, 0..=51.
        quantizer: f64,
        /// The most that is judged.
        most: f64,
    },
}

/// Why something could not be read, or not be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// An image's file.
    #[error(transparent)]
    Image(#[from] PictureError),
    /// A video.
    #[error("{}{source}", .path.as_ref().map_or(String::new(), |path| format!("{}: ", path.display())))]
    Video {
        /// Its file, where it is one.
        path: Option<PathBuf>,
        /// What is wrong with it.
        source: VideoError,
    },
    /// A folder, a list, or a file that is neither an image nor a video.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Faces could not be looked for.
    #[error(transparent)]
    FaceDetect(#[from] FaceDetectError),
    /// A face could not be cut out.
    #[error(transparent)]
    Crop(#[from] CropError),
}

macro_rules! unreadable {
    ($($error:ty),*) => {$(
        impl From<$error> for NotJudged {
            fn from(error: $error) -> Self {
                Self::Unreadable(error.into())
            }
        }
    )*};
}

unreadable!(PictureError, InputError, FaceDetectError, CropError);
