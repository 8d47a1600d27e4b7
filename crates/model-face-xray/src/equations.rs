//! The numbered equations of Face X-ray (Li et al., CVPR 2020), one function each but for Eq. 1, the
//! blending, which is [`synth-data`'s](../../synth_data/blend/alpha/index.html).
//!
//! Letters are the paper's: `M` the mask of what is blended in, `B` the X-ray, `c` the class.

use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::activation::log_sigmoid;
use burn::tensor::{Int, Tensor};

/// Eq. 2: the X-ray of a picture, `B = 4 M (1 - M)`: 1 where both faces have equal shares, 0 where the picture is
/// of one face alone.
///
/// # Shapes
///
/// - `mask`: `[batch, 1, H, W]`, in `0..=1`, 1 = of the face blended in; zeros for a real picture
/// - returns the same, in `0..=1`
#[doc(alias = "XRAY eq 2")]
pub fn face_xray(mask: Tensor<4>) -> Tensor<4> {
    let rest = mask.clone().neg().add_scalar(1.0);
    mask.mul(rest).mul_scalar(4.0)
}

/// Eq. 3: the binary cross entropy of the predicted X-ray against the true one, averaged over its pixels and over
/// the batch.
///
/// Computed from logits as `softplus(x) - B x`, which is finite however saturated the prediction.
///
/// # Shapes
///
/// - `logits`: `[batch, 1, H, W]`, the argument of the prediction's sigmoid
/// - `targets`: `[batch, 1, H, W]`, in `0..=1`, from [`face_xray`]
/// - returns `[1]`
#[doc(alias = "XRAY eq 3")]
pub fn xray_loss(logits: Tensor<4>, targets: Tensor<4>) -> Tensor<1> {
    // softplus(x) = -log(sigmoid(-x))
    let softplus = log_sigmoid(logits.clone().neg()).neg();
    (softplus - targets * logits).mean()
}

/// Eq. 4: the cross entropy of the predicted class, averaged over the batch.
///
/// # Shapes
///
/// - `logits`: `[batch, 2]`, of real and forged
/// - `labels`: `[batch]`, 0 = real, 1 = forged
/// - returns `[1]`
#[doc(alias = "XRAY eq 4")]
pub fn class_loss(logits: Tensor<2>, labels: Tensor<1, Int>) -> Tensor<1> {
    let cross_entropy = CrossEntropyLossConfig::new().init(&labels.device());
    cross_entropy.forward(logits, labels)
}

/// Eq. 5: the overall loss, `lambda L_b + L_c`.
///
/// # Shapes
///
/// - `xray`, `class`: `[1]`
/// - returns `[1]`
#[doc(alias = "XRAY eq 5")]
pub fn overall_loss(lambda: f64, xray: Tensor<1>, class: Tensor<1>) -> Tensor<1> {
    xray.mul_scalar(lambda) + class
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;

    fn one(tensor: Tensor<1>) -> f32 {
        tensor.into_scalar()
    }

    #[test]
    fn the_x_ray_is_brightest_where_both_faces_are_equal() {
        let device = Device::flex();
        let mask = Tensor::<4>::from_floats([[[[0.0, 0.25, 0.5, 1.0]]]], &device);
        let xray: Vec<f32> = face_xray(mask).into_data().iter().collect();
        assert_eq!(xray, [0.0, 0.75, 1.0, 0.0]);
    }

    /// By hand, with logits of 0 and ln 3: probabilities of 1/2 and 3/4.
    #[test]
    fn losses_are_what_is_worked_out_by_hand() {
        let device = Device::flex();
        let logits = Tensor::<4>::from_floats([[[[0.0, 3.0f32.ln()]]]], &device);
        let targets = Tensor::<4>::from_floats([[[[1.0, 0.5]]]], &device);
        let soft = -(0.5 * 0.75f32.ln() + 0.5 * 0.25f32.ln());
        let xray = xray_loss(logits, targets);
        assert!((one(xray.clone()) - (2.0f32.ln() + soft) / 2.0).abs() < 1e-6);
        let logits = Tensor::<2>::from_floats([[0.0, 3.0f32.ln()]], &device);
        let labels = Tensor::<1, Int>::from_ints([1], &device);
        let class = class_loss(logits, labels);
        assert!((one(class.clone()) - (4.0f32 / 3.0).ln()).abs() < 1e-6);
        let total = one(overall_loss(1000.0, xray.clone(), class.clone()));
        assert!((total - 1000.0 * one(xray) - one(class)).abs() < 1e-3);
    }

    #[test]
    fn a_saturated_prediction_has_a_finite_loss() {
        let device = Device::flex();
        let logits = Tensor::<4>::from_floats([[[[-200.0, 200.0]]]], &device);
        let targets = Tensor::<4>::from_floats([[[[1.0, 0.0]]]], &device);
        assert!((one(xray_loss(logits, targets)) - 200.0).abs() < 1e-3);
    }
}
