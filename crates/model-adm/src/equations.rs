//! The paper's numbered equations: the interaction of section 3.2 and the losses of section 4.3.
//! (Eq. 2 and 3 make forgeries; they live in `synth-data`.)

use burn::nn::loss::SmoothL1LossConfig;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::matching::Assignment;

/// Eq. 1 for the whole picture, `S = N`: what the units of a picture say together beyond what each
/// says alone, `I([N]) = (f(N) - f(empty)) - sum over i of (f({i}) - f(empty))` (section 3.2).
///
/// - `whole`: `f(N)`, the score of the picture
/// - `empty`: `f(empty)`, the score of the baseline without any unit
/// - `singles`: `f({i})`, the score of the baseline with unit `i` alone, for all of `N`
#[doc(alias = "ADM eq 1")]
pub fn interaction(whole: f64, empty: f64, singles: &[f64]) -> f64 {
    let alone: f64 = singles.iter().map(|single| single - empty).sum();
    (whole - empty) - alone
}

/// Which anchors without an artifact count in `L_conf`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Negatives {
    /// So many for each positive anchor of the same picture, those with the greatest loss; none in
    /// a picture without positive anchors (SSD's hard negative mining; official: 2).
    Hardest(usize),
    /// All, in every picture: section 4.3 read to the letter, "the predicted result for each
    /// anchor".
    All,
}

impl Default for Negatives {
    fn default() -> Self {
        Self::Hardest(2)
    }
}

/// What the heads of a batch should say, on the device of the losses.
#[derive(Clone, Debug)]
pub struct AnchorTargets {
    /// `[batch, anchors]`: `x` of Eq. 5, 1 = fake, 0 = genuine.
    pub positive: Tensor<2>,
    /// `[batch, anchors, 4]`: `g` of Eq. 5, encoded; zeros where not positive.
    pub offsets: Tensor<3>,
    /// `[batch, 1]`: positive anchors of each picture.
    pub counts: Tensor<2>,
    /// `N` of Eq. 5: positive anchors of the batch.
    pub positives: usize,
}

impl AnchorTargets {
    /// Puts the assignments of a batch, all of the same anchors, on a device.
    ///
    /// # Panics
    ///
    /// Panics if there is no assignment, or if they differ in their numbers of anchors.
    pub fn new(assignments: &[Assignment], device: &Device) -> Self {
        let (batch, anchors) = (assignments.len(), assignments[0].positive.len());
        let positive: Vec<f32> = assignments
            .iter()
            .flat_map(|one| one.positive.iter().map(|&fake| f32::from(u8::from(fake))))
            .collect();
        let offsets: Vec<f32> = assignments
            .iter()
            .flat_map(|one| one.offsets.iter().flatten().copied())
            .collect();
        let counts: Vec<f32> = assignments
            .iter()
            .map(|one| one.positives() as f32)
            .collect();
        let positives = assignments.iter().map(Assignment::positives).sum();
        Self {
            positive: Tensor::from_data(TensorData::new(positive, [batch, anchors]), device),
            offsets: Tensor::from_data(TensorData::new(offsets, [batch, anchors, 4]), device),
            counts: Tensor::from_data(TensorData::new(counts, [batch, 1]), device),
            positives,
        }
    }
}

/// `L_conf(x, c)` of Eq. 5: the cross entropy of fake and genuine, summed over the positive anchors
/// and the [`Negatives`].
///
/// # Shapes
///
/// - `confidences`: `[batch, anchors, 2]`, logits of genuine and fake
/// - returns `[1]`
pub fn confidence_loss(
    confidences: Tensor<3>,
    targets: &AnchorTargets,
    negatives: Negatives,
) -> Tensor<1> {
    let [batch, anchors, _] = confidences.dims();
    let logs = log_softmax(confidences, 2);
    let log = |class: usize| logs.clone().narrow(2, class, 1).reshape([batch, anchors]);
    let fake = targets.positive.clone();
    let genuine = fake.clone().neg().add_scalar(1.0);
    let entropy = (log(1) * fake.clone() + log(0) * genuine.clone()).neg();
    match negatives {
        Negatives::All => entropy.sum(),
        Negatives::Hardest(ratio) => {
            // A positive anchor ranks behind every negative one.
            let hardness = entropy.clone().detach() * genuine.clone() - fake.clone();
            // The order of the order is the rank.
            let rank = hardness.argsort_descending(1).argsort(1).float();
            let mined = targets.counts.clone().mul_scalar(ratio as f64);
            let hard = rank.lower(mined.expand([batch, anchors])).float() * genuine;
            (entropy * (fake + hard)).sum()
        }
    }
}

/// `L_loc(x, l, g)` of Eq. 5: the smooth L1 distance of the offsets from the encoded windows,
/// summed over the positive anchors.
///
/// # Shapes
///
/// - `offsets`: `[batch, anchors, 4]`
/// - returns `[1]`
pub fn location_loss(offsets: Tensor<3>, targets: &AnchorTargets) -> Tensor<1> {
    let distance = SmoothL1LossConfig::new()
        .init()
        .forward(offsets, targets.offsets.clone());
    (distance * targets.positive.clone().unsqueeze_dim(2)).sum()
}

/// Eq. 5: the detection loss, `(L_conf + alpha L_loc) / N` for `N` positive anchors in the batch.
/// Without any it is not divided.
///
/// # Shapes
///
/// - `conf`, `loc`: `[1]`, from [`confidence_loss`] and [`location_loss`]
/// - returns `[1]`
#[doc(alias = "ADM eq 5")]
pub fn detection_loss(conf: Tensor<1>, loc: Tensor<1>, alpha: f64, positives: usize) -> Tensor<1> {
    (conf + loc.mul_scalar(alpha)).div_scalar(positives.max(1) as f64)
}

/// Eq. 4: the overall loss, `beta L_det + L_cls`.
///
/// # Shapes
///
/// - `det`, `cls`: `[1]`
/// - returns `[1]`
#[doc(alias = "ADM eq 4")]
pub fn overall_loss(beta: f64, det: Tensor<1>, cls: Tensor<1>) -> Tensor<1> {
    det.mul_scalar(beta) + cls
}
