//! LiSiam: both branches, the losses of its section III-D.

use std::path::Path;

use backbones::{AnyBackbone, WeightsError};
use burn::tensor::Device;
use experiment::LisiamRecipe;
use inference::ModelError;
use model_lisiam::{BranchBatches, FrozenStatistics, Lisiam};

use crate::method::{FaceBatch, FaceMethod, Losses};

impl FaceMethod for LisiamRecipe {
    type Model = Lisiam<AnyBackbone>;

    fn init(&self, device: &Device, rng: &mut impl rand::Rng) -> Result<Self::Model, ModelError> {
        Ok(self.network.init(device, rng)?)
    }

    fn load_backbone(&self, model: &mut Self::Model, path: &Path) -> Result<(), WeightsError> {
        model.backbone.load_published(path)
    }

    fn runs_in_parts_at_once(&self) -> bool {
        // Two passes a step: which thread's running statistics are last would be chance.
        self.network.branch_batches == BranchBatches::Joint
    }

    fn keeps_frozen_statistics(&self) -> bool {
        self.network.frozen_statistics == FrozenStatistics::Kept
    }

    fn losses(
        &self,
        model: &Self::Model,
        batch: FaceBatch,
        terms: &[String],
        rng: &mut impl rand::Rng,
    ) -> Losses {
        let terms = self.network.losses.named(terms);
        let FaceBatch {
            images,
            degraded,
            masks,
            labels,
            ..
        } = batch;
        let pair = model.forward_pair(images, degraded, terms, rng);
        let loss = model.loss(pair, masks, labels);
        Losses {
            parts: loss.parts(),
            total: loss.total,
        }
    }
}
