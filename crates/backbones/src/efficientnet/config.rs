//! EfficientNet's sizes: compound scaling (Tan and Le, ICML 2019, equation 3 and table 1).

use burn::nn::PaddingConfig2d;
use core_tensor_ops::{ChannelOrder, InputSpec};
use serde::{Deserialize, Serialize};

/// A published member of the family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say all")]
pub enum EfficientNetVariant {
    B0,
    B1,
    B2,
    B3,
    #[default]
    B4,
    B5,
    B6,
    B7,
    Lite0,
    Lite1,
    Lite2,
    Lite3,
    Lite4,
}

impl EfficientNetVariant {
    /// Width and depth coefficient, and edge of the input in pixels.
    fn scale(self) -> (f64, f64, usize) {
        match self {
            Self::B0 | Self::Lite0 => (1.0, 1.0, 224),
            Self::B1 | Self::Lite1 => (1.0, 1.1, 240),
            Self::B2 | Self::Lite2 => (1.1, 1.2, 260),
            Self::B3 => (1.2, 1.4, 300),
            Self::Lite3 => (1.2, 1.4, 280),
            Self::B4 => (1.4, 1.8, 380),
            Self::Lite4 => (1.4, 1.8, 300),
            Self::B5 => (1.6, 2.2, 456),
            Self::B6 => (1.8, 2.6, 528),
            Self::B7 => (2.0, 3.1, 600),
        }
    }

    /// Whether it is a Lite network: ReLU6 for swish, no squeeze and excitation; stem, head, and
    /// the depths of the first and the last stage are not scaled.
    pub fn is_lite(self) -> bool {
        matches!(
            self,
            Self::Lite0 | Self::Lite1 | Self::Lite2 | Self::Lite3 | Self::Lite4
        )
    }

    /// What the published weights expect: RGB of the variant's size, in `0..=1`; ImageNet's mean
    /// and standard deviation, or 127 and 128 of 255 for a Lite network.
    pub fn input_spec(self) -> InputSpec {
        let (_, _, size) = self.scale();
        if self.is_lite() {
            InputSpec {
                size,
                mean: [127.0 / 255.0; 3],
                std: [128.0 / 255.0; 3],
                order: ChannelOrder::Rgb,
                range: 255.0,
            }
        } else {
            InputSpec::imagenet(size)
        }
    }
}

/// Where a convolution that keeps the size, or halves it, pads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamePadding {
    /// As TensorFlow: so that the output has `ceil(n / stride)` positions for the input's `n`, the
    /// odd one at the right and at the bottom. timm's `tf_efficientnet_*`, and
    /// EfficientNet-PyTorch at the size that it was built for.
    #[default]
    Same,
    /// What [`Same`](Self::Same) would pad if the images had edges of so many pixels, whatever they
    /// have: EfficientNet-PyTorch from 0.7 on at other sizes than it was built for. Above 0.
    Static(usize),
    /// What [`Same`](Self::Same) would pad if the input of every layer had edges of so many pixels:
    /// EfficientNet-PyTorch before 0.7, at any size. Above 0.
    Uniform(usize),
    /// Half the kernel at every edge: timm's `efficientnet_*`.
    Symmetric,
}

impl SamePadding {
    /// What one layer pads before the first and after the last position of either axis. `size` is the
    /// edge of its input for [`Same`](Self::Same), and what [`Static`](Self::Static) counts on in
    /// its place: the images' edge, halved and rounded up by every stride before the layer.
    pub fn edges(self, kernel: usize, stride: usize, size: usize) -> [usize; 2] {
        match self {
            Self::Uniform(size) => Self::Same.edges(kernel, stride, size),
            Self::Same | Self::Static(_) => {
                let needed = (size.div_ceil(stride) - 1) * stride + kernel;
                let padding = needed.saturating_sub(size);
                [padding / 2, padding - padding / 2]
            }
            Self::Symmetric => [kernel / 2; 2],
        }
    }

    /// Padding of one layer; `size` as for [`edges`](Self::edges), but that `Same` sees the input.
    pub(super) fn of(self, kernel: usize, stride: usize, size: usize) -> PaddingConfig2d {
        match self {
            Self::Same => PaddingConfig2d::Same,
            _ => {
                let [before, after] = self.edges(kernel, stride, size);
                PaddingConfig2d::Explicit(before, before, after, after)
            }
        }
    }
}

/// What an EfficientNet is built from. The default is B4 as TensorFlow has it, without its head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EfficientNetConfig {
    /// Which of the published networks.
    pub variant: EfficientNetVariant,
    /// Width coefficient in the variant's place, above 0. Numbers of channels are multiples of 8
    /// and at least 8, so 0.1 is for a CPU.
    pub width: Option<f64>,
    /// Depth coefficient in the variant's place, above 0; 0.1 leaves one block in each stage.
    pub depth: Option<f64>,
    /// Number of stages, 1 to 7. 7 is the whole network; a shorter one has no convolution after its last
    /// stage.
    pub stages: usize,
    /// How strided convolutions pad.
    pub padding: SamePadding,
    /// Whether the first convolution pads, too; DeepfakeBench's EfficientNet-b4 has one that does not.
    pub padded_stem: bool,
    /// Epsilon of the normalisations: 1e-3, or 1e-5 for timm's `efficientnet_*`.
    pub norm_epsilon: f64,
    /// Share of a batch in the running statistics: 0.01, or 0.1 for timm's `efficientnet_*`.
    pub norm_momentum: f64,
    /// Probability that the last block's residual is dropped in training, image by image; earlier
    /// blocks' grow evenly from 0. In `0..1`; the published networks were trained with 0.2. Only
    /// [`training_maps`](core_tensor_ops::Backbone::training_maps) drops.
    pub drop_connect: f64,
    /// Outputs of the head `classifier`; `None` builds no head.
    pub classes: Option<usize>,
}

impl Default for EfficientNetConfig {
    fn default() -> Self {
        Self {
            variant: EfficientNetVariant::default(),
            width: None,
            depth: None,
            stages: B0.len(),
            padding: SamePadding::default(),
            padded_stem: true,
            norm_epsilon: 1e-3,
            norm_momentum: 0.01,
            drop_connect: 0.0,
            classes: None,
        }
    }
}

/// One stage: blocks of one shape, of which the first strides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stage {
    pub(super) expansion: usize,
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) channels: usize,
    pub(super) blocks: usize,
}

/// Expansion, kernel, stride, channels and blocks of B0's stages (table 1).
const B0: [(usize, usize, usize, usize, usize); 7] = [
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
];

/// Channels scaled, as the nearest multiple of 8, but no less than nine tenths.
fn scaled_channels(channels: usize, width: f64) -> usize {
    let wanted = channels as f64 * width;
    let rounded = (((wanted + 4.0) as usize) / 8 * 8).max(8);
    if (rounded as f64) < 0.9 * wanted {
        rounded + 8
    } else {
        rounded
    }
}

impl EfficientNetConfig {
    /// Width and depth coefficient.
    fn scale(&self) -> (f64, f64) {
        let (width, depth, _) = self.variant.scale();
        (self.width.unwrap_or(width), self.depth.unwrap_or(depth))
    }

    /// Channels of the stem and of the convolution after the last stage.
    pub(super) fn ends(&self) -> [usize; 2] {
        let (width, _) = self.scale();
        [32, 1280].map(|channels| {
            if self.variant.is_lite() {
                channels
            } else {
                scaled_channels(channels, width)
            }
        })
    }

    /// Whether the last convolution is built.
    pub(super) fn is_whole(&self) -> bool {
        self.stages == B0.len()
    }

    /// All stages of the published network, however many are built.
    pub(super) fn all_stages(&self) -> [Stage; 7] {
        let (width, depth) = self.scale();
        let mut index = 0;
        B0.map(|(expansion, kernel, stride, channels, blocks)| {
            let fixed = self.variant.is_lite() && (index == 0 || index == B0.len() - 1);
            index += 1;
            Stage {
                expansion,
                kernel,
                stride,
                channels: scaled_channels(channels, width),
                blocks: if fixed {
                    blocks
                } else {
                    (blocks as f64 * depth).ceil() as usize
                },
            }
        })
    }

    /// Positions a side of the map of this stride, a power of two, for images of `size` pixels.
    pub(crate) fn map_side(&self, size: usize, stride: usize) -> usize {
        let mut side = size;
        for layer in 0..stride.max(1).ilog2() {
            let counted = match self.padding {
                SamePadding::Same | SamePadding::Symmetric => side,
                SamePadding::Static(size) => size.div_ceil(1 << layer),
                SamePadding::Uniform(size) => size,
            };
            // An even side is padded by two less than the kernel, an odd one by one.
            side = match counted.is_multiple_of(2) {
                _ if layer == 0 && !self.padded_stem => side.saturating_sub(1) / 2,
                true => side / 2,
                false => side.div_ceil(2),
            };
        }
        side
    }

    /// # Panics
    ///
    /// Panics if a number is out of its range.
    pub(super) fn assert_valid(&self) {
        let (width, depth) = self.scale();
        for (name, coefficient) in [("width", width), ("depth", depth)] {
            assert!(
                coefficient > 0.0 && coefficient.is_finite(),
                "{name} must be above zero, not {coefficient}"
            );
        }
        assert!(
            !matches!(
                self.padding,
                SamePadding::Static(0) | SamePadding::Uniform(0)
            ),
            "static padding needs an image size above zero"
        );
        assert!(
            (0.0..1.0).contains(&self.drop_connect),
            "drop_connect must be in 0..1, not {}",
            self.drop_connect
        );
        assert!(self.classes != Some(0), "classes must not be zero");
        assert!(
            (1..=B0.len()).contains(&self.stages),
            "stages must be 1 to 7, not {}",
            self.stages
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(variant: EfficientNetVariant) -> ([usize; 2], [usize; 7], [usize; 7]) {
        let config = EfficientNetConfig {
            variant,
            ..EfficientNetConfig::default()
        };
        let stages = config.all_stages();
        (
            config.ends(),
            stages.map(|stage| stage.channels),
            stages.map(|stage| stage.blocks),
        )
    }

    #[test]
    fn compound_scaling_gives_the_published_sizes() {
        assert_eq!(
            shape(EfficientNetVariant::B3),
            (
                [40, 1536],
                [24, 32, 48, 96, 136, 232, 384],
                [2, 3, 3, 5, 5, 6, 2]
            )
        );
        assert_eq!(
            shape(EfficientNetVariant::B4),
            (
                [48, 1792],
                [24, 32, 56, 112, 160, 272, 448],
                [2, 4, 4, 6, 6, 8, 2]
            )
        );
        assert_eq!(
            shape(EfficientNetVariant::B7),
            (
                [64, 2560],
                [32, 48, 80, 160, 224, 384, 640],
                [4, 7, 7, 10, 10, 13, 4]
            )
        );
        assert_eq!(
            shape(EfficientNetVariant::Lite4),
            (
                [32, 1280],
                [24, 32, 56, 112, 160, 272, 448],
                [1, 4, 4, 6, 6, 8, 1]
            )
        );
    }

    #[test]
    fn static_padding_follows_the_size_it_was_built_for() {
        // 75 positions need 2 on either side; the 56 of a smaller picture would need 1 and 2.
        let five = |size| SamePadding::Static(1).of(5, 2, size);
        assert_eq!(five(75), PaddingConfig2d::Explicit(2, 2, 2, 2));
        assert_eq!(five(56), PaddingConfig2d::Explicit(1, 1, 2, 2));
        // The older way counts on the images' size wherever the layer is.
        for size in [75, 300] {
            assert_eq!(
                SamePadding::Uniform(300).of(5, 2, size),
                PaddingConfig2d::Explicit(1, 1, 2, 2)
            );
        }
        assert_eq!(
            SamePadding::Symmetric.of(5, 2, 56),
            PaddingConfig2d::Explicit(2, 2, 2, 2)
        );
    }
}
