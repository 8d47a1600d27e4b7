//! Training, the same for every method.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use burn::module::Module;
use evaluation::{Evaluation, Validated};
use experiment::{
    Best, Clip, Guide, LogLine, Model, Recipe, RunDir, RunInfo, Sam, read_json, stage_of, steps_of,
    write_atomically, write_json,
};
use face_data::Faces;
use face_preproc::pictures::write_png;
use image::RgbImage;
use inference::Detector;
use optim::{ascended, check_frozen, clipped, freeze};
use runtime::{DeviceName, Event, InOrder, Observer, cores::batches_at_once, in_order};

use crate::{
    Error,
    checkpoint::{self, Progress},
    log::Log,
    micro_batch::MicroBatches,
    sums::Sums,
    tasks::{FaceMethod, FaceTask, Pass, SnippetTask, Task},
};

/// A new training.
#[derive(Debug, Clone)]
pub struct TrainOptions {
    /// What to do.
    pub recipe: Recipe,
    /// A manifest or a folder.
    pub data: PathBuf,
    /// Whether the data are rendered, not photographs.
    pub synthetic: bool,
    /// The run's directory.
    pub out: PathBuf,
    /// Where the network is trained.
    pub device: DeviceName,
    /// Threads that make samples.
    pub workers: usize,
    /// The command line, for the run's records.
    pub command: Vec<String>,
    /// How a person goes on from the run.
    pub guide: Guide,
}

/// A finished training.
#[derive(Debug)]
pub struct Trained {
    /// The run.
    pub run: RunDir,
    /// The test split's evaluation.
    pub evaluation: Evaluation,
}

/// How a training is carried on: nothing here changes its result.
pub struct Means<'a> {
    /// Where the network is trained.
    pub device: DeviceName,
    /// Threads that make samples.
    pub workers: usize,
    /// Is told what happens.
    pub observer: &'a mut dyn Observer,
    /// Stops the training after the step in which it is set, with a checkpoint.
    pub stop: &'a AtomicBool,
    /// How a person goes on from the run.
    pub guide: Guide,
}

/// Steps between two lines of the log.
const LOG_EVERY: usize = 10;

/// Trains from the start, then evaluates on the test split and writes the report.
///
/// # Errors
/// Where the data cannot be used, the device not opened, or the run's directory not written;
/// [`Error::Interrupted`] once `stop` is set.
pub fn train(
    options: TrainOptions,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Trained, Error> {
    // The cheap refusals come first.
    options.device.open()?;
    options.recipe.check_training()?;
    let TrainOptions {
        recipe,
        data,
        synthetic,
        out,
        device,
        workers,
        command,
        guide,
    } = options;
    let faces = Faces::open(&data, &recipe.crop, &recipe.split, observer)?;
    let run = RunDir::create(&out)?;
    let data = fs::canonicalize(&data).unwrap_or(data);
    let named = (!synthetic).then_some(&*data);
    let repeat = (guide.repeat)(&run.recipe(), named);
    let info = RunInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        burn: BURN_VERSION.into(),
        command,
        repeat,
        started: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
        device: device.to_string(),
        seed: recipe.seed,
        data: faces.info(&data, synthetic),
        parameters: 0,
        steps: 0,
        best: None,
        trained_seconds: None,
        waiting_share: None,
    };
    write_json(&run.info(), &info)?;
    write_json(&run.seen_identities(), &faces.seen_identities())?;
    // The recipe comes last: a directory with a recipe is a run that can be resumed.
    write_atomically(&run.recipe(), recipe.to_toml()?.as_bytes())?;
    go_on(
        &run,
        &recipe,
        &faces,
        info,
        &mut Means {
            device,
            workers,
            observer,
            stop,
            guide,
        },
    )
}

/// Goes on with a run from its newest checkpoint; ends with the same weights as if it had never
/// stopped (on the CPU: bit for bit).
///
/// # Errors
/// As [`train`]; [`Error::OtherData`] where the data have changed.
pub fn resume(run: &RunDir, data: Option<&Path>, means: &mut Means<'_>) -> Result<Trained, Error> {
    let recipe = Recipe::read(&run.recipe())?;
    let info: RunInfo = read_json(&run.info())?;
    let data = data.unwrap_or(&info.data.path);
    let faces = Faces::open(data, &recipe.crop, &recipe.split, means.observer)?;
    if faces.manifest.digest != info.data.digest {
        return Err(Error::OtherData {
            path: data.to_owned(),
            expected: info.data.digest,
            found: faces.manifest.digest,
        });
    }
    go_on(run, &recipe, &faces, info, means)
}

const BURN_VERSION: &str = "0.22.1";

fn go_on(
    run: &RunDir,
    recipe: &Recipe,
    faces: &Faces,
    info: RunInfo,
    means: &mut Means<'_>,
) -> Result<Trained, Error> {
    match &recipe.model {
        Model::Adm(method) => fit_faces(run, recipe, method, faces, info, means)?,
        Model::Lisiam(method) => fit_faces(run, recipe, method, faces, info, means)?,
        Model::Pcl(method) => fit_faces(run, recipe, method, faces, info, means)?,
        Model::Snippet(config) => {
            let task = SnippetTask::new(recipe, config, faces)?;
            fit(run, recipe, &task, info, means)?;
        }
    }
    let evaluation = evaluation::after_training(
        run,
        recipe,
        faces,
        means.device,
        means.guide,
        means.observer,
    )?;
    Ok(Trained {
        run: run.clone(),
        evaluation,
    })
}

/// [`fit`] of a method that judges single faces.
fn fit_faces<M: FaceMethod>(
    run: &RunDir,
    recipe: &Recipe,
    method: &M,
    faces: &Faces,
    info: RunInfo,
    means: &mut Means<'_>,
) -> Result<(), Error> {
    let task = FaceTask::new(recipe, method, faces)?;
    fit(run, recipe, &task, info, means)
}

/// The loop: draw, forward, backward, step; now and then validate and write a checkpoint.
fn fit<T: Task>(
    run: &RunDir,
    recipe: &Recipe,
    task: &T,
    mut info: RunInfo,
    means: &mut Means<'_>,
) -> Result<(), Error> {
    let plain = means.device.open()?;
    let device = plain.clone().autodiff();
    let schedule = &recipe.schedule;
    let total = schedule.total_steps(task.samples_per_epoch());

    let untrained = (task.model(&device)?, optim::init(&recipe.optimizer));
    let frozen = check_frozen(&recipe.stages, &untrained.0);
    frozen.map_err(|reason| experiment::Error::recipe(&recipe.name, reason))?;
    info.parameters = untrained.0.num_params();
    info.steps = total;
    let (mut model, mut optimizer, mut progress) = checkpoint::load(run, untrained.0, untrained.1)?;
    let mut log = Log::open(&run.log(), progress.step)?;

    let observer = &mut *means.observer;
    observer.event(Event::Said(&what_begins(recipe, &info, &task.describe())));
    observer.event(Event::Began {
        what: "training",
        total,
        done: progress.step,
    });
    let (before, began) = (progress, Instant::now());
    let mut sums = Sums::default();
    let range = before.step..total;
    // Of two passes a step, which thread's running statistics are last would be chance.
    let at_once = match task.runs_in_parts_at_once() && recipe.optimizer.sam.is_none() {
        true => batches_at_once(&plain),
        false => 1,
    };
    let counts = [schedule.micro_batches, at_once];
    let train = |batches: &mut InOrder<'_, Result<Vec<T::Sample>, Error>>| -> Result<(), Error> {
        thread::scope(|scope| {
            let mut pass = Pass::default();
            let mut stage = None;
            // The steps over which the learning rate takes its course.
            let mut course = 0..total;
            let parts = MicroBatches::new(task, device.clone(), counts, scope);
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
                    log.write(&sums.take(done, rate, samples as f64 / elapsed, waited / elapsed))?;
                }
                let validates = schedule.validates_after(done, total);
                let stops = means.stop.load(Ordering::Relaxed) && done < total;
                if validates {
                    let trained = model.valid();
                    let Validated { auc, frame, video } = task.validate(&trained, &plain)?;
                    // Before the last stage parts of the network have not learnt yet.
                    let chooses = stage.is_none_or(|stage| stage + 1 == recipe.stages.len());
                    let best = chooses && progress.best.is_none_or(|best| auc > best.auc);
                    if best {
                        progress.best = Some(Best {
                            step: done,
                            auc,
                            frame,
                            video,
                        });
                        backbones::save_module(&trained, run.weights())?;
                    }
                    if chooses {
                        progress.count_validation(best, &schedule.decay);
                    }
                    log.write(&LogLine::Validation {
                        step: done,
                        auc,
                        threshold: frame.threshold,
                        best,
                    })?;
                }
                if validates || stops {
                    checkpoint::save(run, &model, &optimizer, &progress)?;
                    info.best = progress.best;
                    write_json(&run.info(), &info)?;
                }
                if stops {
                    return Err(Error::Interrupted {
                        step: done,
                        path: run.path().to_owned(),
                    });
                }
            }
            Ok(())
        })
    };
    let make = |step: usize| task.batch(step);
    in_order(range, means.workers, 2 * means.workers, make, train)?;
    observer.event(Event::Ended);
    info.best = progress.best;
    info.trained_seconds = Some(progress.trained_seconds);
    info.waiting_share = Some(progress.waited_seconds / progress.trained_seconds.max(1e-9));
    write_json(&run.info(), &info)?;
    if info.best.is_some() {
        Detector::describe_run(run.path(), &plain)?;
    }
    Ok(())
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
