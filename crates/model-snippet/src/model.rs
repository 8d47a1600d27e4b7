//! The network: a ResNet whose bottlenecks look along time (figure 2).

use backbones::ResNet;
use burn::module::Module;
use burn::nn::Linear;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::activation::softmax;
use burn::tensor::{DType, Int, Tensor};
use core_tensor_ops::{
    Backbone, ClipDetection, ClipDetector, InputSpec, MapSpec, Tap, global_average_pool, judging,
};

use crate::inter::InterSim;
use crate::intra::IntraSim;
use crate::placement::{Place, Slot};

/// The snippet model. Built by [`SnippetConfig::init`](crate::SnippetConfig::init).
#[derive(Module, Debug)]
pub struct Snippet {
    /// The 2-D network that the modules are plugged into, with torchvision's names.
    pub backbone: ResNet,
    /// The modules in the order of their blocks.
    pub(crate) intra: Vec<IntraSim>,
    pub(crate) inter: Vec<InterSim>,
    pub(crate) fc: Linear,
    /// What stands before the 3x3 convolution of each block of each stage.
    #[module(skip)]
    pub(crate) slots: Vec<Vec<Slot>>,
    pub(crate) input_size: usize,
    pub(crate) frames: usize,
}

/// What the network says of a batch of clips.
#[derive(Clone, Debug)]
pub struct SnippetOutput {
    /// `[batch, 2]`: logits of real and forged; the mean of the frames'.
    pub class_logits: Tensor<2>,
    /// `[batch, U, T, 2]`: the classifier on each frame's pooled features.
    pub frame_logits: Tensor<4>,
}

impl SnippetOutput {
    /// `[batch]`, in `0..=1`: the softmax's share of the class forged.
    pub fn forged_probability(&self) -> Tensor<1> {
        softmax(self.class_logits.clone(), 1)
            .narrow(1, 1, 1)
            .squeeze_dim(1)
    }

    /// `[batch, U, T]`, in `0..=1`: the same for each frame alone.
    pub fn frame_probability(&self) -> Tensor<3> {
        softmax(self.frame_logits.clone(), 3)
            .narrow(3, 1, 1)
            .squeeze_dim(3)
    }
}

/// Takes part in a forward pass: given an attention or a map, it says which to go on with.
pub(crate) trait Watcher {
    /// `[batch * U, T, channels / 2, height, width]`
    fn intra(&mut self, place: Place, attention: Tensor<5>) -> Tensor<5>;
    /// `[batch, channels, U, T]`
    fn inter(&mut self, place: Place, attention: Tensor<4>) -> Tensor<4>;
    /// The backbone's map of this index, `[batch * U * T, channels, height, width]`.
    fn map(&mut self, _index: usize, map: Tensor<4>) -> Tensor<4> {
        map
    }
}

/// Looks at the maps alone.
struct Tapped<'a, 'b>(&'a mut Tap<'b>);

impl Watcher for Tapped<'_, '_> {
    fn intra(&mut self, _place: Place, attention: Tensor<5>) -> Tensor<5> {
        attention
    }
    fn inter(&mut self, _place: Place, attention: Tensor<4>) -> Tensor<4> {
        attention
    }
    fn map(&mut self, index: usize, map: Tensor<4>) -> Tensor<4> {
        (self.0)(index, map)
    }
}

impl Snippet {
    /// What stands in each block of each stage. The modules of a kind are numbered in this order.
    pub fn slots(&self) -> &[Vec<Slot>] {
        &self.slots
    }

    /// Judges clips.
    ///
    /// # Shapes
    ///
    /// - `frames`: `[batch, U, T, 3, height, width]`; any `U` from 1, `T` as configured
    ///
    /// # Panics
    ///
    /// Panics if `T` is not the configured number, or if an axis is empty.
    pub fn forward(&self, frames: Tensor<6>) -> SnippetOutput {
        self.tapped_forward(frames, &mut |_, map| map)
    }

    fn tapped_forward(&self, frames: Tensor<6>, tap: &mut Tap<'_>) -> SnippetOutput {
        let [batch, snippets, ..] = frames.dims();
        let maps = self.last_maps(frames, &mut Tapped(tap));
        self.classify(&maps, batch, snippets)
    }

    /// The last stage's maps of every frame, `[batch * U * T, channels, height, width]`.
    pub(crate) fn last_maps(&self, frames: Tensor<6>, watcher: &mut impl Watcher) -> Tensor<4> {
        let [batch, snippets, length, colours, height, width] = frames.dims();
        assert_eq!(
            length, self.frames,
            "the model was built for snippets of {} frames",
            self.frames
        );
        let images = frames.reshape([batch * snippets * length, colours, height, width]);
        let stem = watcher.map(0, self.backbone.stem(images));
        let mut maps = ResNet::pool(stem);
        let (mut intra, mut inter) = (self.intra.iter(), self.inter.iter());
        for (stage, blocks) in self.backbone.stages().enumerate() {
            for (block, (residual, slot)) in blocks.iter().zip(&self.slots[stage]).enumerate() {
                let place = Place { stage, block };
                maps = residual.forward_with(maps, |inner| match slot {
                    Slot::Plain => inner,
                    Slot::Intra => {
                        let module = intra.next().expect("a module was built for every slot");
                        module.forward_with(inner, |attention| watcher.intra(place, attention))
                    }
                    Slot::Inter => {
                        let module = inter.next().expect("a module was built for every slot");
                        module.forward_with(inner, snippets, |attention| {
                            watcher.inter(place, attention)
                        })
                    }
                });
            }
            maps = watcher.map(stage + 1, maps);
        }
        maps.cast(DType::F32)
    }

    /// The classifier on every frame, and the mean of what it says.
    pub(crate) fn classify(
        &self,
        last_maps: &Tensor<4>,
        batch: usize,
        snippets: usize,
    ) -> SnippetOutput {
        let logits = self.fc.forward(global_average_pool(last_maps.clone()));
        // The classifier is affine: the mean of its logits is its logits of the mean features.
        let class_logits = logits
            .clone()
            .reshape([batch, snippets * self.frames, 2])
            .mean_dim(1)
            .squeeze_dim(1);
        SnippetOutput {
            class_logits,
            frame_logits: logits.reshape([batch, snippets, self.frames, 2]),
        }
    }

    /// The binary cross entropy of the clips, averaged over the batch; that of two logits'
    /// softmax, which is the sigmoid of their difference.
    ///
    /// # Shapes
    ///
    /// - `labels`: `[batch]`, 0 = real, 1 = forged
    /// - returns `[1]`
    pub fn loss(&self, output: &SnippetOutput, labels: Tensor<1, Int>) -> Tensor<1> {
        let cross_entropy = CrossEntropyLossConfig::new().init(&labels.device());
        cross_entropy.forward(output.class_logits.clone(), labels)
    }
}

impl ClipDetector for Snippet {
    fn input_spec(&self) -> InputSpec {
        InputSpec::imagenet(self.input_size)
    }

    fn detect_clips(&self, frames: Tensor<6>) -> ClipDetection {
        let output = self.forward(frames);
        ClipDetection {
            forged_probability: output.forged_probability(),
            frame_probability: output.frame_probability(),
        }
    }

    fn layers(&self) -> Vec<MapSpec> {
        self.backbone.map_specs()
    }

    fn clip_logits(&self, frames: Tensor<6>, tap: &mut Tap<'_>) -> Tensor<2> {
        let network = judging(self, &frames);
        network.tapped_forward(frames, tap).class_logits
    }
}
