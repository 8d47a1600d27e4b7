//! One type for every family of backbones, for whoever chooses the family at run time.

use std::path::Path;

use burn::module::Module;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{Backbone, InputSpec, MapSpec, Tap};
use rand::Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Aliases, EfficientNet, EfficientNetConfig, LoadOptions, ResNet, ResNetConfig, SamePadding,
    WeightsError, Xception, XceptionConfig, load_weights,
};

/// A backbone of any family. Parameters bear the family's own names: in torch's naming the variant
/// does not show.
#[derive(Module, Debug)]
#[expect(clippy::large_enum_variant, reason = "a model has one backbone")]
pub enum AnyBackbone {
    /// He et al., CVPR 2016.
    ResNet(ResNet),
    /// Chollet, CVPR 2017.
    Xception(Xception),
    /// Tan and Le, ICML 2019.
    EfficientNet(EfficientNet),
}

impl AnyBackbone {
    /// What else the family's published files call its parameters.
    pub fn aliases(&self) -> Aliases {
        match self {
            Self::ResNet(_) => Aliases::new(),
            Self::Xception(_) => Xception::pretrainedmodels_names(),
            Self::EfficientNet(efficientnet) => efficientnet.efficientnet_pytorch_names(),
        }
    }
}

impl AnyBackbone {
    /// Beginnings of the parameters that the family's published files hold beyond the stages that are
    /// built.
    pub fn names_beyond(&self) -> Vec<String> {
        match self {
            Self::ResNet(resnet) => resnet.names_beyond(),
            Self::Xception(xception) => xception.names_beyond(),
            Self::EfficientNet(efficientnet) => efficientnet.names_beyond(),
        }
    }
}

impl AnyBackbone {
    /// Loads a published network's weights, by any of the names that its family's files have; its head is
    /// left out, and so are stages that are not built here.
    ///
    /// # Errors
    ///
    /// As [`load_weights`].
    pub fn load_published(&mut self, path: &Path) -> Result<(), WeightsError> {
        let mut options = LoadOptions::default()
            .without_head()
            .with_aliases(self.aliases());
        options.ignore.extend(self.names_beyond());
        load_weights(self, path, &options)?;
        Ok(())
    }
}

impl Backbone for AnyBackbone {
    fn tapped_maps(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Vec<Tensor<4>> {
        match self {
            Self::ResNet(resnet) => resnet.tapped_maps(images, tap),
            Self::Xception(xception) => xception.tapped_maps(images, tap),
            Self::EfficientNet(efficientnet) => efficientnet.tapped_maps(images, tap),
        }
    }

    fn training_maps(&self, images: Tensor<4>, rng: &mut dyn Rng) -> Vec<Tensor<4>> {
        match self {
            Self::ResNet(resnet) => resnet.training_maps(images, rng),
            Self::Xception(xception) => xception.training_maps(images, rng),
            Self::EfficientNet(efficientnet) => efficientnet.training_maps(images, rng),
        }
    }

    fn map_specs(&self) -> Vec<MapSpec> {
        match self {
            Self::ResNet(resnet) => resnet.map_specs(),
            Self::Xception(xception) => xception.map_specs(),
            Self::EfficientNet(efficientnet) => efficientnet.map_specs(),
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
    /// Xception.
    Xception(XceptionConfig),
    /// EfficientNet-b0 to -b7 and -Lite0 to -Lite4.
    #[serde(rename = "efficientnet")]
    EfficientNet(EfficientNetConfig),
}

impl Default for BackboneConfig {
    /// torchvision's ResNet-34 without its head.
    fn default() -> Self {
        Self::ResNet(ResNetConfig::default())
    }
}

/// Why a backbone cannot be built.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum BackboneConfigError {
    /// A number is out of its range.
    #[error("backbone.{field} must be {rule}, not {value}")]
    OutOfRange {
        /// The field's name.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
        /// What it is.
        value: f64,
    },
    /// The backbone was given a head of its own.
    #[error("backbone.classes must be absent: the model brings its own classifier")]
    Head,
}

fn in_range(
    ok: bool,
    field: &'static str,
    rule: &'static str,
    value: f64,
) -> Result<(), BackboneConfigError> {
    if ok {
        Ok(())
    } else {
        Err(BackboneConfigError::OutOfRange { field, rule, value })
    }
}

impl BackboneConfig {
    /// # Errors
    ///
    /// [`BackboneConfigError`] if a number is out of range or a head is asked for.
    pub fn check(&self) -> Result<(), BackboneConfigError> {
        let classes = match self {
            Self::ResNet(config) => {
                in_range(config.base_width > 0, "base_width", "positive", 0.0)?;
                let stages = config.stages;
                let ok = (1..=4).contains(&stages);
                in_range(ok, "stages", "1 to 4", stages as f64)?;
                let ok = !config.stage_blocks().contains(&0);
                in_range(ok, "blocks", "positive in every stage", 0.0)?;
                config.classes
            }
            Self::Xception(config) => {
                let ok = config.width > 0.0 && config.width.is_finite();
                in_range(ok, "width", "positive and finite", config.width)?;
                let stride = config.output_stride;
                let ok = stride.is_power_of_two() && (2..=32).contains(&stride);
                in_range(ok, "output_stride", "2, 4, 8, 16 or 32", stride as f64)?;
                config.classes
            }
            Self::EfficientNet(config) => {
                for (field, value) in [("width", config.width), ("depth", config.depth)] {
                    let value = value.unwrap_or(1.0);
                    let ok = value > 0.0 && value.is_finite();
                    in_range(ok, field, "positive and finite", value)?;
                }
                let unset = [SamePadding::Static(0), SamePadding::Uniform(0)];
                let ok = !unset.contains(&config.padding);
                in_range(ok, "padding", "above 0", 0.0)?;
                let stages = config.stages;
                let ok = (1..=7).contains(&stages);
                in_range(ok, "stages", "1 to 7", stages as f64)?;
                let drop = config.drop_connect;
                in_range((0.0..1.0).contains(&drop), "drop_connect", "in 0..1", drop)?;
                config.classes
            }
        };
        match classes {
            Some(_) => Err(BackboneConfigError::Head),
            None => Ok(()),
        }
    }

    /// Builds the network.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    pub fn init(
        &self,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<AnyBackbone, BackboneConfigError> {
        self.check()?;
        Ok(match self {
            Self::ResNet(config) => AnyBackbone::ResNet(config.init(device, rng)),
            Self::Xception(config) => AnyBackbone::Xception(config.init(device, rng)),
            Self::EfficientNet(config) => AnyBackbone::EfficientNet(config.init(device, rng)),
        })
    }

    /// The same network without what lies beyond the maps of this stride, as far as the family can
    /// be cut; a model that reads no coarser map saves their time.
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
            Self::Xception(config) => Self::Xception(XceptionConfig {
                tail: config.tail && config.output_stride <= stride,
                ..config.clone()
            }),
            Self::EfficientNet(_) => self.clone(),
        }
    }

    /// Positions a side of the map of this stride, a power of two, for images of `size` pixels.
    pub fn map_side(&self, size: usize, stride: usize) -> usize {
        match self {
            Self::ResNet(_) => size.div_ceil(stride),
            Self::EfficientNet(config) => config.map_side(size, stride),
            Self::Xception(_) => {
                // The stem does not pad.
                let stem = (size.saturating_sub(3) / 2).saturating_sub(1);
                stem.div_ceil((stride / 2).max(1))
            }
        }
    }

    /// The input that the family's published ImageNet weights expect, at `size` pixels.
    pub fn input_spec(&self, size: usize) -> InputSpec {
        let published = match self {
            Self::ResNet(_) => InputSpec::imagenet(size),
            Self::Xception(_) => Xception::input_spec(),
            Self::EfficientNet(config) => config.variant.input_spec(),
        };
        InputSpec { size, ..published }
    }
}
