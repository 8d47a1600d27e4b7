//! What an ADM detector is built from.

use backbones::{BackboneConfig, BackboneConfigError, EfficientNetVariant, SamePadding};
use core_tensor_ops::{ChannelOrder, InputSpec};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::equations::Negatives;
use crate::nms::BoxSelection;

/// What the pixels become. The paper says no more than that its backbones were trained on ImageNet; the
/// others are what published checkpoints were trained with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PixelInput {
    /// What the backbone's ImageNet weights expect.
    #[default]
    Backbone,
    /// BGR in `0..=255` without normalisation: the official code, and its checkpoints.
    RawBgr,
    /// RGB in `0..=1` without normalisation: the code of self-blended images.
    UnitRgb,
    /// RGB in `-1..=1`: DeepfakeBench.
    SignedRgb,
}

/// Which boxes of a partial swap the heads are to find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrueBoxes {
    /// The window alone (paper, section 4.2).
    #[default]
    Windows,
    /// The window and the whole picture: the official code.
    WindowsAndWhole,
}

/// Why a configuration cannot be built.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum AdmConfigError {
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
    /// The backbone has no map of the wanted stride.
    #[error("the backbone has no feature map of stride {wanted}; it has {available:?}")]
    NoSuchStride {
        /// The stride asked for.
        wanted: usize,
        /// The strides it has.
        available: Vec<usize>,
    },
    /// The backbone's map leaves nothing for the extra layers.
    #[error(
        "an input of {input_size} pixels has a map of {side} x {side} at stride {map_stride}; the artifact detection needs 5 x 5 or more: take a smaller map_stride or a larger input"
    )]
    MapTooSmall {
        /// Pixels of the input.
        input_size: usize,
        /// The map's stride.
        map_stride: usize,
        /// Positions of the map.
        side: usize,
    },
}

/// Hyper-parameters of the ADM detector. The default is the paper's network on ResNet-34 (sections
/// 4.1, 4.3 and 5.1); [`official`](Self::official) is the network that the authors published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AdmConfig {
    /// The backbone. Paper: ResNet-34, EfficientNet-b3 or -b4, with ImageNet's weights.
    pub backbone: BackboneConfig,
    /// Height and width of the input in pixels. Paper: 224.
    pub input_size: usize,
    /// Stride of the backbone's map that the module and the classifier read. Paper: 32, the
    /// backbone's end. A small input needs a finer map, of five positions a side or more.
    pub map_stride: usize,
    /// Whether the artifact detection module is built. Without it the network is the plain
    /// classifier of the ablation (Table 2).
    pub artifact_detection: bool,
    /// Extra layers with detection heads, 1 to 4. Paper: the first three; official: all four.
    pub levels: usize,
    /// What the pixels become.
    pub input: PixelInput,
    /// Probability with which [`training_forward`](crate::Adm::training_forward) drops each of the
    /// backbone's pooled features. Paper: none; official: 0.3 for EfficientNet-b3, 0.4 for -b4.
    pub dropout: f64,
    /// Which boxes of a partial swap the heads are to find.
    pub true_boxes: TrueBoxes,
    /// Intersection over union from which on an anchor is fake. Official: 0.5.
    pub overlap: f32,
    /// Scales of encoded centres and sides. Official: 0.1 and 0.2.
    pub variances: [f32; 2],
    /// Which genuine anchors count in the loss. Official: the 2 hardest for each fake one.
    pub negatives: Negatives,
    /// Weight of the location loss in Eq. 5. Paper: 1.
    pub alpha: f64,
    /// Weight of the detection loss in Eq. 4. Paper: 0.1.
    pub beta: f64,
    /// Which boxes a verdict shows.
    pub boxes: BoxSelection,
}

impl Default for AdmConfig {
    fn default() -> Self {
        Self {
            backbone: BackboneConfig::default(),
            input_size: 224,
            map_stride: 32,
            artifact_detection: true,
            levels: 3,
            input: PixelInput::default(),
            dropout: 0.0,
            true_boxes: TrueBoxes::default(),
            overlap: 0.5,
            variances: [0.1, 0.2],
            negatives: Negatives::default(),
            alpha: 1.0,
            beta: 0.1,
            boxes: BoxSelection::default(),
        }
    }
}

impl AdmConfig {
    /// The network of the official code on one of its backbones. An EfficientNet gets what the code's
    /// copy of EfficientNet-PyTorch brings along: every layer is padded as if its input had the
    /// network's own size, whatever it has, and its dropout.
    pub fn official(mut backbone: BackboneConfig) -> Self {
        let mut dropout = 0.0;
        if let BackboneConfig::EfficientNet(config) = &mut backbone {
            config.padding = SamePadding::Uniform(config.variant.input_spec().size);
            config.drop_connect = 0.2;
            dropout = match config.variant {
                EfficientNetVariant::B3 => 0.3,
                EfficientNetVariant::B4 => 0.4,
                _ => dropout,
            };
        }
        Self {
            backbone,
            dropout,
            levels: 4,
            input: PixelInput::RawBgr,
            true_boxes: TrueBoxes::WindowsAndWhole,
            ..Self::default()
        }
    }

    pub(crate) fn check(&self) -> Result<(), AdmConfigError> {
        let finite = |value: f64| value.is_finite() && value >= 0.0;
        let share = |value: f32| (0.0..=1.0).contains(&value);
        let number = |ok: bool, field, rule, value: f64| {
            if ok {
                Ok(())
            } else {
                Err(AdmConfigError::OutOfRange { field, rule, value })
            }
        };
        let size = self.input_size;
        number(size > 0, "input_size", "positive", size as f64)?;
        let stride = self.map_stride;
        number(stride > 0, "map_stride", "positive", stride as f64)?;
        let levels = self.levels;
        number((1..=4).contains(&levels), "levels", "1 to 4", levels as f64)?;
        let positive = "positive and finite";
        for variance in self.variances {
            let ok = variance.is_finite() && variance > 0.0;
            number(ok, "variances", positive, f64::from(variance))?;
        }
        let not_negative = "finite and not negative";
        number(finite(self.alpha), "alpha", not_negative, self.alpha)?;
        number(finite(self.beta), "beta", not_negative, self.beta)?;
        let ok = (0.0..1.0).contains(&self.dropout);
        number(ok, "dropout", "in 0..1", self.dropout)?;
        let ok = share(self.overlap) && self.overlap > 0.0;
        number(ok, "overlap", "above 0, at most 1", self.overlap.into())?;
        let shown = self.boxes;
        let (confidence, overlap) = (shown.confidence, shown.overlap);
        number(
            share(confidence),
            "boxes.confidence",
            "in 0..=1",
            confidence.into(),
        )?;
        number(share(overlap), "boxes.overlap", "in 0..=1", overlap.into())
    }

    pub(crate) fn input_spec(&self) -> InputSpec {
        let pixels = |mean, std, order, range| InputSpec {
            size: self.input_size,
            mean: [mean; 3],
            std: [std; 3],
            order,
            range,
        };
        match self.input {
            PixelInput::Backbone => self.backbone.input_spec(self.input_size),
            PixelInput::RawBgr => pixels(0.0, 1.0, ChannelOrder::Bgr, 1.0),
            PixelInput::UnitRgb => pixels(0.0, 1.0, ChannelOrder::Rgb, 255.0),
            PixelInput::SignedRgb => pixels(0.5, 0.5, ChannelOrder::Rgb, 255.0),
        }
    }
}
