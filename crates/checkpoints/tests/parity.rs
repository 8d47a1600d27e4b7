//! Each kind at full size, imported from a state dictionary of the published names: the run's class logits are
//! PyTorch's.

use std::{collections::BTreeMap, fs, path::Path};

use checkpoints::{ImportOptions, Imported, Kind, import};
use experiment::{Recipe, RunInfo, read_json};
use inference::{Detector, Network};
use runtime::DeviceName;
use serde::Deserialize;
use test_support::{StateDict, formula};

/// Sums of up to some thousand products, through up to a hundred layers, in another order than PyTorch's.
const TOLERANCE: f32 = 1e-4;

/// What training scripts save beside the network.
const STATE: &str = "optimizer.state.0.momentum_buffer";

#[derive(Deserialize)]
struct Golden {
    /// Of two pictures, real and forged each.
    logits: Vec<f32>,
    #[serde(flatten)]
    state: StateDict,
}

impl Golden {
    fn of(kind: Kind) -> Self {
        let path = format!("{}/tests/golden/{kind}.json", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    }
}

/// Two pictures of bytes, RGB: 16 x 16 squares of one colour each.
fn pictures(size: usize) -> [Vec<u8>; 2] {
    let colours = formula::uniform("pictures", 2 * 16 * 16 * 3).map(|u| (u * 256.0) as u8);
    let colours: Vec<u8> = colours.collect();
    [0, 1].map(|picture| {
        let places = (0..size * size).flat_map(|pixel| {
            let [y, x] = [pixel / size, pixel % size].map(|at| at * 16 / size);
            let first = ((picture * 16 + y) * 16 + x) * 3;
            first..first + 3
        });
        places.map(|place| colours[place]).collect()
    })
}

/// Imports the golden state dictionary, and compares what the run says.
fn agrees(kind: Kind, prefix: &str, left_out: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("published.safetensors");
    let golden = Golden::of(kind);
    golden.state.write(STATE, &file);
    let options = ImportOptions {
        kind,
        file,
        out: folder.path().join("run"),
        command: vec!["import".into()],
    };
    let imported: Imported = import(&options).unwrap();
    assert_eq!(imported.prefix, prefix);
    assert_eq!(imported.left_out, left_out);
    let recipe = Recipe::read(&imported.run.recipe()).unwrap();
    assert_eq!(recipe, kind.recipe());
    let info: RunInfo = read_json(&imported.run.info()).unwrap();
    assert_eq!(info.origin.unwrap().of, kind.of());

    let device = DeviceName::Cpu.open().unwrap();
    let detector = Detector::open(imported.run.path(), &device).unwrap();
    assert_eq!(detector.config.frame.threshold, 0.5);
    assert_eq!(detector.config.origin.unwrap().terms, kind.terms());
    let Network::Faces(network) = detector.network else {
        panic!("{kind} judges faces")
    };
    let spec = network.input_spec();
    let pictures = pictures(spec.size);
    let pictures: Vec<&[u8]> = pictures.iter().map(Vec::as_slice).collect();
    let images = spec.to_tensor(&pictures, &device);
    let logits = network.class_logits(images, &mut |_, map| map);
    let logits = test_support::values(logits);
    let errors = logits
        .iter()
        .zip(&golden.logits)
        .map(|(ours, theirs)| (ours - theirs).abs());
    let largest = errors.fold(0.0, f32::max);
    println!("{kind}: {logits:?}, largest error {largest:e}");
    assert_eq!(logits.len(), golden.logits.len());
    assert!(largest <= TOLERANCE, "{kind}: {largest}");
}

#[test]
fn sbi() {
    agrees(Kind::Sbi, "model.net.", &[STATE]);
}

#[test]
fn deepfakebench_xception() {
    let unused = |name: &str| format!("backbone.adjust_channel.{name}");
    let unused = [
        "0.bias",
        "0.weight",
        "1.bias",
        "1.running_mean",
        "1.running_var",
        "1.weight",
    ]
    .map(unused);
    let mut left_out: Vec<&str> = unused.iter().map(String::as_str).collect();
    left_out.push(STATE);
    agrees(Kind::DeepfakebenchXception, "backbone.", &left_out);
}

#[test]
fn deepfakebench_efficientnet_b4() {
    agrees(Kind::DeepfakebenchEfficientnetB4, "backbone.", &[STATE]);
}

#[test]
fn caddm_resnet34() {
    let left_out = [
        "network.base_model.fc.bias",
        "network.base_model.fc.weight",
        STATE,
    ];
    agrees(Kind::CaddmResnet34, "network.", &left_out);
}

const UNUSED: [&str; 3] = [
    "network.base_model._fc.bias",
    "network.base_model._fc.weight",
    STATE,
];

#[test]
fn caddm_efficientnet_b3() {
    agrees(Kind::CaddmEfficientnetB3, "network.", &UNUSED);
}

#[test]
fn caddm_efficientnet_b4() {
    agrees(Kind::CaddmEfficientnetB4, "network.", &UNUSED);
}

#[derive(Deserialize)]
struct KerasGolden {
    /// Of two pictures, the probability of real.
    real: Vec<f64>,
    /// Shapes by path.
    parameters: BTreeMap<String, Vec<u64>>,
}

/// As `generate_mesonet.py` has it.
fn keras_values(path: &str, shape: &[u64]) -> Vec<f32> {
    let name = path.trim_end_matches(":0");
    let count: u64 = shape.iter().product();
    let uniform = formula::uniform(name, count as usize);
    let inputs: u64 = shape[..shape.len() - 1].iter().product();
    let value = |u: f64| match shape.len() {
        1 if name.ends_with("moving_variance") || name.ends_with("gamma") => 0.5 + u,
        1 => (2.0 * u - 1.0) * 0.5,
        _ => (2.0 * u - 1.0) * (6.0 / inputs as f64).sqrt(),
    };
    uniform.map(|u| value(u) as f32).collect()
}

/// A file as Keras lays it out: a group of each layer's name, and one of that name in it.
fn write_keras(golden: &KerasGolden, file: &Path) {
    let mut layers: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for path in golden.parameters.keys() {
        let layer = path.split('/').next().unwrap();
        layers.entry(layer).or_default().push(path);
    }
    let mut builder = hdf5_pure::FileBuilder::new();
    for (layer, paths) in layers {
        let mut outer = builder.create_group(layer);
        let mut inner = outer.create_group(layer);
        for path in paths {
            let shape = &golden.parameters[path];
            let values = keras_values(path, shape);
            let weight = path.rsplit('/').next().unwrap();
            let data = inner.create_dataset(weight).with_f32_data(&values);
            data.with_shape(shape);
        }
        outer.add_group(inner.finish());
        builder.add_group(outer.finish());
    }
    fs::write(file, builder.finish().unwrap()).unwrap();
}

#[test]
fn mesonet() {
    let path = format!("{}/tests/golden/mesonet.json", env!("CARGO_MANIFEST_DIR"));
    let golden: KerasGolden = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("MesoInception_DF.h5");
    write_keras(&golden, &file);
    let options = ImportOptions {
        kind: Kind::Mesonet,
        file: file.clone(),
        out: folder.path().join("run"),
        command: vec!["import".into()],
    };
    let imported = import(&options).unwrap();
    assert_eq!((imported.tensors, &*imported.prefix), (52, ""));
    let device = DeviceName::Cpu.open().unwrap();
    let detector = Detector::open(imported.run.path(), &device).unwrap();
    let Network::Faces(network) = detector.network else {
        panic!("MesoInception-4 judges faces")
    };
    let spec = network.input_spec();
    let pictures = pictures(spec.size);
    let pictures: Vec<&[u8]> = pictures.iter().map(Vec::as_slice).collect();
    let forged = network.detect(spec.to_tensor(&pictures, &device));
    let forged = test_support::values(forged.forged_probability);
    assert_eq!(forged.len(), golden.real.len());
    for (forged, real) in forged.iter().zip(&golden.real) {
        let error = (f64::from(*forged) + real - 1.0).abs();
        println!("mesonet: {forged}, error {error:e}");
        assert!(error <= f64::from(TOLERANCE), "{forged} {real}");
    }

    // Half of a file is none, and one byte less in its signature is no file of Keras.
    let whole = fs::read(&file).unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let out = folder.path().join("other");
        let refused = import(&ImportOptions {
            out: out.clone(),
            ..options.clone()
        });
        assert!(!out.exists());
        refused.unwrap_err().to_string()
    };
    let said = refused(&whole[..whole.len() / 2]);
    assert!(
        said.contains("cannot be read as weights of Keras"),
        "{said}"
    );
    assert!(refused(&whole[1..]).contains("cannot read weights"));
}

#[test]
fn lisiam() {
    agrees(Kind::Lisiam, "model.", &[STATE]);
}
