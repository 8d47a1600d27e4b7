//! The artifact detection module (figure 3): four extra layers at the end of a backbone and the
//! heads on their maps. Fields bear the official code's names, so that its state dictionaries fit.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{add_relu, conv2d_kaiming_uniform, convolve, normalise, normalise_relu};
use rand::Rng;

use crate::priors::ORIENTATIONS;

/// A square convolution with PyTorch's initial weights.
fn convolution(
    channels: [usize; 2],
    kernel: usize,
    padding: usize,
    bias: bool,
    device: &Device,
    rng: &mut impl Rng,
) -> Conv2d {
    let config = Conv2dConfig::new(channels, [kernel, kernel])
        .with_padding(PaddingConfig2d::Explicit(
            padding, padding, padding, padding,
        ))
        .with_bias(bias);
    conv2d_kaiming_uniform(&config, device, rng)
}

/// An extra layer: convolution, normalisation, ReLU, 3x3 convolution, normalisation; the skip is
/// projected by a convolution of the first one's kernel. Neither pads where it shrinks the map.
#[derive(Module, Debug)]
pub(crate) struct ExtraBlock {
    conv1: Conv2d,
    bn1: BatchNorm,
    conv2: Conv2d,
    bn2: BatchNorm,
    downsample: (Conv2d, BatchNorm),
}

impl ExtraBlock {
    fn new(channels: usize, kernel: usize, device: &Device, rng: &mut impl Rng) -> Self {
        let both = [channels, channels];
        let norm = || BatchNormConfig::new(channels).init(device);
        Self {
            conv1: convolution(both, kernel, 0, true, device, rng),
            bn1: norm(),
            conv2: convolution(both, 3, 1, false, device, rng),
            bn2: norm(),
            downsample: (convolution(both, kernel, 0, false, device, rng), norm()),
        }
    }

    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let (project, norm) = &self.downsample;
        let skip = normalise(norm, convolve(project, maps.clone()));
        let inner = normalise_relu(&self.bn1, convolve(&self.conv1, maps));
        add_relu(normalise(&self.bn2, convolve(&self.conv2, inner)), skip)
    }
}

/// The last extra layer: a convolution over the whole map, ReLU, a 1x1 convolution; the skip is
/// projected likewise. No normalisation, since one value a channel and picture is left.
#[derive(Module, Debug)]
pub(crate) struct EndBlock {
    conv1: Conv2d,
    conv2: Conv2d,
    downsample: Conv2d,
}

impl EndBlock {
    fn new(channels: usize, kernel: usize, device: &Device, rng: &mut impl Rng) -> Self {
        let both = [channels, channels];
        Self {
            conv1: convolution(both, kernel, 0, true, device, rng),
            conv2: convolution(both, 1, 0, true, device, rng),
            downsample: convolution(both, kernel, 0, true, device, rng),
        }
    }

    fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        let skip = convolve(&self.downsample, maps.clone());
        add_relu(
            convolve(&self.conv2, relu(convolve(&self.conv1, maps))),
            skip,
        )
    }
}

/// A detector and a classifier on every level: 3x3 convolutions, on the 1x1 map 1x1 ones.
#[derive(Module, Debug)]
pub(crate) struct MultiScaleDetection {
    ms_dets: Vec<Conv2d>,
    ms_cls: Vec<Conv2d>,
}

impl MultiScaleDetection {
    fn new(channels: usize, levels: usize, device: &Device, rng: &mut impl Rng) -> Self {
        let mut heads = |outputs: usize| -> Vec<Conv2d> {
            (0..levels)
                .map(|level| {
                    let (kernel, padding) = if level < 3 { (3, 1) } else { (1, 0) };
                    let channels = [channels, outputs * ORIENTATIONS];
                    convolution(channels, kernel, padding, true, device, rng)
                })
                .collect()
        };
        Self {
            ms_dets: heads(4),
            ms_cls: heads(2),
        }
    }

    /// All levels' outputs, in the order of the priors: `[batch, anchors, values]`.
    fn read(heads: &[Conv2d], maps: &[Tensor<4>], values: usize) -> Tensor<3> {
        let levels = heads.iter().zip(maps).map(|(head, map)| {
            let output = convolve(head, map.clone());
            let [batch, channels, height, width] = output.dims();
            let anchors = height * width * channels / values;
            output
                .permute([0, 2, 3, 1])
                .reshape([batch, anchors, values])
        });
        Tensor::cat(levels.collect(), 1)
    }
}

/// What the heads say of every anchor.
#[derive(Clone, Debug)]
pub struct AnchorOutput {
    /// `[batch, anchors, 4]`: position offsets, [encoded](crate::boxes::encode).
    pub offsets: Tensor<3>,
    /// `[batch, anchors, 2]`: logits of genuine and fake.
    pub confidences: Tensor<3>,
}

/// The artifact detection module.
#[derive(Module, Debug)]
pub struct ArtifactDetection {
    // Lists of one, since the official code wraps each of these blocks in a sequence.
    adm_extra_layers: ([ExtraBlock; 1], [ExtraBlock; 1], [ExtraBlock; 1], EndBlock),
    multi_scale_detection_module: MultiScaleDetection,
}

impl ArtifactDetection {
    /// For maps of `channels` channels and `sides[0]` positions a side, with heads on the first
    /// `levels` extra layers.
    pub(crate) fn new(
        channels: usize,
        sides: [usize; 4],
        levels: usize,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Self {
        let adm_extra_layers = (
            [ExtraBlock::new(channels, 1, device, rng)],
            [ExtraBlock::new(channels, 3, device, rng)],
            [ExtraBlock::new(channels, 3, device, rng)],
            EndBlock::new(channels, sides[2], device, rng),
        );
        Self {
            adm_extra_layers,
            multi_scale_detection_module: MultiScaleDetection::new(channels, levels, device, rng),
        }
    }

    /// Number of extra layers with heads.
    pub(crate) fn levels(&self) -> usize {
        self.multi_scale_detection_module.ms_dets.len()
    }

    /// What the heads say, and the last extra layer's map.
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, channels, side, side]`
    /// - the map: `[batch, channels, 1, 1]`
    pub(crate) fn forward(&self, features: Tensor<4>) -> (AnchorOutput, Tensor<4>) {
        let ([first], [second], [third], end) = &self.adm_extra_layers;
        let first = first.forward(features);
        let second = second.forward(first.clone());
        let third = third.forward(second.clone());
        let end = end.forward(third.clone());
        let maps = [first, second, third, end.clone()];
        let MultiScaleDetection { ms_dets, ms_cls } = &self.multi_scale_detection_module;
        let output = AnchorOutput {
            offsets: MultiScaleDetection::read(ms_dets, &maps, 4),
            confidences: MultiScaleDetection::read(ms_cls, &maps, 2),
        };
        (output, end)
    }
}
