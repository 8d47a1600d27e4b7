//! Strict reading and writing of weights.
//!
//! Two kinds of names exist. *torchvision's* names are those of PyTorch's state dictionaries
//! (`bn1.weight`, linear weights stored `[outputs, inputs]`): [`load_weights`] and
//! [`save_safetensors`]. *Native* names are those of the Rust fields (`bn1.gamma`): [`load_module`]
//! and [`save_module`] take any module there and back without a change of a bit.
//!
//! Reading is all or nothing: a name that is missing, unexpected or of another shape is an error
//! that lists every such name, and the module stays as it was. Nothing in a file is executed:
//! PyTorch's pickles are parsed as data.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::store::{
    BurnToPyTorchAdapter, IdentityAdapter, ModuleAdapter, ModuleSnapshot, ModuleStore,
    PyTorchToBurnAdapter, PytorchStore, SafetensorsStore, bridge, burn_pack,
};
use burn::tensor::{DType, Shape};
use thiserror::Error;

/// Step counters of PyTorch's batch normalisation: no weights, and unknown to Burn.
const COUNTER: &str = "num_batches_tracked";

/// What to leave out when weights are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Prefixes of names that are neither read from the file nor required of it. The module's own
    /// parameters of such names stay as they were.
    pub ignore: Vec<String>,
}

impl LoadOptions {
    /// Leaves the classification head `fc` out, too.
    #[must_use]
    pub fn without_head(mut self) -> Self {
        self.ignore.push("fc.".to_owned());
        self
    }

    fn ignores(&self, name: &str) -> bool {
        self.ignore.iter().any(|prefix| name.starts_with(prefix))
    }
}

/// What reading weights did; all lists are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Names whose values now come from the file.
    pub loaded: Vec<String>,
    /// Names in the file that were left out, as the options say.
    pub ignored: Vec<String>,
    /// Names in the module that stayed as they were, as the options say.
    pub kept: Vec<String>,
}

/// A tensor of a file that does not fit the parameter of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Name of the parameter.
    pub name: String,
    /// Element type and shape that the module has.
    pub expected: String,
    /// Element type and shape in the file.
    pub found: String,
}

/// Names that keep a file from fitting a module; all lists are sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mismatch {
    /// Names that the module has and the file lacks.
    pub missing: Vec<String>,
    /// Names that the file has and the module lacks.
    pub unexpected: Vec<String>,
    /// Names that both have, with another shape or kind of element.
    pub misfits: Vec<Misfit>,
}

impl Mismatch {
    fn is_empty(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.misfits.is_empty()
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, names) in [("missing", &self.missing), ("unexpected", &self.unexpected)] {
            if !names.is_empty() {
                write!(f, "\n  {what} ({}): {}", names.len(), names.join(", "))?;
            }
        }
        for Misfit {
            name,
            expected,
            found,
        } in &self.misfits
        {
            write!(f, "\n  {name}: expected {expected}, found {found}")?;
        }
        Ok(())
    }
}

/// Why weights could not be read or written.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The file is absent, truncated, or not what its name says.
    #[error("cannot read weights from {path}: {reason}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        reason: String,
    },
    /// The file's names or shapes are not the module's.
    #[error("weights in {path} do not fit this network:{mismatch}")]
    Mismatch {
        /// The file.
        path: PathBuf,
        /// Every name that does not fit.
        mismatch: Mismatch,
    },
    /// The file could not be written.
    #[error("cannot write weights to {path}: {reason}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the writer says.
        reason: String,
    },
}

/// Whose names a file bears.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    Torch,
    Native,
}

impl Naming {
    fn writer(self) -> Box<dyn ModuleAdapter> {
        match self {
            Self::Torch => Box::new(BurnToPyTorchAdapter),
            Self::Native => Box::new(IdentityAdapter),
        }
    }

    fn reader(self) -> Box<dyn ModuleAdapter> {
        match self {
            Self::Torch => Box::new(PyTorchToBurnAdapter),
            Self::Native => Box::new(IdentityAdapter),
        }
    }

    fn skip_enum_variants(self) -> bool {
        self == Self::Torch
    }
}

/// Reads a PyTorch state dictionary into a module whose fields bear torchvision's names.
///
/// `*.safetensors` is read as such; any other file as PyTorch's own format (zip or legacy). Values
/// become the module's element type. `num_batches_tracked` entries are skipped.
///
/// # Errors
///
/// [`WeightsError::Read`] if the file cannot be read to its end, [`WeightsError::Mismatch`] if its
/// names or shapes are not exactly the module's; the module is then unchanged.
pub fn load_weights<M: Module>(
    module: &mut M,
    path: impl AsRef<Path>,
    options: &LoadOptions,
) -> Result<LoadReport, WeightsError> {
    load(module, path.as_ref(), options, Naming::Torch)
}

/// Writes a module's parameters and running statistics with torchvision's names and layout, as
/// PyTorch's `load_state_dict` takes them. An existing file is replaced in one step.
///
/// # Errors
///
/// [`WeightsError::Write`] if the file cannot be written.
pub fn save_safetensors<M: Module>(module: &M, path: impl AsRef<Path>) -> Result<(), WeightsError> {
    save(module, path.as_ref(), Naming::Torch)
}

/// Reads what [`save_module`] wrote, strictly.
///
/// # Errors
///
/// As [`load_weights`].
pub fn load_module<M: Module>(
    module: &mut M,
    path: impl AsRef<Path>,
) -> Result<LoadReport, WeightsError> {
    load(
        module,
        path.as_ref(),
        &LoadOptions::default(),
        Naming::Native,
    )
}

/// Writes any module's parameters and running statistics as safetensors with native names. An
/// existing file is replaced in one step; the same values give the same bytes.
///
/// # Errors
///
/// [`WeightsError::Write`] if the file cannot be written.
pub fn save_module<M: Module>(module: &M, path: impl AsRef<Path>) -> Result<(), WeightsError> {
    save(module, path.as_ref(), Naming::Native)
}

fn save<M: Module>(module: &M, path: &Path, naming: Naming) -> Result<(), WeightsError> {
    let store = SafetensorsStore::from_file(path)
        .overwrite(true)
        // A map of several entries is written in random order; one entry keeps the bytes the same.
        .clear_metadata()
        .metadata("format", "pt")
        .skip_enum_variants(naming.skip_enum_variants());
    let mut store = match naming {
        Naming::Torch => store.with_to_adapter(BurnToPyTorchAdapter),
        Naming::Native => store,
    };
    settled(module)
        .save_into(&mut store)
        .map_err(|error| WeightsError::Write {
            path: path.to_owned(),
            reason: error.to_string(),
        })
}

/// The module with its running statistics up to date.
///
/// Burn keeps the latest update of a running statistic apart until the next one; visiting a module
/// that was just trained would miss it. `valid` folds it in, in the original, too.
fn settled<M: Module>(module: &M) -> M {
    module.valid()
}

fn load<M: Module>(
    module: &mut M,
    path: &Path,
    options: &LoadOptions,
    naming: Naming,
) -> Result<LoadReport, WeightsError> {
    let unreadable = |reason: String| WeightsError::Read {
        path: path.to_owned(),
        reason,
    };
    let mut report = LoadReport::default();
    let mut mismatch = Mismatch::default();

    let mut wanted = BTreeMap::new();
    for tensor in module.collect(None, Some(naming.writer()), naming.skip_enum_variants()) {
        if options.ignores(&tensor.name) {
            report.kept.push(tensor.name);
        } else {
            wanted.insert(tensor.name, (tensor.dtype, tensor.shape));
        }
    }
    report.kept.sort();

    // Everything is read and checked before the module is touched.
    let mut tensors = Vec::with_capacity(wanted.len());
    for (name, tensor) in read_tensors(path).map_err(unreadable)? {
        if options.ignores(&name) || name.rsplit('.').next() == Some(COUNTER) {
            report.ignored.push(name);
            continue;
        }
        let Some((dtype, shape)) = wanted.remove(&name) else {
            mismatch.unexpected.push(name);
            continue;
        };
        if tensor.shape != shape || tensor.dtype.is_float() != dtype.is_float() {
            mismatch.misfits.push(Misfit {
                expected: describe(dtype, &shape),
                found: describe(tensor.dtype, &tensor.shape),
                name,
            });
            continue;
        }
        let values = bridge::into_data(tensor)
            .map_err(|error| unreadable(format!("tensor {name}: {error}")))?
            .convert_dtype(dtype);
        tensors.push(bridge::from_data(values, name.clone(), None));
        report.loaded.push(name);
    }
    mismatch.missing = wanted.into_keys().collect();
    if !mismatch.is_empty() {
        return Err(WeightsError::Mismatch {
            path: path.to_owned(),
            mismatch,
        });
    }

    // An update still pending would later overwrite what is loaded.
    settled(module);
    let applied = module.apply(
        tensors,
        None,
        Some(naming.reader()),
        naming.skip_enum_variants(),
    );
    match applied.errors.first() {
        Some(error) => Err(unreadable(error.to_string())),
        None => Ok(report),
    }
}

/// The tensors of a file by name; their values are not read yet.
fn read_tensors(path: &Path) -> Result<BTreeMap<String, burn_pack::Tensor>, String> {
    if path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("safetensors"))
    {
        let mut store = SafetensorsStore::from_file(path);
        store
            .get_all_tensors()
            .cloned()
            .map_err(|error| error.to_string())
    } else {
        // Indices are names here: a gap in them is not to be closed.
        let mut store = PytorchStore::from_file(path).map_indices_contiguous(false);
        store
            .get_all_tensors()
            .cloned()
            .map_err(|error| error.to_string())
    }
}

fn describe(dtype: DType, shape: &Shape) -> String {
    format!("{dtype:?} {:?}", shape.as_slice())
}
