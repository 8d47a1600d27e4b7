//! Tests of methods, people and videos that a run has never seen, by their names.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use serde_json::Value;
use test_support::succeed;

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

/// A store of clips that are forged in four ways.
fn store() -> &'static Path {
    static GROUND: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, store) = GROUND.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let mut film = xtask();
        film.args(["fixtures", "--videos", "--compression", "c23"]);
        film.args(["--identities", "8", "--frames", "8", "--size", "128"]);
        succeed(film.arg("--out").arg(at("tree")));
        let mut prep = xtask();
        prep.arg("prep")
            .arg(at("tree"))
            .args(["--faces", "annotated"]);
        prep.args(["--frames", "1", "--successive", "8", "--out"]);
        succeed(prep.arg(at("store")));
        let store = at("store");
        (root, store)
    });
    store
}

fn train(recipe: &str, out: &Path, more: &[&str]) -> Output {
    let mut train = xtask();
    train.args(["train", "--recipe", recipe, "--set", "schedule.steps=2"]);
    train.args(["--set", "evaluation.resamples=20"]).args(more);
    train.arg("--data").arg(store()).arg("--out").arg(out);
    train.output().unwrap()
}

fn eval(run: &Path, out: &Path, more: &[&str]) -> Output {
    let mut eval = xtask();
    eval.arg("eval").arg("--run").arg(run).args(more);
    eval.arg("--out").arg(out).output().unwrap()
}

fn protocol(out: &Path) -> Value {
    let metrics = fs::read_to_string(out.join("metrics.json")).unwrap();
    serde_json::from_str::<Value>(&metrics).unwrap()["protocol"].clone()
}

fn said(output: &Output) -> String {
    let [out, error] = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    format!("{out}{error}")
}

#[test]
fn forgeries_of_a_method_that_was_held_out_are_tested_alone() {
    let root = tempfile::tempdir().unwrap();
    let (run, out) = (root.path().join("run"), root.path().join("out"));
    let held_out = ["--set", "forgery.held_out=[\"FaceSwap\"]"];
    let trained = train("adm-smoke", &run, &held_out);
    assert!(trained.status.success(), "{}", said(&trained));
    let seen = fs::read_to_string(run.join("seen.json")).unwrap();
    assert!(
        seen.contains("Deepfakes") && !seen.contains("FaceSwap"),
        "{seen}"
    );

    let judged = eval(&run, &out, &["--protocol", "generator-disjoint"]);
    assert!(judged.status.success(), "{}", said(&judged));
    assert!(
        said(&judged)
            .contains("methods that the run has seen (Deepfakes, Face2Face, NeuralTextures)"),
        "{}",
        said(&judged)
    );
    let found = protocol(&out);
    assert_eq!(found["methods"], serde_json::json!(["FaceSwap"]), "{found}");
    let scores = fs::read_to_string(out.join("scores.csv")).unwrap();
    assert!(scores.contains("FaceSwap") && !scores.contains(",Deepfakes,"));

    // Without its record, what the run has seen is told by its data.
    fs::remove_file(run.join("seen.json")).unwrap();
    let again = eval(&run, &out, &["--protocol", "generator-disjoint"]);
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(protocol(&out), found);

    let unknown = ["--set", "forgery.held_out=[\"FaceWsap\"]"];
    let refused = train("adm-smoke", &root.path().join("no"), &unknown);
    assert!(
        said(&refused).contains("there are Deepfakes, Face2Face"),
        "{}",
        said(&refused)
    );
}

#[test]
fn people_and_videos_that_were_seen_are_left_out_and_counted() {
    let root = tempfile::tempdir().unwrap();
    let (run, out) = (root.path().join("run"), root.path().join("out"));
    let trained = train("adm-smoke", &run, &[]);
    assert!(trained.status.success(), "{}", said(&trained));
    for (name, what) in [
        ("identity-disjoint", "people"),
        ("source-disjoint", "videos"),
    ] {
        // Its own test split shares nobody with its training.
        let judged = eval(&run, &out, &["--forge", "no"]);
        assert!(judged.status.success(), "{}", said(&judged));
        let all = fs::read_to_string(out.join("scores.csv")).unwrap();
        let judged = eval(&run, &out, &["--protocol", name]);
        assert!(judged.status.success(), "{}", said(&judged));
        assert_eq!(protocol(&out)["left_out"], serde_json::json!({}));
        assert_eq!(fs::read_to_string(out.join("scores.csv")).unwrap(), all);
        // Of all its data the same is left.
        let judged = eval(&run, &out, &["--protocol", name, "--split", "all"]);
        assert!(judged.status.success(), "{}", said(&judged));
        assert!(said(&judged).contains(&format!(" {what} that the run has seen")));
        let left_out = protocol(&out)["left_out"][name].clone();
        assert!(left_out.as_object().unwrap().len() > 1, "{left_out}");
        assert_eq!(fs::read_to_string(out.join("scores.csv")).unwrap(), all);
    }
    // It has learnt from every method of these data.
    let refused = eval(&run, &out, &["--protocol", "generator-disjoint"]);
    assert_eq!(refused.status.code(), Some(2), "{}", said(&refused));
    assert!(
        said(&refused).contains("forgery.held_out"),
        "{}",
        said(&refused)
    );
}

#[test]
fn the_suite_holds_each_method_out_once() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("suite");
    let mut suite = xtask();
    suite.args([
        "suite",
        "--recipe",
        "adm-smoke",
        "--protocol",
        "generator-disjoint",
    ]);
    suite.args([
        "--set",
        "schedule.steps=2",
        "--set",
        "evaluation.resamples=20",
        "--data",
    ]);
    suite.arg(store()).arg("--out").arg(&out);
    let done = suite.output().unwrap();
    assert!(done.status.success(), "{}", said(&done));
    for method in ["Deepfakes", "Face2Face", "FaceSwap", "NeuralTextures"] {
        let told = format!("adm-smoke without {method}: Frame AUC ");
        assert!(said(&done).contains(&told), "{}", said(&done));
        let run = out.join(format!("adm-smoke-without-{method}"));
        let found = protocol(&run.join("eval-store-test-generator-disjoint"));
        assert_eq!(found["methods"], serde_json::json!([method]));
    }
    // What was trained is there: the same call only tests.
    let again = suite.output().unwrap();
    assert!(again.status.success(), "{}", said(&again));
    assert_eq!(again.stdout, done.stdout);
}
