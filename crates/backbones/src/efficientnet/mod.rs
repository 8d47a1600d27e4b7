//! EfficientNet (Tan and Le, ICML 2019) and EfficientNet-Lite, in timm's layout.

mod block;
mod config;

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, Linear, LinearConfig};
use burn::tensor::{Device, Tensor, TensorData};
use core_tensor_ops::{
    Backbone, MapSpec, Tap, convolve, global_average_pool, in_single_precision,
    linear_kaiming_uniform,
};
use rand::{Rng, RngExt};

use block::{Activation, Builder};
pub use block::{DepthwiseSeparable, InvertedResidual, MbConv, SqueezeExcite};
pub use config::{EfficientNetConfig, EfficientNetVariant, SamePadding};

use crate::weights::Aliases;

/// An EfficientNet: the stem `conv_stem`, `bn1`, the stages `blocks`, the last convolution
/// `conv_head`, `bn2`, the head `classifier`.
///
/// Its feature maps are the stem's, each of the seven stages' and the last convolution's; map `n`
/// is stage `n`'s. Strides are 2, 2, 4, 8, 16, 16, 32, 32, 32. The stages' maps are sums without an
/// activation. A network of fewer [`stages`](EfficientNetConfig::stages) ends with the last one's map:
/// it has neither `conv_head` nor `bn2`.
#[derive(Module, Debug)]
pub struct EfficientNet {
    conv_stem: Conv2d,
    bn1: BatchNorm,
    blocks: Vec<Vec<MbConv>>,
    conv_head: Option<Conv2d>,
    bn2: Option<BatchNorm>,
    classifier: Option<Linear>,
    #[module(skip)]
    activation: Activation,
    #[module(skip)]
    specs: Vec<MapSpec>,
    drop_connect: f64,
}

/// Names of the stages' maps.
const STAGE_NAMES: [&str; 7] = [
    "blocks.0", "blocks.1", "blocks.2", "blocks.3", "blocks.4", "blocks.5", "blocks.6",
];

impl EfficientNetConfig {
    /// Builds the network with TensorFlow's and timm's initial weights: convolutions normal with
    /// fan-out variance, their biases zero, normalisations the identity; `classifier` uniform as in
    /// PyTorch.
    ///
    /// # Panics
    ///
    /// Panics if a coefficient is not above zero, `drop_connect` not in `0..1`, a size or
    /// `classes` zero, or `stages` not 1 to 7.
    pub fn init(&self, device: &Device, rng: &mut impl Rng) -> EfficientNet {
        self.assert_valid();
        let mut size = block::counted_on(self.padding);
        let mut builder = Builder {
            config: self,
            device,
            rng,
        };
        let [stem, head] = self.ends();
        let conv_stem = builder.stem(stem, size);
        let mut spec = MapSpec {
            name: "conv_stem",
            channels: stem,
            stride: 2,
        };
        let mut specs = vec![spec];
        size = block::halved(size, 2);
        let mut blocks = Vec::with_capacity(self.stages);
        let stages = self.all_stages().into_iter().take(self.stages);
        for (name, stage) in STAGE_NAMES.into_iter().zip(stages) {
            let mut built = Vec::with_capacity(stage.blocks);
            for index in 0..stage.blocks {
                let stride = if index == 0 { stage.stride } else { 1 };
                built.push(builder.block(stage, spec.channels, stride, size));
                size = block::halved(size, stride);
                spec = MapSpec {
                    name,
                    channels: stage.channels,
                    stride: spec.stride * stride,
                };
            }
            blocks.push(built);
            specs.push(spec);
        }
        let conv_head = self
            .is_whole()
            .then(|| builder.pointwise([spec.channels, head]));
        if conv_head.is_some() {
            spec = MapSpec {
                name: "conv_head",
                channels: head,
                ..spec
            };
            specs.push(spec);
        }
        let bn1 = builder.norm(stem);
        let bn2 = conv_head.is_some().then(|| builder.norm(head));
        let classifier = self.classes.map(|classes| {
            linear_kaiming_uniform(&LinearConfig::new(spec.channels, classes), device, rng)
        });
        EfficientNet {
            conv_stem,
            bn1,
            blocks,
            conv_head,
            bn2,
            classifier,
            activation: if self.variant.is_lite() {
                Activation::Relu6
            } else {
                Activation::Swish
            },
            specs,
            drop_connect: self.drop_connect,
        }
    }
}

impl EfficientNet {
    /// Place of the map after `conv_stem`.
    pub const STEM: usize = 0;
    /// Place of the map after `conv_head`, in the whole network.
    pub const HEAD: usize = 8;

    /// Beginnings of the parameters that published files hold beyond the stages that are built, in
    /// either naming of [`efficientnet_pytorch_names`](Self::efficientnet_pytorch_names).
    pub fn names_beyond(&self) -> Vec<String> {
        if self.conv_head.is_some() {
            return Vec::new();
        }
        let stages = self.blocks.len()..STAGE_NAMES.len();
        let ours = stages.map(|stage| format!("{}.", STAGE_NAMES[stage]));
        // Blocks are counted through there; the largest network has fewer than 60.
        let built: usize = self.blocks.iter().map(Vec::len).sum();
        let theirs = (built..60).map(|block| format!("_blocks.{block}."));
        let ends = ["conv_head.", "bn2."].map(str::to_owned);
        ours.chain(theirs).chain(ends).collect()
    }

    /// The names of EfficientNet-PyTorch: `_conv_stem`, `_blocks.0._expand_conv`, `_fc`.
    pub fn efficientnet_pytorch_names(&self) -> Aliases {
        let ends = [
            ("_conv_stem.", "conv_stem."),
            ("_bn0.", "bn1."),
            ("_conv_head.", "conv_head."),
            ("_bn1.", "bn2."),
            ("_fc.", "classifier."),
        ];
        let ends = ends.map(|(theirs, ours)| (theirs.to_owned(), ours.to_owned()));
        // Stages are not told apart there: blocks are counted through.
        let places = self.blocks.iter().enumerate().flat_map(|(stage, blocks)| {
            (0..blocks.len()).map(move |index| (&blocks[index], format!("blocks.{stage}.{index}")))
        });
        let parts = places.enumerate().flat_map(|(count, (block, place))| {
            let names = block.efficientnet_pytorch_names();
            names.into_iter().map(move |(theirs, ours)| {
                (
                    format!("_blocks.{count}.{theirs}."),
                    format!("{place}.{ours}."),
                )
            })
        });
        ends.into_iter().chain(parts).collect()
    }

    /// The head's logits of pooled features; the features themselves where there is no head.
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, channels of the last map]`, from [`features`](Self::features)
    /// - returns `[batch, classes]`
    pub fn head(&self, features: Tensor<2>) -> Tensor<2> {
        match &self.classifier {
            Some(classifier) => classifier.forward(features),
            None => features,
        }
    }

    /// The last map, averaged over space: what the head sees.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, height, width]`
    /// - returns `[batch, channels of the last map]`
    pub fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let last = self
            .feature_maps(images)
            .pop()
            .expect("an EfficientNet has at least its stem");
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

    /// All maps, where `drop` takes each block's residual and the share of the blocks before it.
    fn maps(
        &self,
        images: Tensor<4>,
        tap: &mut Tap<'_>,
        mut drop: impl FnMut(Tensor<4>, f64) -> Tensor<4>,
    ) -> Vec<Tensor<4>> {
        let stem = convolve(&self.conv_stem, images);
        let mut map = tap(Self::STEM, self.activation.normalise(&self.bn1, stem));
        let mut maps = vec![map.clone()];
        let total: usize = self.blocks.iter().map(Vec::len).sum();
        let mut before = 0;
        for stage in &self.blocks {
            for block in stage {
                let share = before as f64 / total as f64;
                map = block.forward(map, self.activation, |residual| drop(residual, share));
                before += 1;
            }
            map = tap(maps.len(), map);
            maps.push(map.clone());
        }
        if let (Some(conv_head), Some(bn2)) = (&self.conv_head, &self.bn2) {
            let head = self.activation.normalise(bn2, convolve(conv_head, map));
            maps.push(tap(Self::HEAD, head));
        }
        in_single_precision(maps)
    }
}

impl Backbone for EfficientNet {
    fn tapped_maps(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Vec<Tensor<4>> {
        self.maps(images, tap, |residual, _| residual)
    }

    /// Stochastic depth (Huang et al., ECCV 2016): each block's residual is dropped, image by
    /// image, with the probability `drop_connect` times the share of the blocks before it, and
    /// divided by the probability that it is kept where it is.
    fn training_maps(&self, images: Tensor<4>, rng: &mut dyn Rng) -> Vec<Tensor<4>> {
        self.maps(images, &mut |_, map| map, |residual, share| {
            let kept = 1.0 - self.drop_connect * share;
            if kept == 1.0 {
                return residual;
            }
            let batch = residual.dims()[0];
            let factors: Vec<f32> = (0..batch)
                .map(|_| {
                    if rng.random_bool(kept) {
                        1.0 / kept as f32
                    } else {
                        0.0
                    }
                })
                .collect();
            let factors = TensorData::new(factors, [batch, 1, 1, 1]);
            let factors = Tensor::<4>::from_data(factors, &residual.device());
            let factors = factors.cast(residual.dtype());
            residual * factors
        })
    }

    fn map_specs(&self) -> Vec<MapSpec> {
        self.specs.clone()
    }
}
