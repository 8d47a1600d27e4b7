//! Training, the same for every method: what is checked before it begins, and what follows it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
    time::{SystemTime, UNIX_EPOCH},
};

use burn::{module::Module, tensor::Device};
use evaluation::Evaluation;
use experiment::{
    BURN_VERSION, Guide, Model, Recipe, RunDir, RunInfo, read_json, write_atomically, write_json,
};
use face_data::Faces;
use face_methods::FaceMethod;
use model_snippet::SnippetConfig;
use optim::check_frozen;
use runtime::{Devices, Observer};

use crate::{
    Error,
    fit::fit,
    means::Means,
    tasks::{FaceTask, SnippetTask, Task, initial_clips, initial_faces},
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
    pub devices: Devices,
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

/// Trains from the start, then evaluates on the test split and writes the report. What is refused
/// leaves no directory; what needs no picture is checked before one is read.
///
/// # Errors
/// Where the data cannot be used, the device not opened, or the run's directory not written;
/// [`Error::Interrupted`] once `stop` is set.
pub fn train(
    options: TrainOptions,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<Trained, Error> {
    options.recipe.check_training()?;
    RunDir::vacant(&options.out)?;
    let mut means = Means {
        devices: options.devices.clone(),
        workers: options.workers,
        observer,
        stop,
        guide: options.guide,
    };
    go_on(&options.recipe, Start::New(&options), &mut means)
}

/// Goes on with a run from its newest checkpoint; ends with the same weights as if it had never
/// stopped (on the CPU: bit for bit).
///
/// # Errors
/// As [`train`]; [`Error::OtherData`] where the data have changed.
pub fn resume(run: &RunDir, data: Option<&Path>, means: &mut Means<'_>) -> Result<Trained, Error> {
    let recipe = Recipe::read(&run.recipe())?;
    let info: RunInfo = read_json(&run.info())?;
    info.trained_on(run)?;
    let start = Start::Again { run, info, data };
    go_on(&recipe, start, means)
}

/// Where a training begins: anew, or with a run that was stopped.
#[expect(clippy::large_enum_variant, reason = "one value, made once")]
enum Start<'a> {
    New(&'a TrainOptions),
    Again {
        run: &'a RunDir,
        info: RunInfo,
        /// Where the data are now, if elsewhere.
        data: Option<&'a Path>,
    },
}

impl Start<'_> {
    /// The data's rows, before any picture is read.
    fn list(&self, recipe: &Recipe, observer: &mut dyn Observer) -> Result<Faces, Error> {
        let data = match self {
            Self::New(options) => options.data.as_path(),
            Self::Again { info, data, .. } => (*data).unwrap_or(&info.data.path),
        };
        let mut faces = Faces::list(data, &recipe.crop, &recipe.split, None, observer)?;
        match self {
            Self::Again { info, .. } if faces.manifest.digest != info.data.digest => {
                Err(Error::OtherData {
                    path: data.to_owned(),
                    expected: info.data.digest.clone(),
                    found: faces.manifest.digest,
                })
            }
            _ => {
                faces.hold_out(&recipe.forgery.held_out)?;
                Ok(faces)
            }
        }
    }

    /// The run's directory with its records.
    fn begin(self, faces: &Faces) -> Result<(RunDir, RunInfo), Error> {
        let options = match self {
            Self::New(options) => options,
            Self::Again { run, info, .. } => return Ok((run.clone(), info)),
        };
        let recipe = &options.recipe;
        let run = RunDir::create(&options.out)?;
        let data = fs::canonicalize(&options.data).unwrap_or_else(|_| options.data.clone());
        let named = (!options.synthetic).then_some(&*data);
        let info = RunInfo {
            version: env!("CARGO_PKG_VERSION").into(),
            burn: BURN_VERSION.into(),
            command: options.command.clone(),
            repeat: (options.guide.repeat)(&run.recipe(), named),
            started: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |since| since.as_secs()),
            device: options.devices.to_string(),
            seed: recipe.seed,
            origin: None,
            data: faces.info(&data, options.synthetic),
            parameters: 0,
            steps: 0,
            best: None,
            trained_seconds: None,
            waiting_share: None,
        };
        write_json(&run.info(), &info)?;
        write_json(&run.seen_identities(), &faces.seen_identities())?;
        write_json(&run.seen(), &faces.seen(&recipe.forgery))?;
        // The recipe comes last: a directory with a recipe is a run that can be resumed.
        write_atomically(&run.recipe(), recipe.to_toml()?.as_bytes())?;
        Ok((run, info))
    }
}

fn go_on(recipe: &Recipe, start: Start<'_>, means: &mut Means<'_>) -> Result<Trained, Error> {
    match &recipe.model {
        Model::Adm(method) => of_faces(recipe, method, start, means),
        Model::FaceXray(method) => of_faces(recipe, method, start, means),
        Model::Lisiam(method) => of_faces(recipe, method, start, means),
        Model::Meso(method) => of_faces(recipe, method, start, means),
        Model::Pcl(method) => of_faces(recipe, method, start, means),
        Model::Toy(method) => of_faces(recipe, method, start, means),
        Model::Snippet(config) => of_clips(recipe, config, start, means),
    }
}

/// A method that judges single faces.
fn of_faces<M: FaceMethod>(
    recipe: &Recipe,
    method: &M,
    start: Start<'_>,
    means: &mut Means<'_>,
) -> Result<Trained, Error> {
    let devices = open(recipe, means)?;
    let model = sound(recipe, initial_faces(method, recipe, &devices[0])?)?;
    let mut faces = start.list(recipe, means.observer)?;
    FaceTask::<M>::check(recipe, &faces)?;
    faces.read(means.observer)?;
    let task = FaceTask::new(recipe, method, &faces)?;
    finish((recipe, &faces), &task, (model, &devices), start, means)
}

/// A method that judges clips.
fn of_clips(
    recipe: &Recipe,
    config: &SnippetConfig,
    start: Start<'_>,
    means: &mut Means<'_>,
) -> Result<Trained, Error> {
    let devices = open(recipe, means)?;
    let model = sound(recipe, initial_clips(config, recipe, &devices[0])?)?;
    let mut faces = start.list(recipe, means.observer)?;
    // The rows alone say which clips there are.
    SnippetTask::new(recipe, config, &faces)?;
    faces.read(means.observer)?;
    let task = SnippetTask::new(recipe, config, &faces)?;
    finish((recipe, &faces), &task, (model, &devices), start, means)
}

/// The devices of the training, for gradients.
fn open(recipe: &Recipe, means: &Means<'_>) -> Result<Vec<Device>, Error> {
    let parts = means.devices.len() * recipe.schedule.micro_batches;
    let size = recipe.schedule.batch_size;
    if !size.is_multiple_of(parts * recipe.forgery.samples_per_face()) {
        return Err(Error::Indivisible { size, parts });
    }
    let devices = means.devices.open()?.into_iter().map(|device| {
        let device = device.autodiff();
        match recipe.schedule.gradient_checkpointing {
            true => device.gradient_checkpointing(),
            false => device,
        }
    });
    Ok(devices.collect())
}

/// A network that has all the parts that the recipe's stages freeze.
fn sound<M: Module>(recipe: &Recipe, model: M) -> Result<M, Error> {
    let frozen = check_frozen(&recipe.stages, &model);
    frozen.map_err(|reason| experiment::Error::recipe(&recipe.name, reason))?;
    Ok(model)
}

/// Begins the run, trains, and evaluates.
fn finish<T: Task>(
    (recipe, faces): (&Recipe, &Faces),
    task: &T,
    network: (T::Model, &[Device]),
    start: Start<'_>,
    means: &mut Means<'_>,
) -> Result<Trained, Error> {
    let (run, info) = start.begin(faces)?;
    fit(&run, recipe, task, network, info, means)?;
    let evaluation = evaluation::after_training(
        &run,
        recipe,
        faces,
        means.devices.first(),
        means.guide,
        means.observer,
    )?;
    Ok(Trained { run, evaluation })
}
