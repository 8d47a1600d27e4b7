//! Faces and clips, rendered to a folder.

use std::path::Path;

use fixtures::{
    DatasetConfig,
    clips::{ClipsConfig, ClipsSummary, write_clips},
    write_dataset,
};
use runtime::{Event, Observer};

use crate::Error;

/// The manifest of rendered faces, in their folder.
pub const MANIFEST: &str = "faces.json";

/// Renders faces to `folder`, which must not hold anything yet.
///
/// # Errors
/// Where they cannot be written, or the configuration is out of its range.
pub fn render(
    folder: &Path,
    config: &DatasetConfig,
    observer: &mut dyn Observer,
) -> Result<(), Error> {
    let mut told = Told::new("rendering faces", observer);
    write_dataset(folder, config, &mut |done, total| told.advance(done, total))?;
    observer.event(Event::Ended);
    Ok(())
}

/// Renders clips to `folder`; those that were begun there with the same configuration are gone on with.
///
/// # Errors
/// As [`render`].
pub fn film(
    folder: &Path,
    config: &ClipsConfig,
    observer: &mut dyn Observer,
) -> Result<ClipsSummary, Error> {
    let mut told = Told::new("rendering clips", observer);
    let written = write_clips(folder, config, &mut |done, total| told.advance(done, total))?;
    observer.event(Event::Ended);
    Ok(written)
}

/// Progress of a renderer as an observer hears it.
struct Told<'a> {
    what: &'static str,
    began: bool,
    observer: &'a mut dyn Observer,
}

impl<'a> Told<'a> {
    fn new(what: &'static str, observer: &'a mut dyn Observer) -> Self {
        Self {
            what,
            began: false,
            observer,
        }
    }

    fn advance(&mut self, done: usize, total: usize) {
        if !self.began {
            self.observer.event(Event::Began {
                what: self.what,
                total,
                done: 0,
            });
            self.began = true;
        }
        self.observer.event(Event::Advanced { done, note: "" });
    }
}
