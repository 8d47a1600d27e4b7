//! Agreement with the published structure, spelled out in PyTorch, at random weights with disturbed
//! batch statistics.
//!
//! The weights travel through a state dictionary that bears the published checkpoints' names and
//! shapes, so the strict loading proves the layout too.

use crate::support;

use std::collections::BTreeMap;

use backbones::{BackboneConfig, EfficientNetConfig, EfficientNetVariant};
use burn::tensor::Device;
use model_adm::AdmConfig;
use serde::Deserialize;
use support::{Outputs, build, load_official, narrow, small, write_state_dict};

#[derive(Deserialize)]
struct Golden {
    gain: f32,
    parameters: BTreeMap<String, Vec<usize>>,
    #[serde(flatten)]
    outputs: Outputs,
}

fn agrees(config: &AdmConfig, golden: &str) {
    let golden: Golden = serde_json::from_str(golden).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("weights.safetensors");
    write_state_dict(&golden.parameters, golden.gain, &path);
    let mut adm = build(config, &Device::flex());
    let report = load_official(&mut adm, &path).unwrap();
    // The backbone's own head: `fc` or `_fc`.
    assert_eq!(report.ignored.len(), 2);
    assert!(report.ignored.iter().all(|name| name.contains("fc.")));
    assert_eq!(report.kept, [""; 0]);
    golden.outputs.assert_close(&adm, config.input_size);
}

#[test]
fn four_levels_of_the_official_code() {
    let config = AdmConfig::official(narrow(4));
    agrees(&config, include_str!("../golden/official.json"));
}

#[test]
fn efficientnet_as_the_official_code_pads_and_names_it() {
    let config = AdmConfig::official(BackboneConfig::EfficientNet(EfficientNetConfig {
        variant: EfficientNetVariant::B3,
        width: Some(0.3),
        depth: Some(0.1),
        ..EfficientNetConfig::default()
    }));
    agrees(&config, include_str!("../golden/efficientnet.json"));
}

#[test]
fn the_papers_network_in_full() {
    agrees(&AdmConfig::default(), include_str!("../golden/paper.json"));
}

#[test]
fn a_small_input_on_a_finer_map() {
    let config = AdmConfig {
        input_size: 128,
        ..small()
    };
    agrees(&config, include_str!("../golden/small.json"));
}
