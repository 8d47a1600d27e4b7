//! The loop: draw, forward, backward, step; now and then a checkpoint and a validation.

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Instant,
};

use burn::{module::Module, tensor::Device};
use experiment::{
    Clip, Log, LogLine, Recipe, RunDir, RunInfo, Sam, stage_of, steps_of, write_json,
};
use face_preproc::pictures::write_png;
use image::RgbImage;
use inference::Detector;
use optim::{ascended, clipped, freeze};
use runtime::{Event, InOrder, Observer, cores::places, in_order};

use crate::{
    Error,
    checkpoint::{self, Progress},
    means::Means,
    micro_batch::MicroBatches,
    sums::Sums,
    tasks::{Pass, Task},
};

/// Steps between two lines of the log.
const LOG_EVERY: usize = 10;

/// Trains a network on `devices`, of which the first holds it, to the end of the recipe's schedule, from the run's newest checkpoint
/// on.
///
/// # Errors
/// Where data cannot be read any more, the run's files not written, or the loss is no number;
/// [`Error::Interrupted`] once the means say so.
pub(crate) fn fit<T: Task>(
    run: &RunDir,
    recipe: &Recipe,
    task: &T,
    (model, devices): (T::Model, &[Device]),
    mut info: RunInfo,
    means: &mut Means<'_>,
) -> Result<(), Error> {
    let plain = means.devices.first().open()?;
    let schedule = &recipe.schedule;
    let total = schedule.total_steps(task.samples_per_epoch());

    info.parameters = model.num_params();
    info.steps = total;
    let optimizer = optim::init(&recipe.optimizer);
    let (mut model, mut optimizer, mut progress) = checkpoint::load(run, model, optimizer)?;
    let observer = &mut *means.observer;
    let mut keeper = Keeper {
        run,
        recipe,
        task,
        plain: &plain,
        stop: means.stop,
        log: Log::open(run, progress.step)?,
        info,
    };
    observer.event(Event::Said(&what_begins(
        recipe,
        &keeper.info,
        &task.describe(),
    )));
    observer.event(Event::Began {
        what: "training",
        total,
        done: progress.step,
    });
    if progress.unvalidated {
        keeper.validate(&model, &mut progress, observer)?;
    }
    let (before, began) = (progress, Instant::now());
    let mut sums = Sums::default();
    let range = before.step..total;
    // Of two passes a step, which thread's running statistics are last would be chance.
    let in_turns = !task.runs_in_parts_at_once() || recipe.optimizer.sam.is_some();
    let places = places(devices, in_turns);
    let count = schedule.micro_batches * devices.len();
    let train = |batches: &mut InOrder<'_, Result<Vec<T::Sample>, Error>>| -> Result<(), Error> {
        thread::scope(|scope| {
            let mut pass = Pass::default();
            let mut stage = None;
            // The steps over which the learning rate takes its course.
            let mut course = 0..total;
            let parts = MicroBatches::new(task, places, count, scope);
            while let Some((step, batch)) = batches.next() {
                let batch = Arc::new(batch?);
                pass.step = step;
                let now = stage_of(&recipe.stages, step, total);
                if let Some(now) = now.filter(|_| now != stage) {
                    let begun = &recipe.stages[now];
                    if schedule.by_stage {
                        course = steps_of(&recipe.stages, now, total);
                        if step == course.start {
                            optimizer = optim::init(&recipe.optimizer);
                        }
                    }
                    model = freeze(begun, model, task.keeps_frozen_statistics());
                    pass.terms = begun.losses.clone().into();
                    observer.event(Event::Said(&format!("stage '{}' begins", begun.name)));
                }
                stage = now;
                let mut found = parts.gradients(&model, &batch, &pass);
                let loss = found.loss;
                sums.add(&found);
                if let Some(Sam { rho }) = recipe.optimizer.sam {
                    let worst = ascended(model.clone(), &found.gradients, rho);
                    found = parts.gradients(&worst, &batch, &pass);
                }
                if let Some(Clip::Norm(most)) = recipe.optimizer.clip {
                    found.gradients = clipped(&model, found.gradients, most);
                }
                if !loss.is_finite() {
                    let path = save_pictures(run, step, &task.pictures(&batch))?;
                    return Err(Error::NonFinite { step, loss, path });
                }
                let peak =
                    recipe.optimizer.learning_rate * schedule.plateau_factor(progress.plateaus);
                let rate = schedule.learning_rate(peak, step - course.start, course.len());
                model = optimizer.step(rate, model, found.gradients);

                let done = step + 1;
                let (elapsed, waited) = (
                    began.elapsed().as_secs_f64(),
                    batches.waited().as_secs_f64(),
                );
                progress.step = done;
                progress.trained_seconds = before.trained_seconds + elapsed;
                progress.waited_seconds = before.waited_seconds + waited;
                observer.event(Event::Advanced {
                    done,
                    note: &note(loss, &progress),
                });
                if done.is_multiple_of(LOG_EVERY) || done == total {
                    let samples = (done - before.step) * schedule.batch_size;
                    let line = sums.take(done, rate, samples as f64 / elapsed, waited / elapsed);
                    keeper.log.write(&line)?;
                }
                let stops = means.stop.load(Ordering::Relaxed) && done < total;
                // The checkpoint comes first: a validation that is cut short costs no step.
                progress.unvalidated = schedule.validates_after(done, total);
                if progress.unvalidated || stops {
                    checkpoint::save(run, &model, &optimizer, &progress)?;
                }
                if stops {
                    return Err(keeper.interrupted(&progress));
                }
                if progress.unvalidated {
                    keeper.validate(&model, &mut progress, observer)?;
                }
            }
            Ok(())
        })
    };
    let make = |step: usize| task.batch(step);
    in_order(range, means.workers, 2 * means.workers, make, train)?;
    observer.event(Event::Ended);
    let info = &mut keeper.info;
    info.trained_seconds = Some(progress.trained_seconds);
    info.waiting_share = Some(progress.waited_seconds / progress.trained_seconds.max(1e-9));
    write_json(&run.info(), info)?;
    if info.best.is_some() {
        Detector::describe_run(run.path(), &plain)?;
    }
    Ok(())
}

/// Validates, and keeps the best weights and the run's records.
struct Keeper<'a, T> {
    run: &'a RunDir,
    recipe: &'a Recipe,
    task: &'a T,
    /// The device without autodiff.
    plain: &'a Device,
    stop: &'a AtomicBool,
    log: Log,
    info: RunInfo,
}

impl<T: Task> Keeper<'_, T> {
    /// Validates the weights of the newest checkpoint.
    fn validate(
        &mut self,
        model: &T::Model,
        progress: &mut Progress,
        observer: &mut dyn Observer,
    ) -> Result<(), Error> {
        let (recipe, step) = (self.recipe, progress.step);
        let trained = model.valid();
        let mut going_on = |done: usize, total: usize| {
            observer.event(Event::Advanced {
                done: step,
                note: &format!("validating, {done} of {total}"),
            });
            !self.stop.load(Ordering::Relaxed)
        };
        let validated = self.task.validate(&trained, self.plain, &mut going_on)?;
        let Some(validated) = validated else {
            return Err(self.interrupted(progress));
        };
        let found = validated.after(step);
        // Before the last stage parts of the network have not learnt yet.
        let stage = stage_of(&recipe.stages, step - 1, self.info.steps);
        let chooses = stage.is_none_or(|stage| stage + 1 == recipe.stages.len());
        let by = recipe.evaluation.best_by;
        let best = chooses && progress.best.is_none_or(|best| found.beats(&best, by));
        if best {
            progress.best = Some(found);
            backbones::save_module(&trained, self.run.weights())?;
        }
        if chooses {
            progress.count_validation(best, &recipe.schedule.decay);
        }
        self.log.write(&LogLine::Validation {
            step,
            auc: found.auc,
            loss: found.loss,
            threshold: found.frame.threshold,
            best,
        })?;
        progress.unvalidated = false;
        checkpoint::validated(self.run, progress)?;
        self.info.best = progress.best;
        Ok(write_json(&self.run.info(), &self.info)?)
    }

    fn interrupted(&self, progress: &Progress) -> Error {
        Error::Interrupted {
            step: progress.step,
            path: self.run.path().to_owned(),
        }
    }
}

fn note(loss: f64, progress: &Progress) -> String {
    match progress.best {
        Some(best) => format!("loss {loss:.3}, best validation AUC {:.3}", best.auc),
        None => format!("loss {loss:.3}"),
    }
}

fn what_begins(recipe: &Recipe, info: &RunInfo, drawn: &str) -> String {
    let [train, val, test] = info.data.frames;
    format!(
        "{}: {} parameters on {}, {} steps of {} samples ({drawn}); frames: {train} train, {val} val, {test} test, by identity",
        recipe.name, info.parameters, info.device, info.steps, recipe.schedule.batch_size,
    )
}

/// Saves the batch that broke the loss.
fn save_pictures(run: &RunDir, step: usize, pictures: &[RgbImage]) -> Result<PathBuf, Error> {
    let folder = run.path().join(format!("batch-{step:07}"));
    fs::create_dir_all(&folder).map_err(experiment::Error::io(&folder))?;
    for (index, picture) in pictures.iter().enumerate() {
        write_png(folder.join(format!("{index:03}.png")), picture)?;
    }
    Ok(folder)
}
