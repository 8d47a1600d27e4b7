//! A trained detector, opened.

use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use face_preproc::crop::CropSpec;
use metrics::Decision;
use runtime::{Purpose, generator};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    Error,
    network::{Architecture, Network},
};

/// A network with its trained weights on a device, and how its scores are read.
pub struct Detector {
    /// Where it was opened.
    pub path: PathBuf,
    /// Its name, for a person.
    pub name: String,
    /// What it is built of.
    pub architecture: Architecture,
    /// How a face is cut out for it.
    pub crop: CropSpec,
    /// How its score of a frame is read.
    pub frame: Decision,
    /// How its score of a clip is read; of a network that judges single frames, the mean of a
    /// video's probabilities.
    pub video: Decision,
    /// Whether it was trained on rendered faces.
    pub synthetic: bool,
    /// The network.
    pub network: Network,
    /// Where the network is.
    pub device: Device,
}

/// What is read of a run's `recipe.toml`; the rest is the training's.
#[derive(Deserialize)]
struct Recipe {
    name: String,
    model: Architecture,
    crop: CropSpec,
}

/// What is read of a run's `run.json`.
#[derive(Deserialize)]
struct Record {
    best: Option<Best>,
    data: Data,
}

#[derive(Deserialize)]
struct Best {
    #[serde(flatten)]
    frame: Decision,
    #[serde(default)]
    video: Decision,
}

#[derive(Deserialize)]
struct Data {
    synthetic: bool,
}

impl Detector {
    /// Opens the folder of a run with its best weights, strictly.
    ///
    /// # Errors
    /// Where the run has no weights yet, or they do not fit its recipe.
    pub fn open(path: &Path, device: &Device) -> Result<Self, Error> {
        let recipe = path.join("recipe.toml");
        let text = fs::read_to_string(&recipe).map_err(Error::io(&recipe))?;
        let recipe: Recipe = toml::from_str(&text).map_err(|error| Error::Damaged {
            path: recipe,
            reason: error.to_string().trim_end().to_owned(),
        })?;
        let record: Record = read_json(&path.join("run.json"))?;
        let Some(best) = record.best else {
            return Err(Error::Untrained {
                path: path.to_owned(),
            });
        };
        let weights = path.join("weights.safetensors");
        // Every weight drawn here is replaced.
        let mut rng = generator(0, Purpose::Weights, 0, 0);
        Ok(Self {
            network: Network::new(&recipe.model, Some(&weights), device, &mut rng)?,
            path: path.to_owned(),
            name: recipe.name,
            architecture: recipe.model,
            crop: recipe.crop,
            frame: best.frame,
            video: best.video,
            synthetic: record.data.synthetic,
            device: device.clone(),
        })
    }

    /// The probability that a score of the network for one frame stands for.
    #[must_use]
    pub fn calibrated(&self, score: f64) -> f64 {
        self.frame.probability(score)
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = fs::read_to_string(path).map_err(Error::io(path))?;
    serde_json::from_str(&text).map_err(|error| Error::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })
}
