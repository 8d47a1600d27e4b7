//! Siamese training (sections III-C, III-D and IV-B).

use burn::tensor::{Int, Tensor};
use core_tensor_ops::Backbone;
use rand::Rng;

use crate::equations::{
    classification_loss, localization_invariance_loss, segmentation_loss, total_loss,
};
use crate::layers::Dropout;
use crate::model::{Lisiam, LisiamOutput};
use crate::terms::{BranchBatches, LossTerms};

/// What the two branches say of a batch, and which terms of the loss it is for.
#[derive(Clone, Debug)]
pub struct LisiamPair {
    /// Of the original images; `None` where no term needs it.
    pub original: Option<LisiamOutput>,
    /// Of the degraded images; `None` where no term needs it.
    pub degraded: Option<LisiamOutput>,
    terms: LossTerms,
}

/// The losses of a batch, each `[1]`; `None` where the term is switched off.
#[derive(Clone, Debug)]
pub struct LisiamLoss {
    /// Eq. 19 and the weighted auxiliary loss: what training minimises.
    pub total: Tensor<1>,
    /// Eq. 15.
    pub li: Option<Tensor<1>>,
    /// Eq. 16, summed over the branches that have it.
    pub cls: Option<Tensor<1>>,
    /// Eq. 17, summed over the branches that have it.
    pub seg: Option<Tensor<1>>,
    /// Cross entropy of the OCR block's coarse segmentation, summed over the branches whose
    /// segmentation is supervised; `None` where its weight is 0.
    pub auxiliary: Option<Tensor<1>>,
}

impl LisiamLoss {
    /// The terms that are switched on, by name, before their weights.
    pub fn parts(&self) -> Vec<(&'static str, Tensor<1>)> {
        let named = [
            ("li", &self.li),
            ("cls", &self.cls),
            ("seg", &self.seg),
            ("auxiliary", &self.auxiliary),
        ];
        let part = |(name, loss): (_, &Option<Tensor<1>>)| Some((name, loss.clone()?));
        named.into_iter().filter_map(part).collect()
    }
}

impl<B: Backbone> Lisiam<B> {
    /// Runs the branches that the terms ask for, with dropout.
    ///
    /// # Shapes
    ///
    /// - `original`, `degraded`: `[batch, 3, H, W]`, the same faces
    pub fn forward_pair(
        &self,
        original: Tensor<4>,
        degraded: Tensor<4>,
        terms: LossTerms,
        rng: &mut impl Rng,
    ) -> LisiamPair {
        let mut dropout = Dropout::seeded(rng);
        let runs = terms.branches();
        let [original, degraded] =
            if self.branch_batches == BranchBatches::Joint && runs == [true; 2] {
                self.joint(original, degraded, terms, &mut dropout)
                    .map(Some)
            } else {
                let mut branch = |images, index: usize| {
                    runs[index].then(|| {
                        let localized = self.localize(images);
                        let logits = terms.classification[index]
                            .then(|| self.classify(&localized, &mut dropout));
                        localized.output(logits)
                    })
                };
                [branch(original, 0), branch(degraded, 1)]
            };
        LisiamPair {
            original,
            degraded,
            terms,
        }
    }

    /// Both branches as one batch, and so is what both classify.
    fn joint(
        &self,
        original: Tensor<4>,
        degraded: Tensor<4>,
        terms: LossTerms,
        dropout: &mut Dropout<'_>,
    ) -> [LisiamOutput; 2] {
        let counts = [original.dims()[0], degraded.dims()[0]];
        let places = [(0, counts[0]), (counts[0], counts[1])];
        let whole = self.localize(Tensor::cat(vec![original, degraded], 0));
        let logits = (terms.classification == [true; 2]).then(|| self.classify(&whole, dropout));
        [0, 1].map(|branch| {
            let (start, count) = places[branch];
            let localized = whole.narrow(start, count);
            let logits = match &logits {
                Some(both) => Some(both.clone().narrow(0, start, count)),
                None => terms.classification[branch].then(|| self.classify(&localized, dropout)),
            };
            localized.output(logits)
        })
    }

    /// The losses of section III-D, those that the pair was made for.
    ///
    /// # Shapes
    ///
    /// - `masks`: `[batch, 1, H, W]`, in `0..=1`, 1 = forged; zeros for a real image; below zero where
    ///   a pixel is ignored
    /// - `labels`: `[batch]`, 0 = real, 1 = forged
    pub fn loss(&self, pair: LisiamPair, masks: Tensor<4>, labels: Tensor<1, Int>) -> LisiamLoss {
        let LisiamPair {
            original,
            degraded,
            terms,
        } = pair;
        let outputs = [original, degraded];
        let of_branches = |on: [bool; 2], loss: &dyn Fn(&LisiamOutput) -> Option<Tensor<1>>| {
            let branches = outputs.iter().zip(on).filter(|(_, on)| *on);
            let losses = branches.filter_map(|(output, _)| loss(output.as_ref()?));
            losses.reduce(|sum, loss| sum + loss)
        };
        let cls = of_branches(terms.classification, &|output| {
            let logits = output.class_logits.clone()?;
            Some(classification_loss(logits, labels.clone()))
        });
        let seg = of_branches(terms.segmentation, &|output| {
            let logits = output.segmentation_logits.clone();
            Some(segmentation_loss(logits, masks.clone()))
        });
        let supervised = terms
            .segmentation
            .map(|on| on && self.auxiliary_weight > 0.0);
        let auxiliary = of_branches(supervised, &|output| {
            let logits = output.auxiliary_logits.clone();
            Some(segmentation_loss(logits, masks.clone()))
        });
        let li = match &outputs {
            [Some(original), Some(degraded)] if terms.localization_invariance => {
                let maps = |output: &LisiamOutput| output.segmentation_logits.clone();
                Some(localization_invariance_loss(maps(original), maps(degraded)))
            }
            _ => None,
        };
        let zero = Tensor::zeros([1], &masks.device());
        let or_zero = |loss: &Option<Tensor<1>>| loss.clone().unwrap_or_else(|| zero.clone());
        let total = total_loss(self.lambda, [or_zero(&li), or_zero(&cls), or_zero(&seg)]);
        let total = match &auxiliary {
            Some(loss) => total + loss.clone().mul_scalar(self.auxiliary_weight),
            None => total,
        };
        LisiamLoss {
            total,
            li,
            cls,
            seg,
            auxiliary,
        }
    }
}
