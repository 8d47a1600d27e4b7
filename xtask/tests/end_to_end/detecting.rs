//! `detect`, stopped, unheard, and of a detector that is no run.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;
use test_support::succeed;

use super::{end_with, ground, text, xtask};

fn picture() -> PathBuf {
    let faces = ground().faces();
    let rows: Vec<Value> = serde_json::from_slice(&fs::read(&faces).unwrap()).unwrap();
    faces.with_file_name(rows[0]["file"].as_str().unwrap())
}

/// Of many files, those that were judged before Ctrl-C are answered and on the page.
#[cfg(unix)]
#[test]
fn detect_keeps_what_is_done_when_it_is_stopped() {
    let ground = ground();
    let out = tempfile::tempdir().unwrap();
    let picture = picture();
    let mut detect = xtask();
    detect.args(["detect", "--whole", "--json"]);
    detect.args(std::iter::repeat_n(&picture, 5000));
    detect
        .arg("--run")
        .arg(ground.run())
        .arg("--out")
        .arg(out.path());
    detect.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = detect.spawn().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    answers.read_line(&mut first).unwrap();
    let stop = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(stop.unwrap().success());
    let more = answers.lines().map(Result::unwrap).collect::<Vec<_>>();
    let ended = child.wait_with_output().unwrap();
    let said = text(&ended.stderr);
    assert_eq!(ended.status.code(), Some(130), "{said}");
    assert!(
        said.contains("stopped") && said.contains("detect --resume"),
        "{said}"
    );
    let judged = 1 + more.len();
    assert!(judged < 5000, "it had come to its end before");
    let page = fs::read_to_string(out.path().join("index.html")).unwrap();
    assert!(
        page.contains(&format!("of {judged} faces")),
        "{judged} in\n{page}"
    );
    let last: Value = serde_json::from_str(more.last().unwrap_or(&first)).unwrap();
    let overlay = Path::new(last["faces"][0]["overlay"].as_str().unwrap());
    assert!(overlay.is_file(), "{}", overlay.display());
}

/// As `detect ... --json | head -0`.
#[test]
fn a_closed_pipe_ends_detect_without_a_word() {
    let ground = ground();
    let picture = picture();
    let mut detect = xtask();
    detect.args(["detect", "--whole", "--json"]).arg(picture);
    detect.arg("--run").arg(ground.run());
    detect.arg("--out").arg(ground.root.path().join("unheard"));
    detect.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = detect.spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    let said = text(&ended.stderr);
    assert!(ended.status.success() && said.is_empty(), "{said}");
}

/// A folder with a run's weights and their description is all that `detect` and `explain` need.
#[test]
fn weights_and_their_description_are_a_detector() {
    let ground = ground();
    let folder = tempfile::tempdir().unwrap();
    for file in ["detector.json", "weights.safetensors"] {
        fs::copy(ground.run().join(file), folder.path().join(file)).unwrap();
    }
    let picture = picture();
    let score = |folder: &Path| {
        let mut detect = xtask();
        detect.args(["detect", "--whole", "--json"]).arg(&picture);
        let done = succeed(detect.arg("--run").arg(folder));
        let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
        answer["score"].as_f64().unwrap()
    };
    assert_eq!(score(folder.path()), score(&ground.run()));
    let mut explain = xtask();
    explain.args(["explain", "--whole"]).arg(&picture);
    succeed(explain.arg("--run").arg(folder.path()));
    let explained = fs::read_dir(folder.path().join("explain")).unwrap();
    let explained: Vec<_> = explained.map(|entry| entry.unwrap().path()).collect();
    assert_eq!(explained.len(), 1);
    assert!(explained[0].join("index.html").is_file());
    fs::remove_file(folder.path().join("detector.json")).unwrap();
    let mut detect = xtask();
    detect
        .arg("detect")
        .arg(&picture)
        .arg("--run")
        .arg(folder.path());
    let said = text(&end_with(1, &mut detect).stderr);
    assert!(
        said.contains("is no detector") && said.lines().count() == 1,
        "{said}"
    );
}

/// Where no run is named, the detector that comes with the program answers, with how often it is wrong
/// about real faces; nothing was trained.
#[test]
fn detect_and_explain_need_no_run() {
    let here = tempfile::tempdir().unwrap();
    let picture = fs::canonicalize(picture()).unwrap();
    let ask = |command: &str| {
        let mut asked = xtask();
        asked.current_dir(&here).args([command, "--whole"]);
        text(&succeed(asked.arg(&picture)).stdout)
    };
    let said = ask("detect");
    assert!(
        said.contains("by real-cpu") && said.contains("Measured: "),
        "{said}"
    );
    let page_of = |said: &str| {
        let page = said.lines().find_map(|line| line.strip_prefix("Page:"));
        here.path().join(page.unwrap().trim())
    };
    let first = page_of(&said);
    assert!(first.starts_with(here.path().join("runs/detect")));
    let page = fs::read_to_string(&first).unwrap();
    assert!(page.contains("were called forged"), "{page}");
    // Each call has a folder of its own.
    let second = page_of(&ask("detect"));
    assert_ne!(first, second);
    assert!(first.is_file() && second.is_file());
    let explained = page_of(&ask("explain"));
    assert!(explained.is_file() && explained.starts_with(here.path().join("runs/explain")));
    let mut newest = xtask();
    newest
        .current_dir(&here)
        .args(["detect", "--run", "newest"]);
    let said = text(&end_with(1, newest.arg(&picture)).stderr);
    assert!(said.contains("runs"), "{said}");
}

/// The packed detector of a run says what the run does, up to the rounding of its weights.
#[test]
fn a_packed_run_is_a_detector_of_half_the_size() {
    let ground = ground();
    let folder = tempfile::tempdir().unwrap();
    let mut pack = xtask();
    pack.arg("pack").arg("--run").arg(ground.run());
    succeed(pack.arg("--out").arg(folder.path()));
    let score = |run: &Path| {
        let mut detect = xtask();
        detect.args(["detect", "--whole", "--json"]).arg(picture());
        detect.arg("--out").arg(folder.path().join("seen"));
        let done = succeed(detect.arg("--run").arg(run));
        let answer: Value = serde_json::from_slice(&done.stdout).unwrap();
        answer["score"].as_f64().unwrap()
    };
    assert!((score(folder.path()) - score(&ground.run())).abs() < 0.01);
    let size = |folder: &Path| {
        fs::metadata(folder.join("weights.safetensors"))
            .unwrap()
            .len()
    };
    assert!(size(folder.path()) < size(&ground.run()) * 6 / 10);
}

#[test]
fn no_frames_of_a_film_are_no_number_of_frames() {
    let mut detect = xtask();
    let asked = detect.args(["detect", "film.mp4", "--frames", "0"]);
    let said = text(&asked.output().unwrap().stderr);
    assert!(said.contains("--frames") && said.contains("zero"), "{said}");
}
