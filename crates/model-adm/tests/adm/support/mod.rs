//! What the tests of several files need: the formula's weights in files, and small networks.
#[path = "../../../../backbones/tests/formula/mod.rs"]
#[allow(dead_code, reason = "its pictures are for other networks")]
mod formula;

use std::collections::BTreeMap;
use std::path::Path;

use backbones::{
    AnyBackbone, BackboneConfig, LoadReport, ResNetConfig, ResNetDepth, WeightsError, load_weights,
};
use burn::tensor::{Device, Tensor, TensorData};
use model_adm::{Adm, AdmConfig, official_names};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use safetensors::tensor::{Dtype, TensorView};
use serde::Deserialize;

/// `count` numbers in `-2..2`.
pub(crate) fn numbers(name: &str, count: usize) -> Vec<f32> {
    formula::uniform(name, count)
        .map(|u| (4.0 * u - 2.0) as f32)
        .collect()
}

pub(crate) fn images(batch: usize, size: usize, device: &Device) -> Tensor<4> {
    let values = numbers("images", batch * 3 * size * size);
    Tensor::from_data(TensorData::new(values, [batch, 3, size, size]), device)
}

/// A ResNet-18 of `width` channels.
pub(crate) fn narrow(width: usize) -> BackboneConfig {
    BackboneConfig::ResNet(ResNetConfig {
        depth: ResNetDepth::ResNet18,
        base_width: width,
        ..ResNetConfig::default()
    })
}

/// A network small enough for a test: the paper's maps with a few channels, on a quarter of the
/// pixels.
pub(crate) fn small() -> AdmConfig {
    AdmConfig {
        backbone: narrow(4),
        input_size: 112,
        map_stride: 16,
        ..AdmConfig::default()
    }
}

pub(crate) fn build(config: &AdmConfig, device: &Device) -> Adm<AnyBackbone> {
    config
        .init(device, &mut ChaCha8Rng::seed_from_u64(1))
        .unwrap()
}

/// Reads a checkpoint in the official layout.
pub(crate) fn load_official(
    adm: &mut Adm<AnyBackbone>,
    path: impl AsRef<Path>,
) -> Result<LoadReport, WeightsError> {
    let names = official_names(adm);
    load_weights(adm, path, &names)
}

/// The formula's values of a parameter, as in the goldens' generator.
fn parameter(name: &str, shape: &[usize], gain: f32) -> Vec<f32> {
    let draw = formula::uniform(name, shape.iter().product());
    if shape.len() > 1 {
        let bound = (3.0 / shape[1..].iter().product::<usize>() as f64).sqrt();
        draw.map(|u| ((2.0 * u - 1.0) * bound) as f32).collect()
    } else if name.ends_with("running_var") {
        draw.map(|u| (0.5 + u) as f32).collect()
    } else if name.ends_with("weight") {
        draw.map(|u| gain * (0.5 + u) as f32).collect()
    } else {
        draw.map(|u| ((2.0 * u - 1.0) * 0.5) as f32).collect()
    }
}

/// Writes a state dictionary of the formula's values as safetensors; `gain` is that of the
/// normalisations.
pub(crate) fn write_state_dict(parameters: &BTreeMap<String, Vec<usize>>, gain: f32, path: &Path) {
    let buffers: Vec<(&String, &Vec<usize>, Vec<u8>)> = parameters
        .iter()
        .filter(|(name, _)| !name.ends_with("num_batches_tracked"))
        .map(|(name, shape)| {
            let values = parameter(name, shape, gain);
            let bytes = values.iter().flat_map(|value| value.to_le_bytes());
            (name, shape, bytes.collect())
        })
        .collect();
    let views = buffers.iter().map(|(name, shape, bytes)| {
        let view = TensorView::new(Dtype::F32, shape.to_vec(), bytes);
        (name, view.unwrap())
    });
    safetensors::serialize_to_file(views, None, path).unwrap();
}

/// A network's outputs in a golden file.
#[derive(Deserialize)]
pub(crate) struct Outputs {
    logits: Sample,
    offsets: Sample,
    confidences: Sample,
}

/// Every `step`-th value of a tensor.
#[derive(Deserialize)]
struct Sample {
    shape: Vec<usize>,
    step: usize,
    values: Vec<f32>,
}

/// Outputs are of the order of one to twenty-seven, so this allows a few ulps for sums of up to
/// 4,608 products in another order than PyTorch's.
const TOLERANCE: f32 = 1e-4;

impl Sample {
    fn assert_close<const D: usize>(&self, what: &str, tensor: Tensor<D>) {
        assert_eq!(tensor.dims().to_vec(), self.shape, "{what}");
        let values: Vec<f32> = tensor.into_data().try_to_vec().unwrap();
        let sampled = values.iter().step_by(self.step);
        assert_eq!(sampled.len(), self.values.len(), "{what}");
        let error = sampled
            .zip(&self.values)
            .map(|(ours, theirs)| (ours - theirs).abs())
            .fold(0.0, f32::max);
        println!("{what}: largest error {error:e}");
        assert!(error <= TOLERANCE, "{what}: largest error {error}");
    }
}

impl Outputs {
    /// Fails unless the network says of the formula's images what PyTorch says.
    pub(crate) fn assert_close(&self, adm: &Adm<AnyBackbone>, size: usize) {
        let output = adm.forward(images(self.logits.shape[0], size, &Device::flex()));
        let anchors = output.anchors.unwrap();
        self.logits
            .assert_close("class logits", output.class_logits);
        self.offsets.assert_close("offsets", anchors.offsets);
        self.confidences
            .assert_close("confidences", anchors.confidences);
    }
}
