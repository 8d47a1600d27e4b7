//! A detector's network with its weights, to be rebuilt elsewhere.

use backbones::{AnyBackbone, BackboneConfig, ResNet, StateDict};
use burn::module::Module;
use core_tensor_ops::Backbone;
use inference::{Architecture, Detector, DetectorConfig, ModelError};
use model_adm::{Adm, AdmConfig};
use model_lisiam::{Lisiam, LisiamConfig};
use model_pcl::{Pcl, PclConfig};
use model_snippet::{Snippet, SnippetConfig};
use onnx::{Axis, Graph};
use runtime::{Purpose, generator};

use crate::{
    error::Error,
    layers::{BATCH, Maps, Net},
    networks::{adm, backbone, lisiam, pcl, snippet},
    verdict::judge,
};

/// A network that can be exported.
#[expect(clippy::large_enum_variant, reason = "one value, made once")]
pub(crate) enum Model<'a> {
    Adm(Adm<AnyBackbone>, &'a AdmConfig),
    Lisiam(Lisiam<AnyBackbone>, &'a LisiamConfig),
    Pcl(Pcl<ResNet>, &'a PclConfig),
    Snippet(Snippet, &'a SnippetConfig),
}

impl<'a> Model<'a> {
    /// The network of a detector.
    pub(crate) fn of(detector: &'a Detector) -> Result<Self, Error> {
        let device = &detector.device;
        // Every weight drawn here is replaced.
        let mut rng = generator(0, Purpose::Weights, 0, 0);
        let built = |error: ModelError| inference::Error::from(error);
        Ok(match &detector.config.model {
            Architecture::Adm(config) => {
                let model = config.init(device, &mut rng).map_err(|e| built(e.into()))?;
                Self::Adm(loaded(model, detector)?, config)
            }
            Architecture::Lisiam { network: config } => {
                let model = config.init(device, &mut rng).map_err(|e| built(e.into()))?;
                Self::Lisiam(loaded(model, detector)?, config)
            }
            Architecture::Pcl(config) => {
                let model = config.init(device, &mut rng).map_err(|e| built(e.into()))?;
                Self::Pcl(loaded(model, detector)?, config)
            }
            Architecture::Snippet(config) => {
                let model = config.init(device, &mut rng).map_err(|e| built(e.into()))?;
                Self::Snippet(loaded(model, detector)?, config)
            }
            _ => {
                return Err(Error::NoExport {
                    path: detector.path.clone(),
                });
            }
        })
    }

    /// Its weights by PyTorch's names.
    pub(crate) fn state_dict(&self) -> StateDict {
        match self {
            Self::Adm(model, _) => backbones::state_dict(model),
            Self::Lisiam(model, _) => backbones::state_dict(model),
            Self::Pcl(model, _) => backbones::state_dict(model),
            Self::Snippet(model, _) => backbones::state_dict(model),
        }
    }

    /// Its backbone, and what the names of the backbone's weights begin with.
    pub(crate) fn backbone(&self) -> (BackboneConfig, &'static str) {
        match self {
            Self::Adm(_, config) => (config.backbone.clone(), "base_model."),
            Self::Lisiam(_, config) => (config.backbone.clone(), "backbone."),
            Self::Pcl(_, config) => (BackboneConfig::ResNet(config.backbone.clone()), "backbone."),
            Self::Snippet(_, config) => {
                (BackboneConfig::ResNet(config.backbone.clone()), "backbone.")
            }
        }
    }

    /// Whether the whole network is a classifier as the backbone's family has it: all of its stages, and
    /// the head on the last of them.
    pub(crate) fn is_plain(&self) -> bool {
        let Self::Adm(_, config) = self else {
            return false;
        };
        let whole = match &config.backbone {
            BackboneConfig::ResNet(backbone) => backbone.stages == 4,
            BackboneConfig::Xception(backbone) => backbone.tail && backbone.output_stride == 32,
            BackboneConfig::EfficientNet(backbone) => backbone.stages == 7,
        };
        whole && config.map_stride == 32 && !config.artifact_detection
    }

    /// Its graph, with scores read as the detector reads them.
    pub(crate) fn graph(&self, weights: &StateDict, config: &DetectorConfig) -> Graph {
        let mut net = Net::new(weights);
        let (logits, decision) = match self {
            Self::Adm(model, network) => {
                let images = images(&mut net, network.input_size);
                let built = (&model.base_model, &network.backbone);
                let maps = backbone::backbone(&mut net, "base_model.", built, &images);
                let specs = model.base_model.map_specs();
                let read = specs.iter().rposition(|s| s.stride == network.map_stride);
                let read = &maps[read.expect("the network was built on a map of this stride")];
                let logits = adm::adm(&mut net, network, model.priors(), read);
                (logits, &config.frame)
            }
            Self::Lisiam(model, network) => {
                let images = images(&mut net, network.input_size);
                let built = (&model.backbone, &network.backbone);
                let maps = backbone::backbone(&mut net, "backbone.", built, &images);
                (lisiam::lisiam(&mut net, network, &maps), &config.frame)
            }
            Self::Pcl(model, network) => {
                let images = images(&mut net, network.input_size);
                let specs = model.backbone.map_specs();
                (pcl::pcl(&mut net, network, &specs, &images), &config.frame)
            }
            Self::Snippet(model, network) => {
                let shape = [network.inference_snippets, network.frames, 3];
                let sides = [network.input_size; 2];
                let fixed = shape.into_iter().chain(sides).map(Axis::Fixed);
                let shape: Vec<Axis> = [BATCH].into_iter().chain(fixed).collect();
                let clips = net.graph.input("clips", &shape);
                let logits =
                    snippet::snippet(&mut net, network, model.slots(), &config.frame, &clips);
                (logits, &config.video)
            }
        };
        judge(&mut net, &logits, decision);
        net.graph
    }
}

/// The network with the detector's weights; strictly.
fn loaded<M: Module>(mut model: M, detector: &Detector) -> Result<M, inference::Error> {
    let bytes = detector.weights_file()?;
    let name = detector.path.to_string_lossy();
    backbones::load_module_bytes(&mut model, &name, &bytes)?;
    Ok(model)
}

/// The input of a network that judges single faces.
fn images(net: &mut Net<'_>, size: usize) -> Maps {
    let shape = [BATCH, Axis::Fixed(3), Axis::Fixed(size), Axis::Fixed(size)];
    Maps {
        value: net.graph.input("images", &shape),
        channels: 3,
        size: [size; 2],
    }
}
