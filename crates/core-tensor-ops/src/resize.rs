//! Resizing of feature maps and masks.

#[cfg(feature = "cpu")]
use burn::tensor::module::interpolate;
#[cfg(feature = "cpu")]
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};
use burn::tensor::{Tensor, TensorData};

/// Bilinear resize, up or down, with half-pixel centres: PyTorch's
/// `F.interpolate(mode="bilinear", align_corners=False, antialias=False)`.
///
/// Not antialiased: when shrinking, every output value is a blend of the four input pixels around
/// its centre, whatever the factor. (Burn's own default is `align_corners = true`.)
///
/// # Shapes
///
/// - `maps`: `[batch, channels, any, any]`
/// - returns `[batch, channels, height, width]`
pub fn resize_bilinear(maps: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    #[cfg(feature = "cpu")]
    if cpu_ops::takes(&maps) {
        return interpolated(maps, size);
    }
    as_products(maps, size)
}

/// By Burn's own operation, which has no gradient on a GPU.
#[cfg(feature = "cpu")]
fn interpolated(maps: Tensor<4>, size: [usize; 2]) -> Tensor<4> {
    let options = InterpolateOptions::new(InterpolateMode::Bilinear)
        .with_align_corners(false)
        .with_output_size(size);
    interpolate(maps, options)
}

/// By a product of matrices for each axis.
fn as_products(maps: Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let [_, _, rows, columns] = maps.dims();
    let (device, dtype) = (maps.device(), maps.dtype());
    let blends = |from, to| {
        let blends = TensorData::new(blends(from, to), [1, 1, to, from]);
        Tensor::<4>::from_data(blends, &device).cast(dtype)
    };
    let across = blends(columns, width).swap_dims(2, 3);
    blends(rows, height).matmul(maps).matmul(across)
}

/// What each of `to` values along an axis has of each of `from`, row after row: shares of the two around its
/// centre.
fn blends(from: usize, to: usize) -> Vec<f32> {
    let mut blends = vec![0.0; to * from];
    for (place, row) in blends.chunks_exact_mut(from).enumerate() {
        let centre = (place as f32 + 0.5) * from as f32 / to as f32 - 0.5;
        let centre = centre.max(0.0);
        let first = (centre as usize).min(from - 1);
        let second = (first + 1).min(from - 1);
        let share = centre - first as f32;
        row[first] += 1.0 - share;
        row[second] += share;
    }
    blends
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, Tolerance};

    use super::*;

    fn resized(values: TensorData, size: [usize; 2]) -> TensorData {
        resize_bilinear(Tensor::from_data(values, &Device::flex()), size).into_data()
    }

    #[test]
    fn growing_uses_half_pixel_centres() {
        // Output centres at -0.25, 0.25, 0.75, 1.25 between inputs 0 and 1, clamped at the edge.
        let grown = resized(TensorData::from([[[[0.0f32, 1.0]]]]), [1, 4]);
        let expected = TensorData::from([[[[0.0f32, 0.25, 0.75, 1.0]]]]);
        grown.assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-6));
    }

    #[test]
    fn shrinking_blends_only_the_central_pixels() {
        // By four, the centre lies between the second and the third pixel: 0 and 9 play no part.
        let shrunk = resized(TensorData::from([[[[0.0f32, 1.0, 3.0, 9.0]]]]), [1, 1]);
        let expected = TensorData::from([[[[2.0f32]]]]);
        shrunk.assert_approx_eq::<f32>(&expected, Tolerance::absolute(1e-6));
    }

    #[test]
    fn gradient_reaches_the_source() {
        let device = Device::flex().autodiff();
        let source = Tensor::<4>::ones([1, 1, 2, 2], &device).require_grad();
        let gradients = resize_bilinear(source.clone(), [8, 8]).sum().backward();
        let gradient: Vec<f32> = source
            .grad(&gradients)
            .unwrap()
            .into_data()
            .try_to_vec()
            .unwrap();
        // The 64 outputs are shared evenly among the four inputs.
        assert!(
            gradient.iter().all(|value| (value - 16.0).abs() < 1e-4),
            "{gradient:?}"
        );
    }

    #[test]
    fn products_of_matrices_are_the_interpolation_with_its_gradient() {
        let device = Device::flex().autodiff();
        let outcome = |from: [usize; 2], to: [usize; 2], resize: fn(_, _) -> Tensor<4>| {
            let values: Vec<f32> = (0..6 * from[0] * from[1])
                .map(|i| (i as f32).sin())
                .collect();
            let data = TensorData::new(values, [2, 3, from[0], from[1]]);
            let maps = Tensor::<4>::from_data(data, &device).require_grad();
            let out = resize(maps.clone(), to);
            let gradients = out.clone().powi_scalar(2).sum().backward();
            [out.into_data(), maps.grad(&gradients).unwrap().into_data()]
        };
        for (from, to) in [
            ([5, 7], [19, 10]),
            ([19, 10], [5, 7]),
            ([1, 4], [3, 4]),
            ([8, 8], [1, 32]),
        ] {
            let theirs = outcome(from, to, interpolated);
            for (ours, theirs) in outcome(from, to, as_products).iter().zip(&theirs) {
                ours.assert_approx_eq::<f32>(theirs, Tolerance::rel_abs(1e-5, 1e-5));
            }
        }
    }
}
