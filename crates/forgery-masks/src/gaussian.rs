//! Separable Gaussian filters; beyond the border the picture is mirrored, the outermost value
//! twice (`c b a | a b c`).

use face_preproc::pictures::Mask;

/// Values summed together, so that the sums stay in registers.
const LANES: usize = 64;

/// The weights of a Gaussian of standard deviation `sigma` pixels at the distances `0 ..= radius`
/// from its middle; over both sides they sum to 1.
pub(crate) fn half_kernel(sigma: f32, radius: usize) -> Vec<f32> {
    let sigma = f64::from(sigma);
    let weight = |t: usize| (-0.5 * (t as f64 / sigma).powi(2)).exp();
    let sum = 1.0 + 2.0 * (1..=radius).map(weight).sum::<f64>();
    (0..=radius).map(|t| (weight(t) / sum) as f32).collect()
}

/// The index of the value that stands at `i` beyond (or within) a line of `len` values.
pub(crate) fn mirrored(i: isize, len: usize) -> usize {
    let period = 2 * len as isize;
    let i = i.rem_euclid(period);
    i.min(period - 1 - i) as usize
}

/// `out[i] = half[0] tap(0)[i] + sum over t > 0 of half[t] (tap(-t)[i] + tap(t)[i])`; every tap is
/// at least as long as `out`.
///
/// Always inlined: compiled into its caller, it gets the caller's vector instructions. Multiplying
/// and adding stay two roundings, so that every machine gives the same bits.
#[inline(always)]
pub(crate) fn symmetric_sum<'a, const TAPS: usize>(
    out: &mut [f32],
    half: &[f32; TAPS],
    tap: impl Fn(isize) -> &'a [f32],
) {
    let len = out.len();
    let taps: [(&[f32], &[f32]); TAPS] =
        std::array::from_fn(|t| (&tap(-(t as isize))[..len], &tap(t as isize)[..len]));
    let (out_blocks, out_rest) = out.as_chunks_mut::<LANES>();
    let count = out_blocks.len();
    let blocks = taps.map(|(before, after)| {
        let blocks = |side: &'a [f32]| &side.as_chunks::<LANES>().0[..count];
        (blocks(before), blocks(after))
    });
    for (i, out) in out_blocks.iter_mut().enumerate() {
        let mut sum = [0.0; LANES];
        for (sum, v) in sum.iter_mut().zip(&blocks[0].0[i]) {
            *sum = half[0] * v;
        }
        for (weight, (before, after)) in half[1..].iter().zip(&blocks[1..]) {
            for ((sum, b), a) in sum.iter_mut().zip(&before[i]).zip(&after[i]) {
                *sum += weight * (b + a);
            }
        }
        *out = sum;
    }
    for (i, out) in (count * LANES..).zip(out_rest) {
        *out = half[0] * taps[0].0[i];
        for (weight, (before, after)) in half[1..].iter().zip(&taps[1..]) {
            *out += weight * (before[i] + after[i]);
        }
    }
}

/// A mask blurred by a Gaussian of standard deviation `sigma` pixels, cut off at four of them;
/// unchanged for a `sigma` of 0.
pub(crate) fn blur(mask: &Mask, sigma: f32) -> Mask {
    let (width, height) = (mask.width() as usize, mask.height() as usize);
    let radius = (4.0 * sigma).round() as usize;
    if radius == 0 || mask.is_empty() {
        return mask.clone();
    }
    let half = half_kernel(sigma, radius);
    let weight = |t: isize| half[t.unsigned_abs()];
    let reach = -(radius as isize)..=radius as isize;
    let mut out = Mask::new(mask.width(), mask.height());
    let mut column_sums = vec![0.0; width];
    for (y, out) in out.chunks_exact_mut(width).enumerate() {
        column_sums.fill(0.0);
        for t in reach.clone() {
            let row = &mask.as_raw()[mirrored(y as isize + t, height) * width..];
            for (sum, v) in column_sums.iter_mut().zip(row) {
                *sum += weight(t) * v;
            }
        }
        for (x, out) in out.iter_mut().enumerate() {
            let at = |t: isize| column_sums[mirrored(x as isize + t, width)];
            *out = reach.clone().map(|t| weight(t) * at(t)).sum();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one() {
        let half = half_kernel(1.5, 5);
        let sum = half[0] + 2.0 * half[1..].iter().sum::<f32>();
        assert!((sum - 1.0).abs() < 1e-6, "{sum}");
    }

    #[test]
    fn beyond_the_border_the_line_runs_backwards() {
        let seen: Vec<usize> = (-4..7).map(|i| mirrored(i, 3)).collect();
        assert_eq!(seen, [2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0]);
    }

    #[test]
    fn a_flat_mask_stays_flat_even_when_smaller_than_the_kernel() {
        let mask = Mask::from_pixel(3, 2, image::Luma([0.5]));
        for value in blur(&mask, 4.0).into_raw() {
            assert!((value - 0.5).abs() < 1e-6, "{value}");
        }
    }
}
