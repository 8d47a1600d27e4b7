//! The network (section III-A, figure 1).

use backbones::Xception;
use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use burn::tensor::activation::softmax;
use core_tensor_ops::{
    Backbone, Detection, Detector, InputSpec, MapSpec, Tap, global_average_pool, judging,
    resize_bilinear,
};

use crate::head::MlpHead;
use crate::layers::Dropout;
use crate::ocr::OcrBlock;
use crate::scu::SeparableConvolutionUnit;
use crate::terms::BranchBatches;
use crate::transformer::MaskGuidedTransformer;

/// The localization invariance Siamese network on any backbone. Built by
/// [`LisiamConfig::init_on`](crate::LisiamConfig::init_on).
///
/// Both branches are this one network; the second is only run in training.
#[derive(Module, Debug)]
pub struct Lisiam<B> {
    /// The plugged-in network: with the OCR block, the feature extractor `f_cnn`.
    pub backbone: B,
    pub(crate) ocr: OcrBlock,
    /// The segmentation decoder `f_seg`, a 1x1 convolution.
    pub(crate) decoder: Conv2d,
    pub(crate) scu: SeparableConvolutionUnit,
    pub(crate) transformer: Option<MaskGuidedTransformer>,
    pub(crate) mlp: MlpHead,
    /// Which of the backbone's maps are tapped.
    pub(crate) feature_map: usize,
    pub(crate) auxiliary_map: usize,
    pub(crate) input_size: usize,
    /// Of Eq. 19: localization invariance, classification, segmentation.
    #[module(skip)]
    pub(crate) lambda: [f64; 3],
    pub(crate) auxiliary_weight: f64,
    #[module(skip)]
    pub(crate) branch_batches: BranchBatches,
}

/// What a branch says of a batch.
#[derive(Clone, Debug)]
pub struct LisiamOutput {
    /// `[batch, 2, H0, W0]`, `X_s`: logits of real and forged for each position.
    pub segmentation_logits: Tensor<4>,
    /// `[batch, 2, h, w]`: the same, coarser, from the OCR block.
    pub auxiliary_logits: Tensor<4>,
    /// `[batch, 2]`: logits of real and forged; `None` for a branch without classifier, as is the
    /// second of the paper's.
    pub class_logits: Option<Tensor<2>>,
}

impl LisiamOutput {
    /// `[batch, H0, W0]`, in `0..=1`: the softmax's share of the class forged for each position.
    pub fn forged_map(&self) -> Tensor<3> {
        softmax(self.segmentation_logits.clone(), 1)
            .narrow(1, 1, 1)
            .squeeze_dim(1)
    }

    /// `[batch]`, in `0..=1`: the softmax's share of the class forged; `None` without classifier.
    pub fn forged_probability(&self) -> Option<Tensor<1>> {
        let logits = self.class_logits.clone()?;
        Some(softmax(logits, 1).narrow(1, 1, 1).squeeze_dim(1))
    }
}

/// A batch after the segmentation, before the classification.
pub(crate) struct Localized {
    /// `X_I`.
    pub(crate) features: Tensor<4>,
    /// `X_s`.
    pub(crate) segmentation_logits: Tensor<4>,
    pub(crate) auxiliary_logits: Tensor<4>,
}

impl<B: Backbone> Lisiam<B> {
    /// `f_scu`.
    pub fn scu(&self) -> &SeparableConvolutionUnit {
        &self.scu
    }

    /// `f_mt`, if there is one.
    pub fn transformer(&self) -> Option<&MaskGuidedTransformer> {
        self.transformer.as_ref()
    }

    /// Eq. 2: the features `X_I = f_cnn(I)`, and the coarse segmentation that the OCR block made
    /// them with.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, H, W]`
    /// - returns `[batch, C, H0, W0]` and `[batch, 2, h, w]`
    #[doc(alias = "LISIAM eq 2")]
    pub fn extract(&self, images: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        self.tapped_extract(images, &mut |_, map| map)
    }

    fn tapped_extract(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> (Tensor<4>, Tensor<4>) {
        let maps = self.backbone.tapped_maps(images, tap);
        let (shallow, deep) = (&maps[self.auxiliary_map], &maps[self.feature_map]);
        self.ocr.forward(shallow.clone(), deep.clone())
    }

    /// Eq. 3: the segmentation maps `X_s = f_seg(X_I)`.
    ///
    /// # Shapes
    ///
    /// - `features`: `[batch, C, H0, W0]`, `X_I`
    /// - returns `[batch, 2, H0, W0]`, logits of real and forged
    #[doc(alias = "LISIAM eq 3")]
    pub fn segment(&self, features: Tensor<4>) -> Tensor<4> {
        self.decoder.forward(features)
    }

    /// Eq. 1: the decision `alpha`, before its softmax, and on the way to it the localization. This
    /// is inference: the first branch alone, without dropout.
    ///
    /// # Shapes
    ///
    /// - `images`: `[batch, 3, H, W]`
    #[doc(alias = "LISIAM eq 1")]
    pub fn forward(&self, images: Tensor<4>) -> LisiamOutput {
        let localized = self.localize(images);
        let class_logits = self.classify(&localized, &mut Dropout::off());
        localized.output(Some(class_logits))
    }

    pub(crate) fn localize(&self, images: Tensor<4>) -> Localized {
        self.localized(self.extract(images))
    }

    fn localized(&self, (features, auxiliary_logits): (Tensor<4>, Tensor<4>)) -> Localized {
        Localized {
            segmentation_logits: self.segment(features.clone()),
            features,
            auxiliary_logits,
        }
    }

    /// The classification of what has been localized: Eq. 4 to 14 and 18.
    pub(crate) fn classify(&self, localized: &Localized, dropout: &mut Dropout<'_>) -> Tensor<2> {
        self.mlp.forward(self.features_of(localized, dropout))
    }

    /// `Z` of Eq. 14; without transformer, `X_c`.
    fn features_of(&self, localized: &Localized, dropout: &mut Dropout<'_>) -> Tensor<4> {
        let features = self.scu.forward(localized.features.clone(), dropout);
        match &self.transformer {
            Some(transformer) => {
                let logits = localized.segmentation_logits.clone();
                transformer.forward(logits, features, dropout)
            }
            None => features,
        }
    }
}

impl Localized {
    pub(crate) fn output(self, class_logits: Option<Tensor<2>>) -> LisiamOutput {
        LisiamOutput {
            segmentation_logits: self.segmentation_logits,
            auxiliary_logits: self.auxiliary_logits,
            class_logits,
        }
    }

    /// The samples from `start` on, `count` of them.
    pub(crate) fn narrow(&self, start: usize, count: usize) -> Self {
        let some = |tensor: &Tensor<4>| tensor.clone().narrow(0, start, count);
        Self {
            features: some(&self.features),
            segmentation_logits: some(&self.segmentation_logits),
            auxiliary_logits: some(&self.auxiliary_logits),
        }
    }
}

impl<B: Backbone> Detector for Lisiam<B> {
    /// Values from -1 to 1, as the official code and Xception's ImageNet weights have them.
    fn input_spec(&self) -> InputSpec {
        InputSpec {
            size: self.input_size,
            ..Xception::input_spec()
        }
    }

    fn detect(&self, images: Tensor<4>) -> Detection {
        let [_, _, height, width] = images.dims();
        let localized = self.localize(images);
        let class_logits = self.classify(&localized, &mut Dropout::off());
        let output = localized.output(None);
        let map = output.forged_map().unsqueeze_dim(1);
        Detection {
            forged_probability: softmax(class_logits, 1).narrow(1, 1, 1).squeeze_dim(1),
            heat_map: Some(resize_bilinear(map, [height, width]).squeeze_dim(1)),
            boxes: Vec::new(),
        }
    }

    fn layers(&self) -> Vec<MapSpec> {
        let mut maps = self.backbone.map_specs();
        maps.truncate(self.feature_map.max(self.auxiliary_map) + 1);
        maps
    }

    fn class_logits(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Tensor<2> {
        let network = judging(self, &images);
        let localized = network.localized(network.tapped_extract(images, tap));
        network.classify(&localized, &mut Dropout::off())
    }

    /// The means of `Z`, which the MLP head reads (Eq. 18).
    fn features(&self, images: Tensor<4>) -> Tensor<2> {
        let network = judging(self, &images);
        let localized = network.localize(images);
        global_average_pool(network.features_of(&localized, &mut Dropout::off()))
    }
}
