//! Intra-SIM: the inconsistency within a snippet.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::tensor::activation::sigmoid;
use burn::tensor::{DType, Device, Tensor};
use core_tensor_ops::{conv2d_kaiming_uniform, convolve, linear_kaiming_uniform, normalise};
use rand::Rng;
use serde::{Deserialize, Serialize};

use crate::equations::{
    backward_difference, forward_difference, frame_inconsistency, horizontal_inconsistency,
    intra_output, intra_snippet_inconsistency, temporal_kernel, vertical_inconsistency,
};
use crate::error::{SnippetConfigError, positive};

/// Hyper-parameters of Intra-SIM. The default is the paper's module; the first three switches are
/// the elements of its Table 5.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntraConfig {
    /// BP: whether differences are taken backward, too. Without it, forward alone.
    pub bidirectional: bool,
    /// CA: whether the attention is the product of a vertical and a horizontal one (Eq. 2, 3).
    /// Without it, one attention over the frame, from the same layers.
    pub coordinate_attention: bool,
    /// LK: whether kernels learned from the snippet (Eq. 4) convolve it along time. Without it,
    /// nothing does.
    pub learned_kernel: bool,
    /// Squeeze ratio `r`: the differences are taken on `channels / 2 / r` channels, but at least
    /// one. The paper does not say; 16 is usual in related modules.
    pub reduction: usize,
    /// `gamma` of Eq. 4: hidden units for each frame. The paper does not say.
    pub expansion: usize,
    /// `k` of Eq. 4: length of the learned kernel, odd. The paper does not say.
    pub kernel_size: usize,
    /// Whether the backward path has weights of its own. The paper does not say.
    pub separate_directions: bool,
    /// Whether batch normalisation follows the squeeze and `phi_1`, as in related modules. The
    /// paper's equations show none.
    pub extra_norm: bool,
}

impl Default for IntraConfig {
    fn default() -> Self {
        Self {
            bidirectional: true,
            coordinate_attention: true,
            learned_kernel: true,
            reduction: 16,
            expansion: 2,
            kernel_size: 3,
            separate_directions: false,
            extra_norm: false,
        }
    }
}

/// The plane that the 3x3 convolution of a [`MultiScale`] runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Plane {
    HeightTime,
    TimeWidth,
    HeightWidth,
}

/// The layers of Eq. 2 or 3: a 3x3 convolution and the 1x1 dimension recovery.
#[derive(Module, Debug)]
struct MultiScale {
    conv3x3: Conv2d,
    conv1x1: Conv2d,
    #[module(skip)]
    plane: Plane,
}

/// One direction of Intra-SMA: the channel-wise convolution of Eq. 1 and the attention's layers.
#[derive(Module, Debug)]
struct DifferencePath {
    conv: Conv2d,
    /// Vertical and horizontal, or the frame's alone.
    attention: Vec<MultiScale>,
}

/// The two layers of Eq. 4.
#[derive(Module, Debug)]
struct KernelLayers {
    phi1: Linear,
    norm: Option<BatchNorm>,
    phi2: Linear,
}

/// The Intra-Snippet Inconsistency Module (figure 2). Built by [`IntraConfig::init`].
#[derive(Module, Debug)]
pub struct IntraSim {
    squeeze: Conv2d,
    squeeze_norm: Option<BatchNorm>,
    forward_path: DifferencePath,
    /// Absent where the directions share their weights, and where there is one direction.
    backward_path: Option<DifferencePath>,
    kernel: Option<KernelLayers>,
    bidirectional: bool,
    frames: usize,
}

impl MultiScale {
    fn forward(&self, d: Tensor<5>) -> Tensor<5> {
        let weight = self.conv3x3.weight.val();
        match self.plane {
            Plane::HeightTime => vertical_inconsistency(d, weight, &self.conv1x1),
            Plane::TimeWidth => horizontal_inconsistency(d, weight, &self.conv1x1),
            Plane::HeightWidth => frame_inconsistency(d, weight, &self.conv1x1),
        }
    }
}

impl DifferencePath {
    /// The squeezed features after the channel-wise convolution of Eq. 1.
    fn convolve(&self, f: &Tensor<5>) -> Tensor<5> {
        let shape = f.dims();
        let [snippets, frames, channels, height, width] = shape;
        let maps = f
            .clone()
            .reshape([snippets * frames, channels, height, width]);
        convolve(&self.conv, maps).reshape(shape)
    }

    fn inconsistencies(&self, d: &Tensor<5>) -> Vec<Tensor<5>> {
        self.attention
            .iter()
            .map(|layers| layers.forward(d.clone()))
            .collect()
    }
}

impl IntraConfig {
    pub(crate) fn check(&self) -> Result<(), SnippetConfigError> {
        positive("intra.reduction", self.reduction)?;
        positive("intra.expansion", self.expansion)?;
        if self.kernel_size.is_multiple_of(2) {
            return Err(SnippetConfigError::EvenKernel(self.kernel_size));
        }
        Ok(())
    }

    /// Builds the module for maps of `channels` channels in snippets of `frames` frames, with
    /// PyTorch's initial weights.
    ///
    /// # Errors
    ///
    /// [`SnippetConfigError`] if a number is out of range or `channels` is odd.
    pub fn init(
        &self,
        channels: usize,
        frames: usize,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Result<IntraSim, SnippetConfigError> {
        self.check()?;
        positive("frames", frames)?;
        if channels == 0 || !channels.is_multiple_of(2) {
            return Err(SnippetConfigError::OddChannels(channels));
        }
        let half = channels / 2;
        let squeezed = (half / self.reduction).max(1);
        let squeeze = Conv2dConfig::new([half, squeezed], [1, 1]).with_bias(false);
        let squeeze = conv2d_kaiming_uniform(&squeeze, device, rng);
        let norm = |features| {
            self.extra_norm
                .then(|| BatchNormConfig::new(features).init(device))
        };
        let planes: &[Plane] = if self.coordinate_attention {
            &[Plane::HeightTime, Plane::TimeWidth]
        } else {
            &[Plane::HeightWidth]
        };
        let conv3x3 = Conv2dConfig::new([squeezed, squeezed], [3, 3])
            .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1))
            .with_bias(false);
        let channel_wise = conv3x3.clone().with_groups(squeezed);
        let conv1x1 = Conv2dConfig::new([squeezed, half], [1, 1]);
        let mut path = || DifferencePath {
            conv: conv2d_kaiming_uniform(&channel_wise, device, rng),
            attention: planes
                .iter()
                .map(|&plane| MultiScale {
                    conv3x3: conv2d_kaiming_uniform(&conv3x3, device, rng),
                    conv1x1: conv2d_kaiming_uniform(&conv1x1, device, rng),
                    plane,
                })
                .collect(),
        };
        let forward_path = path();
        let backward_path = (self.bidirectional && self.separate_directions).then(&mut path);
        let kernel = self.learned_kernel.then(|| {
            let hidden = self.expansion * frames;
            let mut linear = |inputs, outputs| {
                let config = LinearConfig::new(inputs, outputs).with_bias(false);
                linear_kaiming_uniform(&config, device, rng)
            };
            KernelLayers {
                phi1: linear(frames, hidden),
                norm: norm(hidden),
                phi2: linear(hidden, self.kernel_size),
            }
        });
        Ok(IntraSim {
            squeeze,
            squeeze_norm: norm(squeezed),
            forward_path,
            backward_path,
            kernel,
            bidirectional: self.bidirectional,
            frames,
        })
    }
}

impl IntraSim {
    /// `O_intra` of Eq. 6.
    ///
    /// # Shapes
    ///
    /// - `maps`: `[snippets * T, channels, height, width]`
    /// - returns the same
    ///
    /// # Panics
    ///
    /// Panics if the maps are not those of whole snippets, or of other channels than the module's,
    /// as any tensor operation does when shapes disagree.
    pub fn forward(&self, maps: Tensor<4>) -> Tensor<4> {
        self.forward_with(maps, |attention| attention)
    }

    /// As [`forward`](Self::forward), with the attention passed through an operation of the
    /// caller's before it is used.
    pub(crate) fn forward_with(
        &self,
        maps: Tensor<4>,
        on_attention: impl FnOnce(Tensor<5>) -> Tensor<5>,
    ) -> Tensor<4> {
        let [images, channels, height, width] = maps.dims();
        let precision = maps.dtype();
        let maps = maps.cast(DType::F32);
        let half = channels / 2;
        let snippets = images / self.frames;
        let i1 = maps.clone().narrow(1, 0, half);
        let x2 = maps
            .narrow(1, half, half)
            .reshape([snippets, self.frames, half, height, width]);
        let attention = on_attention(self.attention(x2.clone()));
        let kernel = self.kernel.as_ref().map(|layers| {
            temporal_kernel(x2.clone(), &layers.phi1, layers.norm.as_ref(), &layers.phi2)
        });
        let o2 = intra_snippet_inconsistency(x2, attention, kernel);
        intra_output(i1, o2.reshape([images, half, height, width])).cast(precision)
    }

    /// Intra-SMA, the motion attention: the bidirectional temporal differences' coordinate attention,
    /// `Atten_h . Atten_w`.
    ///
    /// # Shapes
    ///
    /// - `x2`: `[snippets, T, channels / 2, height, width]`
    /// - returns the same, in `0..=1`
    pub fn attention(&self, x2: Tensor<5>) -> Tensor<5> {
        let f = self.squeeze(x2);
        let g = self.forward_path.convolve(&f);
        let next = forward_difference(f.clone(), g.clone());
        let inconsistencies = match &self.backward_path {
            _ if !self.bidirectional => self.forward_path.inconsistencies(&next),
            Some(backward) => {
                let g = backward.convolve(&f);
                let previous = backward.inconsistencies(&backward_difference(f, g));
                self.forward_path
                    .inconsistencies(&next)
                    .into_iter()
                    .zip(previous)
                    .map(|(next, previous)| (next + previous).mul_scalar(0.5))
                    .collect()
            }
            // Eq. 2 and 3 are affine: of one set of weights the mean of the two paths is the path
            // of the mean, for half the work.
            None => {
                let previous = backward_difference(f, g);
                self.forward_path
                    .inconsistencies(&(next + previous).mul_scalar(0.5))
            }
        };
        inconsistencies
            .into_iter()
            .map(sigmoid)
            .reduce(|vertical, horizontal| vertical * horizontal)
            .expect("a path has at least one plane")
    }

    /// The features by the ratio `r` narrower.
    fn squeeze(&self, x2: Tensor<5>) -> Tensor<5> {
        let [snippets, frames, half, height, width] = x2.dims();
        let maps = convolve(
            &self.squeeze,
            x2.reshape([snippets * frames, half, height, width]),
        );
        let maps = match &self.squeeze_norm {
            Some(norm) => normalise(norm, maps),
            None => maps,
        };
        let squeezed = maps.dims()[1];
        maps.reshape([snippets, frames, squeezed, height, width])
    }
}
