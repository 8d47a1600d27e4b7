//! Files that are looked at: reading a picture, and telling how far a video is.

use std::{fs, ops::ControlFlow, path::Path};

use face_preproc::pictures::{Limits, write_png};
use image::RgbImage;
use runtime::{Event, Observer};

use crate::{Error, NotJudged, follow::Progress};

/// Reads a picture, with FFmpeg's programs where it has to be.
///
/// # Errors
/// Why it cannot be read.
pub(crate) fn read_picture(file: &Path) -> Result<RgbImage, NotJudged> {
    Ok(inputs::read_picture(file, &Limits::default())?)
}

/// Tells an observer how far the video of a file has been looked at, and asks `stop` whether to go on.
pub(crate) fn telling<'a>(
    observer: &'a mut dyn Observer,
    file: &Path,
    stop: &'a dyn Fn() -> bool,
) -> impl FnMut(Progress) -> ControlFlow<()> + 'a {
    let note = inputs::shown(file);
    move |Progress { read, wanted }| {
        observer.event(match read {
            0 => Event::Began {
                what: "frames",
                total: wanted,
                done: 0,
            },
            read => Event::Advanced {
                done: read,
                note: &note,
            },
        });
        match stop() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

/// Writes a picture, making its folder where there is none.
///
/// # Errors
/// Where it cannot be written.
pub(crate) fn write_picture(path: &Path, picture: &RgbImage) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(Error::io(folder))?;
    }
    Ok(write_png(path, picture)?)
}
