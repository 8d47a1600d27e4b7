//! The gradients of a batch, in equal parts of which the CPU works on two at once.
//!
//! As in data-parallel training, each part has its own batch statistics, losses and gradients are
//! means over the parts, and the running statistics are means of two parts' where two run at once.
//! What is computed does not depend on the number of cores.

use std::{
    ops::Range,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread::Scope,
};

use burn::{
    module::Module,
    optim::{GradientsAccumulator, GradientsParams},
    tensor::{Device, Tensor},
};

use crate::tasks::{Losses, Pass, Task};

/// What a batch, or a part of it, gives.
pub(crate) struct Gradients {
    /// Mean of the loss.
    pub loss: f64,
    /// Means of its parts.
    pub parts: Vec<(&'static str, f64)>,
    /// By parameter.
    pub gradients: GradientsParams,
}

/// A part of a batch for the second thread.
struct Job<T: Task> {
    model: T::Model,
    batch: Arc<Vec<T::Sample>>,
    part: Range<usize>,
    pass: Pass,
}

/// Two threads, the caller's and one more, that share the parts of batches.
///
/// The second lives as long as the training: running statistics are kept by thread.
pub(crate) struct MicroBatches<'a, T: Task> {
    task: &'a T,
    device: Device,
    count: usize,
    at_once: usize,
    jobs: Sender<Job<T>>,
    done: Receiver<Gradients>,
}

impl<'a, T: Task> MicroBatches<'a, T> {
    /// Divides batches into `count` parts, at least 1, of which 1 or 2 are worked on `at_once`.
    pub(crate) fn new<'scope>(
        task: &'a T,
        device: Device,
        [count, at_once]: [usize; 2],
        scope: &'scope Scope<'scope, '_>,
    ) -> Self
    where
        'a: 'scope,
    {
        let (jobs, received) = channel::<Job<T>>();
        let (finished, done) = channel();
        let on = device.clone();
        scope.spawn(move || {
            for Job {
                model,
                batch,
                part,
                pass,
            } in received
            {
                let share = part.len() as f64 / batch.len() as f64;
                let gradients = backward(task, &model, &batch[part], share, &pass, &on);
                if finished.send(gradients).is_err() {
                    break;
                }
            }
        });
        Self {
            task,
            device,
            count,
            at_once,
            jobs,
            done,
        }
    }

    /// The gradients of a batch's mean loss in `pass`.
    ///
    /// # Panics
    /// Where the second thread has panicked.
    pub(crate) fn gradients(
        &self,
        model: &T::Model,
        batch: &Arc<Vec<T::Sample>>,
        pass: &Pass,
    ) -> Gradients {
        let size = batch.len().div_ceil(self.count).max(1);
        let starts: Vec<usize> = (0..batch.len()).step_by(size).collect();
        let part = |start: usize| start..(start + size).min(batch.len());
        let part_of = |first: usize| Pass {
            first,
            ..pass.clone()
        };
        let mut sum = GradientsAccumulator::new();
        let mut means: Option<(f64, Vec<_>)> = None;
        let mut add = |one: Gradients| {
            sum.accumulate(model, one.gradients);
            match &mut means {
                None => means = Some((one.loss, one.parts)),
                Some((loss, parts)) => {
                    *loss += one.loss;
                    let values = parts.iter_mut().zip(&one.parts);
                    values.for_each(|((_, mean), (_, value))| *mean += value);
                }
            }
        };
        for pair in starts.chunks(self.at_once) {
            if let Some(&second) = pair.get(1) {
                let job = Job {
                    // Leaves of its own, so that the two graphs share nothing.
                    model: model.clone().fork(&self.device),
                    batch: batch.clone(),
                    part: part(second),
                    pass: part_of(second),
                };
                self.jobs.send(job).expect("the second thread waits");
            }
            let first = part(pair[0]);
            let share = first.len() as f64 / batch.len() as f64;
            add(backward(
                self.task,
                model,
                &batch[first],
                share,
                &part_of(pair[0]),
                &self.device,
            ));
            if pair.len() > 1 {
                add(self.done.recv().expect("the second thread answers"));
            }
        }
        let (loss, parts) = means.unwrap_or_default();
        Gradients {
            loss,
            parts,
            gradients: sum.grads(),
        }
    }
}

/// Loss and gradients of some samples, weighted by their share of the batch.
fn backward<T: Task>(
    task: &T,
    model: &T::Model,
    samples: &[T::Sample],
    share: f64,
    pass: &Pass,
    device: &Device,
) -> Gradients {
    let Losses { total, parts } = task.losses(model, samples, pass, device);
    let weighted = |loss: &Tensor<1>| share * f64::from(loss.clone().into_scalar::<f32>());
    let (loss, parts) = (
        weighted(&total),
        parts
            .iter()
            .map(|(name, part)| (*name, weighted(part)))
            .collect(),
    );
    // The whole batch's loss is not touched by a factor of one.
    let total = if share < 1.0 {
        total.mul_scalar(share)
    } else {
        total
    };
    Gradients {
        loss,
        parts,
        gradients: GradientsParams::from_grads(total.backward(), model),
    }
}
