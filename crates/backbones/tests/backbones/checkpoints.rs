//! Checkpoints as training scripts leave them, other names than the module's, and pickles that must
//! not be trusted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use backbones::{
    Aliases, LoadOptions, WeightsError, Xception, XceptionConfig, load_weights, save_safetensors,
};
use burn::nn::{Linear, LinearConfig};
use burn::store::ModuleSnapshot;
use burn::tensor::Device;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// The layer of the golden checkpoints.
fn linear(inputs: usize) -> Linear {
    LinearConfig::new(inputs, 3).init(&Device::flex())
}

fn aliases(pairs: &[(&str, &str)]) -> Aliases {
    pairs
        .iter()
        .map(|&(theirs, ours)| (theirs.to_owned(), ours.to_owned()))
        .collect()
}

#[test]
fn a_training_script_s_checkpoint_is_read_by_the_names_of_its_dictionaries() {
    for name in ["checkpoint.pth", "checkpoint_legacy.pth"] {
        let mut layer = linear(2);
        let options = LoadOptions {
            ignore: vec!["optimizer.".to_owned()],
            aliases: aliases(&[("network.", "")]),
        };
        let report = load_weights(&mut layer, golden(name), &options).unwrap();
        assert_eq!(report.loaded, ["bias", "weight"], "{name}");
        assert_eq!(report.ignored, ["optimizer.momentum"], "{name}");
        let weight: Vec<f32> = layer.weight.val().into_data().try_to_vec().unwrap();
        // Linear weights are stored [outputs, inputs] there, and [inputs, outputs] here.
        assert_eq!(weight, [0.0, 2.0, 4.0, 1.0, 3.0, 5.0], "{name}");
    }
}

#[test]
fn a_checkpoint_of_another_shape_is_an_error() {
    for name in ["checkpoint.pth", "checkpoint_legacy.pth"] {
        let options = LoadOptions {
            ignore: vec!["optimizer.".to_owned()],
            aliases: aliases(&[("network.", "")]),
        };
        let error = load_weights(&mut linear(4), golden(name), &options).unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("weight: expected F32 [3, 4], found F32 [3, 2]"),
            "{text}"
        );
    }
}

#[test]
fn a_pickle_that_asks_for_a_call_is_refused_and_nothing_is_executed() {
    let marker = Path::new("malicious-pickle-was-executed");
    let ignoring = LoadOptions {
        ignore: vec!["helpers.".to_owned()],
        ..LoadOptions::default()
    };
    for name in [
        "malicious.pth",
        "malicious_legacy.pth",
        "malicious_root.pth",
        "malicious_root_legacy.pth",
    ] {
        // Leaving the entry out does not make the file trustworthy.
        for options in [&LoadOptions::default(), &ignoring] {
            let mut layer = linear(2);
            let before = layer.weight.val().into_data();
            let error = load_weights(&mut layer, golden(name), options).expect_err(name);
            assert!(matches!(error, WeightsError::Read { .. }), "{error}");
            let text = error.to_string();
            assert!(text.contains(name), "{text}");
            assert!(text.contains("posix.system"), "{text}");
            assert!(text.contains("nothing was executed"), "{text}");
            assert_eq!(
                text.contains("\"helpers.loader\""),
                !name.contains("root"),
                "{text}"
            );
            assert_eq!(layer.weight.val().into_data(), before);
        }
    }
    assert!(!marker.exists());
}

#[test]
fn a_shape_beyond_the_stored_values_is_an_error() {
    for name in ["overrun.pth", "overrun_legacy.pth"] {
        let error =
            load_weights(&mut linear(2), golden(name), &LoadOptions::default()).expect_err(name);
        assert!(matches!(error, WeightsError::Read { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn damaged_pickles_are_errors() {
    let directory = tempfile::tempdir().unwrap();
    for name in ["checkpoint.pth", "checkpoint_legacy.pth"] {
        let whole = std::fs::read(golden(name)).unwrap();
        for length in (0..whole.len()).step_by(whole.len() / 60) {
            let path = directory.path().join(name);
            std::fs::write(&path, &whole[..length]).unwrap();
            let error =
                load_weights(&mut linear(2), &path, &LoadOptions::default()).expect_err(name);
            assert!(
                matches!(error, WeightsError::Read { .. }),
                "{length}: {error}"
            );
        }
    }
}

fn xception() -> Xception {
    let config = XceptionConfig {
        width: 1.0 / 64.0,
        classes: Some(2),
        ..XceptionConfig::default()
    };
    config.init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0))
}

/// Writes what `change` makes of the names and shapes of a file.
fn rewrite(from: &Path, to: &Path, change: impl Fn(&str, &[usize]) -> (String, Vec<usize>)) {
    let bytes = std::fs::read(from).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let changed: BTreeMap<String, TensorView> = tensors
        .iter()
        .map(|(name, view)| {
            let (name, shape) = change(name, view.shape());
            let view = TensorView::new(view.dtype(), shape, view.data()).unwrap();
            (name, view)
        })
        .collect();
    safetensors::serialize_to_file(changed, None, to).unwrap();
}

#[test]
fn the_first_published_xception_s_names_and_flat_pointwise_kernels_load() {
    let directory = tempfile::tempdir().unwrap();
    let [plain, old] = ["plain.safetensors", "old.safetensors"].map(|n| directory.path().join(n));
    let source = xception();
    save_safetensors(&source, &plain).unwrap();
    rewrite(&plain, &old, |name, shape| {
        let flat = name.ends_with("pointwise.weight");
        let shape = if flat { &shape[..2] } else { shape };
        (name.replace("fc.", "last_linear."), shape.to_vec())
    });

    let options = LoadOptions::default().with_aliases(Xception::pretrainedmodels_names());
    let mut other = XceptionConfig {
        width: 1.0 / 64.0,
        classes: Some(2),
        ..XceptionConfig::default()
    }
    .init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(1));
    load_weights(&mut other, &old, &options).unwrap();
    let bytes = |network: &Xception| -> Vec<Vec<u8>> {
        let tensors = network.collect(None, None, false);
        tensors
            .iter()
            .map(|tensor| tensor.to_bytes().unwrap().to_vec())
            .collect()
    };
    assert_eq!(bytes(&other), bytes(&source));
    // The same file under both names is no file of this network.
    let error = load_weights(&mut xception(), &old, &LoadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("last_linear.weight"), "{error}");
}

#[test]
fn two_names_for_one_parameter_are_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("twice.safetensors");
    let values = [0u8; 24];
    let view = |shape: &[usize]| {
        let bytes = &values[..shape.iter().product::<usize>() * 4];
        TensorView::new(safetensors::Dtype::F32, shape.to_vec(), bytes).unwrap()
    };
    let twice = [
        ("weight", view(&[3, 2])),
        ("bias", view(&[3])),
        ("module.bias", view(&[3])),
    ];
    safetensors::serialize_to_file(twice, None, &path).unwrap();
    let options = LoadOptions::default().with_aliases(aliases(&[("module.", "")]));
    let error = load_weights(&mut linear(2), &path, &options).unwrap_err();
    assert!(
        error.to_string().contains("unexpected (1): module.bias"),
        "{error}"
    );
}
