//! What a snippet network is built from.

use backbones::{ResNetConfig, ResNetDepth};
use burn::nn::LinearConfig;
use burn::tensor::Device;
use core_tensor_ops::{Backbone, linear_kaiming_uniform};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::error::{SnippetConfigError, positive};
use crate::inter::InterConfig;
use crate::intra::IntraConfig;
use crate::model::Snippet;
use crate::placement::{Placement, Slot};

/// Hyper-parameters of the snippet model. The default is the paper's network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SnippetConfig {
    /// The backbone, with bottleneck blocks. Paper: ResNet-50, with ImageNet's weights.
    pub backbone: ResNetConfig,
    /// Height and width of the input in pixels. Paper: 224.
    pub input_size: usize,
    /// `U` in training: snippets of a clip. Paper: 4. The network takes any number.
    pub snippets: usize,
    /// `U` in inference. Paper: 8.
    pub inference_snippets: usize,
    /// `T`: successive frames of a snippet. Paper: 4. The network is built for this number.
    pub frames: usize,
    /// Which blocks get which module.
    pub placement: Placement,
    /// The modules within snippets.
    pub intra: IntraConfig,
    /// The modules across snippets.
    pub inter: InterConfig,
}

impl Default for SnippetConfig {
    fn default() -> Self {
        Self {
            backbone: ResNetConfig {
                depth: ResNetDepth::ResNet50,
                ..ResNetConfig::default()
            },
            input_size: 224,
            snippets: 4,
            inference_snippets: 8,
            frames: 4,
            placement: Placement::default(),
            intra: IntraConfig::default(),
            inter: InterConfig::default(),
        }
    }
}

impl SnippetConfig {
    /// Builds the network with PyTorch's initial weights. The backbone's published ones are read
    /// into [`Snippet::backbone`] afterwards.
    ///
    /// # Errors
    ///
    /// [`SnippetConfigError`] if a number is out of range, the backbone has basic blocks or a head,
    /// or a stage with modules does not exist.
    pub fn init(&self, device: &Device, rng: &mut impl Rng) -> Result<Snippet, SnippetConfigError> {
        let backbone = &self.backbone;
        positive("backbone.base_width", backbone.base_width)?;
        if !(1..=4).contains(&backbone.stages) {
            return Err(SnippetConfigError::Stages(backbone.stages));
        }
        let blocks = &backbone.stage_blocks()[..backbone.stages];
        for &blocks in blocks {
            positive("backbone.blocks", blocks)?;
        }
        if !backbone.depth.bottleneck() {
            return Err(SnippetConfigError::NoBottleneck);
        }
        if backbone.classes.is_some() {
            return Err(SnippetConfigError::BackboneHead);
        }
        for (field, value) in [
            ("input_size", self.input_size),
            ("snippets", self.snippets),
            ("inference_snippets", self.inference_snippets),
            ("frames", self.frames),
        ] {
            positive(field, value)?;
        }
        self.intra.check()?;
        self.inter.check()?;
        let slots = self.placement.slots(blocks)?;

        let network = backbone.init(device, rng);
        let (mut intra, mut inter) = (Vec::new(), Vec::new());
        for (stage, slots) in slots.iter().enumerate() {
            let channels = backbone.base_width << stage;
            for slot in slots {
                match slot {
                    Slot::Plain => {}
                    Slot::Intra => {
                        intra.push(self.intra.init(channels, self.frames, device, rng)?);
                    }
                    Slot::Inter => {
                        inter.push(self.inter.init(channels, self.frames, device, rng)?);
                    }
                }
            }
        }
        let pooled = network
            .map_specs()
            .last()
            .map_or(backbone.base_width, |spec| spec.channels);
        let fc = linear_kaiming_uniform(&LinearConfig::new(pooled, 2), device, rng);
        Ok(Snippet {
            backbone: network,
            intra,
            inter,
            fc,
            slots,
            input_size: self.input_size,
            frames: self.frames,
        })
    }
}
