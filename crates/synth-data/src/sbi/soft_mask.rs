//! The blurred mask of self-blended images.

use crate::mask::{Mask, gaussian_blur};

/// Values from here on count as 1: resampling and deforming round.
const ONE: f32 = 0.999;

/// The mask where its blur by a kernel of `2 radii[0] + 1` pixels is still 1, which is the mask
/// eroded by that kernel's square, blurred again by a Gaussian of standard deviation `sigma` pixels
/// within `radii[1]` pixels, and scaled to a peak of 1. An erosion that would leave nothing is made
/// smaller. A mask that is nowhere 1 becomes empty.
pub fn soft_mask(mask: &Mask, radii: [usize; 2], sigma: f32) -> Mask {
    let full: Vec<u8> = mask.iter().map(|&m| u8::from(m >= ONE)).collect();
    let eroded = (0..=radii[0])
        .rev()
        .map(|radius| erode(&full, mask.width() as usize, radius))
        .find(|eroded| eroded.contains(&1))
        .unwrap_or(full);
    let mut core = mask.clone();
    for (m, inside) in core.iter_mut().zip(eroded) {
        *m = f32::from(inside);
    }
    let mut soft = gaussian_blur(&core, sigma, radii[1]);
    let peak = soft.iter().fold(0.0, |a: f32, &m| a.max(m));
    if peak > 0.0 {
        soft.iter_mut().for_each(|m| *m = (*m / peak).min(1.0));
    }
    soft
}

/// The least value within `radius` rows and columns; what lies beyond the border does not count.
fn erode(values: &[u8], width: usize, radius: usize) -> Vec<u8> {
    let mut out = vec![1; values.len()];
    if width == 0 {
        return out;
    }
    let mut along_rows = vec![1; values.len()];
    pulp::Arch::new().dispatch(|| {
        let rows = values.chunks_exact(width);
        for (out, row) in along_rows.chunks_exact_mut(width).zip(rows) {
            for shift in 0..=radius.min(width - 1) {
                and(&mut out[shift..], row);
                and(out, &row[shift..]);
            }
        }
        let height = values.len() / width;
        for (y, out) in out.chunks_exact_mut(width).enumerate() {
            for row in y.saturating_sub(radius)..(y + radius + 1).min(height) {
                and(out, &along_rows[row * width..][..width]);
            }
        }
    });
    out
}

#[inline(always)]
fn and(out: &mut [u8], row: &[u8]) {
    out.iter_mut().zip(row).for_each(|(o, v)| *o &= v);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition, on a random pattern that touches the border.
    #[test]
    fn erosion_is_the_least_neighbour() {
        let (width, height) = (13, 9);
        let values: Vec<u8> = (0..width * height)
            .map(|i| u8::from((i * 7919 + i * i) % 11 != 0))
            .collect();
        for radius in 0..4 {
            let eroded = erode(&values, width, radius);
            for y in 0..height {
                for x in 0..width {
                    let near = |a: usize, b: usize| a.abs_diff(b) <= radius;
                    let least = (0..values.len())
                        .filter(|i| near(i % width, x) && near(i / width, y))
                        .map(|i| values[i])
                        .min();
                    assert_eq!(Some(eroded[y * width + x]), least, "{radius} {x} {y}");
                }
            }
        }
    }
}
