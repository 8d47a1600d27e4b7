//! A sum of two maps and ReLU in one pass: the end of a residual block.

use pulp::NullaryFnOnce;
use rayon::prelude::*;

/// Numbers of one task.
const TASK: usize = 1 << 16;

/// `max(a + b, 0)`, in place of `a`.
pub(crate) fn add_relu(a: &mut [f32], b: &[f32]) {
    let tasks = a.par_chunks_mut(TASK).zip(b.par_chunks(TASK));
    tasks.for_each(|(a, b)| pulp::Arch::new().dispatch(AddRelu { a, b }));
}

struct AddRelu<'a> {
    a: &'a mut [f32],
    b: &'a [f32],
}

impl NullaryFnOnce for AddRelu<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (a, &b) in self.a.iter_mut().zip(self.b) {
            let sum = *a + b;
            // A comparison, not `max`: what is no number stays none.
            *a = if sum < 0.0 { 0.0 } else { sum };
        }
    }
}

/// Lets the gradient pass where something came out, in place.
pub(crate) fn pass(gradient: &mut [f32], out: &[f32]) {
    let tasks = gradient.par_chunks_mut(TASK).zip(out.par_chunks(TASK));
    tasks.for_each(|(gradient, out)| pulp::Arch::new().dispatch(Pass { gradient, out }));
}

struct Pass<'a> {
    gradient: &'a mut [f32],
    out: &'a [f32],
}

impl NullaryFnOnce for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        for (gradient, &out) in self.gradient.iter_mut().zip(self.out) {
            *gradient = if out > 0.0 { *gradient } else { 0.0 };
        }
    }
}
