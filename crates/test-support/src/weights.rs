//! State dictionaries of values by formula.

use std::{collections::BTreeMap, path::Path};

use safetensors::tensor::{Dtype, TensorView};

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
