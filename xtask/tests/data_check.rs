//! `cargo xtask data check` as a user types it, on rendered clips.

use std::{
    fs,
    process::{Command, Output},
};

use serde_json::Value;
use test_support::succeed;

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

#[test]
fn a_sound_data_set_ends_with_0_and_a_damaged_one_with_2() {
    let root = tempfile::tempdir().unwrap();
    let (data, page) = (root.path().join("data"), root.path().join("check.html"));
    let sizes = ["--identities", "4", "--frames", "16", "--size", "96"];
    let mut fixtures = xtask();
    fixtures.args(["fixtures", "--videos", "--compression", "c23"]);
    succeed(fixtures.args(sizes).arg("--out").arg(&data));
    let check = |options: &[&str]| -> Output {
        let mut check = xtask();
        check.args(["data", "check"]).arg(&data).args(options);
        check.output().unwrap()
    };
    let sound = check(&[]);
    let said = String::from_utf8(sound.stdout).unwrap();
    assert_eq!(sound.status.code(), Some(0), "{said}");
    assert!(
        said.ends_with("20 clips (faceforensics): no fault found\n"),
        "{said}"
    );

    let real = "original_sequences/youtube/c23/videos/000.mp4";
    let whole = fs::read(data.join(real)).unwrap();
    fs::write(data.join(real), &whole[..whole.len() / 2]).unwrap();
    let damaged = check(&["--json", "--out", page.to_str().unwrap()]);
    assert_eq!(damaged.status.code(), Some(2));
    let found: Value = serde_json::from_slice(&damaged.stdout).unwrap();
    assert_eq!(found["fault_counts"]["truncated"], 1, "{found}");
    assert_eq!(found["faults"][0]["path"], real);
    let page = fs::read_to_string(page).unwrap();
    assert!(page.contains(real) && page.contains("data check"), "{page}");

    let nothing = xtask().args(["data", "check"]).arg(root.path()).output();
    let nothing = nothing.unwrap();
    let said = String::from_utf8(nothing.stderr).unwrap();
    assert_eq!(nothing.status.code(), Some(2));
    assert!(said.contains("no known data set"), "{said}");
}
