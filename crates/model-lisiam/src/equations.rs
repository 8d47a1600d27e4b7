//! The numbered equations of LiSiam (Wang, Sun and Tang, TIFS 2022) that have no weights of their
//! own, one function each. Those with weights are methods of the blocks that hold them.
//!
//! Letters are the paper's: `X_s` the segmentation maps, two of them, logits of real and forged;
//! `X_c` the features for the classification, `X_r` and `X_f` their real and fake parts; `H0` x
//! `W0` the size of `X_s`, `H1` x `W1` that of `X_c`.

use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::activation::{log_softmax, softmax};
use burn::tensor::{Int, Tensor};
use core_tensor_ops::resize_bilinear;

/// Eq. 5: the soft attention `f_att` that parts the features of the suspected forgery from those of
/// the real region: `(X_f, X_r)`.
///
/// # Shapes
///
/// - `segmentation_logits`: `[batch, 2, H0, W0]`, `X_s`
/// - `features`: `[batch, C, H1, W1]`, `X_c`
/// - returns twice `[batch, C, H1, W1]`, which sum up to `X_c`
#[doc(alias = "LISIAM eq 5")]
pub fn soft_attention(
    segmentation_logits: Tensor<4>,
    features: Tensor<4>,
) -> (Tensor<4>, Tensor<4>) {
    let [_, _, height, width] = features.dims();
    let maps = attention_maps(segmentation_logits, [height, width]);
    let real = real_features(features.clone(), maps.clone());
    (fake_features(features, maps), real)
}

/// Eq. 6: the attention maps `f_bi(softmax(X_s))`, at the size of the features.
///
/// # Shapes
///
/// - `segmentation_logits`: `[batch, 2, H0, W0]`, `X_s`
/// - returns `[batch, 2, H1, W1]` for `size = [H1, W1]`, in `0..=1`, shares of real and forged
#[doc(alias = "LISIAM eq 6")]
pub fn attention_maps(segmentation_logits: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    resize_bilinear(softmax(segmentation_logits, 1), size)
}

/// Eq. 7: the features of the real region, `X_r = X_c * X_s'[0]`.
///
/// # Shapes
///
/// - `features`: `[batch, C, H1, W1]`, `X_c`
/// - `maps`: `[batch, 2, H1, W1]`, from [`attention_maps`]
/// - returns `[batch, C, H1, W1]`
#[doc(alias = "LISIAM eq 7")]
pub fn real_features(features: Tensor<4>, maps: Tensor<4>) -> Tensor<4> {
    features * maps.narrow(1, 0, 1)
}

/// Eq. 8: the features of the suspected forgery, `X_f = X_c * X_s'[1]`.
///
/// # Shapes
///
/// - `features`: `[batch, C, H1, W1]`, `X_c`
/// - `maps`: `[batch, 2, H1, W1]`, from [`attention_maps`]
/// - returns `[batch, C, H1, W1]`
#[doc(alias = "LISIAM eq 8")]
pub fn fake_features(features: Tensor<4>, maps: Tensor<4>) -> Tensor<4> {
    features * maps.narrow(1, 1, 1)
}

/// Eq. 12: the attention weights `a_i,j = softmax(q_i . k_j)`, a softmax over `j`. The product is
/// not scaled.
///
/// # Shapes
///
/// - `queries`, `keys`: `[batch, inner, H1, W1]`
/// - returns `[batch, H1 W1, H1 W1]`, `i` before `j`, in `0..=1`
#[doc(alias = "LISIAM eq 12")]
pub fn attention_weights(queries: Tensor<4>, keys: Tensor<4>) -> Tensor<3> {
    let queries = queries.flatten::<3>(2, 3).swap_dims(1, 2);
    softmax(queries.matmul(keys.flatten::<3>(2, 3)), 2)
}

/// Eq. 15: the localization invariance loss `|X_s^1 - X_s^2|_1`, as a mean over pixels, classes and
/// batch.
///
/// # Shapes
///
/// - `original`, `degraded`: `[batch, 2, H0, W0]`, `X_s` of the two branches
/// - returns `[1]`
#[doc(alias = "LISIAM eq 15")]
pub fn localization_invariance_loss(original: Tensor<4>, degraded: Tensor<4>) -> Tensor<1> {
    (original - degraded).abs().mean()
}

/// Eq. 16: the cross entropy of the classification.
///
/// # Shapes
///
/// - `class_logits`: `[batch, 2]`, from [`MlpHead::forward`](crate::MlpHead::forward)
/// - `labels`: `[batch]`, 0 = real, 1 = forged
/// - returns `[1]`
#[doc(alias = "LISIAM eq 16")]
pub fn classification_loss(class_logits: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
    let cross_entropy = CrossEntropyLossConfig::new().init(&labels.device());
    cross_entropy.forward(class_logits, labels)
}

/// Eq. 17: the cross entropy of the segmentation, a mean over pixels and batch. The logits are
/// interpolated bilinearly to the size of the masks. Pixels that the masks ignore take no part, as
/// around the padded pictures of the official code.
///
/// # Shapes
///
/// - `segmentation_logits`: `[batch, 2, H0, W0]`, `X_s`
/// - `masks`: `[batch, 1, H, W]`, in `0..=1`, 1 = forged; the paper's are 0 or 1; below zero: ignored
/// - returns `[1]`
#[doc(alias = "LISIAM eq 17")]
pub fn segmentation_loss(segmentation_logits: Tensor<4>, masks: Tensor<4>) -> Tensor<1> {
    let [_, _, height, width] = masks.dims();
    let logits = resize_bilinear(segmentation_logits, [height, width]);
    let log_shares = log_softmax(logits, 1);
    let real = log_shares.clone().narrow(1, 0, 1);
    let forged = log_shares.narrow(1, 1, 1);
    let seen = masks.clone().greater_equal_elem(0.0).float();
    let share = masks * seen.clone();
    let log_share = (real.clone() + share * (forged - real)) * seen.clone();
    (log_share.sum() / seen.sum().clamp_min(1.0)).neg()
}

/// Eq. 19: the total loss, `lambda_li L_li + lambda_cls L_cls + lambda_seg L_seg`.
///
/// # Shapes
///
/// - `lambda`: the three weights in that order
/// - `losses`: each `[1]`, in that order
/// - returns `[1]`
#[doc(alias = "LISIAM eq 19")]
pub fn total_loss(lambda: [f64; 3], losses: [Tensor<1>; 3]) -> Tensor<1> {
    let [li, cls, seg] = losses;
    li.mul_scalar(lambda[0]) + cls.mul_scalar(lambda[1]) + seg.mul_scalar(lambda[2])
}
