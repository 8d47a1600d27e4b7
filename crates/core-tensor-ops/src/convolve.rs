//! Convolution, by the way that is fastest.

use burn::nn::PaddingConfig2d;
use burn::nn::conv::Conv2d;
use burn::tensor::Tensor;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

use crate::precision::rounded;

/// What the layer's own `forward` gives, up to rounding.
///
/// On a CPU it is `cpu-ops`' convolution, for layers that it knows: without dilation, over all channels
/// or of each by itself. Maps of another precision than the weights are convolved in theirs, by weights
/// rounded to it.
///
/// # Shapes
///
/// - `maps`: `[batch, inputs, height, width]`
/// - returns `[batch, outputs, ...]`, the size as the layer strides and pads
pub fn convolve(conv: &Conv2d, maps: Tensor<4>) -> Tensor<4> {
    #[cfg(feature = "cpu")]
    if let Some(padding) = padding(conv)
        && cpu_ops::takes(&maps)
    {
        let product = cpu_ops::conv2d(maps, conv.weight.val(), conv.stride, padding);
        return match &conv.bias {
            Some(bias) => add_bias(product, bias.val()),
            None => product,
        };
    }
    if conv.weight.dtype() != maps.dtype() {
        return rounded(conv, maps.dtype()).forward(maps);
    }
    conv.forward(maps)
}

/// A convolution by given weights, without bias, stride and dilation.
///
/// # Shapes
///
/// - `maps`: `[batch, inputs, height, width]`
/// - `weight`: `[outputs, inputs, kernel height, kernel width]`
/// - `padding`: rows and columns of zeros on either side
/// - returns `[batch, outputs, ...]`
pub fn convolve_by(maps: Tensor<4>, weight: Tensor<4>, padding: [usize; 2]) -> Tensor<4> {
    let weight = weight.cast(maps.dtype());
    #[cfg(feature = "cpu")]
    if cpu_ops::takes(&maps) {
        return cpu_ops::conv2d(maps, weight, [1, 1], [padding; 2]);
    }
    conv2d(
        maps,
        weight,
        None,
        ConvOptions::new([1, 1], padding, [1, 1], 1),
    )
}

/// In place where no gradient is asked for.
#[cfg(feature = "cpu")]
fn add_bias(maps: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    if maps.is_autodiff() {
        return maps + bias.reshape([1, -1, 1, 1]);
    }
    let ([channels], device) = (bias.dims(), bias.device());
    let line = [
        Tensor::zeros([channels], &device),
        Tensor::ones([channels], &device),
        bias,
    ];
    cpu_ops::affine(maps, line, [f32::NEG_INFINITY, f32::INFINITY])
}

/// Rows and columns of zeros before the maps and after them; none where `cpu-ops` does not know the
/// layer.
#[cfg(feature = "cpu")]
fn padding(conv: &Conv2d) -> Option<[[usize; 2]; 2]> {
    let [outputs, inputs, ..] = conv.weight.dims();
    let each_by_itself = inputs == 1 && conv.groups == outputs;
    let known = conv.dilation == [1, 1] && (conv.groups == 1 || each_by_itself);
    match conv.padding {
        _ if !known => None,
        PaddingConfig2d::Valid => Some([[0, 0]; 2]),
        PaddingConfig2d::Explicit(top, left, bottom, right) => Some([[top, left], [bottom, right]]),
        PaddingConfig2d::Same => {
            let centred = conv.stride == [1, 1] && conv.kernel_size.iter().all(|k| k % 2 == 1);
            centred.then(|| [conv.kernel_size.map(|kernel| kernel / 2); 2])
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::nn::conv::Conv2dConfig;
    use burn::tensor::{Device, TensorData, Tolerance};

    use super::*;

    /// Values and the gradients of kernel, bias and maps.
    fn outcome(
        conv: &Conv2d,
        convolve: impl Fn(&Conv2d, Tensor<4>) -> Tensor<4>,
        device: &Device,
    ) -> Vec<TensorData> {
        let values: Vec<f32> = (0..2 * 6 * 5 * 7).map(|i| (i as f32).sin()).collect();
        let maps = Tensor::<4>::from_data(TensorData::new(values, [2, 6, 5, 7]), device);
        let maps = maps.require_grad();
        let result = convolve(conv, maps.clone());
        let gradients = result.clone().powi_scalar(2).sum().backward();
        let mut outcome = vec![
            result.into_data(),
            maps.grad(&gradients).unwrap().into_data(),
            conv.weight.val().grad(&gradients).unwrap().into_data(),
        ];
        if let Some(bias) = &conv.bias {
            outcome.push(bias.val().grad(&gradients).unwrap().into_data());
        }
        outcome
    }

    #[test]
    fn values_and_gradients_are_the_layer_s() {
        let device = Device::flex().autodiff();
        let one = Conv2dConfig::new([6, 4], [1, 1]);
        for config in [
            one.clone(),
            one.clone().with_bias(false),
            one.clone()
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)),
            one.clone().with_stride([2, 2]),
            one.clone().with_groups(2),
            Conv2dConfig::new([6, 4], [3, 3]).with_padding(PaddingConfig2d::Same),
            Conv2dConfig::new([6, 6], [3, 3])
                .with_groups(6)
                .with_padding(PaddingConfig2d::Explicit(1, 1, 1, 1)),
            Conv2dConfig::new([6, 4], [3, 2])
                .with_stride([2, 1])
                .with_padding(PaddingConfig2d::Explicit(0, 1, 1, 2)),
            Conv2dConfig::new([6, 6], [3, 3])
                .with_groups(6)
                .with_stride([2, 2])
                .with_padding(PaddingConfig2d::Explicit(0, 0, 1, 1)),
            Conv2dConfig::new([6, 4], [3, 3]).with_dilation([2, 2]),
            Conv2dConfig::new([6, 12], [3, 3]).with_groups(6),
        ] {
            let conv = config.init(&device);
            let ours = outcome(&conv, convolve, &device);
            let theirs = outcome(&conv, Conv2d::forward, &device);
            assert_eq!(ours.len(), if config.bias { 4 } else { 3 });
            for (ours, theirs) in ours.iter().zip(&theirs) {
                assert_eq!(ours.shape(), theirs.shape());
                ours.assert_approx_eq::<f32>(theirs, Tolerance::rel_abs(1e-5, 1e-4));
            }
        }
    }
}
