//! The network of UltraFace RFB-320: a narrow MobileNet, one receptive field block (Liu et al.,
//! ECCV 2018) and SSD heads at four strides, with the published parameter names.

#![allow(non_snake_case)] // one published parameter name is

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, BatchNormConfig, Relu};
use burn::tensor::activation::{relu, softmax};
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{add_relu, convolve, normalise, normalise_relu};

use crate::layers::{ConvSpec, Padding};

/// Convolution, normalisation, ReLU.
type Plain = (Conv2d, BatchNorm, Relu);
/// The same for each channel, then across channels.
type Separable = (Conv2d, BatchNorm, Relu, Conv2d, BatchNorm, Relu);
/// A 3x3 convolution of each channel, ReLU, a 1x1 convolution across channels.
type SeparableHead = (Conv2d, Relu, Conv2d);

/// Anchors of each cell at strides 8, 16, 32 and 64.
pub(super) const ANCHORS: [usize; 4] = [3, 2, 2, 3];

/// Layers after which the first three heads look.
const TAPS: [usize; 3] = [7, 10, 12];

/// A layer of the trunk.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // thirteen of them exist
pub(crate) enum TrunkLayer {
    /// The first.
    Plain(Plain),
    /// Most.
    Separable(Separable),
    /// The eighth.
    Receptive(ReceptiveFieldBlock),
}

/// A convolution and its normalisation.
#[derive(Module, Debug)]
pub(crate) struct ConvNorm {
    conv: Conv2d,
    bn: BatchNorm,
}

/// Three branches of growing dilation, joined and added to a projection of their input.
#[derive(Module, Debug)]
pub(crate) struct ReceptiveFieldBlock {
    branch0: Vec<ConvNorm>,
    branch1: Vec<ConvNorm>,
    branch2: Vec<ConvNorm>,
    ConvLinear: ConvNorm,
    shortcut: ConvNorm,
}

/// Scores or boxes of one stride.
#[derive(Module, Debug)]
#[allow(clippy::large_enum_variant)] // eight of them exist
pub(crate) enum Head {
    /// At the first three strides.
    Separable(SeparableHead),
    /// At the last.
    Plain(Conv2d),
}

/// Trunk, one more stride, and heads.
#[derive(Module, Debug)]
pub(crate) struct UltraFaceNetwork {
    base_net: Vec<TrunkLayer>,
    extras: Vec<(Conv2d, Relu, SeparableHead, Relu)>,
    classification_headers: Vec<Head>,
    regression_headers: Vec<Head>,
}

impl UltraFaceNetwork {
    /// The network with all weights zero.
    pub(crate) fn new(device: &Device) -> Self {
        let separable = |inputs, outputs, stride| {
            let depthwise = ConvSpec {
                stride,
                bias: false,
                padding: Padding::Even(1),
                ..ConvSpec::depthwise(inputs, 3)
            };
            let pointwise = ConvSpec {
                bias: false,
                ..ConvSpec::new(inputs, outputs, 1)
            };
            TrunkLayer::Separable((
                depthwise.init(device),
                norm(inputs, device),
                Relu::new(),
                pointwise.init(device),
                norm(outputs, device),
                Relu::new(),
            ))
        };
        let first = ConvSpec {
            stride: 2,
            bias: false,
            padding: Padding::Even(1),
            ..ConvSpec::new(3, 16, 3)
        };
        let base_net = vec![
            TrunkLayer::Plain((first.init(device), norm(16, device), Relu::new())),
            separable(16, 32, 1),
            separable(32, 32, 2),
            separable(32, 32, 1),
            separable(32, 64, 2),
            separable(64, 64, 1),
            separable(64, 64, 1),
            TrunkLayer::Receptive(ReceptiveFieldBlock::new(device)),
            separable(64, 128, 2),
            separable(128, 128, 1),
            separable(128, 128, 1),
            separable(128, 256, 2),
            separable(256, 256, 1),
        ];
        let heads = |values: usize| {
            let [first, second, third, last] = ANCHORS.map(|anchors| anchors * values);
            let plain = ConvSpec {
                padding: Padding::Even(1),
                ..ConvSpec::new(256, last, 3)
            };
            vec![
                Head::Separable(separable_head(64, first, 1, device)),
                Head::Separable(separable_head(128, second, 1, device)),
                Head::Separable(separable_head(256, third, 1, device)),
                Head::Plain(plain.init(device)),
            ]
        };
        Self {
            base_net,
            extras: vec![(
                ConvSpec::new(256, 64, 1).init(device),
                Relu::new(),
                separable_head(64, 256, 2, device),
                Relu::new(),
            )],
            classification_headers: heads(2),
            regression_headers: heads(4),
        }
    }

    /// # Shapes
    ///
    /// - `pictures`: `[batch, 3, 240, 320]`
    /// - returns probabilities `[batch, 4420, 2]` (no face, face) and box offsets
    ///   `[batch, 4420, 4]`, in the order stride, row, column, anchor
    pub(crate) fn forward(&self, pictures: Tensor<4>) -> (Tensor<3>, Tensor<3>) {
        let mut maps = pictures;
        let mut seen = Vec::with_capacity(ANCHORS.len());
        for (index, layer) in self.base_net.iter().enumerate() {
            maps = layer.forward(maps);
            if TAPS.contains(&index) {
                seen.push(maps.clone());
            }
        }
        for (shrink, _, widen, _) in &self.extras {
            maps = relu(separable_forward(widen, relu(convolve(shrink, maps))));
        }
        seen.push(maps);
        let gather = |heads: &[Head], values: usize| {
            let answers = heads
                .iter()
                .zip(&seen)
                .map(|(head, maps)| head.forward(maps.clone(), values))
                .collect();
            Tensor::cat(answers, 1)
        };
        (
            softmax(gather(&self.classification_headers, 2), 2),
            gather(&self.regression_headers, 4),
        )
    }
}

impl TrunkLayer {
    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Plain((conv, norm, _)) => normalise_relu(norm, convolve(conv, maps)),
            Self::Separable((depthwise, norm, _, pointwise, last_norm, _)) => {
                let maps = normalise_relu(norm, convolve(depthwise, maps));
                normalise_relu(last_norm, convolve(pointwise, maps))
            }
            Self::Receptive(block) => block.forward(maps),
        }
    }
}

impl ReceptiveFieldBlock {
    /// 64 channels in and out, 8 within.
    fn new(device: &Device) -> Self {
        let conv = |inputs, outputs, kernel, dilation| {
            let spec = ConvSpec {
                dilation,
                bias: false,
                padding: Padding::Even(dilation * (kernel / 2)),
                ..ConvSpec::new(inputs, outputs, kernel)
            };
            ConvNorm {
                conv: spec.init(device),
                bn: norm(outputs, device),
            }
        };
        Self {
            branch0: vec![conv(64, 8, 1, 1), conv(8, 16, 3, 1), conv(16, 16, 3, 2)],
            branch1: vec![conv(64, 8, 1, 1), conv(8, 16, 3, 1), conv(16, 16, 3, 3)],
            branch2: vec![
                conv(64, 8, 1, 1),
                conv(8, 12, 3, 1),
                conv(12, 16, 3, 1),
                conv(16, 16, 3, 5),
            ],
            ConvLinear: conv(48, 64, 1, 1),
            shortcut: conv(64, 64, 1, 1),
        }
    }

    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let branches = [&self.branch0, &self.branch1, &self.branch2]
            .map(|branch| branch_forward(branch, maps.clone()));
        let joined = self.ConvLinear.forward(Tensor::cat(branches.to_vec(), 1));
        add_relu(joined, self.shortcut.forward(maps))
    }
}

/// Only the convolutions between the first and the last are rectified.
fn branch_forward(branch: &[ConvNorm], maps: Tensor<4>) -> Tensor<4> {
    let last = branch.len() - 1;
    branch
        .iter()
        .enumerate()
        .fold(maps, |maps, (index, layer)| {
            let maps = layer.forward(maps);
            if index == 0 || index == last {
                maps
            } else {
                relu(maps)
            }
        })
}

impl ConvNorm {
    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        normalise(&self.bn, convolve(&self.conv, maps))
    }
}

impl Head {
    /// `[batch, channels, rows, columns]` to `[batch, rows * columns * anchors, values]`.
    fn forward(&self, maps: Tensor<4>, values: usize) -> Tensor<3> {
        let answers = match self {
            Self::Separable(head) => separable_forward(head, maps),
            Self::Plain(conv) => convolve(conv, maps),
        };
        let [batch, channels, rows, columns] = answers.dims();
        answers
            .permute([0, 2, 3, 1])
            .reshape([batch, rows * columns * channels / values, values])
    }
}

fn separable_head(inputs: usize, outputs: usize, stride: usize, device: &Device) -> SeparableHead {
    let depthwise = ConvSpec {
        stride,
        padding: Padding::Even(1),
        ..ConvSpec::depthwise(inputs, 3)
    };
    (
        depthwise.init(device),
        Relu::new(),
        ConvSpec::new(inputs, outputs, 1).init(device),
    )
}

fn separable_forward((depthwise, _, pointwise): &SeparableHead, maps: Tensor<4>) -> Tensor<4> {
    convolve(pointwise, relu(convolve(depthwise, maps)))
}

fn norm(channels: usize, device: &Device) -> BatchNorm {
    BatchNormConfig::new(channels)
        .with_epsilon(1e-5)
        .init(device)
}
