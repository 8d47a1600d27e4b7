//! One type for every family of backbones, for whoever chooses the family at run time.

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{Backbone, InputSpec, MapSpec};
use rand::Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{ResNet, ResNetConfig};

/// A backbone of any family. Parameters bear the family's own names: in torch's naming the variant
/// does not show.
#[derive(Module, Debug)]
pub enum AnyBackbone {
    /// He et al., CVPR 2016.
    ResNet(ResNet),
}

impl Backbone for AnyBackbone {
    fn feature_maps(&self, images: Tensor<4>) -> Vec<Tensor<4>> {
        match self {
            Self::ResNet(resnet) => resnet.feature_maps(images),
        }
    }

    fn map_specs(&self) -> Vec<MapSpec> {
        match self {
            Self::ResNet(resnet) => resnet.map_specs(),
        }
    }
}

/// Family and shape of a backbone. In a recipe the field `family` names the variant, the others
/// are the family's own: `{ family = "resnet", depth = 18 }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum BackboneConfig {
    /// ResNet-18, -34 or -50.
    #[serde(rename = "resnet")]
    ResNet(ResNetConfig),
}

impl Default for BackboneConfig {
    /// torchvision's ResNet-34 without its head.
    fn default() -> Self {
        Self::ResNet(ResNetConfig::default())
    }
}

/// Why a backbone cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BackboneConfigError {
    /// A number is out of its range.
    #[error("backbone.{field} must be {rule}, not {value}")]
    OutOfRange {
        /// The field's name.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
        /// What it is.
        value: usize,
    },
    /// The backbone was given a head of its own.
    #[error("backbone.classes must be absent: the model brings its own classifier")]
    Head,
}

impl BackboneConfig {
    /// Builds the network, without a head.
    ///
    /// # Errors
    ///
    /// [`BackboneConfigError`] if a number is out of range or a head is asked for.
    pub fn init(
        &self,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<AnyBackbone, BackboneConfigError> {
        match self {
            Self::ResNet(config) => {
                if config.base_width == 0 {
                    return Err(BackboneConfigError::OutOfRange {
                        field: "base_width",
                        rule: "positive",
                        value: 0,
                    });
                }
                if !(1..=4).contains(&config.stages) {
                    return Err(BackboneConfigError::OutOfRange {
                        field: "stages",
                        rule: "1 to 4",
                        value: config.stages,
                    });
                }
                if config.classes.is_some() {
                    return Err(BackboneConfigError::Head);
                }
                Ok(AnyBackbone::ResNet(config.init(device, rng)))
            }
        }
    }

    /// The same network without what lies beyond the maps of this stride, where the family can be
    /// cut; a model that reads no coarser map saves their time.
    #[must_use]
    pub fn up_to_stride(&self, stride: usize) -> Self {
        match self {
            Self::ResNet(config) => {
                // Stage n, from 1, has stride 2^(n + 1).
                let stage = (stride.max(4).ilog2() - 1) as usize;
                Self::ResNet(ResNetConfig {
                    stages: config.stages.min(stage),
                    ..config.clone()
                })
            }
        }
    }

    /// The input that the family's published ImageNet weights expect, at `size` pixels.
    pub fn input_spec(&self, size: usize) -> InputSpec {
        match self {
            Self::ResNet(_) => InputSpec::imagenet(size),
        }
    }
}
