//! The gradients of a batch, in equal parts: the CPU works on two at once, several GPUs on one each.
//!
//! As in data-parallel training, each part has its own batch statistics, losses and gradients are
//! means over the parts, and the running statistics are means of those that are worked on at once.
//! What is computed does not depend on the number of cores, nor on which devices the parts go to.

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
use face_methods::Losses;
use runtime::cores;

use crate::tasks::{Pass, Task};

/// What a batch, or a part of it, gives.
pub(crate) struct Gradients {
    /// Mean of the loss.
    pub loss: f64,
    /// Means of its parts.
    pub parts: Vec<(&'static str, f64)>,
    /// By parameter.
    pub gradients: GradientsParams,
}

/// A part of a batch for a worker.
struct Job<T: Task> {
    model: T::Model,
    batch: Arc<Vec<T::Sample>>,
    part: Range<usize>,
    pass: Pass,
}

/// A thread that works on parts of batches.
///
/// It lives as long as the training: running statistics are kept by thread.
struct Worker<T: Task> {
    jobs: Sender<Job<T>>,
    done: Receiver<Gradients>,
}

impl<T: Task> Worker<T> {
    /// Begins a worker on `device`, one of `of` which divide the cores among them.
    fn spawn<'scope>(
        task: &'scope T,
        device: Device,
        of: usize,
        scope: &'scope Scope<'scope, '_>,
    ) -> Self {
        let (jobs, received) = channel::<Job<T>>();
        let (finished, done) = channel();
        scope.spawn(move || {
            let _cores = cores::share(of);
            for job in received {
                let share = job.part.len() as f64 / job.batch.len() as f64;
                let samples = &job.batch[job.part];
                let gradients = backward(task, &job.model, samples, share, &job.pass, &device);
                if finished.send(gradients).is_err() {
                    break;
                }
            }
        });
        Self { jobs, done }
    }
}

/// Works on the parts of batches: on the caller's thread, or on as many others as there are parts at
/// once.
pub(crate) struct MicroBatches<'a, T: Task> {
    task: &'a T,
    /// Where each of the parts that are worked on at once goes; the first holds the weights.
    places: Vec<Device>,
    count: usize,
    /// None where the caller's thread does the work.
    workers: Vec<Worker<T>>,
}

impl<'a, T: Task> MicroBatches<'a, T> {
    /// Divides batches into `count` parts, at least 1, and works on as many at once as there are
    /// `places`, at least 1: the devices that they go to, of which the first holds the weights.
    pub(crate) fn new<'scope>(
        task: &'a T,
        mut places: Vec<Device>,
        count: usize,
        scope: &'scope Scope<'scope, '_>,
    ) -> Self
    where
        'a: 'scope,
    {
        places.truncate(count.max(1));
        let workers = match places.len() {
            1 => Vec::new(),
            at_once => places
                .iter()
                .map(|place| Worker::spawn(task, place.clone(), at_once, scope))
                .collect(),
        };
        Self {
            task,
            places,
            count,
            workers,
        }
    }

    /// The gradients of a batch's mean loss in `pass`.
    ///
    /// # Panics
    /// Where a worker has panicked.
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
        let first = &self.places[0];
        for at_once in starts.chunks(self.places.len()) {
            if self.workers.is_empty() {
                let samples = &batch[part(at_once[0])];
                let share = samples.len() as f64 / batch.len() as f64;
                let pass = part_of(at_once[0]);
                add(backward(self.task, model, samples, share, &pass, first));
                continue;
            }
            let placed = || self.workers.iter().zip(&self.places).zip(at_once);
            for ((worker, place), &start) in placed() {
                let job = Job {
                    // Leaves of its own, so that the graphs share nothing.
                    model: model.clone().fork(place),
                    batch: batch.clone(),
                    part: part(start),
                    pass: part_of(start),
                };
                worker.jobs.send(job).expect("a worker waits");
            }
            for ((worker, place), _) in placed() {
                let mut found = worker.done.recv().expect("a worker answers");
                if place != first {
                    let first = first.clone().without_autodiff();
                    found.gradients = found.gradients.to_device(&first, model);
                }
                add(found);
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
    let (names, parts): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    let told = std::iter::once(total.clone()).chain(parts);
    let told: Vec<Tensor<1>> = told.map(Tensor::without_autodiff).collect();
    // The whole batch's loss is not touched by a factor of one.
    let total = if share < 1.0 {
        total.mul_scalar(share)
    } else {
        total
    };
    let gradients = GradientsParams::from_grads(total.backward(), model);
    // Reading waits for the device: once, and with all its work behind it.
    let told = Tensor::cat(told, 0).into_data();
    let mut told = told.iter::<f64>().map(|loss| share * loss);
    Gradients {
        loss: told.next().unwrap_or(f64::NAN),
        parts: names.into_iter().zip(told).collect(),
        gradients,
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use runtime::DeviceName;

    use super::*;
    use crate::tasks::Line;

    /// Loss, its part and the gradient of the numbers 1 to 4.
    fn found([count, at_once]: [usize; 2]) -> [f64; 3] {
        let device = DeviceName::Cpu.open().unwrap().autodiff();
        let model = Line::model(&device);
        let batch = Arc::new(Line.batch(0).unwrap());
        thread::scope(|scope| {
            let parts = MicroBatches::new(&Line, vec![device; at_once], count, scope);
            let found = parts.gradients(&model, &batch, &Pass::default());
            let gradient = found.gradients.get::<2>(model.weight.id).unwrap();
            let gradient = f64::from(gradient.into_scalar::<f32>());
            [found.loss, found.parts[0].1, gradient]
        })
    }

    /// By hand: the mean of `(x - 3 x)^2` is 4 times 7.5, its slope -4 times 7.5.
    #[test]
    fn however_a_batch_is_divided_loss_and_gradient_are_the_whole_ones() {
        for counts in [[1, 1], [2, 1], [2, 2], [4, 2]] {
            let found = found(counts);
            for (found, by_hand) in found.iter().zip([30.0, 60.0, -30.0]) {
                assert!((found - by_hand).abs() < 1e-4, "{counts:?}: {found}");
            }
        }
    }
}
