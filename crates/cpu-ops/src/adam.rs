//! A step of Adam in one pass over a parameter.

use pulp::NullaryFnOnce;
use rayon::prelude::*;

/// Numbers of one task.
const TASK: usize = 1 << 16;

/// What a step of Adam multiplies and adds.
#[derive(Clone, Copy, Debug)]
pub struct AdamStep {
    /// What is kept of the means of gradients and of their squares.
    pub betas: [f32; 2],
    /// The parameter times this is added to its gradient: an L2 penalty.
    pub penalty: f32,
    /// What corrects the means for having begun at zero, `sqrt(1 - beta_2^t) / (1 - beta_1^t)`.
    pub correction: f32,
    /// Added to the root of the squares' mean, which is not corrected.
    pub epsilon: f32,
    /// How far the parameter goes.
    pub learning_rate: f32,
}

/// In place of the parameter and of the two means.
pub(crate) fn adam(
    parameter: &mut [f32],
    gradient: &[f32],
    means: &mut [f32],
    squares: &mut [f32],
    step: AdamStep,
) {
    let tasks = (parameter
        .par_chunks_mut(TASK)
        .zip(gradient.par_chunks(TASK)))
    .zip(means.par_chunks_mut(TASK).zip(squares.par_chunks_mut(TASK)));
    tasks.for_each(|((parameter, gradient), (means, squares))| {
        pulp::Arch::new().dispatch(Pass {
            parameter,
            gradient,
            means,
            squares,
            step,
        });
    });
}

struct Pass<'a> {
    parameter: &'a mut [f32],
    gradient: &'a [f32],
    means: &'a mut [f32],
    squares: &'a mut [f32],
    step: AdamStep,
}

impl NullaryFnOnce for Pass<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let AdamStep {
            betas: [beta_1, beta_2],
            penalty,
            correction,
            epsilon,
            learning_rate,
        } = self.step;
        let values = self.parameter.iter_mut().zip(self.gradient);
        let moments = self.means.iter_mut().zip(self.squares);
        for ((parameter, &gradient), (mean, square)) in values.zip(moments) {
            let gradient = *parameter * penalty + gradient;
            *mean = *mean * beta_1 + gradient * (1.0 - beta_1);
            *square = *square * beta_2 + gradient * gradient * (1.0 - beta_2);
            let direction = *mean * correction / (square.sqrt() + epsilon);
            *parameter -= direction * learning_rate;
        }
    }
}
