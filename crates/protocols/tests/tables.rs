//! A table is filled from runs.

use std::{
    fs,
    path::{Path, PathBuf},
};

use experiment::Recipe;
use protocols::{Ours, Protocols, numbers, runs};
use serde_json::{Value, json};

const STORES: &str = "
[ff]
folder = 'FF'
holds = 'all of it'
dataset = 'FaceForensics++'
prep = ['--frames', '300']
[celeb]
folder = 'Celeb DF'
holds = 'its list'
dataset = 'Celeb-DF-v2'
";

const TABLE: &str = "
paper = 'pcl'
table = 'table 7'
title = 'a test'
unit = 'percent'
pretrained = 'nowhere.safetensors'
notes = ['read this']
columns = [
  { name = 'DF', test = 'ff', method = 'Deepfakes' },
  { name = 'CD2', test = 'celeb' },
  { name = 'mean', mean = true },
]
rows = [
  { name = 'another', published = [1.0, nan, 2.0] },
  { name = 'lambda 10', recipe = 'pcl-smoke', train = 'ff', published = [99.5, 90.0, 94.75] },
  { name = 'lambda 0', recipe = 'pcl-smoke', set = ['model.lambda=0'], train = 'ff', published = [9.0, 8.0, 8.5] },
  { name = 'gone', missing = 'for a reason', published = [3.0, 4.0, 3.5] },
]
";

/// A folder with one protocol, `test`.
fn folder(table: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stores.toml"), STORES).unwrap();
    fs::write(folder.path().join("test.toml"), table).unwrap();
    folder
}

fn read(table: &str) -> Result<Protocols, String> {
    let folder = folder(table);
    Protocols::read(folder.path()).map_err(|error| format!("{error:#}"))
}

#[test]
fn a_protocol_that_cannot_be_meant_is_refused() {
    assert!(read(TABLE).is_ok());
    for (from, to, word) in [
        ("model.lambda=0", "model.lamda=0", "lamda"),
        ("'pcl-smoke', train", "'pcl-smoking', train", "pcl-smoking"),
        ("title", "titel", "titel"),
        ("[1.0, nan, 2.0]", "[1.0, nan]", "2 numbers for 3 columns"),
        ("test = 'celeb'", "test = 'dfdc'", "no store `dfdc`"),
        (
            "test = 'celeb'",
            "test = 'celeb', train = 'ff'",
            "both name their train",
        ),
        (
            "{ name = 'CD2', test = 'celeb' }",
            "{ name = 'CD2' }",
            "no store to test on",
        ),
        (
            "missing = 'for a reason'",
            "train = 'ff'",
            "nothing is trained",
        ),
        ("'percent'", "'per mille'", "per mille"),
    ] {
        let error = read(&TABLE.replacen(from, to, 1)).err().unwrap_or_default();
        assert!(error.contains(word), "{to}: {error}");
    }
}

/// A finished run with an evaluation on its own data and one on Celeb-DF.
fn run(at: &Path, set: &[&str], started: u64, celeb: f64) {
    let set: Vec<String> = set.iter().map(|pair| (*pair).to_owned()).collect();
    let recipe = Recipe::load("pcl-smoke", &set).unwrap();
    let info = json!({
        "version": "0",
        "burn": "0",
        "command": [],
        "repeat": "",
        "started": started,
        "device": "cpu",
        "seed": 0,
        "data": {
            "path": "/somewhere/ff",
            "digest": "",
            "synthetic": false,
            "frames": [0, 0, 0],
            "identities": [0, 0, 0],
            "skipped": [],
        },
        "parameters": 0,
        "steps": 0,
        "best": { "step": 1, "auc": 1.0, "threshold": 0.5 },
    });
    let group = |dataset: &str, method: &str, auc: f64| {
        let auc = json!({ "value": auc, "low": auc - 0.01, "high": auc + 0.01 });
        json!({ "level": "video", "dataset": dataset, "method": method, "auc": auc })
    };
    let own = [
        group("FaceForensics++", "all", 0.5),
        group("FaceForensics++", "Deepfakes", 0.9),
        group("FaceForensics++", "i2g", 0.1),
    ];
    let other = [group("Celeb-DF-v2", "Celeb-synthesis", celeb)];
    // No test: the people that the run was tuned on.
    let tuned = [group("Celeb-DF-v2", "Celeb-synthesis", 0.99)];
    let write = |path: PathBuf, value: &Value| fs::write(path, value.to_string()).unwrap();
    for folder in ["eval-celeb-test", "eval-a-celeb-val"] {
        fs::create_dir_all(at.join(folder)).unwrap();
    }
    fs::write(at.join("recipe.toml"), recipe.to_toml().unwrap()).unwrap();
    write(at.join("run.json"), &info);
    write(
        at.join("metrics.json"),
        &json!({ "data": "/somewhere/ff", "groups": own }),
    );
    write(
        at.join("eval-celeb-test/metrics.json"),
        &json!({ "data": "stores/celeb", "split": "test", "groups": other }),
    );
    write(
        at.join("eval-a-celeb-val/metrics.json"),
        &json!({ "data": "stores/celeb", "split": "val", "groups": tuned }),
    );
}

#[test]
fn a_table_is_filled_from_the_runs_that_are_its_rows() {
    let all = read(TABLE).unwrap();
    let table = &all.tables["test"];
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    run(&at("other"), &["forgery.probability=0.9"], 9, 0.3);
    run(&at("longer"), &["schedule.steps=99"], 9, 0.4);
    let show = || {
        let found = runs(&[folder.path().to_owned()]).unwrap();
        let ours = Ours::new(table, &found).unwrap();
        numbers(table, &ours, &all.stores)
    };
    let line = |text: &str, name: &str| -> Vec<String> {
        let line = text.lines().find(|line| line.trim().starts_with(name));
        let words = line.unwrap_or_default().split_whitespace();
        words.map(str::to_owned).collect()
    };
    // Other forgeries are another method; another length is told.
    let text = show();
    assert_eq!(
        line(&text, "ours"),
        ["ours", "90.00", "40.00", "65.00"],
        "{text}"
    );
    assert_eq!(line(&text, "to"), ["to", "91.00", "41.00", "-"]);
    assert!(
        text.contains("pretrained is absent, not nowhere.safetensors")
            && text.contains("schedule.steps is 99, not 24"),
        "{text}"
    );
    assert!(text.contains("AUC by video, in per cent") && text.contains("read this"));
    assert!(text.contains("for a reason"));
    assert_eq!(line(&text, "another"), ["another", "1.00", "-", "2.00"]);

    // What differs in nothing comes first, then what is newer.
    run(&at("old"), &[], 3, 0.6);
    run(
        &at("new"),
        &["seed=7", "pretrained=/weights/nowhere.safetensors"],
        4,
        0.7,
    );
    let text = show();
    assert_eq!(
        line(&text, "ours"),
        ["ours", "90.00", "70.00", "80.00"],
        "{text}"
    );
    assert!(!text.contains("not as published"), "{text}");
    // How scores become probabilities is told where it is another.
    let set = [
        "pretrained=b/nowhere.safetensors",
        "evaluation.calibration=temperature",
    ];
    run(&at("alone/calibrated"), &set, 5, 0.8);
    let found = runs(&[at("alone")]).unwrap();
    let ours = Ours::new(table, &found).unwrap();
    let text = numbers(table, &ours, &all.stores);
    assert!(
        text.contains("evaluation.calibration is \"temperature\", not"),
        "{text}"
    );

    // All methods together are not read where forgeries of the evaluation's own are among them.
    let together = TABLE.replace(", method = 'Deepfakes'", "");
    let all = read(&together).unwrap();
    let found = runs(&[at("new")]).unwrap();
    let ours = Ours::new(&all.tables["test"], &found).unwrap();
    let text = numbers(&all.tables["test"], &ours, &all.stores);
    assert_eq!(line(&text, "ours"), ["ours", "-", "70.00", "-"], "{text}");
}

/// What `robustness` and `audit identity` wrote is read, too.
#[test]
fn other_commands_fill_columns() {
    let columns = "columns = [
  { name = 'Noise', test = 'celeb', measure = { robustness = 'noise' } },
  { name = 'I([N])', test = 'celeb', level = 'frame', measure = 'interaction' },
  { name = 'mean', mean = true },
]";
    let (before, rest) = TABLE.split_once("columns = [").unwrap();
    let rows = rest.split_once("\n]\n").unwrap().1;
    let all = read(&format!("{before}{columns}\n{rows}")).unwrap();
    let table = &all.tables["test"];
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("a run");
    run(&at, &[], 1, 0.5);
    let write = |folder: &str, file: &str, value: Value| {
        fs::create_dir_all(at.join(folder)).unwrap();
        fs::write(at.join(folder).join(file), value.to_string()).unwrap();
    };
    let runs_of = json!([
        { "run": "another", "mean_video_auc": { "noise": 0.1 } },
        { "run": "a run", "mean_video_auc": { "noise": 0.75 } },
    ]);
    write(
        "robustness-celeb",
        "robustness.json",
        json!({ "data": "stores/celeb", "runs": runs_of }),
    );
    let auc = json!({ "value": 0.625, "low": 0.5, "high": 0.75 });
    write(
        "audit-celeb",
        "audit.json",
        json!({ "data": "stores/celeb", "interaction": { "auc": auc } }),
    );
    let found = runs(&[at]).unwrap();
    let ours = Ours::new(table, &found).unwrap();
    let text = numbers(table, &ours, &all.stores);
    let line = text.lines().find(|line| line.starts_with("  ours "));
    let words: Vec<_> = line.unwrap_or_default().split_whitespace().collect();
    assert_eq!(words, ["ours", "75.00", "62.50", "68.75"], "{text}");
}
