//! A trained run, loaded.

use std::collections::BTreeSet;

use burn::{module::Module, tensor::Device};
use core_tensor_ops::{ClipDetector, Detector};
use face_preproc::split::Split;

use crate::{
    Error,
    device::DeviceName,
    error::ModelError,
    faces::Faces,
    randomness::{Purpose, generator},
    recipe::{Model, Recipe},
    run_dir::{Best, RunDir, RunInfo, read_json},
    tasks::FaceMethod,
};

/// What a network judges.
pub(crate) enum Network {
    /// Single faces.
    Faces(Box<dyn Detector>),
    /// Clips of faces.
    Clips {
        /// The network.
        detector: Box<dyn ClipDetector>,
        /// `U`, snippets of a clip.
        snippets: usize,
        /// `T`, frames of a snippet.
        length: usize,
    },
}

/// A run with its best weights on a device.
pub(crate) struct Run {
    /// Its directory.
    pub dir: RunDir,
    /// Its recipe.
    pub recipe: Recipe,
    /// Its facts.
    pub info: RunInfo,
    /// Its best validation.
    pub best: Best,
    /// The network.
    pub network: Network,
    /// Where the network is.
    pub device: Device,
}

impl Run {
    /// Loads a run's best weights, strictly.
    ///
    /// # Errors
    /// Where the run has no weights yet, or they do not fit its recipe.
    pub(crate) fn load(dir: &RunDir, device: DeviceName) -> Result<Self, Error> {
        let device = device.open()?;
        let recipe = Recipe::read(&dir.recipe())?;
        let info: RunInfo = read_json(&dir.info())?;
        let Some(best) = info.best else {
            return Err(Error::Untrained {
                path: dir.path().to_owned(),
            });
        };
        let network = match &recipe.model {
            Model::Adm(method) => trained(method, &recipe, dir, &device)?,
            Model::Lisiam(method) => trained(method, &recipe, dir, &device)?,
            Model::Pcl(method) => trained(method, &recipe, dir, &device)?,
            Model::Snippet(config) => {
                let mut rng = generator(recipe.seed, Purpose::Weights, 0, 0);
                let mut model = config.init(&device, &mut rng).map_err(ModelError::from)?;
                backbones::load_module(&mut model, dir.weights())?;
                Network::Clips {
                    detector: Box::new(model.valid()),
                    snippets: config.inference_snippets,
                    length: config.frames,
                }
            }
        };
        Ok(Self {
            dir: dir.clone(),
            recipe,
            info,
            best,
            network,
            device,
        })
    }

    /// The probability that a score of the network stands for.
    pub(crate) fn calibrated(&self, score: f64) -> f64 {
        self.best.calibration().apply(score)
    }

    /// The identities that the run was trained or tuned on.
    ///
    /// # Errors
    /// Where the run's list of them cannot be read.
    pub(crate) fn seen_identities(&self) -> Result<BTreeSet<String>, Error> {
        read_json(&self.dir.seen_identities())
    }
}

/// The network of a method with a run's weights, ready to judge.
fn trained<M: FaceMethod>(
    method: &M,
    recipe: &Recipe,
    dir: &RunDir,
    device: &Device,
) -> Result<Network, Error> {
    let mut rng = generator(recipe.seed, Purpose::Weights, 0, 0);
    let mut model = method.init(device, &mut rng)?;
    backbones::load_module(&mut model, dir.weights())?;
    Ok(Network::Faces(Box::new(model.valid())))
}

/// The identities of the training and validation splits.
pub(crate) fn seen_identities(faces: &Faces) -> BTreeSet<&str> {
    let seen = faces
        .rows(None)
        .into_iter()
        .filter(|&row| faces.splits[row] != Split::Test);
    seen.map(|row| faces.manifest.rows[row].identity.as_str())
        .collect()
}
