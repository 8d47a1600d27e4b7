//! Work divided among processes that run at once, as the tasks of a job array do: the same files as those of
//! one process, byte for byte.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use test_support::succeed;

const SHARDS: usize = 4;

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

/// A tree of clips, the store made from it by one process, and a detector of faces and one of clips
/// trained on it; tests share them.
fn ground() -> &'static Path {
    static GROUND: OnceLock<tempfile::TempDir> = OnceLock::new();
    let root = GROUND.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name);
        let mut film = xtask();
        film.args(["fixtures", "--videos", "--compression", "c23"]);
        film.args(["--identities", "6", "--frames", "12", "--size", "128"]);
        succeed(film.arg("--out").arg(at("tree")));
        succeed(&mut prep(root.path(), "store"));
        for recipe in ["pcl-smoke", "snippet-smoke"] {
            let mut train = xtask();
            train.args(["train", "--recipe", recipe, "--set", "schedule.steps=4"]);
            train.args(["--set", "evaluation.resamples=20"]);
            train.args(["--set", "evaluation.batch_size=8", "--data"]);
            succeed(train.arg(at("store")).arg("--out").arg(at(recipe)));
        }
        root
    });
    root.path()
}

/// The command that makes a store of all frames of the tree.
fn prep(root: &Path, store: &str) -> Command {
    let mut prep = xtask();
    prep.arg("prep").arg(root.join("tree"));
    prep.args([
        "--faces",
        "annotated",
        "--frames",
        "1",
        "--successive",
        "12",
    ]);
    prep.args(["--clips-per-shard", "4", "--out"]);
    prep.arg(root.join(store));
    prep
}

/// Runs all shards of a command at once.
fn at_once(command: impl Fn() -> Command) {
    let start = |shard: usize| {
        let mut command = command();
        command.args(["--shard", &format!("{shard}/{SHARDS}")]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let running: Vec<_> = (0..SHARDS).map(start).collect();
    for shard in running {
        let output = shard.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
}

/// Every file below a folder, with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap().flatten() {
            let path = entry.path();
            match path.is_dir() {
                true => folders.push(path),
                false => {
                    let name = path.strip_prefix(folder).unwrap().to_owned();
                    found.insert(name, fs::read(&path).unwrap());
                }
            }
        }
    }
    found
}

#[test]
fn four_shards_of_prep_make_the_store_that_one_process_makes() {
    let root = ground();
    at_once(|| prep(root, "divided"));
    let [divided, store] = ["divided", "store"].map(|name| contents(&root.join(name)));
    assert!(store.len() > SHARDS, "{:?}", store.keys());
    assert!(divided == store);
}

/// What a command writes in one process, and in four.
fn same(name: &str, command: impl Fn(&Path) -> Command) {
    let out = ground().join(name);
    let whole = out.with_extension("whole");
    succeed(&mut command(&out));
    fs::rename(&out, &whole).unwrap();
    // One after the other: all but the last say that others are still to be made.
    for shard in (0..SHARDS).rev() {
        let mut part = command(&out);
        part.args(["--shard", &format!("{shard}/{SHARDS}")]);
        let said = String::from_utf8(succeed(&mut part).stdout).unwrap();
        let waits = said.contains(&format!("{} of {SHARDS} are there", SHARDS - shard));
        assert_eq!(waits, shard > 0, "{said}");
    }
    let (parts, whole) = (contents(&out), contents(&whole));
    assert!(parts.len() >= 3, "{:?}", parts.keys());
    assert_eq!(
        parts.keys().collect::<Vec<_>>(),
        whole.keys().collect::<Vec<_>>()
    );
    for (file, bytes) in &whole {
        assert!(parts[file] == *bytes, "{} of {name}", file.display());
    }
    fs::remove_dir_all(&out).unwrap();
    at_once(|| command(&out));
    assert!(contents(&out) == whole, "{name}, at once");
}

#[test]
fn shards_of_eval_write_what_one_process_writes() {
    for recipe in ["pcl-smoke", "snippet-smoke"] {
        same(&format!("eval-{recipe}"), |out| {
            let mut eval = xtask();
            eval.args(["eval", "--split", "all", "--run"]);
            eval.arg(ground().join(recipe)).arg("--out").arg(out);
            eval
        });
    }
    let mut several = xtask();
    several.args(["eval", "--shard", "0/2", "--run"]);
    several.arg(ground().join("pcl-smoke")).arg("--run");
    let refused = several
        .arg(ground().join("snippet-smoke"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("--shard takes one --run"), "{said}");
}

#[test]
fn shards_of_robustness_write_what_one_process_writes() {
    for recipe in ["pcl-smoke", "snippet-smoke"] {
        same(&format!("robustness-{recipe}"), |out| {
            let mut robustness = xtask();
            robustness.args(["robustness", "--perturbation", "noise,compression"]);
            robustness.args(["--levels", "3", "--run"]);
            robustness.arg(ground().join(recipe)).arg("--out").arg(out);
            robustness
        });
    }
}
