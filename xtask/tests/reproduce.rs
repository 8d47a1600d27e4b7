//! `reproduce` as a user types it.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs a command that must end with `code`, without a panic; answers what it said.
fn end_with(code: i32, command: &mut Command) -> [String; 2] {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let said = [text(&stdout), text(&stderr)];
    assert_eq!(status.code(), Some(code), "{command:?}\n{said:?}");
    assert!(!said[1].contains("panicked"), "{said:?}");
    said
}

#[test]
fn a_published_table_is_shown_with_what_is_missing_for_ours() {
    let nothing = tempfile::tempdir().unwrap();
    let reproduce = || {
        let mut command = xtask();
        command.arg("reproduce");
        command
    };
    let [list, _] = end_with(0, reproduce().arg("--list"));
    assert!(list.contains("pcl-table4") && list.contains("snippet-table3"));

    let mut command = reproduce();
    command.args(["pcl-table4", "--runs"]).arg(nothing.path());
    let [shown, _] = end_with(0, command.arg("--data-root").arg(nothing.path()));
    for word in [
        "99.07",
        "Face X-ray",
        "  ours",
        "missing: ",
        "cargo xtask train --recipe pcl-paper",
    ] {
        assert!(shown.contains(word), "{word} in\n{shown}");
    }

    let [_, refused] = end_with(1, reproduce().arg("pcl-table99"));
    assert!(refused.contains("pcl-table9,"), "{refused}");
    assert_eq!(refused.lines().count(), 1, "{refused}");
    end_with(2, &mut reproduce());
}

#[test]
fn a_run_repeats_to_the_same_numbers_and_weights_on_the_same_data_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut command = xtask();
    command.args([
        "fixtures",
        "--identities",
        "16",
        "--pictures",
        "4",
        "--size",
        "96",
    ]);
    end_with(0, command.arg("--out").arg(at("faces")));
    let data = at("faces/faces.json");
    let mut command = xtask();
    command.args([
        "train",
        "--recipe",
        "pcl-smoke",
        "--set",
        "schedule.steps=6",
    ]);
    command.args(["--set", "evaluation.resamples=20"]);
    end_with(
        0,
        command.arg("--data").arg(&data).arg("--out").arg(at("run")),
    );

    let repeat = |out: &Path| {
        let mut command = xtask();
        command
            .args(["reproduce", "--workers", "3", "--run"])
            .arg(at("run"));
        command.arg("--out").arg(out);
        command
    };
    let [shown, _] = end_with(0, &mut repeat(&at("again")));
    assert!(shown.contains("Measures: equal"), "{shown}");
    assert!(shown.contains("Weights:  equal"), "{shown}");
    let weights = |run: &str| fs::read(at(run).join("weights.safetensors")).unwrap();
    assert!(weights("run") == weights("again"));

    // One more blank is other data: refused in a line, before anything is trained.
    let other = at("faces/other.json");
    fs::write(&other, fs::read_to_string(&data).unwrap() + " ").unwrap();
    let mut command = repeat(&at("refused"));
    let [_, refused] = end_with(1, command.arg("--data").arg(&other));
    assert!(refused.contains("other data"), "{refused}");
    assert_eq!(refused.lines().count(), 1, "{refused}");
    assert!(!at("refused").exists());

    // Records that are not what came out are found out.
    let metrics = at("run/metrics.json");
    let told = fs::read_to_string(&metrics).unwrap();
    fs::write(
        &metrics,
        told.replacen("\"skipped\": 0", "\"skipped\": 1", 1),
    )
    .unwrap();
    let [shown, _] = end_with(2, &mut repeat(&at("differs")));
    assert!(shown.contains("skipped: 1 then, 0 now"), "{shown}");
    assert!(shown.contains("Weights:  equal"), "{shown}");
}
