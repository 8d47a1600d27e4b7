//! `cargo xtask robustness` as a user types it, on small rendered data.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use test_support::succeed;

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn perturbed_pictures_are_judged_by_level_and_repeat() {
    let root = tempfile::tempdir().unwrap();
    let (faces, run) = (root.path().join("faces"), root.path().join("run"));
    let sizes = ["--identities", "16", "--pictures", "4", "--size", "96"];
    succeed(xtask().arg("fixtures").args(sizes).arg("--out").arg(&faces));
    let manifest = faces.join("faces.json");
    let mut train = xtask();
    train.args(["train", "--recipe", "pcl-smoke"]);
    train.args(["--set", "schedule.steps=6"]);
    train.args(["--set", "evaluation.resamples=20"]);
    succeed(train.arg("--data").arg(&manifest).arg("--out").arg(&run));

    let measure = |out: &Path| {
        let mut robustness = xtask();
        robustness.args(["robustness", "--perturbation", "noise,compression"]);
        robustness.args(["--levels", "1,5", "--run"]).arg(&run);
        succeed(robustness.arg("--out").arg(out))
    };
    let out = root.path().join("one");
    let said = String::from_utf8(measure(&out).stdout).unwrap();
    assert!(
        said.contains("noise") && said.contains("mean") && said.contains("robustness.html"),
        "{said}"
    );
    let found = json(&out.join("robustness.json"));
    let conditions = found["runs"][0]["conditions"].as_array().unwrap();
    assert_eq!(conditions.len(), 1 + 2 * 2, "{found}");
    assert!(conditions.iter().all(|c| c["video_auc"]["value"].is_f64()));

    // The untouched pictures are those that the run's evaluation judges, its own forgeries aside.
    let scores = fs::read_to_string(run.join("scores.csv")).unwrap();
    let judged = scores
        .lines()
        .skip(1)
        .filter(|line| !line.contains(",i2g,"));
    let frames = |key: &str| conditions[0][key].as_u64().unwrap() as usize;
    assert_eq!(
        judged.count(),
        frames("real_frames") + frames("forged_frames")
    );

    let table = fs::read_to_string(out.join("robustness.csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 2 * 5, "{table}");
    let page = fs::read_to_string(out.join("robustness.html")).unwrap();
    assert_eq!(page.matches("<svg").count(), 2);

    let again = root.path().join("again");
    measure(&again);
    assert_eq!(found["runs"], json(&again.join("robustness.json"))["runs"]);

    // Real faces alone have no AUC to lose.
    let mut rows: Vec<Value> = serde_json::from_value(json(&manifest)).unwrap();
    rows.retain(|row| row["label"] != 1);
    let real = faces.join("real.json");
    fs::write(&real, Value::from(rows).to_string()).unwrap();
    let mut robustness = xtask();
    robustness.arg("robustness").arg("--run").arg(&run);
    let refused = robustness.arg("--data").arg(&real).output().unwrap();
    let why = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && why.contains("name data with both"),
        "{why}"
    );
}
