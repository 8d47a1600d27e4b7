//! The formula of the generators of golden files, the same to the last bit.

use burn::tensor::{Device, Tensor, TensorData};

/// `count` numbers in `0..1`: FNV-1a of the name, then MurmurHash3's finaliser of each index.
pub fn uniform(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let seed = name.bytes().fold(0x811C_9DC5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    (0..count as u32).map(move |index| {
        let mut x = index.wrapping_mul(0x9E37_79B9).wrapping_add(seed);
        x = (x ^ x >> 16).wrapping_mul(0x85EB_CA6B);
        x = (x ^ x >> 13).wrapping_mul(0xC2B2_AE35);
        x ^= x >> 16;
        f64::from(x >> 8) / f64::from(1 << 24)
    })
}

/// A tensor of numbers in `-2..2`.
#[must_use]
pub fn tensor<const D: usize>(name: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> = uniform(name, shape.iter().product())
        .map(|u| (4.0 * u - 2.0) as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Two images, `[2, 3, height, width]`, in `-2..2`.
#[must_use]
pub fn images(height: usize, width: usize) -> Tensor<4> {
    tensor("images", [2, 3, height, width], &Device::flex())
}

/// The values of a parameter of a name and shape: weights of variance 1 / fan-in, batch statistics and
/// affine terms well away from 0 and 1.
#[must_use]
pub fn parameter(name: &str, shape: &[usize]) -> Vec<f32> {
    let draw = uniform(name, shape.iter().product());
    if shape.len() > 1 {
        let bound = (3.0 / shape[1..].iter().product::<usize>() as f64).sqrt();
        draw.map(|u| ((2.0 * u - 1.0) * bound) as f32).collect()
    } else if name.ends_with("running_var") || name.ends_with("weight") {
        draw.map(|u| (0.5 + u) as f32).collect()
    } else {
        draw.map(|u| ((2.0 * u - 1.0) * 0.5) as f32).collect()
    }
}
