//! Inter-SIM: the interaction across snippets.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, PaddingConfig2d};
use burn::tensor::{DType, Device, Tensor};
use core_tensor_ops::{conv2d_kaiming_uniform, convolve, global_average_pool};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::equations::{
    backward_snippet_difference, forward_snippet_difference, inter_output, snippet_interaction,
    snippet_motion_attention,
};
use crate::error::{SnippetConfigError, positive};

/// Whether `Conv_U` of Eq. 11 mixes channels. The paper does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnippetConv {
    /// Each channel with a kernel of its own: three weights a channel.
    #[default]
    Depthwise,
    /// All channels with all: a third of the weights and of the work of the 3x3 convolution that
    /// follows.
    Full,
}

/// The weights that `Conv_U` of Eq. 11 starts with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnippetConvInit {
    /// PyTorch's: the paper initialises its modules randomly.
    #[default]
    Random,
    /// The identity: each snippet starts as itself, and a pretrained backbone with features like
    /// those it knows.
    Identity,
}

/// Hyper-parameters of Inter-SIM. The default is the paper's module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InterConfig {
    /// Squeeze ratio `r`: both branches work on `channels / r` channels, but at least one. The paper
    /// does not say; 16 is usual in related modules.
    pub reduction: usize,
    /// Whether `Conv_U` mixes channels.
    pub conv_u: SnippetConv,
    /// What `Conv_U` starts with.
    pub conv_u_init: SnippetConvInit,
}

impl Default for InterConfig {
    fn default() -> Self {
        Self {
            reduction: 16,
            conv_u: SnippetConv::default(),
            conv_u_init: SnippetConvInit::default(),
        }
    }
}

/// The branch of Eq. 7.
#[derive(Module, Debug)]
struct Interaction {
    conv3x1: Conv2d,
    norm: BatchNorm,
    conv1x1: Conv2d,
}

/// The branch of Eq. 8 to 10.
#[derive(Module, Debug)]
struct Motion {
    squeeze: Conv2d,
    conv1x3: Conv2d,
    conv1x1: Conv2d,
}

/// The Inter-Snippet Interaction Module (figure 2). Built by [`InterConfig::init`].
#[derive(Module, Debug)]
pub struct InterSim {
    interaction: Interaction,
    motion: Motion,
    /// Its weight alone is used, `[channels, 1 or channels, 3, 1]`.
    conv_u: Conv2d,
    frames: usize,
}

impl InterConfig {
    pub(crate) fn check(&self) -> Result<(), SnippetConfigError> {
        positive("inter.reduction", self.reduction)
    }

    /// Builds the module for maps of `channels` channels in snippets of `frames` frames, with
    /// PyTorch's initial weights but for `Conv_U`, if so configured.
    ///
    /// # Errors
    ///
    /// [`SnippetConfigError`] if a number is zero.
    pub fn init(
        &self,
        channels: usize,
        frames: usize,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<InterSim, SnippetConfigError> {
        self.check()?;
        positive("channels", channels)?;
        positive("frames", frames)?;
        let squeezed = (channels / self.reduction).max(1);
        let narrow = |channels, kernel: [usize; 2]| {
            let [along_u, along_t] = kernel.map(|size| size / 2);
            Conv2dConfig::new(channels, kernel)
                .with_padding(PaddingConfig2d::Explicit(
                    along_u, along_t, along_u, along_t,
                ))
                .with_bias(false)
        };
        let recovery = Conv2dConfig::new([squeezed, channels], [1, 1]);
        let conv3x1 = narrow([channels, squeezed], [3, 1]);
        let interaction = Interaction {
            conv3x1: conv2d_kaiming_uniform(&conv3x1, device, rng),
            norm: BatchNormConfig::new(squeezed).init(device),
            conv1x1: conv2d_kaiming_uniform(&recovery, device, rng),
        };
        let squeeze = narrow([channels, squeezed], [1, 1]);
        let conv1x3 = narrow([squeezed, squeezed], [1, 3]).with_groups(squeezed);
        let motion = Motion {
            squeeze: conv2d_kaiming_uniform(&squeeze, device, rng),
            conv1x3: conv2d_kaiming_uniform(&conv1x3, device, rng),
            conv1x1: conv2d_kaiming_uniform(&recovery, device, rng),
        };
        let groups = match self.conv_u {
            SnippetConv::Depthwise => channels,
            SnippetConv::Full => 1,
        };
        let conv_u = narrow([channels, channels], [3, 1]).with_groups(groups);
        let mut conv_u = conv2d_kaiming_uniform(&conv_u, device, rng);
        if self.conv_u_init == SnippetConvInit::Identity {
            conv_u.weight = Param::from_tensor(identity(channels, groups, device));
        }
        Ok(InterSim {
            interaction,
            motion,
            conv_u,
            frames,
        })
    }
}

/// A kernel of length 3 that passes every channel on as it is.
fn identity(channels: usize, groups: usize, device: &Device) -> Tensor<4> {
    let centre: Tensor<2> = if groups == channels {
        Tensor::ones([channels, 1], device)
    } else {
        Tensor::eye(channels, device)
    };
    let centre: Tensor<4> = centre.unsqueeze_dims(&[2, 3]);
    let beside = centre.zeros_like();
    Tensor::cat(vec![beside.clone(), centre, beside], 2)
}

impl InterSim {
    /// `O_inter` of Eq. 11.
    ///
    /// # Shapes
    ///
    /// - `maps`: `[batch * U * T, channels, height, width]`
    /// - `snippets`: `U`
    /// - returns the shape of `maps`
    ///
    /// # Panics
    ///
    /// Panics if the maps are not those of whole clips, or of other channels than the module's, as
    /// any tensor operation does when shapes disagree.
    pub fn forward(&self, maps: Tensor<4>, snippets: usize) -> Tensor<4> {
        self.forward_with(maps, snippets, |attention| attention)
    }

    /// As [`forward`](Self::forward), with the attention passed through an operation of the
    /// caller's before it is used.
    pub(crate) fn forward_with(
        &self,
        maps: Tensor<4>,
        snippets: usize,
        on_attention: impl FnOnce(Tensor<4>) -> Tensor<4>,
    ) -> Tensor<4> {
        let [images, channels, _, _] = maps.dims();
        let precision = maps.dtype();
        let maps = maps.cast(DType::F32);
        let batch = images / (snippets * self.frames);
        let pooled = global_average_pool(maps.clone())
            .reshape([batch, snippets, self.frames, channels])
            .permute([0, 3, 1, 2]);
        let attention = on_attention(self.attention(pooled));
        inter_output(maps, attention, self.conv_u.weight.val()).cast(precision)
    }

    /// The U-T attention `F-bar_1 . F-bar_2` of Eq. 7 and 10.
    ///
    /// # Shapes
    ///
    /// - `pooled`: `[batch, channels, U, T]`, `F-bar`
    /// - returns the same, in `0..=1`
    pub fn attention(&self, pooled: Tensor<4>) -> Tensor<4> {
        let Interaction {
            conv3x1,
            norm,
            conv1x1,
        } = &self.interaction;
        let interaction = snippet_interaction(pooled.clone(), conv3x1, norm, conv1x1);
        let f = convolve(&self.motion.squeeze, pooled);
        let convolved = convolve(&self.motion.conv1x3, f.clone());
        let forward = forward_snippet_difference(f.clone(), convolved.clone());
        let backward = backward_snippet_difference(f, convolved);
        interaction * snippet_motion_attention(forward, backward, &self.motion.conv1x1)
    }
}
