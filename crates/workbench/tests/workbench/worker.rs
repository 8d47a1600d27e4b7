//! A worker that does what its file says, which is this program, called anew.

use std::{
    fs,
    io::{BufRead, stdin},
    path::Path,
    process::{self, exit},
    thread::sleep,
    time::Duration,
};

use answers::Answer;
use image::RgbImage;
use provenance::Fact;
use serde_json::{Value, json};
use workbench::protocol::{About, Said, Task};

/// Set where the program is called as a worker.
pub(crate) const MARK: &str = "WORKBENCH_TEST_WORKER";

fn say(said: &Said) {
    println!("{}", serde_json::to_string(said).unwrap());
}

fn answer(value: Value) -> Box<Answer> {
    Box::new(serde_json::from_value(value).unwrap())
}

/// The picture that workers write: a face, and beside it what is seen in it.
fn pair(out: &Path, name: &str) {
    RgbImage::from_pixel(132, 64, image::Rgb([90, 120, 200]))
        .save(out.join(name))
        .unwrap();
}

fn picture(out: &Path) -> Box<Answer> {
    pair(out, "answer.face-1.png");
    pair(out, "answer.face-2.png");
    let whole = RgbImage::from_pixel(200, 100, image::Rgb([200, 180, 160]));
    whole.save(out.join("answer.whole.jpg")).unwrap();
    answer(json!({
        "schema": 1, "file": "x", "kind": "picture", "verdict": "forged", "score": 0.87, "threshold": 0.61,
        "uncertain_from": 0.4, "trained_on_synthetic_faces": false, "size": [200, 100],
        "whole": "answer.whole.jpg",
        "faces": [
            { "verdict": "forged", "score": 0.87, "box": [10, 20, 60, 90], "forged_boxes": [], "overlay": "answer.face-1.png" },
            { "verdict": "real", "score": 0.02, "box": [120, -5, 190, 110], "forged_boxes": [], "overlay": "answer.face-2.png" }
        ]
    }))
}

fn film(out: &Path) -> Box<Answer> {
    pair(out, "answer.track-0.frame-7.png");
    fs::write(
        out.join("answer.csv"),
        "track,frame,seconds,frame_score\n0,7,0.7,0.9\n",
    )
    .unwrap();
    let at = |frame: u32| f64::from(frame) / 10.0;
    let seen = (5..60).filter(|frame| !(20..30).contains(frame));
    let moments = seen.map(|frame| {
        let score = 0.5 + 0.4 * (at(frame) * 2.0).sin();
        json!({ "frame": frame, "seconds": at(frame), "frame_score": score, "box": [1, 2, 3, 4] })
    });
    let moments: Vec<_> = moments.collect();
    answer(json!({
        "schema": 1, "file": "x", "kind": "video", "verdict": "uncertain", "score": 0.55, "threshold": 0.6,
        "uncertain_from": 0.5, "frame_threshold": 0.7, "trained_on_synthetic_faces": false, "size": [64, 48],
        "seconds": 8.0, "coverage": { "looked_at": 45, "frames": 80 }, "cuts": [3.0],
        "tracks": [{
            "track": 0, "verdict": "uncertain", "score": 0.55, "whole": 0.5, "moments": moments,
            "highest_stretch": { "from": 0.5, "to": 1.4, "frames": 9, "score": 0.55 },
            "worst": [{ "frame": 7, "seconds": 0.7, "frame_score": 0.9, "box": [1, 2, 3, 4], "overlay": "answer.track-0.frame-7.png" }]
        }]
    }))
}

/// Not a test where it is not called as a worker.
#[test]
fn worker() {
    if std::env::var_os(MARK).is_none() {
        return;
    }
    let detector = About {
        name: "test-detector".into(),
        measured: Some("4 of 80 photographs <b>of</b> test were called forged (5.0 %)".into()),
        version: "1.2.3".into(),
        weights: Some("abc123".repeat(10)),
        ..About::default()
    };
    println!("noise that is no word of the protocol");
    say(&Said::Ready { detector });
    for line in stdin().lock().lines() {
        let Task {
            file,
            out,
            settings,
        } = serde_json::from_str(&line.unwrap()).unwrap();
        let bytes = fs::read(&file).unwrap();
        let what = String::from_utf8_lossy(&bytes[..bytes.len().min(8)]).into_owned();
        let mut done = 0;
        match what.split_whitespace().next().unwrap_or_default() {
            "die" => exit(3),
            "hungry" => drop(std::hint::black_box(vec![1_u8; 1 << 30])),
            "killed" => {
                let this = process::id().to_string();
                _ = process::Command::new("kill")
                    .args(["-KILL", &this])
                    .status();
                sleep(Duration::from_secs(60));
            }
            "slow" => loop {
                done += 1;
                say(&Said::Progress {
                    done,
                    total: 100_000,
                });
                sleep(Duration::from_millis(20));
            },
            "short" => sleep(Duration::from_millis(300)),
            _ => {}
        }
        let answer = match what.as_str() {
            film_ if film_.contains("ftyp") || film_.starts_with("film") => film(&out),
            _ => picture(&out),
        };
        let facts = vec![
            Fact::new("Frames asked", settings.frames.to_string()),
            Fact::new("<script>", "alert(1)"),
        ];
        say(&Said::Answered { answer, facts });
    }
    exit(0);
}
