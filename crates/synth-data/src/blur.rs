//! Separable convolution with a Gaussian, borders replicated.

/// A Gaussian of standard deviation `sigma` pixels at `-radius ..= radius`, of sum 1.
pub(crate) fn gaussian(sigma: f32, radius: usize) -> Vec<f32> {
    let weight = |i: usize| {
        let x = i as f32 - radius as f32;
        (-x * x / (2.0 * sigma * sigma)).exp()
    };
    let mut kernel: Vec<f32> = (0..=2 * radius).map(weight).collect();
    let sum: f32 = kernel.iter().sum();
    kernel.iter_mut().for_each(|w| *w /= sum);
    kernel
}

/// Convolves `[height, width, channels]` interleaved values with an odd symmetric kernel along
/// both axes; beyond the border the outermost value continues.
pub(crate) fn convolve(
    data: &[f32],
    width: usize,
    height: usize,
    channels: usize,
    kernel: &[f32],
) -> Vec<f32> {
    let mut out = vec![0.0; data.len()];
    if data.is_empty() {
        return out;
    }
    pulp::Arch::new().dispatch(Convolving {
        data,
        row_len: width * channels,
        last_row: height - 1,
        channels,
        kernel,
        out: &mut out,
    });
    out
}

/// [`convolve`] with the best vector instructions there are.
struct Convolving<'a> {
    data: &'a [f32],
    row_len: usize,
    last_row: usize,
    channels: usize,
    kernel: &'a [f32],
    out: &'a mut [f32],
}

impl pulp::NullaryFnOnce for Convolving<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self {
            row_len, channels, ..
        } = self;
        let radius = self.kernel.len() / 2;
        let border = radius * channels;
        // Down the columns first: one padded row then serves the pass along the row.
        let mut padded = vec![0.0; row_len + 2 * border];
        for (y, out) in self.out.chunks_exact_mut(row_len).enumerate() {
            let row = |t: usize| {
                let y = (y + t).saturating_sub(radius).min(self.last_row);
                &self.data[y * row_len..][..row_len]
            };
            let inner = &mut padded[border..][..row_len];
            times(inner, self.kernel[radius], row(radius));
            for (t, &w) in self.kernel[..radius].iter().enumerate() {
                add_pair(inner, w, row(t), row(2 * radius - t));
            }
            for i in 0..border {
                padded[i] = padded[border + i % channels];
                padded[row_len + border + i] = padded[row_len + border - channels + i % channels];
            }
            let shifted = |t: usize| &padded[t * channels..][..row_len];
            times(out, self.kernel[radius], shifted(radius));
            for (t, &w) in self.kernel[..radius].iter().enumerate() {
                add_pair(out, w, shifted(t), shifted(2 * radius - t));
            }
        }
    }
}

#[inline(always)]
fn times(out: &mut [f32], w: f32, row: &[f32]) {
    for (o, v) in out.iter_mut().zip(row) {
        *o = w * v;
    }
}

#[inline(always)]
fn add_pair(out: &mut [f32], w: f32, a: &[f32], b: &[f32]) {
    for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
        *o += w * (a + b);
    }
}
