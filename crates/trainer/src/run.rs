//! A trained run, loaded.

use std::collections::BTreeSet;

use burn::{module::Module, tensor::Device};
use core_tensor_ops::Detector;

use crate::{
    Error,
    device::DeviceName,
    faces::Faces,
    randomness::{Purpose, generator},
    recipe::{Model, Recipe},
    run_dir::{Best, RunDir, RunInfo, read_json},
};

/// A run with its best weights on a device.
pub struct Run {
    /// Its directory.
    pub dir: RunDir,
    /// Its recipe.
    pub recipe: Recipe,
    /// Its facts.
    pub info: RunInfo,
    /// Its best validation.
    pub best: Best,
    /// The network.
    pub model: Box<dyn Detector>,
    /// Where the network is.
    pub device: Device,
}

impl Run {
    /// Loads a run's best weights, strictly.
    ///
    /// # Errors
    /// Where the run has no weights yet, or they do not fit its recipe.
    pub fn load(dir: &RunDir, device: DeviceName) -> Result<Self, Error> {
        let device = device.open()?;
        let recipe = Recipe::read(&dir.recipe())?;
        let info: RunInfo = read_json(&dir.info())?;
        let Some(best) = info.best else {
            return Err(Error::Untrained { path: dir.path().to_owned() });
        };
        let Model::Pcl(config) = &recipe.model;
        let mut rng = generator(recipe.seed, Purpose::Weights, 0, 0);
        let mut model = config.init(&device, &mut rng)?;
        backbones::load_module(&mut model, dir.weights())?;
        let model = Box::new(model.valid());
        Ok(Self { dir: dir.clone(), recipe, info, best, model, device })
    }

    /// The identities that the run was trained or tuned on, as [`identity_key`] names them.
    ///
    /// # Errors
    /// Where the run's list of them cannot be read.
    pub fn seen_identities(&self) -> Result<BTreeSet<String>, Error> {
        read_json(&self.dir.seen_identities())
    }
}

/// The identities of the training and validation splits.
#[must_use]
pub fn seen_identities(faces: &Faces) -> BTreeSet<String> {
    use face_preproc::split::Split;
    let seen = faces.rows(None).into_iter().filter(|&row| faces.splits[row] != Split::Test);
    seen.map(|row| identity_key(faces, row)).collect()
}

/// Data set and identity of a row.
#[must_use]
pub fn identity_key(faces: &Faces, row: usize) -> String {
    let row = &faces.manifest.rows[row];
    format!("{}/{}", row.dataset, row.identity)
}
