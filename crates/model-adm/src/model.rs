//! The network: a backbone, the artifact detection module and the classifier (section 4.1).

use burn::module::Module;
use burn::nn::Linear;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::tensor::activation::softmax;
use burn::tensor::{Int, Tensor};
use core_tensor_ops::{
    Backbone, Detection, Detector, ForgedBox, InputSpec, MapSpec, Tap, dropout,
    global_average_pool, judging,
};
use rand::Rng;

use crate::boxes::{clipped, decode};
use crate::config::{AdmConfig, TrueBoxes};
use crate::equations::{
    AnchorTargets, confidence_loss, detection_loss, location_loss, overall_loss,
};
use crate::matching::{AdmTarget, Assignment, assign};
use crate::module::{AnchorOutput, ArtifactDetection};
use crate::priors::Prior;

/// The ID-unaware deepfake detector on any backbone. Built by
/// [`AdmConfig::init`](crate::AdmConfig::init) or [`init_on`](crate::AdmConfig::init_on).
#[derive(Module, Debug)]
pub struct Adm<B> {
    /// The plugged-in network; the official code's name for it.
    pub base_model: B,
    pub(crate) adm: Option<ArtifactDetection>,
    pub(crate) fc: Linear,
    /// Index of the map that the module reads among the backbone's maps.
    pub(crate) map: usize,
    #[module(skip)]
    pub(crate) priors: Vec<Prior>,
    #[module(skip)]
    pub(crate) input: InputSpec,
    #[module(skip)]
    pub(crate) config: AdmConfig,
}

/// What the network says of a batch.
#[derive(Clone, Debug)]
pub struct AdmOutput {
    /// `[batch, 2]`: logits of real and forged.
    pub class_logits: Tensor<2>,
    /// What the heads say; `None` for the plain classifier.
    pub anchors: Option<AnchorOutput>,
}

impl AdmOutput {
    /// `[batch]`, in `0..=1`: the softmax's share of the class forged.
    pub fn forged_probability(&self) -> Tensor<1> {
        softmax(self.class_logits.clone(), 1)
            .narrow(1, 1, 1)
            .squeeze_dim(1)
    }
}

/// The losses of a batch, each `[1]`.
#[derive(Clone, Debug)]
pub struct AdmLoss {
    /// Eq. 4, what training minimises.
    pub total: Tensor<1>,
    /// `L_cls`: the classifier's cross entropy.
    pub cls: Tensor<1>,
    /// `L_conf / N` of Eq. 5; 0 for the plain classifier.
    pub conf: Tensor<1>,
    /// `L_loc / N` of Eq. 5; 0 for the plain classifier.
    pub loc: Tensor<1>,
}

impl<B: Backbone> Adm<B> {
    /// Class logits, and each anchor's offsets and confidences.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, size, size]` for the configuration's `input_size`
    ///
    /// # Panics
    ///
    /// Panics on images of another size: the anchors are laid out for one.
    pub fn forward(&self, images: Tensor<4>) -> AdmOutput {
        self.check_size(&images);
        self.heads(self.base_model.feature_maps(images), |pooled| pooled)
    }

    /// As [`forward`](Self::forward), with what the backbone and the configuration's `dropout` drop
    /// at random in training, drawn from `rng`.
    ///
    /// # Panics
    ///
    /// As [`forward`](Self::forward).
    pub fn training_forward(&self, images: Tensor<4>, rng: &mut dyn Rng) -> AdmOutput {
        self.check_size(&images);
        let maps = self.base_model.training_maps(images, rng);
        self.heads(maps, |pooled| dropout(pooled, self.config.dropout, rng))
    }

    fn check_size(&self, images: &Tensor<4>) {
        let [_, _, height, width] = images.dims();
        let size = self.input.size;
        assert!(
            [height, width] == [size, size],
            "images of {height} x {width} pixels for a network of {size} x {size}"
        );
    }

    /// What follows the backbone; `drop` takes its pooled features.
    fn heads(&self, maps: Vec<Tensor<4>>, drop: impl FnOnce(Tensor<2>) -> Tensor<2>) -> AdmOutput {
        let (anchors, pooled) = self.pooled(maps, drop);
        AdmOutput {
            class_logits: self.fc.forward(pooled),
            anchors,
        }
    }

    /// What the heads say, and what the classifier reads, `[batch, channels]`.
    fn pooled(
        &self,
        mut maps: Vec<Tensor<4>>,
        drop: impl FnOnce(Tensor<2>) -> Tensor<2>,
    ) -> (Option<AnchorOutput>, Tensor<2>) {
        let features = maps.swap_remove(self.map);
        let pooled = drop(global_average_pool(features.clone()));
        match &self.adm {
            Some(module) => {
                let (anchors, end) = module.forward(features);
                // The short connection: a sum.
                (
                    Some(anchors),
                    pooled + end.flatten::<3>(2, 3).squeeze_dim(2),
                )
            }
            None => (None, pooled),
        }
    }

    /// The anchors, in the order of the outputs; empty for the plain classifier.
    pub fn priors(&self) -> &[Prior] {
        &self.priors
    }

    /// What the heads should say of a picture with these windows.
    pub fn assign(&self, target: &AdmTarget) -> Assignment {
        let AdmConfig {
            overlap, variances, ..
        } = self.config;
        match self.config.true_boxes {
            TrueBoxes::Windows => assign(target, &self.priors, overlap, variances),
            TrueBoxes::WindowsAndWhole => {
                assign(&target.with_whole(), &self.priors, overlap, variances)
            }
        }
    }

    /// The losses of section 4.3.
    ///
    /// - `targets`: the windows of every picture; ignored by the plain classifier
    /// - `labels`: `[batch]`, 0 = real, 1 = forged
    ///
    /// # Panics
    ///
    /// Panics if outputs, targets and labels are not of one batch.
    pub fn loss(
        &self,
        output: AdmOutput,
        targets: &[AdmTarget],
        labels: Tensor<1, Int>,
    ) -> AdmLoss {
        let device = labels.device();
        let cross_entropy = CrossEntropyLossConfig::new().init(&device);
        let cls = cross_entropy.forward(output.class_logits, labels);
        let Some(anchors) = output.anchors else {
            let none = Tensor::zeros([1], &device);
            return AdmLoss {
                total: cls.clone(),
                cls,
                conf: none.clone(),
                loc: none,
            };
        };
        // One target would be spread over the whole batch.
        assert_eq!(
            targets.len(),
            anchors.offsets.dims()[0],
            "one target for each picture"
        );
        let assignments: Vec<Assignment> =
            targets.iter().map(|target| self.assign(target)).collect();
        let targets = AnchorTargets::new(&assignments, &device);
        let conf = confidence_loss(anchors.confidences, &targets, self.config.negatives);
        let loc = location_loss(anchors.offsets, &targets);
        let det = detection_loss(
            conf.clone(),
            loc.clone(),
            self.config.alpha,
            targets.positives,
        );
        let share = targets.positives.max(1) as f64;
        AdmLoss {
            total: overall_loss(self.config.beta, det, cls.clone()),
            cls,
            conf: conf.div_scalar(share),
            loc: loc.div_scalar(share),
        }
    }

    /// The boxes to show of every crop, the surest first.
    ///
    /// # Shapes
    ///
    /// - `anchors`: of `[batch, anchors, ..]`, from [`forward`](Self::forward)
    pub fn boxes(&self, anchors: &AnchorOutput) -> Vec<Vec<ForgedBox>> {
        let offsets = host(anchors.offsets.clone());
        let confidences = host(softmax(anchors.confidences.clone(), 2));
        let crops = offsets
            .chunks_exact(4 * self.priors.len())
            .zip(confidences.chunks_exact(2 * self.priors.len()));
        crops
            .map(|(offsets, confidences)| {
                let candidates = self
                    .priors
                    .iter()
                    .zip(offsets.as_chunks().0)
                    .zip(confidences.chunks_exact(2))
                    .filter(|(_, pair)| pair[1] >= self.config.boxes.confidence)
                    .filter_map(|((prior, &offsets), pair)| {
                        let corners = clipped(decode(offsets, prior, self.config.variances))?;
                        Some(ForgedBox {
                            corners,
                            confidence: pair[1],
                        })
                    });
                self.config.boxes.select(candidates.collect())
            })
            .collect()
    }
}

/// A tensor's values.
fn host(tensor: Tensor<3>) -> Vec<f32> {
    tensor
        .into_data()
        .convert::<f32>()
        .try_to_vec()
        .expect("values were just converted")
}

impl<B: Backbone> Detector for Adm<B> {
    fn input_spec(&self) -> InputSpec {
        self.input
    }

    fn detect(&self, images: Tensor<4>) -> Detection {
        let output = self.forward(images);
        Detection {
            forged_probability: output.forged_probability(),
            heat_map: None,
            boxes: output
                .anchors
                .map_or_else(Vec::new, |anchors| self.boxes(&anchors)),
        }
    }

    fn layers(&self) -> Vec<MapSpec> {
        let mut maps = self.base_model.map_specs();
        maps.truncate(self.map + 1);
        maps
    }

    fn class_logits(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Tensor<2> {
        self.check_size(&images);
        let network = judging(self, &images);
        let maps = network.base_model.tapped_maps(images, tap);
        network.heads(maps, |pooled| pooled).class_logits
    }

    fn features(&self, images: Tensor<4>) -> Tensor<2> {
        self.check_size(&images);
        let network = judging(self, &images);
        let maps = network.base_model.feature_maps(images);
        network.pooled(maps, |pooled| pooled).1
    }
}
