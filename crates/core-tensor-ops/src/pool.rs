//! Pooling.

use burn::tensor::Tensor;

/// The mean of every feature map.
///
/// # Shapes
///
/// - `maps`: `[batch, channels, height, width]`
/// - returns `[batch, channels]`
pub fn global_average_pool(maps: Tensor<4>) -> Tensor<2> {
    maps.flatten::<3>(2, 3).mean_dim(2).squeeze_dim(2)
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
}
