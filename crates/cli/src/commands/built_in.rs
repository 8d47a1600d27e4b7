//! The data of commands that are given none.

use std::path::{Path, PathBuf};

use ::fixtures::clips::Compression;
use experiment::Recipe;

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
        false => Ok(built_in_data::faces(&place::scratch(), terminal)?),
    }
}

/// The store of the built-in clips of one compression, every frame of them.
pub(super) fn clips(compression: Compression, terminal: &mut Terminal) -> anyhow::Result<PathBuf> {
    let (home, workers) = (place::scratch(), terminal::cores());
    Ok(built_in_data::clips(&home, compression, workers, terminal)?)
}
