//! Whether masks go with their clips.

use std::fs;
use std::path::Path;

use face_preproc::pictures;
use video::{Limits, Video};

use crate::fault::{Fault, FaultKind};
use crate::item::Item;
use crate::look::Look;

/// What is wrong with a clip's mask, a file or a folder with a picture for each frame.
pub(crate) fn check(root: &Path, item: &Item, look: &Look) -> Option<Fault> {
    let mask = item.clip.mask.as_deref()?;
    let path = root.join(mask);
    let seen = measure(&path);
    let what = match seen {
        Err(None) => return None,
        Err(Some(what)) => what,
        Ok((frames, _)) if look.frames.is_some_and(|own| own != frames) => {
            let own = look.frames.unwrap_or_default();
            format!("the mask has {frames} frames, the clip {own}")
        }
        Ok((_, Some(size))) if look.size.is_some_and(|own| own != size) => {
            let own = look.size.unwrap_or_default();
            format!(
                "the mask has {} x {} pixels, the clip {} x {}",
                size.0, size.1, own.0, own.1
            )
        }
        Ok(_) => return None,
    };
    Some(Fault::new(FaultKind::Mask, item.clip.place(), what).with(mask))
}

/// How many frames there are, and their size.
type Measured = (usize, Option<(u32, u32)>);

/// Frames and size of a mask; else what is wrong, or nothing where it cannot be told here.
fn measure(path: &Path) -> Result<Measured, Option<String>> {
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(|error| Some(error.to_string()))?;
        return Ok((entries.flatten().count(), None));
    }
    if fs::metadata(path).is_ok_and(|file| file.len() == 0) {
        return Err(Some("the mask has no byte in it".into()));
    }
    match inputs::Kind::of(path) {
        Ok(inputs::Kind::Picture) => {
            let mask = pictures::read_mask(path, &pictures::Limits::default());
            let mask = mask.map_err(|error| Some(error.to_string()))?;
            Ok((1, Some(mask.dimensions())))
        }
        Ok(inputs::Kind::Video) => match Video::open(path, &Limits::default()) {
            Ok(video) => {
                let info = video.info();
                Ok((info.frame_count, Some((info.width, info.height))))
            }
            Err(error) if error.needs_ffmpeg() => Err(None),
            Err(error) => Err(Some(error.to_string())),
        },
        Err(error) => Err(Some(error.to_string())),
    }
}
