//! Strict reading and writing of weights.
//!
//! Two kinds of names exist. *PyTorch's* names are those of its state dictionaries (`bn1.weight`,
//! linear weights stored `[outputs, inputs]`): [`load_weights`] and [`save_safetensors`]. *Native* names are those of the Rust fields (`bn1.gamma`): [`load_module`]
//! and [`save_module`] take any module there and back without a change of a bit.
//!
//! Reading is all or nothing: a name that is missing, unexpected or of another shape is an error
//! that lists every such name, and the module stays as it was. Nothing in a file is executed:
//! PyTorch's pickles are parsed as data, and a pickle that asks for a call is refused.

mod error;
mod file;

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::Module;
use burn::store::{
    BurnToPyTorchAdapter, IdentityAdapter, ModuleAdapter, ModuleSnapshot, PyTorchToBurnAdapter,
    SafetensorsStore, bridge,
};
use burn::tensor::{DType, Shape};

pub use error::{Misfit, Mismatch, WeightsError};
use file::{Tensors, read_tensors, tensors_of_bytes};

/// Step counters of PyTorch's batch normalisation: no weights, and unknown to Burn.
const COUNTER: &str = "num_batches_tracked";

/// Other beginnings of names: a name in a file that begins with the first stands for the module's
/// name that begins with the second in its place. They end at a dot.
pub type Aliases = Vec<(String, String)>;

/// What to leave out when weights are read, and what else names may begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadOptions {
    /// Prefixes of the module's names that are neither read from the file nor required of it, and
    /// of further names in the file to leave out. The module's own parameters of such names stay as
    /// they were.
    pub ignore: Vec<String>,
    /// Other beginnings that names may have in the file; the first that fits is taken. Names that
    /// begin otherwise are the module's.
    pub aliases: Aliases,
}

impl LoadOptions {
    /// Leaves the classification head out, too, `fc` or `classifier`: a network with another number
    /// of classes, or without a head, keeps its own.
    #[must_use]
    pub fn without_head(mut self) -> Self {
        self.ignore
            .extend(["fc.", "classifier."].map(str::to_owned));
        self
    }

    /// Takes these beginnings for the module's, too.
    #[must_use]
    pub fn with_aliases(mut self, aliases: Aliases) -> Self {
        self.aliases.extend(aliases);
        self
    }

    /// The module's name for a name in the file.
    fn resolve(&self, name: &str) -> String {
        let aliased = self.aliases.iter().find_map(|(theirs, ours)| {
            name.strip_prefix(theirs.as_str())
                .map(|rest| format!("{ours}{rest}"))
        });
        aliased.unwrap_or_else(|| name.to_owned())
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

/// Reads a PyTorch state dictionary into a module whose fields bear its names, or whose
/// [aliases](LoadOptions::aliases) do.
///
/// `*.safetensors` is read as such; any other file as PyTorch's own format (zip or legacy), where
/// names of nested dictionaries are joined with dots. Values become the module's element type.
/// `num_batches_tracked` entries are skipped. The weights `[outputs, inputs]` of a 1x1 convolution
/// may lack their last two dimensions, as in the first published Xception.
///
/// # Errors
///
/// [`WeightsError::Read`] if the file cannot be read to its end or holds a pickled call,
/// [`WeightsError::Mismatch`] if its names or shapes are not exactly the module's; the module is
/// then unchanged.
pub fn load_weights<M: Module>(
    module: &mut M,
    path: impl AsRef<Path>,
    options: &LoadOptions,
) -> Result<LoadReport, WeightsError> {
    let path = path.as_ref();
    load(module, path, read_tensors(path), options, Naming::Torch)
}

/// As [`load_weights`], from the bytes of a safetensors file; `name` stands for its path in errors.
///
/// # Errors
///
/// As [`load_weights`].
pub fn load_weights_bytes<M: Module>(
    module: &mut M,
    name: &str,
    bytes: &[u8],
    options: &LoadOptions,
) -> Result<LoadReport, WeightsError> {
    let tensors = tensors_of_bytes(bytes);
    load(module, Path::new(name), tensors, options, Naming::Torch)
}

/// Names and shapes of the tensors in a file that [`load_weights`] would read; their values are not read.
///
/// # Errors
///
/// [`WeightsError::Read`], as [`load_weights`].
pub fn tensor_shapes(path: impl AsRef<Path>) -> Result<BTreeMap<String, Vec<usize>>, WeightsError> {
    let path = path.as_ref();
    let tensors = read_tensors(path).map_err(|reason| WeightsError::Read {
        path: path.to_owned(),
        reason,
    })?;
    let shapes = tensors.into_iter();
    Ok(shapes
        .map(|(name, tensor)| (name, tensor.shape.as_slice().to_vec()))
        .collect())
}

/// A parameter or a running statistic.
#[derive(Clone, Debug, PartialEq)]
pub struct Weight {
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its values, row by row.
    pub values: Vec<f32>,
}

/// Parameters and running statistics by PyTorch's names and in its layout.
pub type StateDict = BTreeMap<String, Weight>;

/// What [`save_safetensors`] writes of a module, in memory.
pub fn state_dict<M: Module>(module: &M) -> StateDict {
    let naming = Naming::Torch;
    let tensors = settled(module).collect(None, Some(naming.writer()), naming.skip_enum_variants());
    let weight = |tensor: burn::store::burn_pack::Tensor| {
        let (name, shape) = (tensor.name.clone(), tensor.shape.as_slice().to_vec());
        let data = bridge::into_data(tensor).expect("a module's tensors are in memory");
        let values = data.iter::<f32>().collect();
        (name, Weight { shape, values })
    };
    tensors.into_iter().map(weight).collect()
}

/// Writes a module's parameters and running statistics with PyTorch's names and layout, as
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
    let path = path.as_ref();
    let options = LoadOptions::default();
    load(module, path, read_tensors(path), &options, Naming::Native)
}

/// As [`load_module`], from the bytes of such a file; `name` stands for its path in errors.
///
/// # Errors
///
/// As [`load_weights`].
pub fn load_module_bytes<M: Module>(
    module: &mut M,
    name: &str,
    bytes: &[u8],
) -> Result<LoadReport, WeightsError> {
    let tensors = tensors_of_bytes(bytes);
    let options = LoadOptions::default();
    load(module, Path::new(name), tensors, &options, Naming::Native)
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

/// `path` is where `tensors` were read from.
fn load<M: Module>(
    module: &mut M,
    path: &Path,
    tensors: Result<Tensors, String>,
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
    let mut values = Vec::with_capacity(wanted.len());
    for (found, mut tensor) in tensors.map_err(unreadable)? {
        let name = options.resolve(&found);
        if options.ignores(&name)
            || options.ignores(&found)
            || name.rsplit('.').next() == Some(COUNTER)
        {
            report.ignored.push(found);
            continue;
        }
        let Some((dtype, shape)) = wanted.remove(&name) else {
            mismatch.unexpected.push(found);
            continue;
        };
        if !fits(&tensor.shape, &shape) || tensor.dtype.is_float() != dtype.is_float() {
            mismatch.misfits.push(Misfit {
                expected: describe(dtype, &shape),
                found: describe(tensor.dtype, &tensor.shape),
                name,
            });
            continue;
        }
        tensor.shape = shape;
        let data = bridge::into_data(tensor)
            .map_err(|error| unreadable(format!("tensor {name}: {error}")))?
            .convert_dtype(dtype);
        values.push(bridge::from_data(data, name.clone(), None));
        report.loaded.push(name);
    }
    report.loaded.sort();
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
        values,
        None,
        Some(naming.reader()),
        naming.skip_enum_variants(),
    );
    match applied.errors.first() {
        Some(error) => Err(unreadable(error.to_string())),
        None => Ok(report),
    }
}

/// Whether values of a file's shape can be taken for the module's.
fn fits(found: &Shape, expected: &Shape) -> bool {
    let kernels = |pointwise: &[usize]| pointwise.len() == 4 && pointwise.ends_with(&[1, 1]);
    let expected = expected.as_slice();
    found.as_slice() == expected || kernels(expected) && found.as_slice() == &expected[..2]
}

fn describe(dtype: DType, shape: &Shape) -> String {
    format!("{dtype:?} {:?}", shape.as_slice())
}
