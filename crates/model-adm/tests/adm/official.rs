//! A checkpoint as the published training script writes it, and how one can fail to fit.

use crate::support;

use std::path::{Path, PathBuf};

use backbones::{WeightsError, save_safetensors};
use burn::tensor::Device;
use model_adm::AdmConfig;
use support::{Outputs, build, load_official, narrow};

fn checkpoint() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/checkpoint.pkl")
}

fn outputs() -> Outputs {
    serde_json::from_str(include_str!("../golden/checkpoint.json")).unwrap()
}

#[test]
fn a_training_checkpoint_gives_pytorchs_outputs() {
    let mut adm = build(&AdmConfig::official(narrow(1)), &Device::flex());
    let report = load_official(&mut adm, checkpoint()).unwrap();
    // ResNet-18's 100 without its head; 3 extra layers of 3 convolutions, one with a bias, and 3
    // normalisations; 6 of the last layer; 16 of the heads; 2 of the classifier.
    assert_eq!(report.loaded.len(), 100 + 3 * 16 + 6 + 16 + 2);
    assert!(report.kept.is_empty());
    let ignored = |name: &str| report.ignored.contains(&name.to_owned());
    assert!(ignored("network.base_model.fc.weight"));
    assert!(ignored("opt_state.state.0.exp_avg"));
    outputs().assert_close(&adm, 224);
}

#[test]
fn the_papers_levels_leave_the_fourth_head_out() {
    let config = AdmConfig {
        levels: 3,
        ..AdmConfig::official(narrow(1))
    };
    let mut adm = build(&config, &Device::flex());
    let report = load_official(&mut adm, checkpoint()).unwrap();
    let head = "network.adm.multi_scale_detection_module.ms_cls.3.bias";
    assert!(report.ignored.contains(&head.to_owned()));
    assert_eq!(report.loaded.len(), 168);
}

#[test]
fn other_networks_are_refused_by_name_and_stay_as_they_were() {
    let directory = tempfile::tempdir().unwrap();
    let bytes = |adm: &_, name: &str| {
        let path = directory.path().join(name);
        save_safetensors(adm, &path).unwrap();
        std::fs::read(path).unwrap()
    };
    let refused = |config: &AdmConfig| {
        let mut adm = build(config, &Device::flex());
        let before = bytes(&adm, "before.safetensors");
        let error = load_official(&mut adm, checkpoint()).unwrap_err();
        assert_eq!(bytes(&adm, "after.safetensors"), before);
        let text = error.to_string();
        let WeightsError::Mismatch { mismatch, .. } = error else {
            panic!("{text}");
        };
        mismatch
    };
    let wide = refused(&AdmConfig::official(narrow(2)));
    assert!(wide.missing.is_empty() && wide.unexpected.is_empty());
    assert!(
        wide.misfits
            .iter()
            .any(|misfit| misfit.name == "adm.adm_extra_layers.0.0.conv1.weight")
    );

    let plain = refused(&AdmConfig {
        artifact_detection: false,
        ..AdmConfig::official(narrow(1))
    });
    assert_eq!(plain.unexpected.len(), 3 * 16 + 6 + 16);

    // A side of ten leaves the last layer six positions, not three.
    let large = refused(&AdmConfig {
        input_size: 320,
        ..AdmConfig::official(narrow(1))
    });
    assert_eq!(large.misfits.len(), 2);
}

#[test]
fn a_state_dictionary_alone_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("adm.safetensors");
    let config = AdmConfig::official(narrow(1));
    let mut adm = build(&config, &Device::flex());
    load_official(&mut adm, checkpoint()).unwrap();
    save_safetensors(&adm, &path).unwrap();

    let mut again = build(&config, &Device::flex());
    let report = load_official(&mut again, &path).unwrap();
    assert!(report.loaded.contains(&"fc.weight".to_owned()));
    assert!(report.ignored.is_empty());
    outputs().assert_close(&again, 224);

    let mut wide = build(&AdmConfig::official(narrow(2)), &Device::flex());
    let text = load_official(&mut wide, &path).unwrap_err().to_string();
    assert!(text.contains("\n  fc.weight: expected"), "{text}");

    let truncated = directory.path().join("truncated.pkl");
    let bytes = std::fs::read(checkpoint()).unwrap();
    std::fs::write(&truncated, &bytes[..bytes.len() / 2]).unwrap();
    let error = load_official(&mut again, &truncated).unwrap_err();
    assert!(matches!(error, WeightsError::Read { .. }), "{error}");
}
