//! What the papers compare with: each recipe for a CPU trains for a few steps on built-in clips, is evaluated, asked
//! and explained by the commands of every detector.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use serde_json::Value;
use test_support::succeed;

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

/// A store of faces, real and forged, with masks; made once, tests share it.
fn store() -> PathBuf {
    static GROUND: OnceLock<tempfile::TempDir> = OnceLock::new();
    let root = GROUND.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        let (tree, store) = (root.path().join("tree"), root.path().join("store"));
        let sizes = ["--identities", "6", "--frames", "8", "--size", "128"];
        let mut film = xtask();
        film.args(["fixtures", "--videos", "--compression", "c23"]);
        succeed(film.args(sizes).arg("--out").arg(&tree));
        let mut prep = xtask();
        prep.arg("prep").arg(&tree);
        prep.args(["--faces", "annotated", "--frames", "4", "--out"]);
        succeed(prep.arg(&store));
        root
    });
    root.path().join("store")
}

/// Keys that make a training small.
fn small(recipe: &str) -> Vec<String> {
    let mut keys = vec![
        "schedule.steps=4".to_owned(),
        "schedule.batch_size=8".to_owned(),
        "schedule.validations=1".to_owned(),
        "evaluation.resamples=20".to_owned(),
        "crop.size=64".to_owned(),
        "model.input_size=64".to_owned(),
    ];
    let width = match recipe {
        "resnet50-cpu" | "face-xray-cpu" => "model.backbone.base_width=8",
        "xception-cpu" => "model.backbone.width=0.05",
        "efficientnet-b4-cpu" => "model.backbone.width=0.1",
        _ => return keys,
    };
    keys.push(width.to_owned());
    keys
}

/// A picture of a face.
fn a_picture(folder: &Path) -> PathBuf {
    let size = ["--identities", "8", "--pictures", "2", "--size", "96"];
    let mut fixtures = xtask();
    fixtures.arg("fixtures").args(size).arg("--out");
    succeed(fixtures.arg(folder.join("faces")));
    let mut pictures = fs::read_dir(folder.join("faces/images/real")).unwrap();
    pictures.next().unwrap().unwrap().path()
}

fn trains_evaluates_and_answers(recipe: &str, heat_map: bool) {
    let root = tempfile::tempdir().unwrap();
    let run = root.path().join("run");
    let mut train = xtask();
    train.args(["train", "--recipe", recipe]);
    for key in small(recipe) {
        train.args(["--set", &key]);
    }
    train.arg("--data").arg(store()).arg("--out").arg(&run);
    succeed(&mut train);
    let measures = |folder: &Path| -> Value {
        serde_json::from_slice(&fs::read(folder.join("metrics.json")).unwrap()).unwrap()
    };
    let auc = |measures: &Value| measures["groups"][0]["auc"]["value"].as_f64();
    assert!(auc(&measures(&run)).is_some());

    let mut eval = xtask();
    eval.args(["eval", "--split", "all", "--run"]).arg(&run);
    eval.arg("--data").arg(store());
    let out = root.path().join("eval");
    succeed(eval.arg("--out").arg(&out));
    let auc = auc(&measures(&out)).unwrap();
    assert!((0.0..=1.0).contains(&auc), "{recipe}: {auc}");

    let picture = a_picture(root.path());
    let mut detect = xtask();
    detect.args(["detect", "--json", "--whole", "--run"]);
    let told = succeed(detect.arg(&run).arg(&picture)).stdout;
    let verdict: Value = serde_json::from_slice(&told).unwrap();
    let face = &verdict["faces"][0];
    let score = face["score"].as_f64();
    assert!(score.is_some_and(|score| (0.0..=1.0).contains(&score)));

    let mut explain = xtask();
    explain.args(["explain", "--whole", "--run"]).arg(&run);
    let out = root.path().join("explained");
    succeed(explain.arg(&picture).arg("--out").arg(&out));
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    let shown = page.contains("Face X-ray: the border of what was blended in");
    assert_eq!(shown, heat_map, "{recipe}");
}

#[test]
fn plain_classifiers_train_evaluate_and_answer() {
    for recipe in ["resnet50-cpu", "xception-cpu", "efficientnet-b4-cpu"] {
        trains_evaluates_and_answers(recipe, false);
    }
}

#[test]
fn mesoinception4_trains_evaluates_and_answers() {
    trains_evaluates_and_answers("mesoinception4-cpu", false);
}

#[test]
fn face_x_ray_trains_evaluates_and_shows_its_x_ray() {
    trains_evaluates_and_answers("face-xray-cpu", true);
}
