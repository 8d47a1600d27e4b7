//! Structural similarity of two pictures.
//!
//! Wang, Bovik, Sheikh and Simoncelli, "Image Quality Assessment: From Error Visibility to
//! Structural Similarity", 2004, with their constants: an 11 x 11 Gaussian window of standard
//! deviation 1.5, `K1 = 0.01`, `K2 = 0.03`, `L = 255`, population covariance. Every channel is
//! compared on its own; beyond the border a picture is mirrored. These are the numbers of
//! scikit-image's `structural_similarity(gaussian_weights=True, sigma=1.5,
//! use_sample_covariance=False, data_range=255, channel_axis=2, full=True)`.

use image::RgbImage;

use crate::gaussian::{half_kernel, mirrored, symmetric_sum};
use face_preproc::pictures::Mask;

/// Reach of the window about its middle, in pixels: 11 = 2 x 5 + 1.
const RADIUS: usize = 5;
const WINDOW: usize = 2 * RADIUS + 1;
const SIGMA: f32 = 1.5;
const CHANNELS: usize = 3;
const C1: f32 = (0.01 * 255.0) * (0.01 * 255.0);
const C2: f32 = (0.03 * 255.0) * (0.03 * 255.0);
/// Values that mirroring adds to a row of a plane.
const PADDING: usize = 2 * RADIUS * CHANNELS;
/// Values in a cache line.
const LINE: usize = 16;
/// Sum, difference, and their squares.
const PLANES: usize = 4;

/// Why two pictures cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SsimError {
    /// The pictures differ in size.
    #[error("pictures of {} x {} and {} x {} pixels cannot be compared; both must be of one size", .0.0, .0.1, .1.0, .1.1)]
    Sizes((u32, u32), (u32, u32)),
    /// A side is shorter than the window.
    #[error("a picture of {} x {} pixels is smaller than the window of 11 x 11 pixels", .0.0, .0.1)]
    TooSmall((u32, u32)),
}

/// The similarity at every pixel, the mean of the three channels: 1 where the pictures agree, 0
/// where their structures have nothing in common, down to -1 where one is the other's negative.
///
/// # Errors
///
/// [`SsimError`] for pictures of different sizes or with a side below 11 pixels.
pub fn ssim_map(a: &RgbImage, b: &RgbImage) -> Result<Mask, SsimError> {
    if a.dimensions() != b.dimensions() {
        return Err(SsimError::Sizes(a.dimensions(), b.dimensions()));
    }
    let (width, height) = a.dimensions();
    if (width.min(height) as usize) < WINDOW {
        return Err(SsimError::TooSmall((width, height)));
    }
    let mut map = Mask::new(width, height);
    let half = half_kernel(SIGMA, RADIUS);
    let half: &[f32; RADIUS + 1] = half[..].try_into().expect("RADIUS + 1 weights");
    let size = (width as usize, height as usize);
    // Compiled for each generation of vector instructions; the best that is there runs.
    pulp::Arch::new().dispatch(Fill {
        map: &mut map,
        a: a.as_raw(),
        b: b.as_raw(),
        size,
        half,
    });
    Ok(map)
}

/// The structural dissimilarity at every pixel, `(1 - SSIM) / 2`: 0 where the pictures agree, at
/// most 1.
///
/// # Errors
///
/// As [`ssim_map`].
pub fn dssim_map(a: &RgbImage, b: &RgbImage) -> Result<Mask, SsimError> {
    let mut map = ssim_map(a, b)?;
    map.iter_mut().for_each(|v| *v = (1.0 - *v) / 2.0);
    Ok(map)
}

/// The mean similarity of two pictures, of all pixels whose window lies within them.
///
/// # Errors
///
/// As [`ssim_map`].
pub fn ssim(a: &RgbImage, b: &RgbImage) -> Result<f64, SsimError> {
    let map = ssim_map(a, b)?;
    let (width, height) = (map.width() as usize, map.height() as usize);
    let rows = map
        .chunks_exact(width)
        .skip(RADIUS)
        .take(height - 2 * RADIUS);
    let inner = rows.flat_map(|row| &row[RADIUS..width - RADIUS]);
    let sum: f64 = inner.map(|&v| f64::from(v)).sum();
    Ok(sum / ((width - 2 * RADIUS) * (height - 2 * RADIUS)) as f64)
}

/// The work of [`ssim_map`].
struct Fill<'a> {
    map: &'a mut [f32],
    a: &'a [u8],
    b: &'a [u8],
    size: (usize, usize),
    half: &'a [f32; RADIUS + 1],
}

impl pulp::NullaryFnOnce for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        fill(self);
    }
}

/// Fills the map, row by row. Rows filtered along themselves are kept in a ring until the last
/// window that needs them has passed.
#[inline(always)]
fn fill(work: Fill<'_>) {
    let Fill {
        map,
        a,
        b,
        half,
        size: (width, height),
    } = work;
    let row_len = width * CHANNELS;
    // The planes' rows lie one behind the other, each with its own padding, and are filtered as
    // one: between planes that makes a few values of no meaning, which nothing reads.
    let plane = row_len + PADDING;
    let filtered = PLANES * plane - PADDING;
    let mut source = vec![0.0; PLANES * plane];
    // Rows begin on cache lines, so that no vector read from them lies across two.
    let stride = filtered.next_multiple_of(LINE);
    let mut memory = vec![0.0_f32; WINDOW * stride + LINE];
    let start = memory.as_ptr().align_offset(LINE * size_of::<f32>());
    let ring = &mut memory[start.min(LINE)..];
    let mut moments = vec![0.0; filtered];
    let mut similarity = vec![0.0; row_len];
    let mut next = 0;
    for (y, out) in map.chunks_exact_mut(width).enumerate() {
        while next < height && next <= y + RADIUS {
            let row = next * row_len..(next + 1) * row_len;
            spread(&mut source, &a[row.clone()], &b[row]);
            let shifted = |t: isize| &source[((RADIUS as isize + t) as usize * CHANNELS)..];
            let slot = next % WINDOW * stride;
            symmetric_sum(&mut ring[slot..slot + filtered], half, shifted);
            next += 1;
        }
        let row = |t: isize| &ring[mirrored(y as isize + t, height) % WINDOW * stride..];
        symmetric_sum(&mut moments, half, row);
        compare(&mut similarity, &moments, plane);
        for (out, channels) in out.iter_mut().zip(similarity.chunks_exact(CHANNELS)) {
            *out = channels.iter().sum::<f32>() / CHANNELS as f32;
        }
    }
}

/// One row of both pictures as four planes, each mirrored at its ends: `a + b - 255`, `a - b`, and
/// their squares. With these the covariance costs no filter of its own, and centred about 0 the
/// squares keep their precision.
#[inline(always)]
fn spread(source: &mut [f32], a: &[u8], b: &[u8]) {
    let plane = a.len() + PADDING;
    let (sums, rest) = source.split_at_mut(plane);
    let (differences, rest) = rest.split_at_mut(plane);
    let (sums_squared, differences_squared) = rest.split_at_mut(plane);
    let inner = PADDING / 2..PADDING / 2 + a.len();
    let pixels = a.iter().zip(b);
    let values = sums[inner.clone()].iter_mut().zip(&mut differences[inner]);
    for ((sum, difference), (&a, &b)) in values.zip(pixels) {
        let (a, b) = (f32::from(a), f32::from(b));
        (*sum, *difference) = (a + b - 255.0, a - b);
    }
    mirror_ends(sums);
    mirror_ends(differences);
    for (squares, values) in [(sums_squared, sums), (differences_squared, differences)] {
        for (square, value) in squares.iter_mut().zip(values) {
            *square = *value * *value;
        }
    }
}

#[inline(always)]
fn mirror_ends(plane: &mut [f32]) {
    let pixels = plane.len() / CHANNELS;
    for i in 0..RADIUS {
        for c in 0..CHANNELS {
            plane[i * CHANNELS + c] = plane[(2 * RADIUS - 1 - i) * CHANNELS + c];
            plane[(pixels - 1 - i) * CHANNELS + c] =
                plane[(pixels - 2 * RADIUS + i) * CHANNELS + c];
        }
    }
}

/// SSIM (equation 13 of its paper) from the filtered planes.
#[inline(always)]
fn compare(similarity: &mut [f32], moments: &[f32], plane: usize) {
    let of = |k: usize| &moments[k * plane..][..plane - PADDING];
    let means = of(0).iter().zip(of(1));
    let squares = of(2).iter().zip(of(3));
    for ((out, (&s, &d)), (&ss, &dd)) in similarity.iter_mut().zip(means).zip(squares) {
        // s = mean a + mean b - 255, d = mean a - mean b.
        let (variance_s, variance_d) = (ss - s * s, dd - d * d);
        let s = s + 255.0;
        let (s, d) = (s * s, d * d);
        let luminance = (s - d) * 0.5 + C1;
        let structure = (variance_s - variance_d) * 0.5 + C2;
        let luminances = (s + d) * 0.5 + C1;
        let variances = (variance_s + variance_d) * 0.5 + C2;
        *out = (luminance * structure) / (luminances * variances);
    }
}
