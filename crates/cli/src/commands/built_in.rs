//! The data of commands that are given none.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError, atomic::AtomicBool},
};

use ::fixtures::clips::{ClipsConfig, Compression};
use experiment::Recipe;
use face_store::Share;
use prep::{FaceSource, PrepConfig, PrepOptions, prepare};
use runtime::{DeviceName, Event, Observer};

use super::{fixtures, prep::list};
use crate::{
    place,
    terminal::{self, Terminal},
};

/// The data named on the command line, or else the built-in ones that the recipe needs.
pub(super) fn data_or_built_in(
    named: Option<&Path>,
    recipe: &Recipe,
    terminal: &mut Terminal,
) -> anyhow::Result<PathBuf> {
    match named {
        Some(named) => Ok(named.to_owned()),
        None => data(recipe, terminal),
    }
}

/// What a recipe is trained on where nothing is named: the built-in faces, or for recipes that need
/// pairs or motion a store of the built-in clips. Made in `target/` where they are not there yet.
pub(crate) fn data(recipe: &Recipe, terminal: &mut Terminal) -> anyhow::Result<PathBuf> {
    match recipe.needs_clips() {
        true => clips(Compression::C23, terminal),
        false => fixtures::built_in(terminal),
    }
}

/// The store of the built-in clips of one compression, every frame of them.
pub(super) fn clips(compression: Compression, terminal: &mut Terminal) -> anyhow::Result<PathBuf> {
    // People teach more than frames of the same ones do.
    let config = ClipsConfig {
        identities: 400,
        frames: 16,
        // Small networks then see the faces at the size that they were filmed in.
        size: 160,
        compressions: vec![compression],
        ..ClipsConfig::default()
    };
    let tree = place::scratch().join(format!("built-in-clips-{}", config.key()));
    if !tree.join("test.json").is_file() {
        fixtures::film(&tree, &config, terminal)?;
    }
    let listing = list(&tree, None, terminal)?;
    let store = tree.with_extension("store");
    let prep = PrepConfig {
        frames: 1,
        successive: config.frames,
        faces: FaceSource::Annotated,
        ..PrepConfig::default()
    };
    let device = DeviceName::Cpu.open()?;
    let never = AtomicBool::new(false);
    let options = PrepOptions {
        root: &tree,
        out: &store,
        config: &prep,
        share: Share::ALL,
        workers: terminal::cores(),
        device: &device,
        stop: &never,
    };
    let screen = Mutex::new((terminal, false));
    prepare(&listing.clips, &options, &|clip| {
        let mut screen = screen.lock().unwrap_or_else(PoisonError::into_inner);
        let (terminal, begun) = &mut *screen;
        if !std::mem::replace(begun, true) {
            terminal.event(Event::Began {
                what: "cutting out faces",
                total: clip.total,
                done: clip.done - 1,
            });
        }
        terminal.event(Event::Advanced {
            done: clip.done,
            note: clip.path,
        });
    })?;
    let (terminal, begun) = screen.into_inner().unwrap_or_else(PoisonError::into_inner);
    if begun {
        terminal.event(Event::Ended);
    }
    Ok(store)
}
