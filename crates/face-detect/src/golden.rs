//! Agreement with independent PyTorch networks: `tests/golden/generate.py`.

use std::collections::BTreeMap;

use backbones::{LoadOptions, load_weights};
use burn::module::Module;
use burn::tensor::{Device, Tensor, TensorData};
use serde::Deserialize;
use test_support::{Sample, formula, values, write_state_dict};

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

/// Within the tolerance, in shares of a value where that is above one.
fn assert_close<const D: usize>(golden: &Sample, tensor: Tensor<D>) {
    assert_eq!(tensor.dims().to_vec(), golden.shape);
    let values = values(tensor);
    let sampled = values.iter().step_by(golden.step);
    assert_eq!(sampled.len(), golden.values.len());
    for (ours, theirs) in sampled.zip(&golden.values) {
        let allowed = TOLERANCE * theirs.abs().max(1.0);
        assert!((ours - theirs).abs() <= allowed, "{ours}, not {theirs}");
    }
}

impl Golden {
    fn read(json: &str) -> Self {
        serde_json::from_str(json).unwrap()
    }

    /// The module with the formula's weights, through a state dictionary that bears exactly the
    /// published names and shapes: the strict loading proves the layout, too.
    fn fill<M: Module>(&self, mut module: M) -> M {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        write_state_dict(&self.parameters, formula::parameter, &path);
        load_weights(&mut module, &path, &LoadOptions::default()).unwrap();
        module
    }

    fn pictures(&self) -> Tensor<4> {
        pictures(self.input)
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
    assert_close(&golden.outputs["offsets"], offsets);
    assert_close(&golden.outputs["probabilities"], probabilities);
}

#[test]
fn refinement_network() {
    let golden = Golden::read(include_str!("../tests/golden/refinement.json"));
    let network = golden.fill(mtcnn::RefinementNetwork::new(&Device::flex()));
    let (offsets, probabilities) = network.forward(golden.pictures());
    assert_close(&golden.outputs["offsets"], offsets);
    assert_close(&golden.outputs["probabilities"], probabilities);
}

#[test]
fn output_network() {
    let golden = Golden::read(include_str!("../tests/golden/output.json"));
    let network = golden.fill(mtcnn::OutputNetwork::new(&Device::flex()));
    let (offsets, points, probabilities) = network.forward(golden.pictures());
    assert_close(&golden.outputs["offsets"], offsets);
    assert_close(&golden.outputs["points"], points);
    assert_close(&golden.outputs["probabilities"], probabilities);
}

#[test]
fn ultra_face_network() {
    let golden = Golden::read(include_str!("../tests/golden/ultra_face.json"));
    let network = golden.fill(ultra_face::UltraFaceNetwork::new(&Device::flex()));
    let (probabilities, offsets) = network.forward(golden.pictures());
    assert_close(&golden.outputs["offsets"], offsets);
    assert_close(&golden.outputs["probabilities"], probabilities);
}

#[test]
fn tiny_face_network_with_shipped_weights() {
    let golden: Sample =
        serde_json::from_str(include_str!("../tests/golden/tiny_face.json")).unwrap();
    let network = tiny_face::TinyFaceNetwork::new(&Device::flex());
    let network = tiny_face::WEIGHTS.load(network).unwrap();
    assert_close(&golden, network.forward(pictures([1, 3, 128, 128])));
}

#[test]
fn landmark_network_with_shipped_weights() {
    let golden: Sample =
        serde_json::from_str(include_str!("../tests/golden/landmarks.json")).unwrap();
    let network = landmark68::LandmarkNetwork68::new(&Device::flex());
    let network = landmark68::WEIGHTS.load(network).unwrap();
    assert_close(&golden, network.forward(pictures([2, 3, 112, 112])));
}
