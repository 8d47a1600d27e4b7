//! Augmentations that change pixels where they are.

use image::RgbImage;
use rand::{Rng, RngExt};
use rand_distr::StandardNormal;

use crate::blur;

/// Least and greatest ratio of width to height of an erased rectangle (Zhong et al., "Random
/// Erasing", AAAI 2020).
const ERASED_ASPECT: [f32; 2] = [0.3, 1.0 / 0.3];

/// Luma of BT.601.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

/// `(value - 0.5) * contrast + 0.5 + brightness`, with values in 0 ..= 1.
pub fn brightness_contrast(image: &RgbImage, brightness: f32, contrast: f32) -> RgbImage {
    let table: [u8; 256] = std::array::from_fn(|v| {
        let v = (v as f32 - 127.5) * contrast + 127.5 + 255.0 * brightness;
        (v + 0.5) as u8
    });
    let mut out = image.clone();
    out.iter_mut().for_each(|v| *v = table[*v as usize]);
    out
}

/// The hue turned by some degrees and the saturation times a factor, luma kept: a turn and a
/// scaling of the chroma plane of YIQ, which is one 3 x 3 matrix on R'G'B'.
pub fn color_jitter(image: &RgbImage, hue_degrees: f32, saturation: f32) -> RgbImage {
    let matrix = chroma_matrix(hue_degrees, saturation);
    let mut out = image.clone();
    for pixel in out.as_chunks_mut::<3>().0 {
        let rgb = pixel.map(f32::from);
        *pixel = matrix.map(|m| (m[0] * rgb[0] + m[1] * rgb[1] + m[2] * rgb[2] + 0.5) as u8);
    }
    out
}

/// The chroma vector `rgb - luma` is turned about the grey axis within its plane of constant luma.
fn chroma_matrix(hue_degrees: f32, saturation: f32) -> [[f32; 3]; 3] {
    // NTSC's I and Q, and what they contribute to R', G' and B'.
    const I: [f32; 3] = [0.595_716, -0.274_453, -0.321_263];
    const Q: [f32; 3] = [0.211_456, -0.522_591, 0.311_135];
    const FROM_I: [f32; 3] = [0.956_296, -0.272_122, -1.106_989];
    const FROM_Q: [f32; 3] = [0.621_024, -0.647_381, 1.704_615];
    let (sin, cos) = hue_degrees.to_radians().sin_cos();
    std::array::from_fn(|row| {
        std::array::from_fn(|column| {
            let i = cos * I[column] - sin * Q[column];
            let q = sin * I[column] + cos * Q[column];
            LUMA[column] + saturation * (FROM_I[row] * i + FROM_Q[row] * q)
        })
    })
}

/// Blurred with a Gaussian of standard deviation `sigma` pixels, cut off at three of them; borders
/// are replicated. Zero changes nothing.
pub fn gaussian_blur(image: &RgbImage, sigma: f32) -> RgbImage {
    if sigma <= 0.0 {
        return image.clone();
    }
    let kernel = blur::gaussian(sigma, (3.0 * sigma).ceil() as usize);
    let values: Vec<f32> = image.iter().map(|&v| f32::from(v)).collect();
    let (width, height) = (image.width() as usize, image.height() as usize);
    let blurred = blur::convolve(&values, width, height, 3, &kernel);
    let mut out = image.clone();
    for (o, v) in out.iter_mut().zip(blurred) {
        *o = (v + 0.5) as u8;
    }
    out
}

/// Independent Gaussian noise of standard deviation `sigma` levels on every channel.
pub fn gaussian_noise(image: &RgbImage, sigma: f32, rng: &mut impl Rng) -> RgbImage {
    let mut out = image.clone();
    for v in out.iter_mut() {
        let noise = sigma * rng.sample::<f32, _>(StandardNormal);
        *v = (f32::from(*v) + noise + 0.5) as u8;
    }
    out
}

/// A rectangle of about `share` of the area filled with uniform noise ("random erasing", with
/// random values as in its paper); place and shape are random.
pub fn erase(image: &RgbImage, share: f32, rng: &mut impl Rng) -> RgbImage {
    let mut out = image.clone();
    let (width, height) = image.dimensions();
    let area = share * width as f32 * height as f32;
    let [low, high] = ERASED_ASPECT.map(f32::ln);
    let aspect = rng.random_range(low..=high).exp();
    let side = |length: f32, most: u32| (length.round() as u32).min(most);
    let w = side((area * aspect).sqrt(), width);
    let h = side((area / aspect).sqrt(), height);
    let x = rng.random_range(0..=width - w);
    let y = rng.random_range(0..=height - h);
    let rows = out.chunks_exact_mut(3 * width.max(1) as usize);
    for row in rows.skip(y as usize).take(h as usize) {
        rng.fill(&mut row[3 * x as usize..3 * (x + w) as usize]);
    }
    out
}
