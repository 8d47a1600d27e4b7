//! Xception (Chollet, CVPR 2017, figure 5) in the layout of timm's `legacy_xception`.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{
    Backbone, ChannelOrder, InputSpec, MapSpec, Tap, conv2d_kaiming_normal, convolve,
    global_average_pool, in_single_precision, linear_kaiming_uniform, normalise_relu,
};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::block::batch_norm;
use crate::separable::{SeparableConv2d, XceptionBlock, XceptionBlockConfig};
use crate::weights::Aliases;

/// What an Xception is built from. The default is timm's network without its head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct XceptionConfig {
    /// What the paper's numbers of channels (32 to 2048) are multiplied by, each product rounded
    /// and at least `least_channels`; above 0. 1 is the paper's network; less is for a CPU.
    pub width: f64,
    /// Channels that no layer has fewer of, at least 1: a narrow network keeps a stem that sees.
    pub least_channels: usize,
    /// Input pixels for each position of the last map: 2, 4, 8, 16 or 32, the paper's. The stem
    /// strides by 2, then `block1`, `block2`, `block3` and `block12` by 2 each as long as this
    /// allows; the others lose their pooling and the stride of their skip connection. Nothing is
    /// dilated.
    pub output_stride: usize,
    /// Whether the two separable convolutions after `block12`, `conv3` and `conv4`, are built. A
    /// network without them takes a whole network's weights if `conv3.`, `bn3.`, `conv4.` and
    /// `bn4.` are [ignored](crate::LoadOptions::ignore).
    pub tail: bool,
    /// Outputs of the head `fc`; `None` builds no head.
    pub classes: Option<usize>,
}

impl Default for XceptionConfig {
    fn default() -> Self {
        Self {
            width: 1.0,
            least_channels: 1,
            output_stride: 32,
            tail: true,
            classes: None,
        }
    }
}

/// An Xception: the stem `conv1`, `bn1`, `conv2`, `bn2`, the blocks `block1` to `block12`, the tail
/// `conv3`, `bn3`, `conv4`, `bn4`, the head `fc`.
///
/// The constants [`STEM`](Self::STEM) to [`TAIL`](Self::TAIL) are the places of its feature maps.
/// A block's map is the sum it ends with, without a ReLU: the next block begins with one.
///
/// The stem does not pad: an edge of `n` pixels becomes `(n - 3) / 2 - 1`, rounded down, so 299
/// become 147. Each stride of 2 after it halves and rounds up: 74, 37, 19, 10. So an edge of a map
/// may be up to three positions shorter than `ceil(n / stride)`.
#[derive(Module, Debug)]
pub struct Xception {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
    block1: XceptionBlock,
    block2: XceptionBlock,
    block3: XceptionBlock,
    block4: XceptionBlock,
    block5: XceptionBlock,
    block6: XceptionBlock,
    block7: XceptionBlock,
    block8: XceptionBlock,
    block9: XceptionBlock,
    block10: XceptionBlock,
    block11: XceptionBlock,
    block12: XceptionBlock,
    conv3: Option<SeparableConv2d>,
    bn3: Option<BatchNorm>,
    conv4: Option<SeparableConv2d>,
    bn4: Option<BatchNorm>,
    fc: Option<Linear>,
    #[module(skip)]
    specs: Vec<MapSpec>,
}

impl XceptionConfig {
    /// Builds the network with timm's initial weights: convolutions normal with fan-out variance,
    /// normalisations the identity, `fc` uniform.
    ///
    /// # Panics
    ///
    /// Panics if `width` is not above zero, if `output_stride` is none of 2, 4, 8, 16 and 32, or if
    /// `classes` is zero.
    pub fn init(&self, device: &Device, rng: &mut impl Rng) -> Xception {
        assert!(
            self.width > 0.0 && self.width.is_finite(),
            "width must be above zero, not {}",
            self.width
        );
        assert!(
            self.output_stride.is_power_of_two() && (2..=32).contains(&self.output_stride),
            "output_stride must be 2, 4, 8, 16 or 32, not {}",
            self.output_stride
        );
        assert!(self.classes != Some(0), "classes must not be zero");

        let scaled = |channels: usize| {
            ((channels as f64 * self.width).round() as usize).max(self.least_channels.max(1))
        };
        let [first, stem, one, two, middle, twelve, three, four] =
            [32, 64, 128, 256, 728, 1024, 1536, 2048].map(scaled);
        let [s1, s2, s3, s12] =
            [4, 8, 16, 32].map(|total| 1 + usize::from(total <= self.output_stride));

        let conv1 = unpadded([3, first], 2, device, rng);
        let conv2 = unpadded([first, stem], 1, device, rng);
        let mut growing = |inputs, outputs, stride, start_with_relu, grow_first| {
            let config = XceptionBlockConfig {
                inputs,
                outputs,
                convolutions: 2,
                stride,
                start_with_relu,
                grow_first,
                project: true,
            };
            config.init(device, rng)
        };
        let block1 = growing(stem, one, s1, false, true);
        let block2 = growing(one, two, s2, true, true);
        let block3 = growing(two, middle, s3, true, true);
        let block12 = growing(middle, twelve, s12, true, false);
        let mut middle_block = || {
            let config = XceptionBlockConfig {
                inputs: middle,
                outputs: middle,
                convolutions: 3,
                stride: 1,
                start_with_relu: true,
                grow_first: true,
                project: false,
            };
            config.init(device, rng)
        };
        let [
            block4,
            block5,
            block6,
            block7,
            block8,
            block9,
            block10,
            block11,
        ] = std::array::from_fn(|_| middle_block());

        let mut separable = |channels| {
            self.tail
                .then(|| SeparableConv2d::new(channels, device, rng))
        };
        let conv3 = separable([twelve, three]);
        let conv4 = separable([three, four]);
        let norm = |channels| self.tail.then(|| batch_norm(channels, device));
        let last = if self.tail { four } else { twelve };
        let fc = self
            .classes
            .map(|classes| linear_kaiming_uniform(&LinearConfig::new(last, classes), device, rng));

        let [t1, t2, t3] = [2 * s1, 2 * s1 * s2, 2 * s1 * s2 * s3];
        let mut specs = vec![
            ("conv2", stem, 2),
            ("block1", one, t1),
            ("block2", two, t2),
            ("block3", middle, t3),
            ("block4", middle, t3),
            ("block11", middle, t3),
            ("block12", twelve, t3 * s12),
        ];
        if self.tail {
            specs.push(("conv4", four, t3 * s12));
        }
        let specs = specs
            .into_iter()
            .map(|(name, channels, stride)| MapSpec {
                name,
                channels,
                stride,
            })
            .collect();
        Xception {
            conv1,
            bn1: batch_norm(first, device),
            conv2,
            bn2: batch_norm(stem, device),
            block1,
            block2,
            block3,
            block4,
            block5,
            block6,
            block7,
            block8,
            block9,
            block10,
            block11,
            block12,
            conv3,
            bn3: norm(three),
            conv4,
            bn4: norm(four),
            fc,
            specs,
        }
    }
}

/// A 3x3 convolution without padding and bias.
fn unpadded(channels: [usize; 2], stride: usize, device: &Device, rng: &mut impl Rng) -> Conv2d {
    let config = Conv2dConfig::new(channels, [3, 3])
        .with_stride([stride, stride])
        .with_padding(PaddingConfig2d::Valid)
        .with_bias(false);
    conv2d_kaiming_normal(&config, device, rng)
}

impl Xception {
    /// Beginnings of the parameters that published files hold beyond what is built: those of the tail.
    pub fn names_beyond(&self) -> Vec<String> {
        match self.conv3 {
            Some(_) => Vec::new(),
            None => ["conv3.", "bn3.", "conv4.", "bn4."]
                .map(str::to_owned)
                .into(),
        }
    }

    /// Place of the map after `conv2`: 64 channels (times the width), stride 2.
    pub const STEM: usize = 0;
    /// Place of the map after `block1`: 128 channels.
    pub const BLOCK1: usize = 1;
    /// Place of the map after `block2`: 256 channels.
    pub const BLOCK2: usize = 2;
    /// Place of the map after `block3`, the end of the entry flow: 728 channels.
    pub const BLOCK3: usize = 3;
    /// Place of the map after `block4`: 728 channels.
    pub const BLOCK4: usize = 4;
    /// Place of the map after `block11`, the end of the middle flow: 728 channels.
    pub const BLOCK11: usize = 5;
    /// Place of the map after `block12`: 1024 channels.
    pub const BLOCK12: usize = 6;
    /// Place of the map after `conv4`, the end of the exit flow, if it is built: 2048 channels.
    pub const TAIL: usize = 7;

    /// The name of the head in pretrainedmodels: `last_linear`.
    pub fn pretrainedmodels_names() -> Aliases {
        vec![("last_linear.".to_owned(), "fc.".to_owned())]
    }

    /// What the published weights expect: RGB of 299 pixels, mean and standard deviation 0.5.
    pub fn input_spec() -> InputSpec {
        InputSpec {
            size: 299,
            mean: [0.5; 3],
            std: [0.5; 3],
            order: ChannelOrder::Rgb,
            range: 255.0,
        }
    }

    /// The head's logits of pooled features; the features themselves where there is no head.
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, channels of the last map]`, from [`features`](Self::features)
    /// - returns `[batch, classes]`
    pub fn head(&self, features: Tensor<2>) -> Tensor<2> {
        match &self.fc {
            Some(fc) => fc.forward(features),
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
            .expect("an Xception has at least its stem");
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
}

impl Backbone for Xception {
    /// The maps at the places [`STEM`](Self::STEM) to [`TAIL`](Self::TAIL).
    fn tapped_maps(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Vec<Tensor<4>> {
        let stem = normalise_relu(&self.bn1, convolve(&self.conv1, images));
        let stem = normalise_relu(&self.bn2, convolve(&self.conv2, stem));
        let stem = tap(Self::STEM, stem);
        let block1 = tap(Self::BLOCK1, self.block1.forward(stem.clone()));
        let block2 = tap(Self::BLOCK2, self.block2.forward(block1.clone()));
        let block3 = tap(Self::BLOCK3, self.block3.forward(block2.clone()));
        let block4 = tap(Self::BLOCK4, self.block4.forward(block3.clone()));
        let middle = [
            &self.block5,
            &self.block6,
            &self.block7,
            &self.block8,
            &self.block9,
            &self.block10,
            &self.block11,
        ];
        let block11 = middle
            .into_iter()
            .fold(block4.clone(), |maps, block| block.forward(maps));
        let block11 = tap(Self::BLOCK11, block11);
        let block12 = tap(Self::BLOCK12, self.block12.forward(block11.clone()));
        let mut maps = vec![
            stem,
            block1,
            block2,
            block3,
            block4,
            block11,
            block12.clone(),
        ];
        if let (Some(conv3), Some(bn3), Some(conv4), Some(bn4)) =
            (&self.conv3, &self.bn3, &self.conv4, &self.bn4)
        {
            let tail = normalise_relu(bn3, conv3.forward(block12));
            let tail = normalise_relu(bn4, conv4.forward(tail));
            maps.push(tap(Self::TAIL, tail));
        }
        in_single_precision(maps)
    }

    fn map_specs(&self) -> Vec<MapSpec> {
        self.specs.clone()
    }
}
