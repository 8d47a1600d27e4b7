//! Files on the command line: what a path stands for, and what is written of it.

use std::{
    collections::BTreeSet,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use face_preproc::{
    geometry::Landmarks68,
    manifest::{Manifest, ManifestError},
    pictures::write_png,
};
use image::RgbImage;
use runtime::{Event, Observer};
use video::Content;

use crate::{Error, follow::Progress};

/// A file to look at with the landmarks of its face, where a manifest has them; or, of a manifest or a
/// folder, why what it lists is not known.
pub(crate) type Input = (PathBuf, Result<Option<Landmarks68>, ManifestError>);

/// The files that paths stand for: themselves, or those of a folder or a manifest.
pub(crate) fn inputs(paths: &[PathBuf]) -> Vec<Input> {
    let of_manifest = |manifest: Manifest| -> Vec<Input> {
        let rows = manifest.rows.iter();
        rows.map(|row| (manifest.picture_path(row), Ok(row.landmarks68)))
            .collect()
    };
    let of_path = |path: &PathBuf| {
        let manifest = if path.is_dir() {
            Manifest::from_folder(path)
        } else if path.extension().is_some_and(|ending| ending == "json") {
            Manifest::read(path)
        } else {
            return vec![(path.clone(), Ok(None))];
        };
        manifest.map_or_else(|error| vec![(path.clone(), Err(error))], of_manifest)
    };
    paths.iter().flat_map(of_path).collect()
}

/// Whether a file is a video: by its content, and where that is not known by its name.
pub(crate) fn is_video(file: &Path) -> bool {
    match Content::of(file) {
        Ok(content) if content.is_video() => return true,
        Ok(content) if content.is_picture() => return false,
        _ => {}
    }
    let ending = file.extension().unwrap_or_default();
    let ending = ending.to_string_lossy().to_lowercase();
    video::ENDINGS.contains(&ending.as_str())
}

/// The file's stem, with a number where two files share it.
pub(crate) fn overlay_name(file: &Path, taken: &mut BTreeSet<String>) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let mut name = stem.to_string();
    let mut count = 1;
    while !taken.insert(name.clone()) {
        count += 1;
        name = format!("{stem}-{count}");
    }
    name
}

/// Tells an observer how far the video of a file has been looked at, and asks `stop` whether to go on.
pub(crate) fn telling<'a>(
    observer: &'a mut dyn Observer,
    file: &'a Path,
    stop: &'a dyn Fn() -> bool,
) -> impl FnMut(Progress) -> ControlFlow<()> + 'a {
    let note = file.to_string_lossy();
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

/// The path with `ending` behind its name.
pub(crate) fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlays_of_files_with_one_name_do_not_overwrite_each_other() {
        let mut taken = BTreeSet::new();
        let names = ["a/x.jpg", "b/x.png", "b/y.png", "c/x.jpg"]
            .map(|file| overlay_name(Path::new(file), &mut taken));
        assert_eq!(names, ["x", "x-2", "y", "x-3"]);
    }
}
