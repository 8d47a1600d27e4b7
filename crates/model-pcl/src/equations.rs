//! The numbered equations of PCL (Zhao et al., ICCV 2021), section 3.1, one function each.
//!
//! Letters are the paper's: `theta`, `phi` the embeddings, `V` the consistency volume, `M` the
//! mask, `H'` x `W'` the patch grid, `C'` the embedding dimension. A volume of a batch has the shape
//! `[batch, H', W', H', W']`: the base patch, then the patch it is compared with.

use burn::tensor::Tensor;
use burn::tensor::activation::{log_sigmoid, sigmoid};
use core_tensor_ops::resize_bilinear;

/// The argument of the sigmoid in Eq. 1, `theta(f_i) . phi(f_j) / sqrt(C')`, of all pairs of
/// patches. Training works on it, because the loss of a logit is finite where that of a saturated
/// sigmoid is not.
///
/// # Shapes
///
/// - `theta`, `phi`: `[batch, C', H', W']`, the two embeddings of the feature map
/// - returns `[batch, H', W', H', W']`, unbounded
pub fn consistency_logits(theta: Tensor<4>, phi: Tensor<4>) -> Tensor<5> {
    let [batch, embedding, height, width] = theta.dims();
    let theta = theta.flatten::<3>(2, 3).swap_dims(1, 2);
    let phi = phi.flatten::<3>(2, 3);
    // Scaling the factor costs H'W' x C' products, scaling the volume (H'W')^2.
    let theta = theta.div_scalar((embedding as f64).sqrt());
    theta
        .matmul(phi)
        .reshape([batch, height, width, height, width])
}

/// Eq. 1: the consistency score `s(f_i, f_j) = sigmoid(theta(f_i) . phi(f_j) / sqrt(C'))` of all
/// pairs of patches, the predicted volume `V-hat`.
///
/// # Shapes
///
/// - `theta`, `phi`: `[batch, C', H', W']`, the two embeddings of the feature map
/// - returns `[batch, H', W', H', W']`, in `0..=1`, 1 = of one source
#[doc(alias = "PCL eq 1")]
pub fn consistency_volume(theta: Tensor<4>, phi: Tensor<4>) -> Tensor<5> {
    sigmoid(consistency_logits(theta, phi))
}

/// The coarse mask of section 3.1: the forgery mask on the grid of patches, by bilinear
/// down-sampling without antialiasing.
///
/// # Shapes
///
/// - `mask`: `[batch, 1, H, W]`, in `0..=1`, 1 = forged
/// - returns `[batch, 1, H', W']` for `grid = [H', W']`
pub fn coarse_mask(mask: Tensor<4>, grid: [usize; 2]) -> Tensor<4> {
    resize_bilinear(mask, grid)
}

/// Eq. 2: the true consistency of all pairs of patches, `1 - |M_hw - M|`, the target volume `V`.
///
/// # Shapes
///
/// - `coarse`: `[batch, 1, H', W']`, the [`coarse_mask`]
/// - returns `[batch, H', W', H', W']`, in `0..=1`; all ones for a pristine image
#[doc(alias = "PCL eq 2")]
pub fn consistency_targets(coarse: Tensor<4>) -> Tensor<5> {
    let [batch, _, height, width] = coarse.dims();
    let patches = height * width;
    let base = coarse.clone().reshape([batch, patches, 1]);
    let others = coarse.reshape([batch, 1, patches]);
    // 1 - |difference|
    let consistency: Tensor<3> = (base - others).abs().neg().add_scalar(1.0);
    consistency.reshape([batch, height, width, height, width])
}

/// Eq. 3: the binary cross entropy of the predicted volume against the true one, averaged over its
/// `N = H' W' H' W'` entries and over the batch.
///
/// Computed from logits as `softplus(x) - V x`, which is finite however saturated the prediction.
///
/// # Shapes
///
/// - `logits`: `[batch, H', W', H', W']`, from [`consistency_logits`]
/// - `targets`: `[batch, H', W', H', W']`, in `0..=1`
/// - returns `[1]`
#[doc(alias = "PCL eq 3")]
pub fn consistency_loss(logits: Tensor<5>, targets: Tensor<5>) -> Tensor<1> {
    // softplus(x) = -log(sigmoid(-x))
    let softplus = log_sigmoid(logits.clone().neg()).neg();
    (softplus - targets * logits).mean()
}

/// Eq. 4: the overall loss, `lambda L_pcl + L_cls`.
///
/// # Shapes
///
/// - `pcl`, `cls`: `[1]`
/// - returns `[1]`
#[doc(alias = "PCL eq 4")]
pub fn overall_loss(lambda: f64, pcl: Tensor<1>, cls: Tensor<1>) -> Tensor<1> {
    pcl.mul_scalar(lambda) + cls
}
