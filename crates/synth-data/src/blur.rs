//! Separable convolution with a Gaussian, borders replicated.

/// Columns worked on together, so that the sums stay in registers.
const LANES: usize = 16;

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
    let (row_len, radius) = (width * channels, kernel.len() / 2);
    let mut out = vec![0.0; data.len()];
    if data.is_empty() {
        return out;
    }
    // Down the columns first: one padded row then serves the pass along the row.
    let mut padded = vec![0.0; row_len + 2 * radius * channels];
    let arch = pulp::Arch::new();
    let mut rows: Vec<&[f32]> = Vec::with_capacity(kernel.len());
    for (y, out) in out.chunks_exact_mut(row_len).enumerate() {
        rows.clear();
        rows.extend((0..kernel.len()).map(|t| {
            let y = (y + t).saturating_sub(radius).min(height - 1);
            &data[y * row_len..(y + 1) * row_len]
        }));
        let inner = &mut padded[radius * channels..][..row_len];
        arch.dispatch(WeightedSum {
            out: inner,
            kernel,
            rows: &rows,
        });
        for i in 0..radius * channels {
            padded[i] = padded[radius * channels + i % channels];
            padded[row_len + radius * channels + i] =
                padded[row_len + (radius - 1) * channels + i % channels];
        }
        let shifted: Vec<&[f32]> = (0..kernel.len())
            .map(|t| &padded[t * channels..][..row_len])
            .collect();
        arch.dispatch(WeightedSum {
            out,
            kernel,
            rows: &shifted,
        });
    }
    out
}

/// `out[i] = sum over t of kernel[t] * rows[t][i]`, with the best vector instructions there are.
struct WeightedSum<'a> {
    out: &'a mut [f32],
    kernel: &'a [f32],
    rows: &'a [&'a [f32]],
}

impl pulp::NullaryFnOnce for WeightedSum<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { out, kernel, rows } = self;
        let whole = out.len() / LANES * LANES;
        for start in (0..whole).step_by(LANES) {
            let mut sum = [0.0; LANES];
            for (&w, row) in kernel.iter().zip(rows) {
                for (s, v) in sum.iter_mut().zip(&row[start..start + LANES]) {
                    *s += w * v;
                }
            }
            out[start..start + LANES].copy_from_slice(&sum);
        }
        for i in whole..out.len() {
            out[i] = kernel.iter().zip(rows).map(|(w, row)| w * row[i]).sum();
        }
    }
}
