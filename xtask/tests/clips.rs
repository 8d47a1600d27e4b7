//! From built-in talking-head clips to a store of faces, three detectors trained on it, and verdicts
//! on a video: the commands as a user types them.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
    thread,
    time::Instant,
};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use test_support::succeed;

/// A tree of clips and the store made from it; rendered once, tests share them.
fn ground() -> &'static Path {
    static GROUND: OnceLock<tempfile::TempDir> = OnceLock::new();
    let root = GROUND.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        let sizes = ["--identities", "6", "--frames", "12", "--size", "128"];
        let mut film = xtask();
        film.args(["fixtures", "--videos", "--compression", "c23"]);
        succeed(film.args(sizes).arg("--out").arg(root.path().join("tree")));
        let (tree, store) = (root.path().join("tree"), root.path().join("store"));
        succeed(&mut prep(&tree, &store));
        root
    });
    root.path()
}

/// The command that makes a store of all frames of a tree.
fn prep(tree: &Path, store: &Path) -> Command {
    let mut prep = xtask();
    prep.arg("prep").arg(tree).args(["--faces", "annotated"]);
    prep.args(["--frames", "1", "--successive", "12"]);
    prep.args(["--clips-per-shard", "4"]);
    prep.arg("--out").arg(store);
    prep
}

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

/// Trains a recipe for a few steps.
fn train(recipe: &str, out: &Path, more: &[&str]) -> PathBuf {
    succeed(&mut training(recipe, out, more));
    out.to_owned()
}

fn training(recipe: &str, out: &Path, more: &[&str]) -> Command {
    let mut command = xtask();
    command.args(["train", "--recipe", recipe]);
    command.args([
        "--set",
        "schedule.steps=4",
        "--set",
        "evaluation.resamples=20",
    ]);
    command.args(more);
    command.arg("--data").arg(ground().join("store"));
    command.arg("--out").arg(out);
    command
}

fn measures(run: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(run.join("metrics.json")).unwrap()).unwrap()
}

fn a_clip() -> PathBuf {
    let folder = ground().join("tree/manipulated_sequences/Deepfakes/c23/videos");
    let mut clips: Vec<_> = fs::read_dir(folder).unwrap().flatten().collect();
    clips.sort_by_key(fs::DirEntry::file_name);
    clips[0].path()
}

fn verdict_on_a_clip(run: &Path) -> Value {
    let mut detect = xtask();
    detect.arg("detect").arg(a_clip()).arg("--run").arg(run);
    let said = succeed(detect.arg("--json")).stdout;
    serde_json::from_slice(&said).unwrap()
}

/// Every file of a store, with its bytes.
fn contents(store: &Path) -> BTreeMap<OsString, Vec<u8>> {
    let files = fs::read_dir(store).unwrap().flatten();
    files
        .map(|file| (file.file_name(), fs::read(file.path()).unwrap()))
        .collect()
}

#[test]
fn prep_killed_ten_times_or_divided_makes_the_same_store() {
    let undisturbed = contents(&ground().join("store"));
    let tree = ground().join("tree");
    let root = tempfile::tempdir().unwrap();
    let [killed, divided] = ["killed", "divided"].map(|name| root.path().join(name));

    let begun = Instant::now();
    for share in ["1/2", "0/2"] {
        let made = prep(&tree, &divided).args(["--shard", share]).output();
        assert!(made.unwrap().status.success());
    }
    assert!(contents(&divided) == undisturbed, "in two parts");

    // Somewhere in the work, however fast the machine is.
    let most = begun.elapsed() / 4;
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let mut kills = 0;
    for _ in 0..10 {
        let mut run = prep(&tree, &killed);
        let mut run = run.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        let run = run.as_mut().unwrap();
        thread::sleep(most.mul_f64(rng.random()));
        run.kill().unwrap();
        kills += u32::from(!run.wait().unwrap().success());
    }
    assert!(kills > 1, "{kills} of ten were still at work");
    succeed(&mut prep(&tree, &killed));
    assert!(contents(&killed) == undisturbed, "after {kills} kills");
}

#[test]
fn adm_learns_from_swaps_and_names_the_place() {
    let root = tempfile::tempdir().unwrap();
    let run = train("adm-smoke", &root.path().join("adm"), &[]);
    let measures = measures(&run);
    let swaps = measures["localization"].as_array().unwrap();
    let swaps = swaps.iter().find(|place| place["method"] == "mfs").unwrap();
    assert!(swaps["box_overlap"].as_f64().is_some(), "{measures}");
    let verdict = verdict_on_a_clip(&run);
    assert_eq!(verdict["tracks"].as_array().unwrap().len(), 1, "{verdict}");
}

#[test]
fn lisiam_passes_through_its_stages_to_the_same_weights_with_any_number_of_workers() {
    let root = tempfile::tempdir().unwrap();
    let weights = ["1", "3"].map(|workers| {
        let out = root.path().join(workers);
        let run = train("lisiam-smoke", &out, &["--workers", workers]);
        fs::read(run.join("weights.safetensors")).unwrap()
    });
    assert!(weights[0] == weights[1]);
    let pixels = &measures(&root.path().join("1"))["localization"][0]["pixels"];
    assert!(pixels["auc"].as_f64().is_some(), "{pixels}");
}

#[test]
fn every_forged_clip_finds_the_real_one_that_it_was_made_from() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("paired");
    let paired = ["--set", "forgery.paired=true"];
    let output = succeed(&mut training("snippet-smoke", &out, &paired));
    let said = String::from_utf8_lossy(&output.stderr);
    let before = |text: &str| said.split(text).next().unwrap().split(' ').next_back();
    let forged = before(" forged clips").unwrap();
    assert!(forged.parse::<usize>().unwrap() > 0);
    assert_eq!(Some(forged), before(" pairs"), "{said}");
}

#[test]
fn the_snippet_model_judges_clips_and_their_frames() {
    let root = tempfile::tempdir().unwrap();
    let run = train("snippet-smoke", &root.path().join("snippet"), &[]);
    let groups = measures(&run)["groups"].clone();
    let videos = groups.as_array().unwrap().iter();
    assert!(videos.filter(|row| row["level"] == "video").count() > 0);
    // The same clips of the same store, judged once more.
    let again = root.path().join("again");
    let mut eval = xtask();
    eval.arg("eval")
        .arg("--run")
        .arg(&run)
        .arg("--out")
        .arg(&again);
    succeed(eval.arg("--data").arg(ground().join("store")));
    assert_eq!(measures(&again)["groups"], groups);
    let verdict = verdict_on_a_clip(&run);
    let moments = verdict["tracks"][0]["moments"].as_array().unwrap();
    // Twelve frames are three snippets of four.
    assert_eq!(moments.len(), 12, "{verdict}");
    // A single picture has no motion, and that is an answer.
    let picture = root.path().join("picture.png");
    image::RgbImage::new(64, 64).save(&picture).unwrap();
    let mut detect = xtask();
    detect.arg("detect").arg(&picture).arg("--run").arg(&run);
    let said = succeed(detect.arg("--json")).stdout;
    let said: Value = serde_json::from_slice(&said).unwrap();
    assert_eq!(said["verdict"], "needs a video");
    assert!(said["reason"].as_str().unwrap().contains("give it a video"));

    let mut explain = xtask();
    let out = root.path().join("explained");
    explain.arg("explain").arg(a_clip()).arg("--run").arg(&run);
    succeed(explain.arg("--out").arg(&out));
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    for shown in [
        "Grad-CAM of layer",
        "Intra-SMA of layer",
        "U-T map of layer",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    let pictures = fs::read_dir(&out).unwrap().count() - 1;
    assert_eq!(page.matches("<img").count(), pictures);

    let mut audit = xtask();
    audit.args(["audit", "identity", "--run"]).arg(&run);
    let refused = audit.output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(
        !refused.status.success() && said.contains("single faces"),
        "{said}"
    );
}

#[test]
fn sbi_needs_real_faces_alone() {
    let root = tempfile::tempdir().unwrap();
    let small = [
        "--set",
        "schedule.batch_size=4",
        "--set",
        "schedule.micro_batches=1",
    ];
    let run = train("sbi-cpu", &root.path().join("sbi"), &small);
    let groups = measures(&run)["groups"].to_string();
    assert!(groups.contains("\"sbi\""), "{groups}");
}
