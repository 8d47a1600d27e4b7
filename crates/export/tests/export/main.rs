//! Detectors of drawn weights, exported.

mod graphs;
mod weights;

use std::{fs, path::Path};

use backbones::{LoadOptions, load_weights, save_module, state_dict};
use burn::module::Module;
use export::{Format, export};
use inference::{Architecture, Detector};
use runtime::{DeviceName, Purpose, generator};
use serde::Deserialize;
use test_support::{formula, write_state_dict};

/// Sums of up to some thousand products through some tens of layers, in another order.
const TOLERANCE: f32 = 1e-4;

/// How faces are cut out plays no part here; how scores are read does.
const CROP: &str =
    "\n[crop]\nsize = 32\nmethod = { box = { margin = 0.3 } }\nborder = \"replicate\"\n";
const RECORD: &str = r#"{"best": {"slope": 0.7, "offset": 0.2, "threshold": 0.45,
    "video": {"slope": 1.3, "offset": -0.3, "threshold": 0.55}}, "data": {"synthetic": false}}"#;

/// Gives a network weights by formula, its batch statistics away from 0 and 1, and writes them as a run's.
/// `gain` is what kernels are times, so that two faces are told apart at the network's end.
fn write_weights<M: Module>(mut model: M, gain: f32, folder: &Path) {
    let shapes = state_dict(&model).into_iter();
    let shapes = shapes.map(|(name, weight)| (name, weight.shape)).collect();
    let file = folder.join("formula.safetensors");
    let value = |name: &str, shape: &[usize]| {
        let gain = if shape.len() > 1 { gain } else { 1.0 };
        let values = formula::parameter(name, shape).into_iter();
        values.map(|value| value * gain).collect()
    };
    write_state_dict(&shapes, value, &file);
    load_weights(&mut model, &file, &LoadOptions::default()).unwrap();
    save_module(&model, folder.join("weights.safetensors")).unwrap();
}

/// The run of a recipe's `[model]`.
fn detector(folder: &Path, model: &str, gain: f32) -> Detector {
    #[derive(Deserialize)]
    struct Recipe {
        model: Architecture,
    }
    let recipe = format!("name = \"small\"\n{model}{CROP}");
    let Recipe { model } = toml::from_str(&recipe).unwrap();
    let device = DeviceName::Cpu.open().unwrap();
    let mut rng = generator(0, Purpose::Weights, 0, 0);
    match &model {
        Architecture::Adm(config) => {
            write_weights(config.init(&device, &mut rng).unwrap(), gain, folder);
        }
        Architecture::FaceXray(config) => {
            write_weights(config.init(&device, &mut rng).unwrap(), gain, folder);
        }
        Architecture::Meso(config) => {
            write_weights(config.init(&device, &mut rng).unwrap(), gain, folder);
        }
        Architecture::Lisiam { network } => {
            write_weights(network.init(&device, &mut rng).unwrap(), gain, folder);
        }
        Architecture::Pcl(config) => {
            write_weights(config.init(&device, &mut rng).unwrap(), gain, folder);
        }
        Architecture::Snippet(config) => {
            write_weights(config.init(&device, &mut rng).unwrap(), gain, folder);
        }
        Architecture::Toy(config) => {
            write_weights(config.init(&device, &mut rng).unwrap(), gain, folder);
        }
    }
    fs::write(folder.join("recipe.toml"), recipe).unwrap();
    fs::write(folder.join("run.json"), RECORD).unwrap();
    Detector::open(folder, &device).unwrap()
}

fn agree(what: &str, ours: &[f32], theirs: &[f32]) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let errors = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    let largest = errors.fold(0.0, f32::max);
    println!("{what}: largest error {largest:e}");
    assert!(largest <= TOLERANCE, "{what}: {largest}");
}

/// What says the same of every face, or of every place, would agree with anything.
fn differ(what: &str, some: &[f32], others: &[f32]) {
    let differences = some.iter().zip(others).map(|(a, b)| (a - b).abs());
    let largest = differences.fold(0.0, f32::max);
    println!("{what}: differ by {largest}");
    assert!(largest > 100.0 * TOLERANCE, "{what}: {largest}");
}

const RESNET18: &str = "family = \"resnet\"\ndepth = 18\nbase_width = 8";
const RESNET50: &str = "family = \"resnet\"\ndepth = 50\nbase_width = 8\nblocks = [1, 2, 1, 1]";

fn plain(settings: &str, backbone: &str) -> String {
    format!(
        "[model]\nkind = \"adm\"\nartifact_detection = false\n{settings}\n[model.backbone]\n{backbone}"
    )
}

#[test]
fn what_has_no_export_is_refused_in_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let detector = detector(folder.path(), "[model]\nkind = \"toy\"", 1.0);
    for format in [Format::Onnx, Format::Safetensors] {
        let file = folder.path().join("out");
        let said = export(&detector, format, &file).unwrap_err().to_string();
        assert!(
            said.ends_with("a network of its kind cannot be exported"),
            "{said}"
        );
        assert!(!file.exists());
    }
    let said = "pt".parse::<Format>().unwrap_err().to_string();
    assert_eq!(
        said,
        "'pt' is no format that is written; onnx and safetensors are"
    );
}
