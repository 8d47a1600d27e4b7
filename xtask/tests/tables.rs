//! Trainings of the papers' tables, made small: each must start with its own stages and losses, pass
//! through all of them, and be evaluated. And what an untrained network's audit says.

use std::{fs, path::Path, process::Command, sync::OnceLock};

use serde_json::Value;
use test_support::succeed;

/// A store of built-in clips, made once.
fn store() -> &'static Path {
    static ROOT: OnceLock<tempfile::TempDir> = OnceLock::new();
    let root = ROOT.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        let mut film = xtask();
        film.args(["fixtures", "--videos", "--compression", "c23"]);
        film.args(["--identities", "6", "--frames", "8", "--size", "128"]);
        succeed(film.arg("--out").arg(root.path().join("tree")));
        let mut prep = xtask();
        prep.arg("prep").arg(root.path().join("tree"));
        prep.args(["--faces", "annotated", "--frames", "8", "--margin", "1"]);
        succeed(prep.arg("--out").arg(root.path().join("store")));
        root
    });
    static STORE: OnceLock<std::path::PathBuf> = OnceLock::new();
    STORE.get_or_init(|| root.path().join("store"))
}

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

/// Trains a recipe with these keys, and small; answers what it told.
fn train(recipe: &str, set: &[String], small: &[&str], out: &Path) -> String {
    let mut command = xtask();
    command.args(["train", "--recipe", recipe]);
    let small = small.iter().map(|key| (*key).to_owned());
    for key in set.iter().cloned().chain(small) {
        command.arg("--set").arg(key);
    }
    command.args(["--set", "evaluation.resamples=20"]);
    command.arg("--data").arg(store()).arg("--out").arg(out);
    let output = succeed(&mut command);
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The rows of a table that can be trained: name, recipe, keys.
fn rows(table: &str) -> Vec<(String, String, Vec<String>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let protocols = folder
        .ancestors()
        .map(|above| above.join("docs/protocols"))
        .find(|path| path.is_dir())
        .unwrap();
    let text = fs::read_to_string(protocols.join(format!("{table}.toml"))).unwrap();
    let table: toml::Table = toml::from_str(&text).unwrap();
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    let rows = table["rows"].as_array().unwrap().iter();
    let row = |row: &toml::Value| {
        let set = row.get("set").and_then(toml::Value::as_array);
        let set = set.map(|set| set.iter().map(text).collect());
        Some((
            text(&row["name"]),
            text(row.get("recipe")?),
            set.unwrap_or_default(),
        ))
    };
    rows.filter_map(row).collect()
}

/// Networks and pictures small, a step or two in each stage.
const SMALL: [&str; 3] = [
    "crop.size=64",
    "schedule.batch_size=4",
    "schedule.validations=1",
];
const LISIAM: [&str; 7] = [
    "model.network.input_size=64",
    "model.network.channels=8",
    "model.network.relation_channels=8",
    "model.network.transformer_channels=8",
    "model.network.mlp_width=8",
    "model.network.backbone={family=\"xception\",width=0.03,output_stride=8,tail=false}",
    "schedule.steps=31",
];
const XCEPTION: [&str; 3] = [
    "model.input_size=64",
    "model.backbone={family=\"xception\",width=0.03}",
    "schedule.steps=12",
];

/// Every row of LiSiam's ablation, and Xception with and without the degradations.
#[test]
fn every_row_of_lisiams_tables_trains_through_its_stages() {
    let root = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    for table in ["lisiam-table6", "lisiam-table5"] {
        for (name, recipe, set) in rows(table) {
            // Table V has the same training on three compressions.
            if seen.contains(&(recipe.clone(), set.clone())) {
                continue;
            }
            let own: &[&str] = if recipe == "lisiam-paper" {
                &LISIAM
            } else {
                &XCEPTION
            };
            let out = root.path().join(seen.len().to_string());
            let told = train(&recipe, &set, &[&SMALL, own].concat(), &out);
            let stages = match (recipe.as_str(), name.starts_with("Model-C")) {
                ("lisiam-paper", false) => &["segmentation", "classification", "all"][..],
                ("lisiam-paper", true) => &["all"],
                _ => &["head", "all"],
            };
            for stage in stages {
                let begins = format!("stage '{stage}' begins");
                assert!(told.contains(&begins), "{name}: {begins} in\n{told}");
            }
            let measures = json(&out.join("metrics.json"));
            for group in measures["groups"].as_array().unwrap() {
                let argmax = &group["argmax_accuracy"]["value"];
                assert!(argmax.is_number(), "{name}: {group}");
            }
            seen.push((recipe, set));
        }
    }
    assert_eq!(
        seen.len(),
        9,
        "seven models, Xception with and without: {seen:?}"
    );
}

/// Table VI of ADM's paper, its first row: self-blended images by sharpness-aware minimisation.
#[test]
fn self_blended_images_train_by_sharpness_aware_minimisation() {
    let root = tempfile::tempdir().unwrap();
    let (_, recipe, set) = rows("adm-table6").remove(0);
    assert_eq!(recipe, "sbi-paper");
    let small = [
        "crop.size=64",
        "model.input_size=64",
        "model.backbone={family=\"resnet\",depth=18,base_width=4}",
        "schedule.batch_size=8",
        "schedule.validations=1",
        "schedule.steps=4",
    ];
    let weights = ["sam", "plain"].map(|name| {
        let more: &[&str] = if name == "plain" {
            &["optimizer.sam="]
        } else {
            &[]
        };
        let out = root.path().join(name);
        train(&recipe, &set, &[&small, more].concat(), &out);
        fs::read(out.join("weights.safetensors")).unwrap()
    });
    assert!(weights[0] != weights[1], "the second pass has a say");
}

/// The authors' options of ADM, and the paper's crops, start as they are.
#[test]
fn adm_trains_as_the_paper_and_as_its_authors_code() {
    let root = tempfile::tempdir().unwrap();
    let small = [
        "crop.size=80",
        "model.input_size=80",
        "model.map_stride=16",
        "model.backbone={family=\"resnet\",depth=18,base_width=4}",
        "schedule.batch_size=8",
        "schedule.validations=1",
        "schedule.steps=4",
    ];
    for recipe in ["adm-paper", "adm-official"] {
        let out = root.path().join(recipe);
        train(recipe, &[], &small, &out);
        let log = fs::read_to_string(out.join("log.jsonl")).unwrap();
        assert!(log.contains("\"conf\""), "{log}");
    }
}

/// CADDM, section 3.2: of a network that has learnt nothing, the interaction of whole faces tells
/// nothing. (Of the logit of the true class its AUC was 1.)
#[test]
fn the_interaction_of_an_untrained_network_is_guessing() {
    let root = tempfile::tempdir().unwrap();
    let run = root.path().join("untrained");
    let untrained = [
        "optimizer.learning_rate=0",
        "schedule.steps=1",
        "schedule.validations=1",
        "model.artifact_detection=false",
        "forgery.generator=data",
    ];
    train("adm-smoke", &[], &untrained, &run);
    for score in ["forged-logit", "log-odds"] {
        let out = root.path().join(score);
        let mut audit = xtask();
        audit.args(["audit", "identity", "--frames", "24", "--score", score]);
        audit.arg("--run").arg(&run).arg("--out").arg(&out);
        succeed(&mut audit);
        let found = &json(&out.join("audit.json"))["interaction"];
        assert_eq!(found["score"], score);
        let auc = found["auc"]["value"].as_f64().unwrap();
        println!("{score}: {auc}");
        assert!((0.35..=0.65).contains(&auc), "{score}: {auc}");
    }
}
