//! A trained run, loaded.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use experiment::{Recipe, RunDir, RunInfo, read_json};
use face_data::Faces;
use face_preproc::split::Split;
use inference::{Architecture, Detector, Network, Origin, Weights};
use metrics::Decision;
use runtime::{DeviceName, Purpose, generator};

use crate::Error;

/// A run with its best weights on a device.
pub struct Run {
    /// Its directory.
    pub dir: RunDir,
    /// Its recipe.
    pub recipe: Recipe,
    /// Its facts.
    pub info: RunInfo,
    /// Whose weights it has, where it was imported and not trained.
    pub origin: Option<Origin>,
    /// How its score of a frame is read.
    pub frame: Decision,
    /// How its score of a clip is read.
    pub video: Decision,
    /// The network.
    pub network: Network,
    /// What the network is built of.
    pub architecture: Architecture,
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
        let Detector {
            network,
            config,
            device,
            ..
        } = Detector::open(dir.path(), &device)?;
        Ok(Self {
            dir: dir.clone(),
            recipe,
            info,
            origin: config.origin,
            frame: config.frame,
            video: config.video,
            network,
            architecture: config.model,
            device,
        })
    }

    /// The probability that a score of the network for one frame stands for.
    #[must_use]
    pub fn calibrated(&self, score: f64) -> f64 {
        self.frame.probability(score)
    }

    /// The data `named`, or else those that the run was trained on.
    ///
    /// # Errors
    /// Where none are named and the run was imported.
    pub fn data(&self, named: Option<&Path>) -> Result<PathBuf, Error> {
        let own = || self.info.trained_on(&self.dir);
        Ok(named.map_or_else(own, Ok)?.to_owned())
    }

    /// Whether `faces` are the data that the run was trained on.
    #[must_use]
    pub fn owns(&self, faces: &Faces) -> bool {
        faces.manifest.digest == self.info.data.digest
    }

    /// The split to judge where none is asked for: the test split where the rows name their split or
    /// the run was trained on these data, else all.
    #[must_use]
    pub fn unseen_split(&self, faces: &Faces) -> Option<Split> {
        let named = faces.manifest.rows.iter().any(|row| row.split.is_some());
        (self.owns(faces) || named).then_some(Split::Test)
    }

    /// The network of the run's recipe before any training, its weights drawn anew.
    ///
    /// # Errors
    /// Where it cannot be built.
    pub fn untrained(&self) -> Result<Network, Error> {
        let mut rng = generator(self.recipe.seed, Purpose::Weights, 0, 0);
        let architecture = &self.architecture;
        Ok(Network::new(
            architecture,
            Weights::Drawn,
            &self.device,
            &mut rng,
        )?)
    }

    /// The identities that the run was trained or tuned on.
    ///
    /// # Errors
    /// Where the run's list of them cannot be read.
    pub fn seen_identities(&self) -> Result<BTreeSet<String>, Error> {
        Ok(read_json(&self.dir.seen_identities())?)
    }
}
