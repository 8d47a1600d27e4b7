//! What a PCL network is built from.

use backbones::{ResNet, ResNetConfig};
use burn::nn::LinearConfig;
use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2dConfig;
use burn::tensor::Device;
use core_tensor_ops::{
    Backbone, conv2d_kaiming_normal, conv2d_kaiming_uniform, linear_kaiming_uniform,
};
use rand::Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::fusion::Fusion;
use crate::model::Pcl;

/// The convolution between the feature map `F` and the classifier's pooling. The paper feeds `F`
/// "into another convolution operation" (section 3.1) and draws no details.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassHead {
    /// The backbone's remaining stages, `layer4` of a ResNet-34: their pretrained weights are used.
    #[default]
    Layer4,
    /// One 3x3 convolution on `F` to twice its channels, and a ReLU.
    Conv,
}

/// Why a configuration cannot be built.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PclConfigError {
    /// A number that must be positive is not, or is not finite.
    #[error("{field} must be {rule}, not {value}")]
    OutOfRange {
        /// The field's name.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
        /// What it is.
        value: f64,
    },
    /// The backbone was given a head of its own.
    #[error("backbone.classes must be absent: PCL brings its own classifier")]
    BackboneHead,
    /// Nothing is left of the backbone for the classification branch.
    #[error(
        "class_head = \"layer4\" needs a stage of the backbone beyond stride {0}; use \"conv\", or more stages"
    )]
    NoStageForClasses(usize),
    /// The backbone has no map of the wanted stride.
    #[error("the backbone has no feature map of stride {wanted}; it has {available:?}")]
    NoSuchStride {
        /// The stride asked for.
        wanted: usize,
        /// The strides it has.
        available: Vec<usize>,
    },
}

/// Hyper-parameters of PCL. The default is the paper's network (section 4.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PclConfig {
    /// The backbone. Paper: ResNet-34, with ImageNet's weights.
    pub backbone: ResNetConfig,
    /// Height and width of the input in pixels. Paper: 256.
    pub input_size: usize,
    /// Stride of the feature map `F`: a patch is `patch_stride` pixels wide. Paper: 16.
    pub patch_stride: usize,
    /// Embedding dimension `C'` of `theta` and `phi`; `None` takes the channels of `F`, 256 for the
    /// paper's network. The paper does not say.
    pub embedding: Option<usize>,
    /// Weight of the consistency loss in Eq. 4. Paper: 10.
    pub lambda: f64,
    /// What lies between `F` and the classifier's pooling.
    pub class_head: ClassHead,
    /// How the consistency volume becomes a heat map.
    pub heat_map: Fusion,
}

impl Default for PclConfig {
    fn default() -> Self {
        Self {
            backbone: ResNetConfig::default(),
            input_size: 256,
            patch_stride: 16,
            embedding: None,
            lambda: 10.0,
            class_head: ClassHead::default(),
            heat_map: Fusion::default(),
        }
    }
}

fn in_range(
    ok: bool,
    field: &'static str,
    rule: &'static str,
    value: f64,
) -> Result<(), PclConfigError> {
    if ok {
        Ok(())
    } else {
        Err(PclConfigError::OutOfRange { field, rule, value })
    }
}

impl PclConfig {
    /// Builds the network on its ResNet, with PyTorch's initial weights.
    ///
    /// # Errors
    ///
    /// [`PclConfigError`] if a number is out of range, the backbone has a head, or no map has the
    /// stride of the patches.
    pub fn init(&self, device: &Device, rng: &mut impl Rng) -> Result<Pcl<ResNet>, PclConfigError> {
        let mut backbone = self.backbone.clone();
        in_range(
            backbone.base_width > 0,
            "backbone.base_width",
            "positive",
            0.0,
        )?;
        in_range(
            (1..=4).contains(&backbone.stages),
            "backbone.stages",
            "1 to 4",
            backbone.stages as f64,
        )?;
        if backbone.classes.is_some() {
            return Err(PclConfigError::BackboneHead);
        }
        if self.class_head == ClassHead::Conv {
            // Stages beyond F would be computed for nothing. Stage n, from 1, has stride 2^(n + 1).
            let stage = (self.patch_stride.max(4).ilog2() - 1) as usize;
            backbone.stages = backbone.stages.min(stage);
        }
        self.init_on(backbone.init(device, rng), device, rng)
    }

    /// Plugs the two branches onto any backbone; the field `backbone` plays no part.
    ///
    /// # Errors
    ///
    /// [`PclConfigError`] if a number is out of range, no map has the stride of the patches, or none
    /// is left for the classes.
    pub fn init_on<B: Backbone>(
        &self,
        backbone: B,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<Pcl<B>, PclConfigError> {
        in_range(self.input_size > 0, "input_size", "positive", 0.0)?;
        in_range(self.embedding != Some(0), "embedding", "positive", 0.0)?;
        in_range(
            self.lambda.is_finite() && self.lambda >= 0.0,
            "lambda",
            "finite and not negative",
            self.lambda,
        )?;
        let specs = backbone.map_specs();
        let Some(patch_map) = specs
            .iter()
            .rposition(|spec| spec.stride == self.patch_stride)
        else {
            return Err(PclConfigError::NoSuchStride {
                wanted: self.patch_stride,
                available: specs.iter().map(|spec| spec.stride).collect(),
            });
        };
        if self.class_head == ClassHead::Layer4 && patch_map + 1 == specs.len() {
            return Err(PclConfigError::NoStageForClasses(self.patch_stride));
        }
        let channels = specs[patch_map].channels;
        let embedding = self.embedding.unwrap_or(channels);
        let embed = Conv2dConfig::new([channels, embedding], [1, 1]);
        let theta = conv2d_kaiming_uniform(&embed, device, rng);
        let phi = conv2d_kaiming_uniform(&embed, device, rng);
        let (class_conv, pooled) = match self.class_head {
            ClassHead::Layer4 => (None, specs[specs.len() - 1].channels),
            ClassHead::Conv => {
                let config = Conv2dConfig::new([channels, 2 * channels], [3, 3])
                    .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1));
                (
                    Some(conv2d_kaiming_normal(&config, device, rng)),
                    2 * channels,
                )
            }
        };
        let fc = linear_kaiming_uniform(&LinearConfig::new(pooled, 2), device, rng);
        Ok(Pcl {
            backbone,
            theta,
            phi,
            class_conv,
            fc,
            patch_map,
            lambda: self.lambda,
            input_size: self.input_size,
            fusion: self.heat_map,
        })
    }
}
