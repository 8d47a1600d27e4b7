//! Pooling.

use burn::tensor::Tensor;
use burn::tensor::ops::MaxPoolOptions;

/// The mean of every feature map.
///
/// # Shapes
///
/// - `maps`: `[batch, channels, height, width]`
/// - returns `[batch, channels]`
pub fn global_average_pool(maps: Tensor<4>) -> Tensor<2> {
    maps.flatten::<3>(2, 3).mean_dim(2).squeeze_dim(2)
}

/// Burn's `max_pool2d`; on a CPU without dilation by `cpu-ops`.
///
/// # Shapes
///
/// - `maps`: `[batch, channels, height, width]`
/// - returns `[batch, channels, ..]`, the size as `options` say
pub fn max_pool2d(maps: Tensor<4>, options: MaxPoolOptions<2>) -> Tensor<4> {
    #[cfg(feature = "cpu")]
    if options.dilation == [1, 1] && cpu_ops::takes(&maps) {
        let [_, _, height, width] = maps.dims();
        let padding = padding(&options, [height, width]);
        return cpu_ops::max_pool2d(maps, options.kernel_size, options.stride, padding);
    }
    burn::tensor::module::max_pool2d(maps, options)
}

/// Rows and columns before the maps and after them. Where a cut window counts, so much follows that it is
/// whole; a window begins within the maps or what is before them.
#[cfg(feature = "cpu")]
fn padding(options: &MaxPoolOptions<2>, size: [usize; 2]) -> [[usize; 2]; 2] {
    let axes = [0, 1].map(|axis| {
        let (before, after) = options.padding[axis];
        let (kernel, stride) = (options.kernel_size[axis], options.stride[axis]);
        let beyond = (size[axis] + before + after).saturating_sub(kernel);
        let next = beyond.next_multiple_of(stride);
        match options.ceil_mode && next < size[axis] + before {
            true => [before, after + next - beyond],
            false => [before, after],
        }
    });
    [[axes[0][0], axes[1][0]], [axes[0][1], axes[1][1]]]
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;

    #[test]
    fn every_map_becomes_its_mean() {
        let maps = Tensor::<4>::from_floats(
            [[[[1.0, 2.0], [3.0, 6.0]], [[0.0, 0.0], [0.0, -4.0]]]],
            &Device::flex(),
        );
        let pooled = global_average_pool(maps).into_data();
        pooled.assert_eq(&TensorData::from([[3.0f32, -1.0]]), true);
    }

    /// What comes out, and the gradient of the maps.
    fn outcome(
        size: [usize; 2],
        options: &MaxPoolOptions<2>,
        pool: fn(Tensor<4>, MaxPoolOptions<2>) -> Tensor<4>,
    ) -> [TensorData; 2] {
        let device = Device::flex().autodiff();
        let [height, width] = size;
        // Few values, so that several are the largest.
        let values: Vec<f32> = (0..2 * 3 * height * width)
            .map(|i| (i * 7 % 5) as f32 - 3.0)
            .collect();
        let data = TensorData::new(values, [2, 3, height, width]);
        let maps = Tensor::<4>::from_data(data, &device).require_grad();
        let out = pool(maps.clone(), options.clone());
        let gradients = out.clone().powi_scalar(3).sum().backward();
        [out.into_data(), maps.grad(&gradients).unwrap().into_data()]
    }

    #[test]
    fn the_largest_and_its_gradient_are_burns() {
        for (size, kernel, stride, padding, ceil) in [
            ([9, 14], [3, 3], [2, 2], [1, 1], false),
            ([8, 7], [2, 2], [2, 2], [0, 0], false),
            ([9, 14], [3, 3], [2, 2], [0, 0], true),
            ([8, 7], [3, 2], [2, 2], [1, 1], true),
            ([5, 6], [3, 3], [1, 2], [1, 0], false),
        ] {
            let options = MaxPoolOptions::new(kernel)
                .with_stride(stride)
                .with_padding(padding)
                .with_ceil_mode(ceil);
            let ours = outcome(size, &options, max_pool2d);
            let theirs = outcome(size, &options, burn::tensor::module::max_pool2d);
            assert_eq!(ours, theirs, "{size:?} {options:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_the_largest() {
        let maps = Tensor::<4>::from_floats([[[[1.0, f32::NAN], [3.0, 6.0]]]], &Device::flex());
        let pooled = max_pool2d(maps, MaxPoolOptions::new([2, 2]));
        assert!(pooled.into_scalar::<f32>().is_nan());
    }
}
