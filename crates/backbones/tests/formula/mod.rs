//! The formula for weights and images of `golden/generate.py`, the same to the last bit.

use burn::tensor::{Device, Tensor, TensorData};

/// `count` numbers in `0..1`: FNV-1a of the name, then MurmurHash3's finaliser of each index.
pub(crate) fn uniform(name: &str, count: usize) -> impl Iterator<Item = f64> {
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

/// Two images, `[2, 3, height, width]`, in `-2..2`.
pub(crate) fn images(height: usize, width: usize) -> Tensor<4> {
    let values = uniform("images", 2 * 3 * height * width)
        .map(|u| (4.0 * u - 2.0) as f32)
        .collect();
    let images = TensorData::new(values, [2, 3, height, width]);
    Tensor::from_data(images, &Device::flex())
}
