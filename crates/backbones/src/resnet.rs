//! ResNet-18, -34 and -50 (He et al., CVPR 2016) in torchvision's layout.

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, Linear, LinearConfig};
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{
    Backbone, MapSpec, Tap, convolve, global_average_pool, in_single_precision,
    linear_kaiming_uniform, max_pool2d, normalise_relu,
};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::block::{BlockConfig, ResidualBlock, batch_norm, block_outputs, convolution};

/// Number of weighted layers; a plain number in a recipe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub enum ResNetDepth {
    /// Basic blocks, 2-2-2-2.
    ResNet18,
    /// Basic blocks, 3-4-6-3.
    #[default]
    ResNet34,
    /// Bottleneck blocks, 3-4-6-3.
    ResNet50,
}

impl TryFrom<u16> for ResNetDepth {
    type Error = String;

    fn try_from(depth: u16) -> Result<Self, String> {
        match depth {
            18 => Ok(Self::ResNet18),
            34 => Ok(Self::ResNet34),
            50 => Ok(Self::ResNet50),
            _ => Err(format!(
                "a ResNet of depth {depth} is not known: choose 18, 34 or 50"
            )),
        }
    }
}

impl From<ResNetDepth> for u16 {
    fn from(depth: ResNetDepth) -> Self {
        match depth {
            ResNetDepth::ResNet18 => 18,
            ResNetDepth::ResNet34 => 34,
            ResNetDepth::ResNet50 => 50,
        }
    }
}

impl ResNetDepth {
    fn blocks(self) -> [usize; 4] {
        match self {
            Self::ResNet18 => [2, 2, 2, 2],
            Self::ResNet34 | Self::ResNet50 => [3, 4, 6, 3],
        }
    }

    /// Whether the blocks are bottlenecks (1x1, 3x3, 1x1).
    pub fn bottleneck(self) -> bool {
        self == Self::ResNet50
    }
}

/// What a ResNet is built from. The default is torchvision's ResNet-34 without its head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResNetConfig {
    /// Number of weighted layers.
    pub depth: ResNetDepth,
    /// Channels of the stem and of the first stage's inner convolutions; the stages have 1, 2, 4
    /// and 8 times as many. 64 is the paper's and torchvision's network; less is for a CPU.
    pub base_width: usize,
    /// Number of blocks in each stage; `None` takes the depth's, the published network. Fewer are
    /// for a CPU.
    pub blocks: Option<[usize; 4]>,
    /// Number of stages, 1 to 4, from `layer1` on. 4 is the whole network.
    pub stages: usize,
    /// Outputs of the head `fc`; `None` builds no head.
    pub classes: Option<usize>,
    /// Whether the last normalisation of each block starts at zero, so that the block starts as the
    /// identity (Goyal et al., 2017). torchvision's default is `false`.
    pub zero_init_residual: bool,
}

impl Default for ResNetConfig {
    fn default() -> Self {
        Self {
            depth: ResNetDepth::ResNet34,
            base_width: 64,
            blocks: None,
            stages: 4,
            classes: None,
            zero_init_residual: false,
        }
    }
}

/// A residual network: `conv1`, `bn1`, 3x3 max pooling, `layer1` to `layer4`, `fc`.
///
/// Its feature maps are the stem's (`bn1` + ReLU, before the pooling, stride 2) and each stage's
/// (strides 4, 8, 16, 32).
///
/// In training, Burn's batch normalisation folds the batch's *biased* variance into the running
/// one; PyTorch's folds the unbiased one, `n / (n - 1)` larger, where `n` is batch x height x
/// width. Inference with given statistics is the same.
#[derive(Module, Debug)]
pub struct ResNet {
    conv1: Conv2d,
    bn1: BatchNorm,
    layer1: Vec<ResidualBlock>,
    layer2: Vec<ResidualBlock>,
    layer3: Vec<ResidualBlock>,
    layer4: Vec<ResidualBlock>,
    fc: Option<Linear>,
    base_width: usize,
    bottleneck: bool,
}

impl ResNetConfig {
    /// Number of blocks in each of the four stages.
    pub fn stage_blocks(&self) -> [usize; 4] {
        self.blocks.unwrap_or_else(|| self.depth.blocks())
    }

    /// Builds the network with PyTorch's initial weights: convolutions normal with fan-out
    /// variance, normalisations the identity, `fc` uniform.
    ///
    /// # Panics
    ///
    /// Panics if `base_width`, `classes` or a stage's `blocks` is zero, or if `stages` is not 1 to 4.
    pub fn init(&self, device: &Device, rng: &mut impl Rng) -> ResNet {
        assert!(self.base_width > 0, "base_width must not be zero");
        assert!(self.classes != Some(0), "classes must not be zero");
        assert!(
            !self.stage_blocks().contains(&0),
            "a stage must have blocks"
        );
        assert!(
            (1..=4).contains(&self.stages),
            "stages must be 1 to 4, not {}",
            self.stages
        );
        let bottleneck = self.depth.bottleneck();
        let conv1 = convolution([3, self.base_width], 7, 2, device, rng);
        let mut inputs = self.base_width;
        let mut stage = |index: usize| -> Vec<ResidualBlock> {
            if index >= self.stages {
                return Vec::new();
            }
            let width = self.base_width << index;
            (0..self.stage_blocks()[index])
                .map(|block| {
                    let config = BlockConfig {
                        inputs,
                        width,
                        stride: if index > 0 && block == 0 { 2 } else { 1 },
                        bottleneck,
                        zero_init_residual: self.zero_init_residual,
                    };
                    inputs = block_outputs(width, bottleneck);
                    config.init(device, rng)
                })
                .collect()
        };
        let [layer1, layer2, layer3, layer4] = [stage(0), stage(1), stage(2), stage(3)];
        let fc = self.classes.map(|classes| {
            linear_kaiming_uniform(&LinearConfig::new(inputs, classes), device, rng)
        });
        ResNet {
            conv1,
            bn1: batch_norm(self.base_width, device),
            layer1,
            layer2,
            layer3,
            layer4,
            fc,
            base_width: self.base_width,
            bottleneck,
        }
    }
}

impl ResNet {
    /// The head's logits of pooled features; the features themselves where there is no head.
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, channels of the last stage]`, from [`features`](Self::features)
    /// - returns `[batch, classes]`
    pub fn head(&self, features: Tensor<2>) -> Tensor<2> {
        match &self.fc {
            Some(fc) => fc.forward(features),
            None => features,
        }
    }

    /// The last stage's maps, averaged over space: what the head sees.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`
    /// - returns `[batch, channels of the last stage]`
    pub fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let last = self
            .feature_maps(images)
            .pop()
            .expect("a ResNet has at least its stem");
        global_average_pool(last)
    }

    /// Class logits of a batch of images; its pooled features where there is no head.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`
    /// - returns `[batch, classes]`
    pub fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        self.head(self.features(images))
    }

    /// Beginnings of the parameters that published files hold beyond the stages that are built.
    pub fn names_beyond(&self) -> Vec<String> {
        let built = self.stages().count();
        (built + 1..=4)
            .map(|stage| format!("layer{stage}."))
            .collect()
    }

    /// The blocks of each stage, from `layer1` on.
    pub fn stages(&self) -> impl Iterator<Item = &[ResidualBlock]> {
        [&self.layer1, &self.layer2, &self.layer3, &self.layer4]
            .into_iter()
            .map(Vec::as_slice)
            .filter(|blocks| !blocks.is_empty())
    }

    /// `conv1`, `bn1` and ReLU.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`
    /// - returns `[batch, base width, ceil(height / 2), ceil(width / 2)]`
    pub fn stem(&self, images: Tensor<4>) -> Tensor<4> {
        normalise_relu(&self.bn1, convolve(&self.conv1, images))
    }

    /// The 3x3 max pooling between the stem and `layer1`.
    ///
    /// # Shapes
    ///
    /// - `stem`: `[batch, channels, height, width]`
    /// - returns `[batch, channels, ceil(height / 2), ceil(width / 2)]`
    pub fn pool(stem: Tensor<4>) -> Tensor<4> {
        let pooling = MaxPoolOptions::new([3, 3])
            .with_stride([2, 2])
            .with_padding([1, 1]);
        max_pool2d(stem, pooling)
    }
}

impl Backbone for ResNet {
    fn tapped_maps(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Vec<Tensor<4>> {
        let stem = tap(0, self.stem(images));
        let mut map = Self::pool(stem.clone());
        let mut maps = vec![stem];
        for blocks in self.stages() {
            map = blocks.iter().fold(map, |map, block| block.forward(map));
            map = tap(maps.len(), map);
            maps.push(map.clone());
        }
        in_single_precision(maps)
    }

    fn map_specs(&self) -> Vec<MapSpec> {
        let stem = MapSpec {
            name: "stem",
            channels: self.base_width,
            stride: 2,
        };
        let stages = self.stages().enumerate().map(|(index, _)| MapSpec {
            name: ["layer1", "layer2", "layer3", "layer4"][index],
            channels: block_outputs(self.base_width << index, self.bottleneck),
            stride: 4 << index,
        });
        std::iter::once(stem).chain(stages).collect()
    }
}
