//! The commands as a user types them, on small rendered data.

mod browser;
mod detecting;
mod judging;

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use test_support::succeed;

/// A folder for the whole test program: faces and a run trained on them.
struct Ground {
    root: tempfile::TempDir,
}

impl Ground {
    fn faces(&self) -> PathBuf {
        self.root.path().join("faces/faces.json")
    }

    fn run(&self) -> PathBuf {
        self.root.path().join("run")
    }
}

/// Rendered and trained once; tests share it.
fn ground() -> &'static Ground {
    static GROUND: OnceLock<Ground> = OnceLock::new();
    GROUND.get_or_init(|| {
        let ground = Ground {
            root: tempfile::tempdir().unwrap(),
        };
        let faces = ground.root.path().join("faces");
        let args = [
            "fixtures",
            "--identities",
            "16",
            "--pictures",
            "4",
            "--size",
            "96",
            "--out",
        ];
        succeed(xtask().args(args).arg(&faces));
        let trained = succeed(smoke(&ground.faces(), &ground.run()));
        let shown = text(&trained.stdout);
        assert!(
            shown.contains("Frame AUC") && shown.contains("report.html"),
            "{shown}"
        );
        ground
    })
}

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

/// The smoke recipe, shorter still.
fn smoke(data: &Path, out: &Path) -> &'static mut Command {
    let mut command = xtask();
    command.args(["train", "--recipe", "pcl-smoke"]);
    command.args([
        "--set",
        "schedule.steps=12",
        "--set",
        "evaluation.resamples=50",
    ]);
    command.arg("--data").arg(data).arg("--out").arg(out);
    Box::leak(Box::new(command))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs a command that must end with `code`, without a panic.
fn end_with(code: i32, command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let said = format!("{}\n{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    output
}

#[test]
fn a_run_holds_what_is_needed_to_judge_and_repeat_it() {
    let run = ground().run();
    for file in [
        "recipe.toml",
        "run.json",
        "log.jsonl",
        "weights.safetensors",
        "detector.json",
        "metrics.json",
        "scores.csv",
        "report.html",
    ] {
        assert!(
            run.join(file).metadata().is_ok_and(|file| file.len() > 0),
            "{file}"
        );
    }
    let info: Value = serde_json::from_slice(&fs::read(run.join("run.json")).unwrap()).unwrap();
    assert_eq!(info["data"]["digest"].as_str().unwrap().len(), 64);
    assert!(
        info["waiting_share"]
            .as_f64()
            .is_some_and(|share| (0.0..=1.0).contains(&share))
    );

    // The stated command, from the run's own recipe, gives the same weights.
    let again = ground().root.path().join("again");
    let mut command = xtask();
    command
        .arg("train")
        .arg("--recipe")
        .arg(run.join("recipe.toml"));
    command
        .arg("--data")
        .arg(ground().faces())
        .arg("--out")
        .arg(&again);
    command.args(["--workers", "5"]);
    succeed(&mut command);
    same_weights(&run, &again);
}

fn same_weights(a: &Path, b: &Path) {
    let weights = |run: &Path| fs::read(run.join("weights.safetensors")).unwrap();
    assert!(
        weights(a) == weights(b),
        "weights of {} and {} differ",
        a.display(),
        b.display()
    );
}

/// Kills the program with SIGKILL at several moments, resumes it each time, and compares.
#[test]
fn a_killed_training_resumes_to_the_same_weights() {
    let ground = ground();
    let out = ground.root.path().join("killed");
    let first_checkpoint = |child: &mut std::process::Child, wanted: usize| {
        let start = Instant::now();
        while checkpoints(&out) < wanted && start.elapsed() < Duration::from_secs(300) {
            if child.try_wait().unwrap().is_some() {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
    };
    let mut child = quiet(smoke(&ground.faces(), &out)).spawn().unwrap();
    first_checkpoint(&mut child, 1);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(checkpoints(&out) > 0, "killed before the first checkpoint");

    // Once more, at a moment that has nothing to do with checkpoints.
    let mut resume = xtask();
    resume.arg("train").arg("--resume").arg(&out);
    let mut child = quiet(&mut resume).spawn().unwrap();
    thread::sleep(Duration::from_millis(300));
    child.kill().unwrap();
    child.wait().unwrap();

    succeed(&mut resume);
    same_weights(&ground.run(), &out);
    let log = |run: &Path| {
        let text = fs::read_to_string(run.join("log.jsonl")).unwrap();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .map(|line| (line["step"].clone(), line["auc"].clone()))
            .collect::<Vec<_>>()
    };
    assert_eq!(log(&ground.run()), log(&out));
}

fn quiet(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::null()).stderr(Stdio::null())
}

fn checkpoints(run: &Path) -> usize {
    let entries = fs::read_dir(run.join("checkpoints"))
        .into_iter()
        .flatten()
        .flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("step-"))
        .count()
}

#[test]
fn a_run_is_never_overwritten() {
    let ground = ground();
    let refused = end_with(1, smoke(&ground.faces(), &ground.run()));
    assert!(
        text(&refused.stderr).contains("--resume"),
        "{}",
        text(&refused.stderr)
    );
}

#[test]
fn synth_makes_a_gallery_that_is_a_data_set() {
    let ground = ground();
    let out = ground.root.path().join("gallery");
    let mut command = xtask();
    command
        .args(["synth", "--method", "i2g", "-n", "6", "--data"])
        .arg(ground.faces());
    command.arg("--out").arg(&out);
    succeed(&mut command);
    assert!(out.join("index.html").is_file());
    let rows: Vec<Value> =
        serde_json::from_slice(&fs::read(out.join("forgeries.json")).unwrap()).unwrap();
    assert_eq!(rows.len(), 6);
    for row in rows {
        assert!(out.join(row["file"].as_str().unwrap()).is_file());
        assert!(out.join(row["mask"].as_str().unwrap()).is_file());
        assert_ne!(row["identity"], row["source_identity"]);
    }
}

#[test]
fn wrong_recipes_devices_and_data_are_one_line_each() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("bad.json");
    fs::write(&manifest, r#"[{"file": "../../etc/passwd"}]"#).unwrap();
    let faces = ground().faces();
    let cases: [(&[&str], &str); 6] = [
        (&["--recipe", "no-such"], "pcl-cpu"),
        (&["--set", "schedule.stepz=3"], "stepz"),
        (&["--set", "forgery.probability=7"], "forgery.probability"),
        (&["--set", "model.input_size=100"], "crop.size"),
        (&["--device", "cuda:0"], "cuda"),
        (&["--data", manifest.to_str().unwrap()], "row"),
    ];
    for (arguments, word) in cases {
        let out = folder.path().join("run");
        let mut command = xtask();
        command.arg("train").args(arguments).arg("--out").arg(&out);
        if !arguments.contains(&"--data") {
            command.arg("--data").arg(&faces);
        }
        let code = if arguments.contains(&"--data") { 2 } else { 1 };
        let said = text(&end_with(code, &mut command).stderr);
        assert!(said.contains(word), "{arguments:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
        assert!(!out.join("recipe.toml").exists());
    }
}
