//! Some rows of a group of channels, the channel innermost.

use super::points::{LANES, Lane};

/// Rows of some of a picture's channels, channel innermost: `[rows, columns, LANES]`.
pub(super) struct Strip {
    /// `[rows, columns]`.
    pub(super) values: Vec<Lane>,
    pub(super) columns: usize,
}

impl Strip {
    pub(super) fn new(rows: usize, columns: usize) -> Self {
        Self {
            values: vec![[0.0; LANES]; rows * columns],
            columns,
        }
    }

    #[inline(always)]
    pub(super) fn at(&self, y: usize, x: usize) -> Lane {
        self.values[y * self.columns + x]
    }

    /// Reads rows from `top` on, at columns from `left` on, of planes of `size`; zeros outside.
    #[inline(always)]
    pub(super) fn read(&mut self, planes: &[f32], size: [usize; 2], [top, left]: [isize; 2]) {
        let [height, width] = size;
        let channels = planes.len() / (height * width);
        self.values.fill([0.0; LANES]);
        for (y, row) in self.values.chunks_exact_mut(self.columns).enumerate() {
            let source = top + y as isize;
            if source < 0 || source >= height as isize {
                continue;
            }
            let source = source as usize * width;
            let first = (-left).max(0) as usize;
            let from = (left + first as isize) as usize;
            let row = &mut row[first..];
            let count = width.saturating_sub(from).min(row.len());
            let row = &mut row[..count];
            for channel in 0..channels {
                let start = channel * height * width + source + from;
                let line = &planes[start..start + count];
                for (value, &source) in row.iter_mut().zip(line) {
                    value[channel] = source;
                }
            }
        }
    }

    /// Writes rows to planes of `size` from row `top` on, what lies within.
    #[inline(always)]
    pub(super) fn write(&self, planes: &mut [f32], size: [usize; 2], top: usize) {
        let [height, width] = size;
        let rows = self.values.len() / self.columns;
        for (channel, plane) in planes.chunks_exact_mut(height * width).enumerate() {
            for y in 0..rows.min(height - top) {
                let line = &mut plane[(top + y) * width..][..width];
                let row = &self.values[y * self.columns..];
                for (value, source) in line.iter_mut().zip(row) {
                    *value = source[channel];
                }
            }
        }
    }
}
