//! Whether this machine can read a data set's videos, before hours of work are planned.

use std::collections::BTreeMap;
use std::path::Path;

use datasets::{Clip, Kind};
use video::{Limits, Video};

use crate::PrepError;

/// Folders of videos that are looked into.
const MOST_FOLDERS: usize = 64;

/// Opens the first video of each folder of the clips, masks among them.
///
/// # Errors
///
/// [`PrepError::NeedsFfmpeg`] where one needs FFmpeg and it is not installed. What else is wrong with a
/// video is no error here: it is that clip's.
pub fn first_look<'a>(
    root: &Path,
    clips: impl IntoIterator<Item = &'a Clip>,
) -> Result<(), PrepError> {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    let videos = clips.into_iter().filter(|clip| clip.kind == Kind::Video);
    for path in videos.flat_map(|clip| [Some(&clip.path), clip.mask.as_ref()]) {
        let Some(path) = path else { continue };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if first.len() < MOST_FOLDERS || first.contains_key(folder) {
            first.entry(folder).or_insert(path);
        }
    }
    for path in first.into_values() {
        match Video::open(root.join(path), &Limits::default()) {
            Err(error) if error.needs_ffmpeg() => {
                return Err(PrepError::NeedsFfmpeg {
                    path: path.to_owned(),
                    source: error,
                });
            }
            _ => {}
        }
    }
    Ok(())
}
