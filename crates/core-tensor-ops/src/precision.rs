//! Networks whose maps are in half precision while their weights stay in single: whoever hands in images
//! of half precision gets feature maps of single precision, and gradients of single precision.

use burn::module::Param;
use burn::nn::conv::Conv2d;
use burn::tensor::{DType, Tensor};

/// A backbone's maps in single precision: what is built on them needs no other.
///
/// # Shapes
///
/// - `maps`, result: any
pub fn in_single_precision(maps: Vec<Tensor<4>>) -> Vec<Tensor<4>> {
    maps.into_iter().map(|map| map.cast(DType::F32)).collect()
}

/// A convolution with weights rounded to `dtype`; gradients reach the unrounded ones.
pub(crate) fn rounded(conv: &Conv2d, dtype: DType) -> Conv2d {
    let mut conv = conv.clone();
    conv.weight = Param::initialized(conv.weight.id, conv.weight.val().cast(dtype));
    let bias = conv.bias.take();
    conv.bias = bias.map(|bias| Param::initialized(bias.id, bias.val().cast(dtype)));
    conv
}
