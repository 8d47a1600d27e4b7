//! Resizing of feature maps and masks.

use burn::tensor::Tensor;
use burn::tensor::module::interpolate;
use burn::tensor::ops::{InterpolateMode, InterpolateOptions};

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
pub fn resize_bilinear(maps: Tensor<4>, [height, width]: [usize; 2]) -> Tensor<4> {
    let options = InterpolateOptions::new(InterpolateMode::Bilinear)
        .with_align_corners(false)
        .with_output_size([height, width]);
    interpolate(maps, options)
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData, Tolerance};

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
}
