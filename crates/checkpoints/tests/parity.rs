//! Each kind at full size, imported from a state dictionary of the published names: the run's class logits are
//! PyTorch's.

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
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
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

#[test]
fn lisiam() {
    agrees(Kind::Lisiam, "model.", &[STATE]);
}
