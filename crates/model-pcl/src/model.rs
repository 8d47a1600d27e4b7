//! The network: a backbone, the consistency branch and the classification branch (section 3.1,
//! figures 2 and 3).

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::conv::Conv2d;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::activation::{relu, sigmoid, softmax};
use burn::tensor::{Int, Tensor};
use core_tensor_ops::{
    Backbone, Detection, Detector, InputSpec, MapSpec, Tap, convolve, global_average_pool, judging,
    resize_bilinear,
};

use crate::equations::{
    coarse_mask, consistency_logits, consistency_loss, consistency_targets, overall_loss,
};
use crate::fusion::Fusion;

/// Patch-wise consistency learning on any backbone. Built by
/// [`PclConfig::init`](crate::PclConfig::init) or [`init_on`](crate::PclConfig::init_on).
#[derive(Module, Debug)]
pub struct Pcl<B> {
    /// The plugged-in network.
    pub backbone: B,
    pub(crate) theta: Conv2d,
    pub(crate) phi: Conv2d,
    pub(crate) class_conv: Option<Conv2d>,
    pub(crate) fc: Linear,
    /// Index of `F` among the backbone's maps.
    pub(crate) patch_map: usize,
    pub(crate) lambda: f64,
    pub(crate) input_size: usize,
    #[module(skip)]
    pub(crate) fusion: Fusion,
}

/// What the two branches say of a batch.
#[derive(Clone, Debug)]
pub struct PclOutput {
    /// `[batch, H', W', H', W']`: the argument of Eq. 1's sigmoid for every pair of patches.
    pub consistency_logits: Tensor<5>,
    /// `[batch, 2]`: logits of real and forged.
    pub class_logits: Tensor<2>,
}

/// The losses of a batch, each `[1]`.
#[derive(Clone, Debug)]
pub struct PclLoss {
    /// Eq. 4, what training minimises.
    pub total: Tensor<1>,
    /// Eq. 3, the consistency branch's, before its weight.
    pub pcl: Tensor<1>,
    /// Two-class cross entropy of the classification branch.
    pub cls: Tensor<1>,
}

impl PclOutput {
    /// `V-hat` of Eq. 1: `[batch, H', W', H', W']`, in `0..=1`.
    pub fn consistency_volume(&self) -> Tensor<5> {
        sigmoid(self.consistency_logits.clone())
    }

    /// `[batch]`, in `0..=1`: the softmax's share of the class forged.
    pub fn forged_probability(&self) -> Tensor<1> {
        softmax(self.class_logits.clone(), 1)
            .narrow(1, 1, 1)
            .squeeze_dim(1)
    }
}

impl<B: Backbone> Pcl<B> {
    /// Both branches.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, H, W]`
    /// - volume: `[batch, H', W', H', W']` with `H' = ceil(H / stride)`
    pub fn forward(&self, images: Tensor<4>) -> PclOutput {
        let maps = self.backbone.feature_maps(images);
        let f = maps[self.patch_map].clone();
        PclOutput {
            consistency_logits: consistency_logits(
                convolve(&self.theta, f.clone()),
                convolve(&self.phi, f),
            ),
            class_logits: self.classify(maps),
        }
    }

    /// The classification branch on the backbone's maps.
    fn classify(&self, maps: Vec<Tensor<4>>) -> Tensor<2> {
        self.fc.forward(self.pooled(maps))
    }

    /// What the classifier reads.
    fn pooled(&self, mut maps: Vec<Tensor<4>>) -> Tensor<2> {
        let last = match &self.class_conv {
            Some(conv) => relu(convolve(conv, maps.swap_remove(self.patch_map))),
            None => maps.pop().expect("a backbone gives at least one map"),
        };
        global_average_pool(last)
    }

    /// The losses of section 3.1.
    ///
    /// # Shapes
    ///
    /// - `masks`: `[batch, 1, H, W]`, in `0..=1`, 1 = forged; zeros for a real image
    /// - `labels`: `[batch]`, 0 = real, 1 = forged
    pub fn loss(&self, output: PclOutput, masks: Tensor<4>, labels: Tensor<1, Int>) -> PclLoss {
        let [_, height, width, _, _] = output.consistency_logits.dims();
        let targets = consistency_targets(coarse_mask(masks, [height, width]));
        let pcl = consistency_loss(output.consistency_logits, targets);
        let cross_entropy = CrossEntropyLossConfig::new().init(&labels.device());
        let cls = cross_entropy.forward(output.class_logits, labels);
        PclLoss {
            total: overall_loss(self.lambda, pcl.clone(), cls.clone()),
            pcl,
            cls,
        }
    }
}

impl<B: Backbone> Detector for Pcl<B> {
    fn input_spec(&self) -> InputSpec {
        InputSpec::imagenet(self.input_size)
    }

    fn detect(&self, images: Tensor<4>) -> Detection {
        let [_, _, height, width] = images.dims();
        let output = self.forward(images);
        let coarse = self.fusion.heat_map(output.consistency_volume());
        let heat_map = resize_bilinear(coarse.unsqueeze_dim(1), [height, width]).squeeze_dim(1);
        Detection {
            forged_probability: output.forged_probability(),
            heat_map: Some(heat_map),
            boxes: Vec::new(),
        }
    }

    fn layers(&self) -> Vec<MapSpec> {
        let mut maps = self.backbone.map_specs();
        if self.class_conv.is_some() {
            maps.truncate(self.patch_map + 1);
        }
        maps
    }

    fn class_logits(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Tensor<2> {
        let network = judging(self, &images);
        network.classify(network.backbone.tapped_maps(images, tap))
    }

    fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let network = judging(self, &images);
        network.pooled(network.backbone.feature_maps(images))
    }
}
