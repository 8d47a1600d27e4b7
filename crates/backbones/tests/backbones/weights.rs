//! State dictionaries made by PyTorch, and every way in which one can fail to fit.

use std::path::{Path, PathBuf};

use backbones::{
    LoadOptions, ResNet, ResNetConfig, ResNetDepth, WeightsError, load_module, load_weights,
    save_module, save_safetensors,
};
use burn::store::ModuleSnapshot;
use burn::tensor::Device;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use test_support::formula;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// The network of `golden/narrow.*`.
fn narrow_config() -> ResNetConfig {
    ResNetConfig {
        depth: ResNetDepth::ResNet18,
        base_width: 1,
        classes: Some(3),
        ..ResNetConfig::default()
    }
}

fn build(config: &ResNetConfig) -> ResNet {
    config.init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0))
}

fn narrow() -> ResNet {
    build(&narrow_config())
}

fn logits(resnet: &ResNet) -> Vec<f32> {
    resnet
        .forward(formula::images(64, 64))
        .into_data()
        .try_to_vec()
        .unwrap()
}

/// Every parameter and running statistic, as bytes.
fn state(resnet: &ResNet) -> Vec<(String, Vec<u8>)> {
    let tensors = resnet.collect(None, None, false);
    tensors
        .iter()
        .map(|t| (t.name.clone(), t.to_bytes().unwrap().to_vec()))
        .collect()
}

#[test]
fn files_written_by_pytorch_give_pytorchs_logits() {
    let expected: serde_json::Value =
        serde_json::from_str(include_str!("../golden/narrow.json")).unwrap();
    for name in ["narrow.safetensors", "narrow.pth", "narrow_legacy.pth"] {
        let mut resnet = narrow();
        let report = load_weights(&mut resnet, golden(name), &LoadOptions::default()).unwrap();
        // 20 convolutions, 20 normalisations of 4 tensors, and the head's 2.
        assert_eq!(report.loaded.len(), 102, "{name}");
        assert_eq!(
            report.ignored.len(),
            20,
            "one step counter for each normalisation: {name}"
        );
        for (ours, theirs) in logits(&resnet)
            .iter()
            .zip(expected["logits"].as_array().unwrap())
        {
            let theirs = theirs.as_f64().unwrap() as f32;
            assert!((ours - theirs).abs() < 1e-5, "{name}: {ours} {theirs}");
        }
    }
}

#[test]
fn another_head_can_be_left_out() {
    let mut resnet = build(&ResNetConfig {
        classes: Some(2),
        ..narrow_config()
    });
    let options = LoadOptions::default().without_head();
    let report = load_weights(&mut resnet, golden("narrow.safetensors"), &options).unwrap();
    assert_eq!(report.kept, ["fc.bias", "fc.weight"]);
    assert!(report.ignored.contains(&"fc.weight".to_owned()));
    assert_eq!(report.loaded.len(), 100);

    let mut headless = build(&ResNetConfig {
        classes: None,
        ..narrow_config()
    });
    let report = load_weights(&mut headless, golden("narrow.pth"), &options).unwrap();
    assert!(report.kept.is_empty());
    assert_eq!(report.loaded.len(), 100);
}

#[test]
fn a_file_that_does_not_fit_lists_every_name_and_changes_nothing() {
    let config = ResNetConfig {
        classes: Some(2),
        stages: 3,
        ..narrow_config()
    };
    let mut resnet = build(&config);
    let before = state(&resnet);
    let error = load_weights(
        &mut resnet,
        golden("narrow.safetensors"),
        &LoadOptions::default(),
    )
    .unwrap_err();
    let text = error.to_string();
    let WeightsError::Mismatch { mismatch, .. } = error else {
        panic!("{text}")
    };
    assert!(mismatch.missing.is_empty());
    // layer4: 4 convolutions and a skip's, each with its normalisation.
    assert_eq!(mismatch.unexpected.len(), 25);
    let misfits: Vec<&str> = mismatch
        .misfits
        .iter()
        .map(|misfit| &*misfit.name)
        .collect();
    assert_eq!(misfits, ["fc.bias", "fc.weight"]);
    assert!(
        text.contains("fc.weight: expected F32 [2, 4], found F32 [3, 8]"),
        "{text}"
    );
    assert!(
        text.contains("unexpected (25): layer4.0.bn1.bias, "),
        "{text}"
    );
    assert_eq!(state(&resnet), before);

    let mut deeper = build(&ResNetConfig {
        depth: ResNetDepth::ResNet34,
        ..narrow_config()
    });
    let error =
        load_weights(&mut deeper, golden("narrow.pth"), &LoadOptions::default()).unwrap_err();
    let text = error.to_string();
    let WeightsError::Mismatch { mismatch, .. } = error else {
        panic!("{text}")
    };
    assert_eq!(mismatch.missing.len(), 80, "eight more blocks");
    assert!(text.contains("layer3.5.bn2.running_var"), "{text}");
}

#[test]
fn unreadable_files_are_errors_that_name_them() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["narrow.safetensors", "narrow.pth", "narrow_legacy.pth"] {
        let whole = std::fs::read(golden(name)).unwrap();
        for length in [0, 5, 200, whole.len() / 2, whole.len() - 1] {
            let path = directory.path().join(name);
            std::fs::write(&path, &whole[..length]).unwrap();
            let mut resnet = narrow();
            let error = load_weights(&mut resnet, &path, &LoadOptions::default()).expect_err(name);
            let text = error.to_string();
            assert!(
                matches!(error, WeightsError::Read { .. }),
                "{name} {length}: {text}"
            );
            assert!(text.contains(name), "{text}");
        }
    }
    for name in ["absent.safetensors", "absent.pth", "."] {
        let path = directory.path().join(name);
        let error = load_weights(&mut narrow(), path, &LoadOptions::default()).unwrap_err();
        assert!(matches!(error, WeightsError::Read { .. }), "{error}");
    }
}

#[test]
fn both_namings_bring_every_bit_back() {
    let directory = tempfile::tempdir().unwrap();
    let mut resnet = narrow();
    load_weights(&mut resnet, golden("narrow.pth"), &LoadOptions::default()).unwrap();

    let native = directory.path().join("native.safetensors");
    save_module(&resnet, &native).unwrap();
    let mut again = narrow();
    load_module(&mut again, &native).unwrap();
    assert_eq!(state(&again), state(&resnet));

    let torch = directory.path().join("torch.safetensors");
    save_safetensors(&resnet, &torch).unwrap();
    let mut again = narrow();
    load_weights(&mut again, &torch, &LoadOptions::default()).unwrap();
    assert_eq!(state(&again), state(&resnet));

    // The same values are the same bytes, also over an existing file.
    let bytes = std::fs::read(&native).unwrap();
    save_module(&resnet, &native).unwrap();
    assert_eq!(std::fs::read(&native).unwrap(), bytes);
    // The names differ, and one kind is refused as the other.
    assert!(matches!(
        load_module(&mut again, &torch),
        Err(WeightsError::Mismatch { .. })
    ));
    let nowhere = directory.path().join("nowhere/file.safetensors");
    assert!(matches!(
        save_module(&resnet, nowhere),
        Err(WeightsError::Write { .. })
    ));
}
