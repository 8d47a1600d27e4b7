//! From a configuration to a network.

use backbones::AnyBackbone;
use burn::nn::LinearConfig;
use burn::tensor::Device;
use core_tensor_ops::{Backbone, linear_kaiming_uniform};
use rand::Rng;

use crate::config::{AdmConfig, AdmConfigError};
use crate::model::Adm;
use crate::module::ArtifactDetection;
use crate::priors::{map_sides, priors};

impl AdmConfig {
    /// Builds the network on its backbone, with PyTorch's initial weights.
    ///
    /// # Errors
    ///
    /// [`AdmConfigError`] if a number is out of range, the backbone cannot be built, has no map of
    /// the stride, or its map is too small.
    pub fn init(
        &self,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<Adm<AnyBackbone>, AdmConfigError> {
        self.check()?;
        self.backbone.check()?;
        let backbone = self.backbone.up_to_stride(self.map_stride);
        let side = backbone.map_side(self.input_size, self.map_stride);
        self.plug(backbone.init(device, rng)?, side, device, rng)
    }

    /// Plugs module and classifier onto any backbone; of the field `backbone` only the input that
    /// its weights expect plays a part.
    ///
    /// # Errors
    ///
    /// As [`init`](Self::init).
    pub fn init_on<B: Backbone>(
        &self,
        base_model: B,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<Adm<B>, AdmConfigError> {
        self.check()?;
        let side = self.input_size.div_ceil(self.map_stride);
        self.plug(base_model, side, device, rng)
    }

    /// Plugs module and classifier onto a backbone whose map has `side` positions a side.
    fn plug<B: Backbone>(
        &self,
        base_model: B,
        side: usize,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<Adm<B>, AdmConfigError> {
        let specs = base_model.map_specs();
        let Some(map) = specs
            .iter()
            .rposition(|spec| spec.stride == self.map_stride)
        else {
            return Err(AdmConfigError::NoSuchStride {
                wanted: self.map_stride,
                available: specs.iter().map(|spec| spec.stride).collect(),
            });
        };
        let channels = specs[map].channels;
        let mut anchors = Vec::new();
        let mut adm = None;
        if self.artifact_detection {
            let sides = map_sides(side).ok_or(AdmConfigError::MapTooSmall {
                input_size: self.input_size,
                map_stride: self.map_stride,
                side,
            })?;
            anchors = priors(&sides[..self.levels]);
            adm = Some(ArtifactDetection::new(
                channels,
                sides,
                self.levels,
                device,
                rng,
            ));
        }
        Ok(Adm {
            base_model,
            adm,
            fc: linear_kaiming_uniform(&LinearConfig::new(channels, 2), device, rng),
            map,
            priors: anchors,
            input: self.input_spec(),
            config: self.clone(),
        })
    }
}
