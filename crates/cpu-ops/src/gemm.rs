//! Matrix products, by gemm: the one place of the workspace that needs `unsafe`, as that library
//! takes pointers.
#![expect(unsafe_code, reason = "gemm takes pointers; bounds are checked before")]

/// A matrix in a slice: element `(row, column)` lies at `row * strides[0] + column * strides[1]`.
#[derive(Clone, Copy)]
pub(crate) struct Matrix<'a> {
    values: &'a [f32],
    shape: [usize; 2],
    strides: [usize; 2],
}

impl<'a> Matrix<'a> {
    /// # Panics
    ///
    /// Panics if an element would lie outside `values`.
    pub(crate) fn new(values: &'a [f32], shape: [usize; 2], strides: [usize; 2]) -> Self {
        assert!(
            shape.contains(&0)
                || (shape[0] - 1) * strides[0] + (shape[1] - 1) * strides[1] < values.len(),
            "a matrix of {shape:?} with strides {strides:?} does not lie in {} values",
            values.len()
        );
        Self {
            values,
            shape,
            strides,
        }
    }

    /// Row after row.
    pub(crate) fn rows(values: &'a [f32], shape: [usize; 2]) -> Self {
        Self::new(values, shape, [shape[1], 1])
    }

    pub(crate) fn transposed(self) -> Self {
        let reversed = |[a, b]: [usize; 2]| [b, a];
        Self {
            values: self.values,
            shape: reversed(self.shape),
            strides: reversed(self.strides),
        }
    }
}

/// `a b` into `out`, of which a row begins every `row_stride` numbers; added to what is there where `add`
/// says so.
///
/// One thread does it: callers divide their work into parts that do not depend on how many threads
/// there are, so that sums are rounded in one order.
///
/// # Panics
///
/// Panics if the shapes do not fit.
pub(crate) fn multiply(
    a: Matrix<'_>,
    b: Matrix<'_>,
    add: bool,
    out: &mut [f32],
    row_stride: usize,
) {
    let ([m, k], [inner, n]) = (a.shape, b.shape);
    assert_eq!(k, inner, "columns of the left, rows of the right matrix");
    assert!(n <= row_stride, "rows of {n} every {row_stride}");
    assert!(
        m * n == 0 || (m - 1) * row_stride + n <= out.len(),
        "a product of {m} rows every {row_stride} does not lie in {} values",
        out.len()
    );
    let stride = |stride: usize| isize::try_from(stride).expect("a stride within memory");
    // SAFETY: `Matrix::new` has checked that both matrices lie in their slices, the product lies in
    // `out`, and being mutable that is none of the others.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            stride(row_stride),
            add,
            a.values.as_ptr(),
            stride(a.strides[1]),
            stride(a.strides[0]),
            b.values.as_ptr(),
            stride(b.strides[1]),
            stride(b.strides[0]),
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
