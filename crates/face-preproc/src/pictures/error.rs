//! What can be wrong with a picture.

use std::io;
use std::path::PathBuf;

/// Why a picture could not be read or written. Each message names the file, says what is wrong with
/// it, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file could not be opened, read or written.
    #[error("{}: {source}; check the path, the permissions and the space on the disk", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The content is no picture in any format, whatever the name says.
    #[error("{}: not a picture: {reason}; remove it from the list, or replace it by a picture", path.display())]
    NotAPicture {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        reason: &'static str,
    },
    /// A format, or a variant of one, that is not decoded here.
    #[error("{}: {reason} is not read here; convert the picture to PNG or to baseline JPEG, with a picture editor or `ffmpeg -i PICTURE PICTURE.png`", path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// The format or the variant.
        reason: String,
    },
    /// The file is longer, or the picture larger, than the limits allow.
    #[error("{}: too large: {found}, and the limit is {limit}; make the picture smaller, with a picture editor or `ffmpeg -i PICTURE -vf scale=iw/2:-1 SMALLER.png`", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The size it has or claims to have.
        found: String,
        /// The limit it breaks.
        limit: String,
    },
    /// The data end before the picture does.
    #[error("{}: truncated: {reason}; copy or download the file again", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Where the data end.
        reason: String,
    },
    /// The data are all there, but they contradict the format.
    #[error("{}: damaged: {reason}; restore the file, or save it anew in a picture editor", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the decoder said.
        reason: String,
    },
}
