//! State dictionaries of values by formula.

use std::{collections::BTreeMap, path::Path};

use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

use crate::formula::parameter;

/// A state dictionary of values by formula, as a golden file describes it.
#[derive(Debug, Clone, Deserialize)]
pub struct StateDict {
    /// What the weights of normalisations are times.
    gain: f32,
    /// What other parameters are times.
    factors: BTreeMap<String, f32>,
    parameters: Parameters,
}

/// Shapes at the ends of names whose parts stand in each other.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Parameters {
    Shape(Vec<usize>),
    Parts(BTreeMap<String, Parameters>),
}

impl Parameters {
    fn flat(&self, name: &str, shapes: &mut BTreeMap<String, Vec<usize>>) {
        match self {
            Self::Shape(shape) => {
                shapes.insert(name.to_owned(), shape.clone());
            }
            Self::Parts(parts) => {
                for (part, parameters) in parts {
                    let dot = if name.is_empty() { "" } else { "." };
                    parameters.flat(&format!("{name}{dot}{part}"), shapes);
                }
            }
        }
    }
}

impl StateDict {
    /// Writes it as safetensors, with three values of `beside` that are no part of it.
    ///
    /// # Panics
    ///
    /// Panics if the file cannot be written.
    pub fn write(&self, beside: &str, path: &Path) {
        let mut shapes = BTreeMap::new();
        self.parameters.flat("", &mut shapes);
        let norms: Vec<String> = shapes
            .keys()
            .filter_map(|name| name.strip_suffix("running_mean").map(str::to_owned))
            .collect();
        shapes.insert(beside.to_owned(), vec![3]);
        let value = |name: &str, shape: &[usize]| {
            let layer = name.strip_suffix("weight");
            let normalises = layer.is_some_and(|layer| norms.iter().any(|norm| norm == layer));
            let gain = if normalises { self.gain } else { 1.0 };
            let factor = self.factors.get(name).unwrap_or(&1.0);
            let values = parameter(name, shape).into_iter();
            values.map(|value| value * gain * factor).collect()
        };
        write_state_dict(&shapes, value, path);
    }
}

/// Writes a state dictionary of these names and shapes as safetensors, with what `value` says of each, as
/// [`parameter`](crate::formula::parameter) does. PyTorch's counters of batches are left out.
///
/// # Panics
///
/// Panics if the file cannot be written.
pub fn write_state_dict(
    parameters: &BTreeMap<String, Vec<usize>>,
    value: impl Fn(&str, &[usize]) -> Vec<f32>,
    path: &Path,
) {
    let buffers: Vec<(&String, &Vec<usize>, Vec<u8>)> = parameters
        .iter()
        .filter(|(name, _)| !name.ends_with("num_batches_tracked"))
        .map(|(name, shape)| {
            let values = value(name, shape);
            let bytes = values.iter().flat_map(|value| value.to_le_bytes());
            (name, shape, bytes.collect())
        })
        .collect();
    let views = buffers.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.to_vec(), bytes);
        (name, view.expect("as many bytes as the shape says"))
    });
    safetensors::serialize_to_file(views, None, path).expect("the file can be written");
}
