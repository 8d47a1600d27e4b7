//! What a LiSiam network is built from.

use backbones::{AnyBackbone, BackboneConfig, BackboneConfigError, Xception, XceptionConfig};
use burn::tensor::Device;
use core_tensor_ops::Backbone;
use rand::Rng;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::head::MlpHead;
use crate::layers::pointwise;
use crate::model::Lisiam;
use crate::ocr::{CLASSES, OcrBlock, OcrChannels};
use crate::scu::{ScuConvolution, SeparableConvolutionUnit};
use crate::terms::{BranchBatches, FrozenStatistics, LossTerms};
use crate::transformer::{MaskGuidedTransformer, TransformerConfig};

/// Why a configuration cannot be built.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum LisiamConfigError {
    /// A number lies outside its range.
    #[error("{field} must be {rule}, not {value}")]
    OutOfRange {
        /// The field's name.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
        /// What it is.
        value: f64,
    },
    /// The backbone has no such map.
    #[error("{field} is {wanted}, but the backbone's {available} feature maps are numbered from 0")]
    NoSuchMap {
        /// The field's name.
        field: &'static str,
        /// The map asked for.
        wanted: usize,
        /// How many it has.
        available: usize,
    },
    /// The backbone cannot be built.
    #[error(transparent)]
    Backbone(#[from] BackboneConfigError),
    /// Nothing can be learnt from the terms of the loss.
    #[error(
        "`losses` has no term to learn from: switch on one of `segmentation` or `classification` (a constant map makes the localization invariance zero)"
    )]
    NothingToLearn,
}

/// Hyper-parameters of LiSiam. The default is the paper's network (section III-E).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LisiamConfig {
    /// The backbone that [`init`](Self::init) builds. Paper: Xception up to block 12 with three
    /// strides of 2, and ImageNet's weights.
    pub backbone: BackboneConfig,
    /// Height and width of the input in pixels. Paper: 299.
    pub input_size: usize,
    /// Place of the backbone's map that the features are made from. Paper: after Xception's block 12.
    pub feature_map: usize,
    /// Place of the map that the OCR block's coarse segmentation is made from; one of another stride
    /// is interpolated. Official: after Xception's block 4.
    pub auxiliary_map: usize,
    /// `C`: channels of the OCR block's and of the separable convolution unit's output. Paper: 512.
    pub channels: usize,
    /// Channels of the OCR block's keys, queries and values. Official: 256.
    pub relation_channels: usize,
    /// Channels of the mask-guided transformer's queries, keys and values. Official: 512.
    pub transformer_channels: usize,
    /// By how much the squeeze-and-excitation block narrows its 2 `C` channels. Official: 16.
    pub squeeze_ratio: usize,
    /// Width of the MLP head's hidden layer. Official: 1024.
    pub mlp_width: usize,
    /// The separable convolution unit's convolutions.
    pub scu_convolution: ScuConvolution,
    /// Probability with which the separable convolution unit drops a map, in `0..1`. Official: 0.1.
    pub dropout: f64,
    /// Probability with which an attention weight of the mask-guided transformer is dropped, in
    /// `0..1`. Official: 0.1.
    pub attention_dropout: f64,
    /// Whether there is a mask-guided transformer; without it, the MLP head sees `X_c`.
    pub mask_guided_transformer: bool,
    /// Whether the sum `Y + X_f` in Eq. 14 is batch-normalised. Paper: no. Official: yes.
    pub normalized_sum: bool,
    /// Whether what is concatenated stands in the official code's order: the OCR block's context before its
    /// pixels, and `X_c` before the sum in Eq. 14. Papers: the other way round. It is the same network with other
    /// places of its weights.
    pub official_order: bool,
    /// The terms of the loss.
    pub losses: LossTerms,
    /// Weight of the localization invariance loss in Eq. 19. Paper: 1.
    pub lambda_li: f64,
    /// Weight of the classification loss in Eq. 19. Paper: 1.
    pub lambda_cls: f64,
    /// Weight of the segmentation loss in Eq. 19. Paper: 1.
    pub lambda_seg: f64,
    /// Weight of the cross entropy of the OCR block's coarse segmentation, added to Eq. 19. Paper:
    /// none, 0. Official: 0.4.
    pub auxiliary_weight: f64,
    /// Whether the two branches share their batch statistics.
    pub branch_batches: BranchBatches,
    /// Batch normalisation in layers that a stage of the training freezes.
    pub frozen_statistics: FrozenStatistics,
}

impl Default for LisiamConfig {
    fn default() -> Self {
        Self {
            input_size: 299,
            backbone: BackboneConfig::Xception(XceptionConfig {
                output_stride: 8,
                tail: false,
                ..XceptionConfig::default()
            }),
            feature_map: Xception::BLOCK12,
            auxiliary_map: Xception::BLOCK4,
            channels: 512,
            relation_channels: 256,
            transformer_channels: 512,
            squeeze_ratio: 16,
            mlp_width: 1024,
            scu_convolution: ScuConvolution::default(),
            dropout: 0.1,
            attention_dropout: 0.1,
            mask_guided_transformer: true,
            normalized_sum: false,
            official_order: false,
            losses: LossTerms::default(),
            lambda_li: 1.0,
            lambda_cls: 1.0,
            lambda_seg: 1.0,
            auxiliary_weight: 0.0,
            branch_batches: BranchBatches::default(),
            frozen_statistics: FrozenStatistics::default(),
        }
    }
}

impl LisiamConfig {
    /// Builds the network on its backbone, with timm's initial weights in an Xception and PyTorch's in
    /// what is new.
    ///
    /// # Errors
    ///
    /// [`LisiamConfigError`] if a number is out of range, the backbone cannot be built or has no such
    /// map, or the terms of the loss teach nothing.
    pub fn init(
        &self,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<Lisiam<AnyBackbone>, LisiamConfigError> {
        self.check()?;
        self.init_on(self.backbone.init(device, rng)?, device, rng)
    }

    /// Builds the network on any backbone; the field `backbone` plays no part.
    ///
    /// # Errors
    ///
    /// [`LisiamConfigError`] if a number is out of range, the backbone has no such map, or the terms of
    /// the loss teach nothing.
    pub fn init_on<B: Backbone>(
        &self,
        backbone: B,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<Lisiam<B>, LisiamConfigError> {
        self.check()?;
        let specs = backbone.map_specs();
        let map = |field, wanted: usize| match specs.get(wanted) {
            Some(spec) => Ok(spec.channels),
            None => Err(LisiamConfigError::NoSuchMap {
                field,
                wanted,
                available: specs.len(),
            }),
        };
        let channels = OcrChannels {
            deep: map("feature_map", self.feature_map)?,
            auxiliary: map("auxiliary_map", self.auxiliary_map)?,
            output: self.channels,
            relation: self.relation_channels,
        };
        let ocr = OcrBlock::new(channels, self.official_order, device, rng);
        let decoder = pointwise([self.channels, CLASSES], true, device, rng);
        let scu = SeparableConvolutionUnit::new(
            self.channels,
            self.scu_convolution,
            self.dropout,
            device,
            rng,
        );
        let transformer = self.mask_guided_transformer.then(|| {
            let config = TransformerConfig {
                channels: self.channels,
                inner: self.transformer_channels,
                squeeze_ratio: self.squeeze_ratio,
                normalized_sum: self.normalized_sum,
                official_order: self.official_order,
                dropout: self.attention_dropout,
            };
            MaskGuidedTransformer::new(config, device, rng)
        });
        let inputs = if transformer.is_some() { 2 } else { 1 } * self.channels;
        Ok(Lisiam {
            backbone,
            ocr,
            decoder,
            scu,
            transformer,
            mlp: MlpHead::new(inputs, self.mlp_width, device, rng),
            feature_map: self.feature_map,
            auxiliary_map: self.auxiliary_map,
            input_size: self.input_size,
            lambda: [self.lambda_li, self.lambda_cls, self.lambda_seg],
            auxiliary_weight: self.auxiliary_weight,
            branch_batches: self.branch_batches,
        })
    }

    fn check(&self) -> Result<(), LisiamConfigError> {
        for (field, value) in [
            ("input_size", self.input_size),
            ("channels", self.channels),
            ("relation_channels", self.relation_channels),
            ("transformer_channels", self.transformer_channels),
            ("squeeze_ratio", self.squeeze_ratio),
            ("mlp_width", self.mlp_width),
        ] {
            in_range(value > 0, field, "positive", value as f64)?;
        }
        in_range(
            self.squeeze_ratio <= 2 * self.channels,
            "squeeze_ratio",
            "at most twice `channels`",
            self.squeeze_ratio as f64,
        )?;
        for (field, value) in [
            ("dropout", self.dropout),
            ("attention_dropout", self.attention_dropout),
        ] {
            let rule = "at least 0 and below 1";
            in_range((0.0..1.0).contains(&value), field, rule, value)?;
        }
        for (field, value) in [
            ("lambda_li", self.lambda_li),
            ("lambda_cls", self.lambda_cls),
            ("lambda_seg", self.lambda_seg),
            ("auxiliary_weight", self.auxiliary_weight),
        ] {
            let rule = "finite and not negative";
            in_range(value.is_finite() && value >= 0.0, field, rule, value)?;
        }
        match self.losses.teach() {
            true => Ok(()),
            false => Err(LisiamConfigError::NothingToLearn),
        }
    }
}

fn in_range(
    ok: bool,
    field: &'static str,
    rule: &'static str,
    value: f64,
) -> Result<(), LisiamConfigError> {
    if ok {
        Ok(())
    } else {
        Err(LisiamConfigError::OutOfRange { field, rule, value })
    }
}
