//! Dropout, drawn from a generator that is passed in.

use burn::tensor::{Tensor, TensorData};
use rand::{Rng, RngExt};

/// Zeroes each number with probability `rate`, in `0..1`, and divides the others by `1 - rate`.
///
/// # Shapes
///
/// - `features`, result: `[batch, features]`
pub fn dropout(features: Tensor<2>, rate: f64, rng: &mut dyn Rng) -> Tensor<2> {
    if rate == 0.0 {
        return features;
    }
    let [batch, channels] = features.dims();
    let kept = (1.0 / (1.0 - rate)) as f32;
    let draw = |_| if rng.random_bool(rate) { 0.0 } else { kept };
    let factors: Vec<f32> = (0..batch * channels).map(draw).collect();
    let factors = TensorData::new(factors, [batch, channels]);
    features.clone() * Tensor::from_data(factors, &features.device())
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};

    use super::*;

    #[test]
    fn a_share_is_zeroed_and_the_sum_stays_about_the_same() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let ones = Tensor::<2>::ones([100, 100], &Device::flex());
        let values: Vec<f32> = dropout(ones.clone(), 0.25, &mut rng)
            .into_data()
            .iter()
            .collect();
        let zeros = values.iter().filter(|v| **v == 0.0).count();
        // 10,000 draws: a standard deviation of 43.
        assert!((2300..2700).contains(&zeros), "{zeros}");
        assert!(
            values
                .iter()
                .all(|v| *v == 0.0 || (v - 4.0 / 3.0).abs() < 1e-6)
        );
        let none = dropout(ones.clone(), 0.0, &mut rng).into_data();
        none.assert_eq(&ones.into_data(), true);
    }
}
