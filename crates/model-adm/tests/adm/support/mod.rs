//! What the tests of several files need: the formula's weights in files, and small networks.

use std::collections::BTreeMap;
use std::path::Path;

use backbones::{
    AnyBackbone, BackboneConfig, LoadReport, ResNetConfig, ResNetDepth, WeightsError, load_weights,
};
use burn::tensor::{Device, Tensor};
use model_adm::{Adm, AdmConfig, official_names};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Deserialize;
use test_support::{Sample, formula, values};

/// `count` numbers in `-2..2`.
pub(crate) fn numbers(name: &str, count: usize) -> Vec<f32> {
    values(formula::tensor(name, [count], &Device::flex()))
}

pub(crate) fn images(batch: usize, size: usize, device: &Device) -> Tensor<4> {
    formula::tensor("images", [batch, 3, size, size], device)
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

/// Writes a state dictionary of the formula's values as safetensors; `gain` is that of the
/// normalisations.
pub(crate) fn write_state_dict(parameters: &BTreeMap<String, Vec<usize>>, gain: f32, path: &Path) {
    let value = |name: &str, shape: &[usize]| {
        let mut values = formula::parameter(name, shape);
        if shape.len() == 1 && name.ends_with("weight") {
            values.iter_mut().for_each(|value| *value *= gain);
        }
        values
    };
    test_support::write_state_dict(parameters, value, path);
}

/// A network's outputs in a golden file.
#[derive(Deserialize)]
pub(crate) struct Outputs {
    logits: Sample,
    offsets: Sample,
    confidences: Sample,
}

/// Outputs are of the order of one to twenty-seven, so this allows a few ulps for sums of up to
/// 4,608 products in another order than PyTorch's.
const TOLERANCE: f32 = 1e-4;

impl Outputs {
    /// Fails unless the network says of the formula's images what PyTorch says.
    pub(crate) fn assert_close(&self, adm: &Adm<AnyBackbone>, size: usize) {
        let output = adm.forward(images(self.logits.shape[0], size, &Device::flex()));
        let anchors = output.anchors.unwrap();
        let golden = [&self.logits, &self.offsets, &self.confidences];
        let [logits, offsets, confidences] = golden;
        logits.assert_close("class logits", output.class_logits, TOLERANCE);
        offsets.assert_close("offsets", anchors.offsets, TOLERANCE);
        confidences.assert_close("confidences", anchors.confidences, TOLERANCE);
    }
}
