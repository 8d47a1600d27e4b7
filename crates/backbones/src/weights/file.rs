//! Tensors out of files. Pickles are parsed as data: nothing in them is ever called.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use burn::store::pytorch_reader::{PickleValue, PytorchReader};
use burn::store::{ModuleStore, PytorchStore, SafetensorsStore, burn_pack};

/// What a checkpoint may hold besides plain data: tensors, and descriptions of numbers that PyTorch
/// and NumPy write as calls. The reader keeps only their names.
const HARMLESS: [&str; 9] = [
    "int",
    "numpy._core.multiarray.scalar",
    "numpy.core.multiarray.scalar",
    "numpy.dtype",
    "torch.Size",
    "torch.Tensor",
    "torch.TypedStorage",
    "torch.UntypedStorage",
    "torch.device",
];

/// Tensors by name.
pub(super) type Tensors = BTreeMap<String, burn_pack::Tensor>;

/// The tensors of a safetensors file that is in memory.
pub(super) fn tensors_of_bytes(bytes: &[u8]) -> Result<Tensors, String> {
    let mut store = SafetensorsStore::from_bytes(Some(bytes.to_vec()));
    store
        .get_all_tensors()
        .cloned()
        .map_err(|error| error.to_string())
}

/// The tensors of a file by name; their values are not read yet. Names of nested dictionaries are
/// joined with dots.
pub(super) fn read_tensors(path: &Path) -> Result<Tensors, String> {
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
        refuse_calls(path)?;
        // Indices are names here: a gap in them is not to be closed.
        let mut store = PytorchStore::from_file(path).map_indices_contiguous(false);
        store
            .get_all_tensors()
            .cloned()
            .map_err(|error| error.to_string())
    }
}

/// Refuses a pickle that is or holds an object which Python would have to build by a call.
///
/// The reader does not call, but would leave such entries out without a word; a file that asks for
/// calls is not what it is taken for.
fn refuse_calls(path: &Path) -> Result<(), String> {
    let root = PytorchReader::read_pickle_data(path, None).map_err(|error| error.to_string())?;
    let PickleValue::Dict(entries) = root else {
        let found = called(&root).map_or("no dictionary".to_owned(), |(_, name)| name);
        return Err(format!(
            "expected a dictionary of tensors, found {found}; nothing was executed"
        ));
    };
    match called_in(&entries) {
        Some((place, name)) => Err(format!(
            "entry {place:?} is not data but asks for {name}; nothing was executed"
        )),
        None => Ok(()),
    }
}

/// Place and name of the first object that a call would build.
fn called(value: &PickleValue) -> Option<(String, String)> {
    match value {
        PickleValue::Unsupported(name) if !is_harmless(name) => Some((String::new(), name.clone())),
        PickleValue::List(items) => items.iter().find_map(called),
        PickleValue::Dict(entries) => called_in(entries),
        _ => None,
    }
}

fn called_in(entries: &HashMap<String, PickleValue>) -> Option<(String, String)> {
    let sorted: BTreeMap<_, _> = entries.iter().collect();
    sorted.into_iter().find_map(|(key, value)| {
        let (place, name) = called(value)?;
        let dot = if place.is_empty() { "" } else { "." };
        Some((format!("{key}{dot}{place}"), name))
    })
}

fn is_harmless(name: &str) -> bool {
    let element_type = |name: &str| {
        ["float", "bfloat", "int", "uint", "bool", "complex"]
            .iter()
            .any(|kind| {
                name.strip_prefix(kind)
                    .is_some_and(|bits| bits.bytes().all(|byte| byte.is_ascii_digit()))
            })
    };
    HARMLESS.contains(&name) || name.strip_prefix("torch.").is_some_and(element_type)
}
