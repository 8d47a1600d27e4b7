//! What the network looks at: figures 3 to 5.

use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Gradients, Tensor};
use core_tensor_ops::{forged_log_odds, judging};

use crate::model::{Snippet, Watcher};
use crate::placement::Place;

/// Where one Intra-SIM looks (figure 4).
#[derive(Clone, Debug)]
pub struct IntraMap {
    /// The block it stands in.
    pub place: Place,
    /// `[batch, U, T, height, width]` in the size of the block's maps.
    pub map: Tensor<5>,
}

/// Which frames one Inter-SIM looks at: the U-T map (figure 5).
#[derive(Clone, Debug)]
pub struct InterMap {
    /// The block it stands in.
    pub place: Place,
    /// `[batch, U, T]`.
    pub map: Tensor<3>,
}

/// What led to a verdict.
#[derive(Clone, Debug)]
pub struct SnippetMaps {
    /// `[batch]`, in `0..=1`: the probability that the clip is forged.
    pub forged_probability: Tensor<1>,
    /// `[batch, U, T]`, in `0..=1`: the numbers of figure 5, the same for each frame alone.
    pub frame_probability: Tensor<3>,
    /// `[batch, U, T, height, width]`, not negative: the class activation map of each frame (figure
    /// 3), in the size of the last stage's maps. Grad-CAM of the log-odds of forged; of a network
    /// that ends in averaging and an affine classifier it needs no gradient.
    pub class_activation: Tensor<5>,
    /// The Intra-SIMs from the first to the last.
    pub intra: Vec<IntraMap>,
    /// The Inter-SIMs from the first to the last.
    pub inter: Vec<InterMap>,
}

/// How an attention of many channels becomes one map. The paper calls the attention itself the map,
/// and says that Grad-CAM drew it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weighting {
    /// The mean of the channels, in `0..=1`: what is attended to, whatever for. Needs no gradient.
    #[default]
    Mean,
    /// Grad-CAM: channels weighted by what they add to the log-odds of forged, negative sums as
    /// zero. Not negative, without an upper bound. Needs the memory of a training step.
    Gradient,
}

/// Keeps the channels' means.
struct Means {
    batch: usize,
    intra: Vec<IntraMap>,
    inter: Vec<InterMap>,
}

impl Watcher for Means {
    fn intra(&mut self, place: Place, attention: Tensor<5>) -> Tensor<5> {
        let map = per_clip(attention.clone().mean_dim(2), self.batch);
        self.intra.push(IntraMap { place, map });
        attention
    }

    fn inter(&mut self, place: Place, attention: Tensor<4>) -> Tensor<4> {
        let map = attention.clone().mean_dim(1).squeeze_dim(1);
        self.inter.push(InterMap { place, map });
        attention
    }
}

/// Puts a zero into each attention whose gradient is the attention's.
#[derive(Default)]
struct Probes {
    intra: Vec<(Place, Tensor<5>, Tensor<5>)>,
    inter: Vec<(Place, Tensor<4>, Tensor<4>)>,
}

fn probe<const D: usize>(attention: &Tensor<D>) -> Tensor<D> {
    attention.zeros_like().detach().require_grad()
}

impl Watcher for Probes {
    fn intra(&mut self, place: Place, attention: Tensor<5>) -> Tensor<5> {
        let probe = probe(&attention);
        self.intra
            .push((place, attention.clone().inner(), probe.clone()));
        attention + probe
    }

    fn inter(&mut self, place: Place, attention: Tensor<4>) -> Tensor<4> {
        let probe = probe(&attention);
        self.inter
            .push((place, attention.clone().inner(), probe.clone()));
        attention + probe
    }
}

impl Probes {
    /// Grad-CAM: `ReLU(sum over c of mean(d odds / d A_c) A_c)`. The mean runs over the plane of the
    /// map, which is the frame for Intra-SMA and the clip for the U-T map.
    fn into_maps(self, gradients: &Gradients, batch: usize) -> (Vec<IntraMap>, Vec<InterMap>) {
        let intra = self.intra.into_iter().map(|(place, attention, probe)| {
            let gradient = gradient_of(&probe, gradients);
            let weights = gradient.mean_dim(4).mean_dim(3);
            let map = relu((weights * attention).sum_dim(2));
            let map = per_clip(map, batch);
            IntraMap { place, map }
        });
        let inter = self.inter.into_iter().map(|(place, attention, probe)| {
            let gradient = gradient_of(&probe, gradients);
            let weights = gradient.mean_dim(3).mean_dim(2);
            let map = relu((weights * attention).sum_dim(1)).squeeze_dim(1);
            InterMap { place, map }
        });
        (intra.collect(), inter.collect())
    }
}

fn gradient_of<const D: usize>(probe: &Tensor<D>, gradients: &Gradients) -> Tensor<D> {
    // Absent where nothing downstream depends on the attention.
    probe
        .grad(gradients)
        .unwrap_or_else(|| probe.clone().inner().zeros_like())
}

/// `[batch * U, T, 1, height, width]` as `[batch, U, T, height, width]`.
fn per_clip(maps: Tensor<5>, batch: usize) -> Tensor<5> {
    let [snippets, frames, _, height, width] = maps.dims();
    maps.reshape([batch, snippets / batch, frames, height, width])
}

impl Snippet {
    /// What the network looks at in a batch of clips, and what it makes of it.
    ///
    /// Batch normalisation uses its running statistics whatever the device of the model and of the
    /// frames; the maps are on the device without autodiff.
    ///
    /// # Shapes
    ///
    /// - `frames`: `[batch, U, T, 3, height, width]`
    ///
    /// # Panics
    ///
    /// As [`forward`](Self::forward).
    pub fn explain(&self, frames: Tensor<6>, weighting: Weighting) -> SnippetMaps {
        let [batch, snippets, ..] = frames.dims();
        let frames = if frames.is_autodiff() {
            frames.inner()
        } else {
            frames
        };
        let model = self.valid();
        let (output, last, intra, inter) = match weighting {
            Weighting::Mean => {
                let mut means = Means {
                    batch,
                    intra: Vec::new(),
                    inter: Vec::new(),
                };
                let last = model.last_maps(frames, &mut means);
                (
                    model.classify(&last, batch, snippets),
                    last,
                    means.intra,
                    means.inter,
                )
            }
            Weighting::Gradient => {
                let frames = frames.autodiff();
                let tracked = judging(&model, &frames);
                let mut probes = Probes::default();
                let last = tracked.last_maps(frames, &mut probes);
                let output = tracked.classify(&last, batch, snippets);
                // Clips of a batch do not depend on each other.
                let gradients = forged_log_odds(output.class_logits).sum().backward();
                let (intra, inter) = probes.into_maps(&gradients, batch);
                let last = last.inner();
                (model.classify(&last, batch, snippets), last, intra, inter)
            }
        };
        SnippetMaps {
            forged_probability: output.forged_probability(),
            frame_probability: output.frame_probability(),
            class_activation: model.class_activation(last, batch, snippets),
            intra,
            inter,
        }
    }

    /// `ReLU(sum over c of w_c A_c)` with the weights of the log-odds.
    fn class_activation(&self, last_maps: Tensor<4>, batch: usize, snippets: usize) -> Tensor<5> {
        let [_, channels, height, width] = last_maps.dims();
        let weight = self.fc.weight.val();
        let weight = weight.clone().narrow(1, 1, 1) - weight.narrow(1, 0, 1);
        let map = relu((last_maps * weight.reshape([1, channels, 1, 1])).sum_dim(1));
        map.reshape([batch, snippets, self.frames, height, width])
    }
}
