//! The network of a detector: which there are, and how one is built.

use std::{path::Path, sync::Arc};

use burn::{module::Module, tensor::Device};
use core_tensor_ops::{ClipDetector, Detector, InputSpec};
use model_adm::AdmConfig;
use model_face_xray::FaceXrayConfig;
use model_lisiam::LisiamConfig;
use model_meso::MesoConfig;
use model_pcl::PclConfig;
use model_snippet::{Snippet, SnippetConfig};
use rand::Rng;
use serde::{Deserialize, Serialize};
use toy_detector::ToyConfig;

use crate::{Error, error::ModelError};

/// Which network, with its configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Architecture {
    /// Artifact detection module.
    Adm(AdmConfig),
    /// Face X-ray.
    FaceXray(FaceXrayConfig),
    /// Localization-invariance Siamese network.
    Lisiam {
        /// Its configuration.
        network: LisiamConfig,
    },
    /// MesoInception-4.
    Meso(MesoConfig),
    /// Pair-wise self-consistency.
    Pcl(PclConfig),
    /// Motion within snippets of a clip and between them.
    Snippet(SnippetConfig),
    /// The toy of `examples/toy-detector`.
    Toy(ToyConfig),
}

/// Where a network's weights come from.
#[derive(Debug, Clone, Copy)]
pub enum Weights<'a> {
    /// Drawn: the network is untrained.
    Drawn,
    /// From a file, loaded strictly.
    File(&'a Path),
    /// From a safetensors file in memory, loaded strictly.
    Bytes {
        /// What stands for its path in errors.
        name: &'a str,
        /// The file.
        bytes: &'a [u8],
    },
}

/// What a network judges. A clone is the same network.
#[derive(Clone)]
pub enum Network {
    /// Single faces.
    Faces(Arc<dyn Detector>),
    /// Clips of faces.
    Clips {
        /// The network.
        network: Arc<Snippet>,
        /// `U`, snippets of a clip.
        snippets: usize,
        /// `T`, frames of a snippet.
        length: usize,
    },
}

impl Network {
    /// The network ready to judge; drawn weights are `rng`'s.
    ///
    /// # Errors
    /// Where it cannot be built, or the weights are not its own.
    pub fn new(
        architecture: &Architecture,
        weights: Weights<'_>,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<Self, Error> {
        match architecture {
            Architecture::Adm(config) => {
                let model = config.init(device, rng);
                faces(model.map_err(ModelError::from)?, weights)
            }
            Architecture::FaceXray(config) => {
                let model = config.init(device, rng);
                faces(model.map_err(ModelError::from)?, weights)
            }
            Architecture::Lisiam { network } => {
                let model = network.init(device, rng);
                faces(model.map_err(ModelError::from)?, weights)
            }
            Architecture::Meso(config) => {
                let model = config.init(device, rng);
                faces(model.map_err(ModelError::from)?, weights)
            }
            Architecture::Pcl(config) => {
                let model = config.init(device, rng);
                faces(model.map_err(ModelError::from)?, weights)
            }
            Architecture::Toy(config) => {
                let model = config.init(device, rng);
                faces(model.map_err(ModelError::from)?, weights)
            }
            Architecture::Snippet(config) => {
                let model = config.init(device, rng).map_err(ModelError::from)?;
                Ok(Self::Clips {
                    network: Arc::new(with_weights(model, weights)?),
                    snippets: config.inference_snippets,
                    length: config.frames,
                })
            }
        }
    }

    /// Size, normalisation and channel order of its input.
    #[must_use]
    pub fn input_spec(&self) -> InputSpec {
        match self {
            Self::Faces(network) => network.input_spec(),
            Self::Clips { network, .. } => network.input_spec(),
        }
    }

    /// Successive frames that it judges together; 1 where it judges single faces.
    #[must_use]
    pub fn snippet_length(&self) -> usize {
        match self {
            Self::Faces(_) => 1,
            Self::Clips { length, .. } => *length,
        }
    }
}

fn faces<M: Module + Detector + 'static>(model: M, weights: Weights<'_>) -> Result<Network, Error> {
    Ok(Network::Faces(Arc::new(with_weights(model, weights)?)))
}

fn with_weights<M: Module>(mut model: M, weights: Weights<'_>) -> Result<M, Error> {
    match weights {
        Weights::Drawn => {}
        Weights::File(path) => {
            backbones::load_module(&mut model, path)?;
        }
        Weights::Bytes { name, bytes } => {
            backbones::load_module_bytes(&mut model, name, bytes)?;
        }
    }
    Ok(model.valid())
}
