//! Object-contextual representations (Yuan, Chen and Wang, ECCV 2020, sections 3.2 and 3.3), the
//! part of the feature extractor that follows the backbone (section III-E).

use burn::module::Module;
use burn::nn::conv::Conv2d;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{convolve, resize_bilinear};
use rand::Rng;

use crate::layers::{ConvNormRelu, pointwise};

/// The classes of the segmentation: real and forged.
pub(crate) const CLASSES: usize = 2;

/// The OCR block: every pixel is described by its own feature and by the two object regions, real
/// and forged, weighed by how much it is related to each.
#[derive(Module, Debug)]
pub struct OcrBlock {
    /// From the deep map to the pixel features.
    bottleneck: ConvNormRelu,
    /// From the shallow map, a coarse segmentation: the soft object regions.
    auxiliary: ConvNormRelu,
    auxiliary_logits: Conv2d,
    /// The relation's transforms phi, of pixels, and psi, of regions.
    query: Vec<ConvNormRelu>,
    key: Vec<ConvNormRelu>,
    /// delta, of regions, and rho, of the context.
    value: ConvNormRelu,
    context: ConvNormRelu,
    /// g, of pixel feature and context.
    fuse: ConvNormRelu,
    context_first: bool,
}

/// Channels of an [`OcrBlock`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct OcrChannels {
    /// Of the backbone's shallow map.
    pub(crate) auxiliary: usize,
    /// Of the backbone's deep map.
    pub(crate) deep: usize,
    /// Of the output.
    pub(crate) output: usize,
    /// Of keys, queries and values.
    pub(crate) relation: usize,
}

impl OcrBlock {
    pub(crate) fn new(
        channels: OcrChannels,
        context_first: bool,
        device: &Device,
        rng: &mut impl Rng,
    ) -> Self {
        let OcrChannels {
            auxiliary,
            deep,
            output,
            relation,
        } = channels;
        let bottleneck = ConvNormRelu::new([deep, output], 3, device, rng);
        let coarse = ConvNormRelu::new([auxiliary, output], 3, device, rng);
        let auxiliary_logits = pointwise([output, CLASSES], true, device, rng);
        let mut two = || {
            let first = ConvNormRelu::new([output, relation], 1, device, rng);
            vec![first, ConvNormRelu::new([relation; 2], 1, device, rng)]
        };
        let (query, key) = (two(), two());
        Self {
            bottleneck,
            auxiliary: coarse,
            auxiliary_logits,
            query,
            key,
            value: ConvNormRelu::new([output, relation], 1, device, rng),
            context: ConvNormRelu::new([relation, output], 1, device, rng),
            fuse: ConvNormRelu::new([2 * output, output], 3, device, rng),
            context_first,
        }
    }

    /// The features `X_I` and the coarse segmentation they were made with.
    ///
    /// # Shapes
    ///
    /// - `shallow`: `[batch, channels, h, w]`, the backbone's map for the coarse segmentation
    /// - `deep`: `[batch, channels, H0, W0]`, its last map
    /// - returns `[batch, C, H0, W0]` and `[batch, 2, h, w]`, logits of real and forged
    pub fn forward(&self, shallow: Tensor<4>, deep: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let [_, _, height, width] = deep.dims();
        let auxiliary = convolve(&self.auxiliary_logits, self.auxiliary.forward(shallow));
        let [_, _, auxiliary_height, auxiliary_width] = auxiliary.dims();
        let coarse = if [auxiliary_height, auxiliary_width] == [height, width] {
            auxiliary.clone()
        } else {
            resize_bilinear(auxiliary.clone(), [height, width])
        };
        let pixels = self.bottleneck.forward(deep);
        let regions = object_regions(coarse, pixels.clone());
        let context = self.object_context(pixels.clone(), regions);
        let parts = match self.context_first {
            true => vec![context, pixels],
            false => vec![pixels, context],
        };
        let features = self.fuse.forward(Tensor::cat(parts, 1));
        (features, auxiliary)
    }

    /// The object-contextual representation of every pixel: the regions, weighed by the pixel's
    /// relation to each.
    ///
    /// # Shapes
    ///
    /// - `pixels`: `[batch, C, H0, W0]`
    /// - `regions`: `[batch, C, 2, 1]`
    /// - returns `[batch, C, H0, W0]`
    fn object_context(&self, pixels: Tensor<4>, regions: Tensor<4>) -> Tensor<4> {
        let transform = |layers: &[ConvNormRelu], x| layers.iter().fold(x, |x, l| l.forward(x));
        let [batch, _, height, width] = pixels.dims();
        let query = transform(&self.query, pixels).flatten::<3>(2, 3);
        let key = transform(&self.key, regions.clone()).flatten::<3>(2, 3);
        let value = self.value.forward(regions).flatten::<3>(2, 3);
        let [_, relation, _] = query.dims();
        let scores = query.swap_dims(1, 2).matmul(key);
        let weights = softmax(scores.div_scalar((relation as f64).sqrt()), 2);
        let context = value.matmul(weights.swap_dims(1, 2));
        self.context
            .forward(context.reshape([batch, relation, height, width]))
    }
}

/// The representation of each object region: the pixels' mean, weighed by the coarse segmentation's
/// softmax over space.
///
/// # Shapes
///
/// - `coarse`: `[batch, 2, H0, W0]`, logits
/// - `pixels`: `[batch, C, H0, W0]`
/// - returns `[batch, C, 2, 1]`
fn object_regions(coarse: Tensor<4>, pixels: Tensor<4>) -> Tensor<4> {
    let weights = softmax(coarse.flatten::<3>(2, 3), 2);
    let pixels = pixels.flatten::<3>(2, 3);
    pixels.matmul(weights.swap_dims(1, 2)).unsqueeze_dim(3)
}
