//! Agreement with independent PyTorch networks: `tests/golden/generate.py`.

#[path = "../../backbones/tests/formula/mod.rs"]
#[allow(dead_code)] // its pictures are those of another crate
mod formula;

use std::collections::BTreeMap;

use backbones::{LoadOptions, load_weights};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

use crate::{landmark68, mtcnn, tiny_face, ultra_face};

/// Outputs are of the order of one, so this allows some hundred ulps for sums in another order than
/// PyTorch's through up to thirty layers.
const TOLERANCE: f32 = 1e-4;

/// A network whose weights follow the formula.
#[derive(Deserialize)]
struct Golden {
    input: [usize; 4],
    parameters: BTreeMap<String, Vec<usize>>,
    outputs: BTreeMap<String, Sample>,
}

/// Every `step`-th value of a tensor.
#[derive(Deserialize)]
struct Sample {
    shape: Vec<usize>,
    step: usize,
    values: Vec<f32>,
}

impl Sample {
    fn assert_close<const D: usize>(&self, tensor: Tensor<D>) {
        assert_eq!(tensor.dims().to_vec(), self.shape);
        let values: Vec<f32> = tensor.into_data().try_to_vec().unwrap();
        let sampled = values.iter().step_by(self.step);
        assert_eq!(sampled.len(), self.values.len());
        for (ours, theirs) in sampled.zip(&self.values) {
            let allowed = TOLERANCE * theirs.abs().max(1.0);
            assert!((ours - theirs).abs() <= allowed, "{ours}, not {theirs}");
        }
    }
}

impl Golden {
    fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap()
    }

    /// The module with the formula's weights, through a state dictionary that bears exactly the
    /// published names and shapes: the strict loading proves the layout, too.
    fn fill<M: Module>(&self, mut module: M) -> M {
        let buffers: Vec<(&String, &Vec<usize>, Vec<u8>)> = self
            .parameters
            .iter()
            .map(|(name, shape)| {
                let values = parameter(name, shape);
                let bytes = values.iter().flat_map(|value| value.to_le_bytes());
                (name, shape, bytes.collect())
            })
            .collect();
        let views = buffers.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F32, shape.to_vec(), bytes).unwrap();
            (name.as_str(), view)
        });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        safetensors::serialize_to_file(views, None, &path).unwrap();
        load_weights(&mut module, &path, &LoadOptions::default()).unwrap();
        module
    }

    fn pictures(&self) -> Tensor<4> {
        pictures(self.input)
    }
}

/// Weights of variance 1 / fan-in; batch statistics and slopes well away from 0 and 1.
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

fn pictures(shape: [usize; 4]) -> Tensor<4> {
    let values: Vec<f32> = formula::uniform("pictures", shape.iter().product())
        .map(|u| (2.0 * u - 1.0) as f32)
        .collect();
    Tensor::from_data(TensorData::new(values, shape), &Device::flex())
}

#[test]
fn proposal_network() {
    let golden = Golden::read(include_str!("../tests/golden/proposal.json"));
    let network = golden.fill(mtcnn::ProposalNetwork::new(&Device::flex()));
    let (offsets, probabilities) = network.forward(golden.pictures());
    golden.outputs["offsets"].assert_close(offsets);
    golden.outputs["probabilities"].assert_close(probabilities);
}

#[test]
fn refinement_network() {
    let golden = Golden::read(include_str!("../tests/golden/refinement.json"));
    let network = golden.fill(mtcnn::RefinementNetwork::new(&Device::flex()));
    let (offsets, probabilities) = network.forward(golden.pictures());
    golden.outputs["offsets"].assert_close(offsets);
    golden.outputs["probabilities"].assert_close(probabilities);
}

#[test]
fn output_network() {
    let golden = Golden::read(include_str!("../tests/golden/output.json"));
    let network = golden.fill(mtcnn::OutputNetwork::new(&Device::flex()));
    let (offsets, points, probabilities) = network.forward(golden.pictures());
    golden.outputs["offsets"].assert_close(offsets);
    golden.outputs["points"].assert_close(points);
    golden.outputs["probabilities"].assert_close(probabilities);
}

#[test]
fn ultra_face_network() {
    let golden = Golden::read(include_str!("../tests/golden/ultra_face.json"));
    let network = golden.fill(ultra_face::UltraFaceNetwork::new(&Device::flex()));
    let (probabilities, offsets) = network.forward(golden.pictures());
    golden.outputs["offsets"].assert_close(offsets);
    golden.outputs["probabilities"].assert_close(probabilities);
}

#[test]
fn tiny_face_network_with_shipped_weights() {
    let golden: Sample =
        serde_json::from_str(include_str!("../tests/golden/tiny_face.json")).unwrap();
    let network = tiny_face::TinyFaceNetwork::new(&Device::flex());
    let network = tiny_face::WEIGHTS.load(network).unwrap();
    golden.assert_close(network.forward(pictures([1, 3, 128, 128])));
}

#[test]
fn landmark_network_with_shipped_weights() {
    let golden: Sample =
        serde_json::from_str(include_str!("../tests/golden/landmarks.json")).unwrap();
    let network = landmark68::LandmarkNetwork68::new(&Device::flex());
    let network = landmark68::WEIGHTS.load(network).unwrap();
    golden.assert_close(network.forward(pictures([2, 3, 112, 112])));
}
