//! Data that are made once and found from then on.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, atomic::AtomicBool},
};

use datasets::Layout;
use face_store::Share;
use fixtures::{
    DatasetConfig,
    clips::{ClipsConfig, Compression},
};
use prep::{FaceSource, PrepConfig, PrepOptions, prepare};
use runtime::{DeviceName, Event, Observer};

use crate::{
    Error,
    rendered::{MANIFEST, film, render},
};

/// The manifest of the built-in faces in the folder `home`; rendered where they are not there yet.
///
/// # Errors
/// Where they cannot be written.
pub fn faces(home: &Path, observer: &mut dyn Observer) -> Result<PathBuf, Error> {
    let config = DatasetConfig::default();
    let folder = home.join(format!("built-in-faces-{}", config.key()));
    if !folder.join(MANIFEST).is_file() {
        render(&folder, &config, observer)?;
    }
    Ok(folder.join(MANIFEST))
}

/// The store of the built-in clips of one compression in the folder `home`, every frame of them; rendered
/// and cut out by `workers` threads where they are not there yet.
///
/// # Errors
/// Where they cannot be written.
pub fn clips(
    home: &Path,
    compression: Compression,
    workers: usize,
    observer: &mut (dyn Observer + Send),
) -> Result<PathBuf, Error> {
    // People teach more than frames of the same ones do.
    let config = ClipsConfig {
        identities: 400,
        frames: 16,
        // Small networks then see the faces at the size that they were filmed in.
        size: 160,
        compressions: vec![compression],
        ..ClipsConfig::default()
    };
    let tree = home.join(format!("built-in-clips-{}", config.key()));
    if !tree.join("test.json").is_file() {
        film(&tree, &config, observer)?;
    }
    let store = tree.with_extension("store");
    cut_out(&tree, &store, config.frames, workers, observer)?;
    Ok(store)
}

/// The faces of `frames` frames of each clip, at the places that the clips' annotations name.
fn cut_out(
    tree: &Path,
    store: &Path,
    frames: usize,
    workers: usize,
    observer: &mut (dyn Observer + Send),
) -> Result<(), Error> {
    let listing = datasets::read(tree, Layout::Faceforensics)?;
    let config = PrepConfig {
        frames: 1,
        successive: frames,
        faces: FaceSource::Annotated,
        ..PrepConfig::default()
    };
    let device = DeviceName::Cpu.open()?;
    let never = AtomicBool::new(false);
    let options = PrepOptions {
        root: tree,
        out: store,
        config: &config,
        share: Share::ALL,
        workers,
        device: &device,
        stop: &never,
    };
    let screen = Mutex::new((observer, false));
    prepare(&listing.clips, &options, &|clip| {
        let mut screen = screen.lock().unwrap_or_else(PoisonError::into_inner);
        let (observer, begun) = &mut *screen;
        if !std::mem::replace(begun, true) {
            observer.event(Event::Began {
                what: "cutting out faces",
                total: clip.total,
                done: clip.done - 1,
            });
        }
        observer.event(Event::Advanced {
            done: clip.done,
            note: clip.path,
        });
    })?;
    let (observer, begun) = screen.into_inner().unwrap_or_else(PoisonError::into_inner);
    if begun {
        observer.event(Event::Ended);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Two people's clips become a store of every frame; what is there is not made again.
    #[test]
    fn clips_are_cut_out_once() {
        let folder = tempfile::tempdir().unwrap();
        let (tree, store) = (folder.path().join("tree"), folder.path().join("store"));
        let config = ClipsConfig {
            identities: 4,
            frames: 8,
            size: 96,
            compressions: vec![Compression::C23],
            ..ClipsConfig::default()
        };
        film(&tree, &config, &mut ()).unwrap();
        cut_out(&tree, &store, config.frames, 2, &mut ()).unwrap();
        let opened = face_store::Store::open(&store).unwrap();
        // Each of the four is filmed once, and forged in four ways.
        assert_eq!(opened.rows().len(), 4 * 5 * config.frames);
        let before = fs::metadata(store.join("faces.json")).map(|it| it.modified().unwrap());
        cut_out(&tree, &store, config.frames, 2, &mut ()).unwrap();
        let after = fs::metadata(store.join("faces.json")).map(|it| it.modified().unwrap());
        assert_eq!(before.ok(), after.ok());
    }
}
