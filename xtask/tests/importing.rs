//! `import` as a user types it, and the imported run asked and measured.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use test_support::{StateDict, succeed};

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The one line that a command ends with which does nothing.
fn refusal(code: i32, command: &mut Command) -> String {
    let Output { status, stderr, .. } = command.output().unwrap();
    let said = text(&stderr);
    assert_eq!(status.code(), Some(code), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    said
}

/// DeepfakeBench's Xception, with weights by formula.
fn write_checkpoint(path: &Path) {
    let golden = "../crates/checkpoints/tests/golden/deepfakebench-xception.json";
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(golden);
    let state: StateDict = serde_json::from_str(&fs::read_to_string(golden).unwrap()).unwrap();
    state.write("optimizer.state.0.step", path);
}

#[test]
fn a_published_detector_is_imported_asked_and_measured() {
    let root = tempfile::tempdir().unwrap();
    let place = |name: &str| root.path().join(name);
    let (file, run, faces) = (place("best.safetensors"), place("bench"), place("faces"));
    write_checkpoint(&file);
    let args = [
        "fixtures",
        "--identities",
        "8",
        "--pictures",
        "2",
        "--size",
        "96",
        "--out",
    ];
    succeed(xtask().args(args).arg(&faces));
    let manifest = faces.join("faces.json");

    let import = |kind: &str| {
        let mut command = xtask();
        command
            .args(["import", kind])
            .arg(&file)
            .arg("--out")
            .arg(&run);
        command
    };
    let said = refusal(2, &mut import("sbi"));
    let looks = "looks like DeepfakeBench's Xception, not like SBI's EfficientNet-b4";
    let instead = "`cargo xtask import deepfakebench-xception ";
    assert!(said.contains(looks) && said.contains(instead), "{said}");
    assert!(!run.exists());

    let shown = text(&succeed(&mut import("deepfakebench-xception")).stdout);
    for words in [
        "DeepfakeBench's Xception (Yan et al., NeurIPS 2023), 236 tensors",
        "all begin with `backbone.`",
        "7 tensors that it has no use for, the first backbone.adjust_channel.0.bias",
        "CC BY-NC 4.0",
        "not calibrated",
    ] {
        assert!(shown.contains(words), "{words} in\n{shown}");
    }
    let again = refusal(1, &mut import("deepfakebench-xception"));
    assert!(again.contains("holds a run already"), "{again}");

    let rows: Vec<Value> = serde_json::from_slice(&fs::read(&manifest).unwrap()).unwrap();
    let picture = faces.join(rows[0]["file"].as_str().unwrap());
    let out = run.with_file_name("answers");
    let detect = |json: &[&str]| {
        let mut command = xtask();
        command
            .arg("detect")
            .arg(&picture)
            .arg("--whole")
            .arg("--out")
            .arg(&out)
            .args(json);
        text(&succeed(command.arg("--run").arg(&run)).stdout)
    };
    let shown = detect(&[]);
    let whose = "DeepfakeBench's Xception (Yan et al., NeurIPS 2023), as published at https://github.com/SCLBD/DeepfakeBench (CC BY-NC 4.0), imported from best.safetensors. It was not calibrated here";
    assert!(shown.contains(&format!("Detector: {whose}")), "{shown}");
    assert!(shown.contains("pictures from 0.500 on"), "{shown}");
    let answer: Value = serde_json::from_str(&detect(&["--json"])).unwrap();
    assert_eq!(answer["origin"]["file"], "best.safetensors");
    assert_eq!(answer["origin"]["sha256"].as_str().unwrap().len(), 64);
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(page.contains("imported from best.safetensors"));

    let export = |format: &str| {
        let mut command = xtask();
        command.arg("export").arg(&run).args(["--to", format]);
        let shown = text(&succeed(&mut command).stdout);
        assert!(run.join("detector").with_extension(format).is_file());
        shown
    };
    let shown = export("onnx");
    for words in ["images [batch, 3, 256, 256]", "probability [batch]"] {
        assert!(shown.contains(words), "{shown}");
    }
    let shown = export("safetensors");
    let published = "timm.create_model(\"legacy_xception\", num_classes=2).load_state_dict(";
    assert!(shown.contains(published), "{shown}");

    let measure = |args: &[&str]| {
        let mut command = xtask();
        command.args(args).arg("--run").arg(&run);
        command
    };
    let mut eval = measure(&["eval", "--split", "test"]);
    eval.arg("--data").arg(&manifest);
    let shown = text(&succeed(&mut eval).stdout);
    assert!(shown.contains("identity-swap"), "{shown}");
    let report = fs::read_to_string(run.join("eval-faces-test/report.html")).unwrap();
    assert!(report.contains("imported from best.safetensors"));
    let mut robustness = measure(&["robustness", "--perturbation", "blur", "--levels", "3"]);
    robustness.arg("--data").arg(&manifest);
    let shown = text(&succeed(&mut robustness).stdout);
    assert!(shown.contains("blur"), "{shown}");

    for command in [&["eval"][..], &["robustness"], &["audit", "identity"]] {
        let said = refusal(1, &mut measure(command));
        assert!(
            said.contains("was imported") && said.contains("--data"),
            "{said}"
        );
    }
    let said = refusal(1, xtask().args(["train", "--resume"]).arg(&run));
    assert!(
        said.contains("was imported") && said.contains("pretrained="),
        "{said}"
    );
}

#[test]
fn help_says_which_files_there_are_and_where() {
    let shown = text(&succeed(xtask().args(["import", "--help"])).stdout);
    for words in [
        "FFraw.tar or FFc23.tar",
        "https://github.com/megvii-research/CADDM",
        "caddm-efficientnet-b3",
        "xception_best.pth of its release v1.0.1",
        "for research alone",
        "cargo xtask detect party.jpg --run runs/sbi",
    ] {
        assert!(shown.contains(words), "{words} in\n{shown}");
    }
    let Output { status, stderr, .. } = xtask().args(["import", "x", "y"]).output().unwrap();
    assert_eq!(status.code(), Some(2));
    let said = text(&stderr);
    assert!(
        said.contains("'x' is no checkpoint that is known"),
        "{said}"
    );
}
