//! From a published file to a run.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use backbones::{LoadOptions, LoadReport, WeightsError};
use burn::module::Module;
use experiment::{
    BURN_VERSION, DataInfo, Model, Origin, Recipe, RunDir, RunInfo, write_atomically, write_json,
};
use inference::Detector;
use runtime::{DeviceName, Purpose, generator};
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, MisfitNames},
    keras,
    kind::Kind,
    looks::{Looks, prefix},
    names,
};

/// What is to be imported.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// What the file is.
    pub kind: Kind,
    /// The file: a state dictionary of PyTorch, safetensors of the same names, or Keras's HDF5.
    pub file: PathBuf,
    /// The run's directory.
    pub out: PathBuf,
    /// The command line, for the run's records.
    pub command: Vec<String>,
}

/// An imported run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The run.
    pub run: RunDir,
    /// What all names in the file begin with; it was taken off.
    pub prefix: String,
    /// How many tensors were taken.
    pub tensors: usize,
    /// Names that the network has no use for, and training scripts save.
    pub left_out: Vec<String>,
}

/// Makes a run of a published checkpoint: names are mapped strictly, and faces are cut out and pixels read as the
/// authors' code does. What is refused leaves no directory, and nothing in the file is executed.
///
/// # Errors
/// Where the file cannot be read, or is not what it is said to be; where the directory holds a run already
/// or cannot be written.
pub fn import(options: &ImportOptions) -> Result<Imported, Error> {
    let ImportOptions {
        kind, file, out, ..
    } = options;
    RunDir::vacant(out)?;
    let keras = keras::read(file)?;
    let (shapes, bytes) = match keras {
        Some(keras) => (keras.shapes, Some(keras.safetensors)),
        None => (backbones::tensor_shapes(file)?, None),
    };
    let Some(prefix) = prefix(*kind, &shapes) else {
        return Err(Error::Other {
            path: file.clone(),
            wanted: *kind,
            looks: Looks::of(&shapes),
        });
    };
    let recipe = kind.recipe();
    let device = DeviceName::Cpu.open()?;
    // Every weight drawn here is replaced.
    let mut rng = generator(0, Purpose::Weights, 0, 0);
    let read = match &recipe.model {
        Model::Adm(config) => {
            let model = config.init(&device, &mut rng);
            let model = model.map_err(inference::ModelError::from);
            let model = model.map_err(inference::Error::from)?;
            let names = names::of_adm(*kind, &model, &prefix);
            read(model, &names, bytes.as_deref(), options, &recipe)
        }
        Model::Lisiam(config) => {
            let model = config.network.init(&device, &mut rng);
            let model = model.map_err(inference::ModelError::from);
            let model = model.map_err(inference::Error::from)?;
            let names = names::of_lisiam(&prefix);
            read(model, &names, bytes.as_deref(), options, &recipe)
        }
        Model::Meso(config) => {
            let model = config.init(&device, &mut rng);
            let model = model.map_err(inference::ModelError::from);
            let model = model.map_err(inference::Error::from)?;
            let names = names::of_meso(&prefix);
            read(model, &names, bytes.as_deref(), options, &recipe)
        }
        _ => unreachable!("the recipes of this crate have these networks"),
    };
    let (run, report) = read?;
    Detector::describe_run(run.path(), &device)?;
    let left_out = report.ignored.into_iter();
    Ok(Imported {
        run,
        prefix,
        tensors: report.loaded.len(),
        // Counters of batches are nothing that a network lacks.
        left_out: left_out
            .filter(|name| !name.ends_with(".num_batches_tracked"))
            .collect(),
    })
}

/// Gives the network the file's weights, and writes the run. `bytes` are those weights as safetensors, where the
/// file has another form.
fn read<M: Module>(
    mut model: M,
    names: &LoadOptions,
    bytes: Option<&[u8]>,
    options: &ImportOptions,
    recipe: &Recipe,
) -> Result<(RunDir, LoadReport), Error> {
    let ImportOptions { kind, file, .. } = options;
    let report = match bytes {
        Some(bytes) => {
            let name = file.to_string_lossy();
            backbones::load_weights_bytes(&mut model, &name, bytes, names)
        }
        None => backbones::load_weights(&mut model, file, names),
    };
    let report = report.map_err(|error| match error {
        WeightsError::Mismatch { path, mismatch } => Error::Misfit {
            path,
            kind: *kind,
            misfit: MisfitNames(mismatch),
        },
        error => error.into(),
    })?;
    let info = RunInfo {
        version: env!("CARGO_PKG_VERSION").into(),
        burn: BURN_VERSION.into(),
        command: options.command.clone(),
        repeat: options.command.join(" "),
        started: SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
        device: DeviceName::Cpu.to_string(),
        seed: recipe.seed,
        origin: Some(origin(*kind, file)?),
        data: DataInfo::default(),
        parameters: model.num_params(),
        steps: 0,
        best: None,
        trained_seconds: None,
        waiting_share: None,
    };
    let run = RunDir::create(&options.out)?;
    backbones::save_module(&model, run.weights())?;
    write_json(&run.info(), &info)?;
    // Whom it has seen is not known.
    write_json(&run.seen_identities(), &[(); 0])?;
    // The recipe comes last: a directory with a recipe is a run.
    write_atomically(&run.recipe(), recipe.to_toml()?.as_bytes())?;
    Ok((run, report))
}

fn origin(kind: Kind, file: &Path) -> Result<Origin, Error> {
    let bytes = fs::read(file).map_err(|source| Error::Io {
        path: file.to_owned(),
        source,
    })?;
    let digest = Sha256::digest(bytes);
    Ok(Origin {
        of: kind.of(),
        url: kind.url().into(),
        terms: kind.terms().into(),
        file: file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into(),
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}
