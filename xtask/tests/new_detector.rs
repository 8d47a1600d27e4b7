//! "A new detector in an afternoon": the page says what is in the sources, and the toy that it describes is
//! trained, evaluated and asked by the commands of every detector.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use test_support::succeed;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments);
    command
}

#[test]
fn every_block_of_the_page_is_a_part_of_the_file_that_it_names() {
    let page = fs::read_to_string(root().join("docs/new-detector.md")).unwrap();
    let mut blocks = 0;
    for block in page.split("\n```").skip(1).step_by(2) {
        let (head, text) = block.split_once('\n').unwrap();
        let Some((_, file)) = head.split_once(' ') else {
            continue;
        };
        let source = fs::read_to_string(root().join(file)).unwrap();
        assert!(source.contains(text), "{file} does not hold\n{text}");
        blocks += 1;
    }
    assert!(blocks > 7, "{blocks}");
}

#[test]
fn the_toy_is_trained_evaluated_and_asked_as_every_detector() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let size = ["--identities", "16", "--pictures", "4", "--size", "96"];
    let mut fixtures = xtask(&["fixtures"]);
    succeed(fixtures.args(size).arg("--out").arg(at("faces")));
    let data = at("faces/faces.json");
    let mut train = xtask(&["train", "--set", "schedule.steps=20"]);
    train.args(["--set", "evaluation.resamples=20", "--recipe"]);
    train.arg(root().join("examples/toy-detector/recipe.toml"));
    succeed(train.arg("--data").arg(&data).arg("--out").arg(at("run")));
    let weights = fs::read(at("run/weights.safetensors")).unwrap();
    assert!(!weights.is_empty() && at("run/report.html").is_file());

    let mut eval = xtask(&["eval", "--split", "all", "--run"]);
    eval.arg(at("run")).arg("--data").arg(&data);
    succeed(eval.arg("--out").arg(at("eval")));
    let metrics: Value =
        serde_json::from_slice(&fs::read(at("eval/metrics.json")).unwrap()).unwrap();
    let auc = metrics["groups"][0]["auc"]["value"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&auc), "{metrics}");

    let mut pictures = fs::read_dir(at("faces/images/real")).unwrap().flatten();
    let picture = pictures.next().unwrap().path();
    let mut detect = xtask(&["detect", "--json", "--whole", "--run"]);
    let told = succeed(detect.arg(at("run")).arg(&picture)).stdout;
    let verdict: Value = serde_json::from_slice(&told).unwrap();
    let score = verdict["faces"][0]["score"].as_f64();
    assert!(
        score.is_some_and(|score| (0.0..=1.0).contains(&score)),
        "{verdict}"
    );

    let mut explain = xtask(&["explain", "--whole", "--run"]);
    explain.arg(at("run")).arg(&picture);
    succeed(explain.arg("--out").arg(at("explained")));
    assert!(at("explained/index.html").is_file());
}
