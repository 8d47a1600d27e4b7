//! Where a convolution's kernel lies on its maps.

use std::ops::Range;

/// Shapes of a convolution without dilation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Geometry {
    pub(crate) batch: usize,
    pub(crate) inputs: usize,
    pub(crate) outputs: usize,
    /// Height and width of the maps that go in.
    pub(crate) size: [usize; 2],
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: [usize; 2],
    /// Rows of zeros above, columns to the left; how many follow says the size that comes out.
    pub(crate) padding: [usize; 2],
    /// Height and width of the maps that come out.
    pub(crate) out: [usize; 2],
}

impl Geometry {
    /// Of so many pictures, inputs and outputs.
    ///
    /// # Panics
    ///
    /// Panics if the kernel is larger than the maps, padded by rows and columns of zeros before and
    /// after them.
    pub(crate) fn new(
        [batch, inputs, outputs]: [usize; 3],
        size: [usize; 2],
        kernel: [usize; 2],
        stride: [usize; 2],
        [padding, after]: [[usize; 2]; 2],
    ) -> Self {
        let out = [0, 1].map(|axis| {
            let padded = size[axis] + padding[axis] + after[axis];
            assert!(
                kernel[axis] <= padded,
                "a kernel of {kernel:?} on maps of {size:?}, padded by {padding:?} and {after:?}"
            );
            (padded - kernel[axis]) / stride[axis] + 1
        });
        Self {
            batch,
            inputs,
            outputs,
            size,
            kernel,
            stride,
            padding,
            out,
        }
    }

    /// Pixels of a map that goes in.
    pub(crate) fn area(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Pixels of a map that comes out.
    pub(crate) fn out_area(&self) -> usize {
        self.out[0] * self.out[1]
    }

    /// Weights of a kernel for one pair of maps.
    pub(crate) fn taps(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// Whether each pixel that comes out sees the one in its place alone.
    pub(crate) fn is_pointwise(&self) -> bool {
        self.kernel == [1, 1] && self.stride == [1, 1] && self.size == self.out
    }

    /// Rows of what comes out in parts of about so many pixels.
    pub(crate) fn parts(&self, rows: Range<usize>, pixels: usize) -> Vec<Range<usize>> {
        let step = (pixels / self.out[1]).max(1);
        // Parts of one size: a short last one would cost a product of its own.
        let parts = rows.len().div_ceil(step).max(1);
        let step = rows.len().div_ceil(parts).max(1);
        let end = rows.end;
        rows.step_by(step)
            .map(|start| start..(start + step).min(end))
            .collect()
    }

    /// Where row `out` of a map that comes out meets the kernel's row `tap`: a row of the map that goes
    /// in, none where it is padding.
    pub(crate) fn source_row(&self, out: usize, tap: usize) -> Option<usize> {
        (out * self.stride[0] + tap)
            .checked_sub(self.padding[0])
            .filter(|&row| row < self.size[0])
    }

    /// Columns of a map that comes out whose pixel under the kernel's column `tap` is none of padding.
    pub(crate) fn columns_within(&self, tap: usize) -> Range<usize> {
        let [_, stride] = self.stride;
        let first = self.padding[1].saturating_sub(tap).div_ceil(stride);
        let end = (self.size[1] + self.padding[1])
            .saturating_sub(tap)
            .div_ceil(stride);
        let end = end.min(self.out[1]);
        first.min(end)..end
    }
}
