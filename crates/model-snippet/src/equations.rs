//! The numbered equations of the paper, one function each.
//!
//! Letters are the paper's: `U` snippets of `T` frames. In Intra-SIM `I_1` and `I_2` (also `X_2`)
//! are the two halves of the channels, `F` the squeezed features, `D` their temporal differences,
//! `K` the learned kernel; in Inter-SIM `F` is the input, `F-bar` its pooled form, `F-hat` that
//! squeezed. Convolutions over a plane with a time axis are evaluated in the layout of the 2-D
//! network, `[.., time, channels, height, width]`, so that no feature map is permuted.

use burn::nn::conv::Conv2d;
use burn::nn::{BatchNorm, Linear};
use burn::tensor::Tensor;
use burn::tensor::activation::{relu, sigmoid, softmax};
use core_tensor_ops::{convolve, convolve_by, normalise, normalise_relu};

use crate::time::{self, End, neighbours, without, zero_at};

/// Axis of the frames in `[snippets, T, channels, height, width]`.
const T: usize = 1;
/// Axis of the snippets in `[batch, channels, U, T]`.
const U: usize = 2;

/// `F_i - Conv(F_{i+1})` at every place `i` of the axis, zero at the last.
fn difference_to_next<const D: usize>(
    f: Tensor<D>,
    convolved: Tensor<D>,
    axis: usize,
) -> Tensor<D> {
    if f.dims()[axis] == 1 {
        return f.zeros_like();
    }
    let difference = without(f, axis, End::Last) - without(convolved, axis, End::First);
    zero_at(difference, axis, End::Last)
}

/// `F_{i+1} - Conv(F_i)` at every place `i + 1` of the axis, zero at the first.
fn difference_to_previous<const D: usize>(
    f: Tensor<D>,
    convolved: Tensor<D>,
    axis: usize,
) -> Tensor<D> {
    if f.dims()[axis] == 1 {
        return f.zeros_like();
    }
    let difference = without(f, axis, End::First) - without(convolved, axis, End::Last);
    zero_at(difference, axis, End::First)
}

/// Eq. 1: the forward temporal difference `D_{t,t+1} = F_t - Conv3x3(F_{t+1})`; zero at the last
/// frame, which has no next one.
///
/// # Shapes
///
/// - `f`: `[snippets, T, channels, height, width]`, the squeezed features
/// - `convolved`: the same, after the channel-wise 3x3 convolution
/// - returns the same, `D_{t,t+1}` at `t`
#[doc(alias = "SNIPPET eq 1")]
pub fn forward_difference(f: Tensor<5>, convolved: Tensor<5>) -> Tensor<5> {
    difference_to_next(f, convolved, T)
}

/// The backward temporal difference `D_{t+1,t} = F_{t+1} - Conv3x3(F_t)`, which the paper obtains
/// "in a similar way" to Eq. 1; zero at the first frame.
///
/// # Shapes
///
/// - as [`forward_difference`]; `D_{t+1,t}` at `t + 1`
pub fn backward_difference(f: Tensor<5>, convolved: Tensor<5>) -> Tensor<5> {
    difference_to_previous(f, convolved, T)
}

/// `Conv1x1(Conv3x3(D) + D)`, given the 3x3 convolution as one over the frame: the kernel's time
/// axis stands beside its input channels, to meet the three neighbouring frames stacked there.
fn multi_scale(d: Tensor<5>, over_frame: Tensor<4>, conv1x1: &Conv2d) -> Tensor<5> {
    let [snippets, frames, _, height, width] = d.dims();
    let in_frames = |maps: Tensor<5>| {
        let [_, _, channels, _, _] = maps.dims();
        maps.reshape([snippets * frames, channels, height, width])
    };
    let [_, _, kernel_height, kernel_width] = over_frame.dims();
    let padding = [kernel_height / 2, kernel_width / 2];
    let stacked = in_frames(Tensor::cat(neighbours(d.clone(), T).to_vec(), 2));
    let scales = convolve_by(stacked, over_frame, padding) + in_frames(d);
    let recovered = convolve(conv1x1, scales);
    let channels = recovered.dims()[1];
    recovered.reshape([snippets, frames, channels, height, width])
}

/// Eq. 2: the vertical inconsistency `D^H = Conv1x1(Conv3x3(D^h) + D^h)`, where the 3x3
/// convolution runs over the plane of height and time, for each column of the frame.
///
/// # Shapes
///
/// - `d`: `[snippets, T, squeezed, height, width]`
/// - `conv3x3`: `[squeezed, squeezed, 3, 3]`, the last two of height and time
/// - `conv1x1`: from `squeezed` to `channels`, the dimension recovery
/// - returns `[snippets, T, channels, height, width]`
#[doc(alias = "SNIPPET eq 2")]
pub fn vertical_inconsistency(d: Tensor<5>, conv3x3: Tensor<4>, conv1x1: &Conv2d) -> Tensor<5> {
    let [outputs, inputs, height, time] = conv3x3.dims();
    let over_frame = conv3x3
        .permute([0, 3, 1, 2])
        .reshape([outputs, time * inputs, height, 1]);
    multi_scale(d, over_frame, conv1x1)
}

/// Eq. 3: the horizontal inconsistency `D^W = Conv1x1(Conv3x3(D^w) + D^w)`, where the 3x3
/// convolution runs over the plane of time and width, for each row of the frame.
///
/// # Shapes
///
/// - as [`vertical_inconsistency`], but `conv3x3`'s last two axes are time and width
#[doc(alias = "SNIPPET eq 3")]
pub fn horizontal_inconsistency(d: Tensor<5>, conv3x3: Tensor<4>, conv1x1: &Conv2d) -> Tensor<5> {
    let [outputs, inputs, time, width] = conv3x3.dims();
    let over_frame = conv3x3
        .permute([0, 2, 1, 3])
        .reshape([outputs, time * inputs, 1, width]);
    multi_scale(d, over_frame, conv1x1)
}

/// The inconsistency of the whole frame, for the module without coordinate attention (Table 5):
/// the layers of Eq. 2 and 3 over the plane of height and width.
///
/// # Shapes
///
/// - as [`vertical_inconsistency`], but `conv3x3`'s last two axes are height and width
pub fn frame_inconsistency(d: Tensor<5>, conv3x3: Tensor<4>, conv1x1: &Conv2d) -> Tensor<5> {
    let [snippets, frames, channels, height, width] = d.dims();
    let maps = d.reshape([snippets * frames, channels, height, width]);
    let recovered = convolve(conv1x1, convolve_by(maps.clone(), conv3x3, [1, 1]) + maps);
    let channels = recovered.dims()[1];
    recovered.reshape([snippets, frames, channels, height, width])
}

/// Eq. 4: the temporal kernel of each channel of each snippet,
/// `K(X_2) = softmax(phi_2(ReLU(phi_1(GAP(X_2)))))`.
///
/// # Shapes
///
/// - `x2`: `[snippets, T, channels, height, width]`
/// - `phi1`: from `T` to `gamma T`; `norm`: over `gamma T`, where there is one; `phi2`: to `k`
/// - returns `[snippets, channels, k]`, positive, sums of 1 over `k`
#[doc(alias = "SNIPPET eq 4")]
pub fn temporal_kernel(
    x2: Tensor<5>,
    phi1: &Linear,
    norm: Option<&BatchNorm>,
    phi2: &Linear,
) -> Tensor<3> {
    let [snippets, frames, channels, _, _] = x2.dims();
    let pooled: Tensor<3> = x2.flatten::<4>(3, 4).mean_dim(3).squeeze_dim(3);
    let over_time = pooled
        .swap_dims(1, 2)
        .reshape([snippets * channels, frames]);
    let hidden = phi1.forward(over_time);
    let hidden = match norm {
        Some(norm) => normalise_relu(norm, hidden),
        None => relu(hidden),
    };
    let kernel = softmax(phi2.forward(hidden), 1);
    let size = kernel.dims()[1];
    kernel.reshape([snippets, channels, size])
}

/// Eq. 5: the inconsistency within the snippets,
/// `O_2 = K(X_2) (*) (Atten_h . Atten_w . X_2 + X_2)`, where `(*)` convolves each channel of each
/// snippet with its own kernel along time, zero beyond the snippet.
///
/// # Shapes
///
/// - `x2`: `[snippets, T, channels, height, width]`
/// - `attention`: the same, `Atten_h . Atten_w`, in `0..=1`
/// - `kernel`: `[snippets, channels, k]`, `k` odd; `None` leaves the convolution out
/// - returns the shape of `x2`
#[doc(alias = "SNIPPET eq 5")]
pub fn intra_snippet_inconsistency(
    x2: Tensor<5>,
    attention: Tensor<5>,
    kernel: Option<Tensor<3>>,
) -> Tensor<5> {
    let attended = attention.add_scalar(1.0) * x2;
    let Some(kernel) = kernel else {
        return attended;
    };
    let [snippets, channels, size] = kernel.dims();
    let taps: Vec<Tensor<5>> = (0..size)
        .map(|tap| {
            kernel
                .clone()
                .narrow(2, tap, 1)
                .reshape([snippets, 1, channels, 1, 1])
        })
        .collect();
    time::convolve(&attended, &taps, T)
}

/// Eq. 6: `O_intra = Concat[I_1, O_2]`.
///
/// # Shapes
///
/// - `i1`, `o2`: `[frames, channels / 2, height, width]`
/// - returns `[frames, channels, height, width]`
#[doc(alias = "SNIPPET eq 6")]
pub fn intra_output(i1: Tensor<4>, o2: Tensor<4>) -> Tensor<4> {
    Tensor::cat(vec![i1, o2], 1)
}

/// Eq. 7: the interaction of snippets without their frames',
/// `F-bar_1 = sigmoid(Conv1x1(BN(Conv3x1(F-bar))))`.
///
/// # Shapes
///
/// - `pooled`: `[batch, channels, U, T]`, `F-bar`
/// - `conv3x1`: from `channels` to `squeezed` along `U`; `conv1x1`: back to `channels`
/// - returns `[batch, channels, U, T]`, in `0..=1`
#[doc(alias = "SNIPPET eq 7")]
pub fn snippet_interaction(
    pooled: Tensor<4>,
    conv3x1: &Conv2d,
    norm: &BatchNorm,
    conv1x1: &Conv2d,
) -> Tensor<4> {
    sigmoid(convolve(
        conv1x1,
        normalise(norm, convolve(conv3x1, pooled)),
    ))
}

/// Eq. 8: the forward difference of snippets `D-hat_{u,u+1} = F-hat_u - Conv1x3(F-hat_{u+1})`;
/// zero at the last snippet.
///
/// # Shapes
///
/// - `f`: `[batch, squeezed, U, T]`, `F-hat`
/// - `convolved`: the same, after the channel-wise convolution along `T`
/// - returns the same, `D-hat_{u,u+1}` at `u`
#[doc(alias = "SNIPPET eq 8")]
pub fn forward_snippet_difference(f: Tensor<4>, convolved: Tensor<4>) -> Tensor<4> {
    difference_to_next(f, convolved, U)
}

/// Eq. 9: the backward difference of snippets
/// `D-hat_{u+1,u} = F-hat_{u+1} - Conv1x3(F-hat_u)`; zero at the first snippet.
///
/// # Shapes
///
/// - as [`forward_snippet_difference`]; `D-hat_{u+1,u}` at `u + 1`
#[doc(alias = "SNIPPET eq 9")]
pub fn backward_snippet_difference(f: Tensor<4>, convolved: Tensor<4>) -> Tensor<4> {
    difference_to_previous(f, convolved, U)
}

/// Eq. 10: the inter-snippet motion attention
/// `F-bar_2 = sigmoid(Conv1x1(D-hat_{u,u+1} + D-hat_{u+1,u}))`.
///
/// # Shapes
///
/// - `forward`, `backward`: `[batch, squeezed, U, T]`, of Eq. 8 and 9
/// - `conv1x1`: from `squeezed` to `channels`
/// - returns `[batch, channels, U, T]`, in `0..=1`
#[doc(alias = "SNIPPET eq 10")]
pub fn snippet_motion_attention(
    forward: Tensor<4>,
    backward: Tensor<4>,
    conv1x1: &Conv2d,
) -> Tensor<4> {
    sigmoid(convolve(conv1x1, forward + backward))
}

/// Eq. 11: `O_inter = Conv_U(F-bar_1 . F-bar_2 . F + F)`, a convolution along the snippets, zero
/// beyond the clip.
///
/// # Shapes
///
/// - `f`: `[batch * U * T, channels, height, width]`
/// - `attention`: `[batch, channels, U, T]`, `F-bar_1 . F-bar_2`, in `0..=1`
/// - `conv_u`: `[channels, 1, 3, 1]` for a depthwise convolution,
///   `[channels, channels, 3, 1]` for one that mixes the channels
/// - returns the shape of `f`
#[doc(alias = "SNIPPET eq 11")]
pub fn inter_output(f: Tensor<4>, attention: Tensor<4>, conv_u: Tensor<4>) -> Tensor<4> {
    let shape @ [_, channels, height, width] = f.dims();
    let [batch, _, snippets, frames] = attention.dims();
    let gate = attention
        .permute([0, 2, 3, 1])
        .reshape([shape[0], channels, 1, 1])
        .add_scalar(1.0);
    let attended = f * gate;
    let [outputs, inputs, taps, _] = conv_u.dims();
    if inputs == 1 {
        let clips = attended.reshape([batch, snippets, frames, channels, height * width]);
        let taps: Vec<Tensor<5>> = (0..taps)
            .map(|tap| {
                conv_u
                    .clone()
                    .narrow(2, tap, 1)
                    .reshape([1, 1, 1, channels, 1])
            })
            .collect();
        return time::convolve(&clips, &taps, 1).reshape(shape);
    }
    // The three snippets' maps beside each other, so that one 1x1 convolution mixes them.
    let clips = attended.reshape([batch, snippets, frames, channels, height * width]);
    let stacked = Tensor::cat(neighbours(clips, 1).to_vec(), 3);
    let stacked = stacked.reshape([shape[0], taps * channels, height, width]);
    let weight = conv_u
        .permute([0, 2, 1, 3])
        .reshape([outputs, taps * inputs, 1, 1]);
    convolve_by(stacked, weight, [0, 0])
}
