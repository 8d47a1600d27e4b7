//! A trained run, loaded.

use std::{collections::BTreeSet, path::Path};

use burn::{module::Module, tensor::Device};
use core_tensor_ops::{ClipDetector, Detector};
use face_preproc::split::Split;
use model_snippet::{Snippet, SnippetConfig};

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
        let network = Network::of(&recipe, Some(&dir.weights()), &device)?;
        Ok(Self {
            dir: dir.clone(),
            recipe,
            info,
            best,
            network,
            device,
        })
    }

    /// The probability that a score of the network for one frame stands for.
    pub(crate) fn calibrated(&self, score: f64) -> f64 {
        self.best.frame.probability(score)
    }

    /// Whether `faces` are the data that the run was trained on.
    pub(crate) fn owns(&self, faces: &Faces) -> bool {
        faces.manifest.digest == self.info.data.digest
    }

    /// The split to judge where none is asked for: the test split where the rows name their split or
    /// the run was trained on these data, else all.
    pub(crate) fn unseen_split(&self, faces: &Faces) -> Option<Split> {
        let named = faces.manifest.rows.iter().any(|row| row.split.is_some());
        (self.owns(faces) || named).then_some(Split::Test)
    }

    /// The network of the run's recipe before any training, its weights drawn anew.
    ///
    /// # Errors
    /// Where it cannot be built.
    pub(crate) fn untrained(&self) -> Result<Network, Error> {
        Network::of(&self.recipe, None, &self.device)
    }

    /// The snippet model with the run's weights, if that is what was trained: what it looks at is
    /// more than a [`ClipDetector`] can say.
    ///
    /// # Errors
    /// Where the weights do not fit the recipe.
    pub(crate) fn snippet(&self) -> Result<Option<Snippet>, Error> {
        let Model::Snippet(config) = &self.recipe.model else {
            return Ok(None);
        };
        let weights = self.dir.weights();
        snippet(config, &self.recipe, Some(&weights), &self.device).map(Some)
    }

    /// The identities that the run was trained or tuned on.
    ///
    /// # Errors
    /// Where the run's list of them cannot be read.
    pub(crate) fn seen_identities(&self) -> Result<BTreeSet<String>, Error> {
        read_json(&self.dir.seen_identities())
    }
}

impl Network {
    /// The network of a recipe, ready to judge: with weights from a file, or untrained.
    fn of(recipe: &Recipe, weights: Option<&Path>, device: &Device) -> Result<Self, Error> {
        match &recipe.model {
            Model::Adm(method) => faces(method, recipe, weights, device),
            Model::Lisiam(method) => faces(method, recipe, weights, device),
            Model::Pcl(method) => faces(method, recipe, weights, device),
            Model::Snippet(config) => Ok(Self::Clips {
                detector: Box::new(snippet(config, recipe, weights, device)?),
                snippets: config.inference_snippets,
                length: config.frames,
            }),
        }
    }
}

fn faces<M: FaceMethod>(
    method: &M,
    recipe: &Recipe,
    weights: Option<&Path>,
    device: &Device,
) -> Result<Network, Error> {
    let mut rng = generator(recipe.seed, Purpose::Weights, 0, 0);
    let model = method.init(device, &mut rng)?;
    Ok(Network::Faces(Box::new(with_weights(model, weights)?)))
}

fn snippet(
    config: &SnippetConfig,
    recipe: &Recipe,
    weights: Option<&Path>,
    device: &Device,
) -> Result<Snippet, Error> {
    let mut rng = generator(recipe.seed, Purpose::Weights, 0, 0);
    let model = config.init(device, &mut rng).map_err(ModelError::from)?;
    with_weights(model, weights)
}

fn with_weights<M: Module>(mut model: M, weights: Option<&Path>) -> Result<M, Error> {
    if let Some(path) = weights {
        backbones::load_module(&mut model, path)?;
    }
    Ok(model.valid())
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
