//! What a Face X-ray network is built from.

use backbones::{AnyBackbone, BackboneConfig, BackboneConfigError};
use burn::nn::conv::Conv2dConfig;
use burn::nn::{Initializer, LinearConfig};
use burn::tensor::Device;
use core_tensor_ops::{Backbone, conv2d_kaiming_uniform};
use rand::Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::FaceXray;

/// Why a configuration cannot be built.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum FaceXrayConfigError {
    /// A number is out of its range.
    #[error("{field} must be {rule}, not {value}")]
    OutOfRange {
        /// The field's name.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
        /// What it is.
        value: f64,
    },
    /// The backbone cannot be built.
    #[error(transparent)]
    Backbone(#[from] BackboneConfigError),
    /// No map is coarse enough.
    #[error("the backbone has no feature map of stride {finest} or more; it has {available:?}")]
    NoMap {
        /// The finest stride that is read.
        finest: usize,
        /// The strides there are.
        available: Vec<usize>,
    },
}

/// Hyper-parameters of Face X-ray. The default is the paper's network (section 4.1).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaceXrayConfig {
    /// The backbone. Paper: HRNet, with ImageNet's weights; see "Deviations and choices".
    pub backbone: BackboneConfig,
    /// Height and width of the input in pixels. Paper: 256.
    pub input_size: usize,
    /// Finest stride of the backbone's maps that the head reads; it reads the last of each stride from
    /// there on. HRNet ends in maps of strides 4 to 32.
    pub finest_stride: usize,
    /// Weight of the X-ray's loss in Eq. 5. Paper: 1000.
    pub lambda: f64,
}

impl Default for FaceXrayConfig {
    fn default() -> Self {
        Self {
            backbone: BackboneConfig::default(),
            input_size: 256,
            finest_stride: 4,
            lambda: 1000.0,
        }
    }
}

impl FaceXrayConfig {
    /// Builds the network on its backbone, with PyTorch's initial weights but for those of the class, zero.
    ///
    /// # Errors
    ///
    /// [`FaceXrayConfigError`] if a number is out of range, the backbone cannot be built, or has no map
    /// of the stride.
    pub fn init(
        &self,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<FaceXray<AnyBackbone>, FaceXrayConfigError> {
        let backbone = self.backbone.init(device, rng)?;
        self.init_on(backbone, device, rng)
    }

    /// Plugs the head onto any backbone; of the field `backbone` only the input that its weights expect
    /// plays a part.
    ///
    /// # Errors
    ///
    /// As [`init`](Self::init).
    pub fn init_on<B: Backbone>(
        &self,
        backbone: B,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<FaceXray<B>, FaceXrayConfigError> {
        self.check()?;
        let specs = backbone.map_specs();
        let strides: Vec<usize> = specs.iter().map(|spec| spec.stride).collect();
        let last_of_stride = |&at: &usize| strides.get(at + 1) != Some(&strides[at]);
        let maps: Vec<usize> = (0..specs.len())
            .filter(last_of_stride)
            .filter(|&at| strides[at] >= self.finest_stride)
            .collect();
        if maps.is_empty() {
            return Err(FaceXrayConfigError::NoMap {
                finest: self.finest_stride,
                available: strides,
            });
        }
        let project = maps.iter().enumerate().map(|(place, &map)| {
            // One bias for all of them.
            let config = Conv2dConfig::new([specs[map].channels, 1], [1, 1]).with_bias(place == 0);
            conv2d_kaiming_uniform(&config, device, rng)
        });
        Ok(FaceXray {
            project: project.collect(),
            // Of one input, a sign drawn at random might have to be unlearnt first.
            fc: LinearConfig::new(1, 2)
                .with_initializer(Initializer::Zeros)
                .init(device),
            backbone,
            maps,
            lambda: self.lambda,
            input: self.backbone.input_spec(self.input_size),
        })
    }

    fn check(&self) -> Result<(), FaceXrayConfigError> {
        let number = |ok: bool, field, rule, value| match ok {
            true => Ok(()),
            false => Err(FaceXrayConfigError::OutOfRange { field, rule, value }),
        };
        number(self.input_size > 0, "input_size", "positive", 0.0)?;
        number(
            self.lambda.is_finite() && self.lambda >= 0.0,
            "lambda",
            "finite and not negative",
            self.lambda,
        )
    }
}
