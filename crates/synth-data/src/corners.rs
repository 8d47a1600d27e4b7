//! Bilinear reading of a mask at displaced places, a block of pixels at a time.

use crate::lanes::{BLOCK, RAMP, index};

/// Where a block of pixels is read: rows and columns of the four neighbours, and the point's place
/// between them.
#[derive(Default)]
pub(crate) struct Corners {
    left: [u32; BLOCK],
    right: [u32; BLOCK],
    top: [u32; BLOCK],
    bottom: [u32; BLOCK],
    along_x: [f32; BLOCK],
    along_y: [f32; BLOCK],
}

impl Corners {
    /// The places of the pixels from `[x, y]` on, displaced by `[dx, dy]`; beyond the border those
    /// of the outermost pixels.
    #[inline(always)]
    pub(crate) fn locate(
        &mut self,
        [x, y]: [f32; 2],
        [dx, dy]: &[[f32; BLOCK]; 2],
        (width, height): (u32, u32),
    ) {
        let (last_column, last_row) = (width - 1, height - 1);
        for (i, step) in RAMP.into_iter().enumerate() {
            let sx = (x + step + dx[i]).clamp(0.0, last_column as f32);
            let sy = (y + dy[i]).clamp(0.0, last_row as f32);
            let (column, row) = (sx.floor(), sy.floor());
            self.along_x[i] = sx - column;
            self.along_y[i] = sy - row;
            // Numbers that are not finite must not lead out of the picture either.
            self.left[i] = index(column).min(last_column);
            self.right[i] = self.left[i].wrapping_add(1).min(last_column);
            self.top[i] = index(row).min(last_row);
            self.bottom[i] = self.top[i].wrapping_add(1).min(last_row);
        }
    }

    /// The bilinear samples of the mask, as many as `out` is long, at most a block.
    #[inline(always)]
    pub(crate) fn interpolate(&self, mask: &[f32], stride: usize, out: &mut [f32]) {
        let mut neighbours = [[0.0; BLOCK]; 4];
        for i in 0..out.len().min(BLOCK) {
            let top = &mask[self.top[i] as usize * stride..][..stride];
            let bottom = &mask[self.bottom[i] as usize * stride..][..stride];
            let (left, right) = (self.left[i] as usize, self.right[i] as usize);
            neighbours[0][i] = top[left];
            neighbours[1][i] = top[right];
            neighbours[2][i] = bottom[left];
            neighbours[3][i] = bottom[right];
        }
        let mut values = [0.0; BLOCK];
        for i in 0..BLOCK {
            let [a, b, c, d] = [0, 1, 2, 3].map(|n| neighbours[n][i]);
            let upper = a + self.along_x[i] * (b - a);
            let lower = c + self.along_x[i] * (d - c);
            // Rounding must not lead out of the range of masks.
            values[i] = (upper + self.along_y[i] * (lower - upper)).clamp(0.0, 1.0);
        }
        out.copy_from_slice(&values[..out.len()]);
    }
}
