//! Each method of the forgeries held out of a training of its own, and tested alone.

use std::{collections::BTreeSet, path::PathBuf, sync::atomic::AtomicBool};

use evaluation::{Disjoint, EvalOptions, Evaluation, evaluate_run};
use face_data::{Faces, Split};
use runtime::{Event, Observer};

use trainer::TrainOptions;

use crate::{Error, there::train_once};

/// A method that was held out, and what came of it.
#[derive(Debug)]
pub struct HeldOut {
    /// The method.
    pub method: String,
    /// The test on its forgeries alone.
    pub evaluation: Evaluation,
    /// Where the test's report is.
    pub out: PathBuf,
}

/// Trains once for each method of the forgeries that the recipe learns from, without that one, and tests on
/// that one alone. Runs go into folders of their own in `options.out`; what is there already is not
/// trained again.
///
/// # Errors
/// As [`train_once`]; [`Error::NothingToHoldOut`] where fewer than two methods are learnt from.
pub fn hold_out_each(
    options: &TrainOptions,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Vec<HeldOut>, Error> {
    let recipe = &options.recipe;
    let part = Some(Split::Train);
    let faces = Faces::list(&options.data, &recipe.crop, &recipe.split, part, observer)?;
    let forged = faces
        .rows(part)
        .into_iter()
        .filter(|&row| faces.forged(row));
    let methods: BTreeSet<_> = forged
        .map(|row| faces.manifest.rows[row].method.clone())
        .collect();
    if methods.len() < 2 || !recipe.forgery.learns_from_data() {
        return Err(Error::NothingToHoldOut {
            path: options.data.clone(),
            recipe: recipe.name.clone(),
        });
    }
    let mut held_out = Vec::new();
    for method in methods {
        observer.event(Event::Said(&format!("{} without {method}", recipe.name)));
        let plain = |c: char| if c.is_alphanumeric() { c } else { '-' };
        let folder: String = method.chars().map(plain).collect();
        let mut options = options.clone();
        options
            .out
            .push(format!("{}-without-{folder}", recipe.name));
        options.recipe.forgery.held_out = vec![method.clone()];
        let test = EvalOptions {
            data: Some(options.data.clone()),
            selection: None,
            forge: None,
            disjoint: vec![Disjoint::Generator],
            out: None,
            synthetic: options.synthetic,
            device: options.devices.first(),
            command: options.command.clone(),
            guide: options.guide,
        };
        let run = train_once(options, observer, stop)?;
        let (evaluation, out) = evaluate_run(&run, &test, observer)?;
        held_out.push(HeldOut {
            method,
            evaluation,
            out,
        });
    }
    Ok(held_out)
}
