//! What the golden tests share: weights by formula, through a state dictionary, and sampled values.

#[expect(dead_code, reason = "the images are the backbones' own")]
#[path = "../../../../backbones/tests/formula/mod.rs"]
mod formula;

use std::collections::BTreeMap;

use backbones::{LoadOptions, load_weights};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

/// Every `step`-th value of a tensor.
#[derive(Deserialize)]
pub(crate) struct Sample {
    shape: Vec<usize>,
    step: usize,
    values: Vec<f32>,
}

impl Sample {
    /// Largest difference from the tensor, and largest value.
    fn error<const D: usize>(&self, what: &str, tensor: Tensor<D>) -> [f32; 2] {
        assert_eq!(tensor.dims().to_vec(), self.shape, "{what}");
        let values: Vec<f32> = tensor.into_data().try_to_vec().unwrap();
        let sampled = values.iter().step_by(self.step);
        assert_eq!(sampled.len(), self.values.len(), "{what}");
        let error = sampled
            .zip(&self.values)
            .map(|(ours, theirs)| (ours - theirs).abs())
            .fold(0.0, f32::max);
        let largest = self.values.iter().map(|value| value.abs());
        [error, largest.fold(0.0, f32::max)]
    }

    /// Activations of the order of one to ten, sums of up to some hundred products in another order
    /// than PyTorch's.
    pub(crate) fn assert_close<const D: usize>(&self, what: &str, tensor: Tensor<D>) {
        let [error, largest] = self.error(what, tensor);
        println!("{what}: largest error {error:e} of {largest}");
        assert!(error <= 1e-4, "{what}: largest error {error}");
    }

    /// For values far from one, such as gradients: within a thousandth of the largest, which a
    /// wrong weight or a wrong sign anywhere exceeds.
    pub(crate) fn assert_close_in_scale<const D: usize>(&self, what: &str, tensor: Tensor<D>) {
        let [error, largest] = self.error(what, tensor);
        println!("{what}: largest error {error:e} of {largest:e}");
        assert!(error <= 1e-3 * largest, "{what}: {error} of {largest}");
    }
}

/// Numbers in `-2..2`, as `tensor` of the generator.
pub(crate) fn input<const D: usize>(name: &str, shape: [usize; D], device: &Device) -> Tensor<D> {
    let values: Vec<f32> = formula::uniform(name, shape.iter().product())
        .map(|u| (4.0 * u - 2.0) as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// As `parameter` of the backbones' generator.
fn parameter(name: &str, shape: &[usize]) -> Vec<f32> {
    let draw = formula::uniform(name, shape.iter().product());
    if shape.len() > 1 {
        let bound = (3.0 / shape[1..].iter().product::<usize>() as f64).sqrt();
        draw.map(|u| ((2.0 * u - 1.0) * bound) as f32).collect()
    } else if name.ends_with("running_var") || name.ends_with("weight") {
        draw.map(|u| (0.5 + u) as f32).collect()
    } else {
        draw.map(|u| ((2.0 * u - 1.0) * 0.5) as f32).collect()
    }
}

/// Gives a module the weights of these names and shapes, which must be exactly its own.
pub(crate) fn fill<M: Module>(module: &mut M, parameters: &BTreeMap<String, Vec<usize>>) {
    let buffers: Vec<(&String, &Vec<usize>, Vec<u8>)> = parameters
        .iter()
        .map(|(name, shape)| {
            let values = parameter(name, shape);
            let bytes = values.iter().flat_map(|value| value.to_le_bytes());
            (name, shape, bytes.collect())
        })
        .collect();
    let views = buffers.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap();
        (name, view)
    });
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("weights.safetensors");
    safetensors::serialize_to_file(views, None, &path).unwrap();
    load_weights(module, &path, &LoadOptions::default()).unwrap();
}
