//! Many files.

use std::{collections::BTreeSet, fs, path::Path};

use inference::{Answer, DetectOptions, ExplainOptions, NotJudged, TooCompressed, detect, explain};
use serde_json::{Value, json};

use super::{FACES, detector, face, wall};

/// The second face of `a.png` and the first of `a.face-2.png` are shown in files of their own.
#[test]
fn pictures_of_two_files_do_not_meet() {
    let folder = tempfile::tempdir().unwrap();
    let mut two = image::imageops::resize(&wall(), 400, 160, image::imageops::FilterType::Nearest);
    let one = {
        let mut one = wall();
        image::imageops::replace(&mut one, &face(5, 128).image, 40, 10);
        one
    };
    for (person, left) in [(3, 20), (4, 240)] {
        image::imageops::replace(&mut two, &face(person, 128).image, left, 16);
    }
    let paths = [("a.png", two), ("a.face-2.png", one)].map(|(name, picture)| {
        let path = folder.path().join(name);
        picture.save(&path).unwrap();
        path
    });
    let detector = detector(FACES);
    let options = DetectOptions {
        paths: paths.to_vec(),
        recursive: false,
        out: folder.path().join("seen"),
        resume: false,
        command: Vec::new(),
    };
    let mut overlays = Vec::new();
    let outcome = detect(&detector, &options, &mut (), &|| false, |answer| {
        assert!(answer.trained_on_synthetic_faces);
        for face in answer.faces.iter().flatten() {
            overlays.push(face.overlay.clone().unwrap());
        }
    });
    assert_eq!(outcome.unwrap().faces, 3);
    let files: BTreeSet<_> = overlays.iter().collect();
    assert_eq!(files.len(), 3, "{overlays:?}");
    let pictures = |folder: &Path| {
        let names = fs::read_dir(folder).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".png")).count()
    };
    assert_eq!(pictures(&options.out), 3);

    let options = ExplainOptions {
        paths: options.paths,
        recursive: false,
        layer: None,
        out: folder.path().join("explained"),
        command: Vec::new(),
    };
    assert_eq!(explain(&detector, &options, &mut ()).unwrap().faces, 3);
    // The face, the heat map and one layer.
    assert_eq!(pictures(&options.out), 3 * 3);
}

#[test]
fn what_is_not_judged_has_a_word_and_a_reason() {
    let too_compressed = TooCompressed::Image {
        quality: 0.2,
        least: 0.5,
    };
    let too_small = NotJudged::FaceTooSmall {
        largest: 20.0,
        least: 32.0,
    };
    for (why, word, reason) in [
        (NotJudged::NoFace { frames: 1 }, "no face", "no face found"),
        (NotJudged::NoFace { frames: 9 }, "no face", "in 9 frames"),
        (too_compressed.into(), "too compressed", "0.2"),
        (NotJudged::NeedsVideo, "needs a video", "give it a video"),
        (too_small, "face too small", "20 px"),
    ] {
        assert_eq!(why.word(), word);
        assert!(why.to_string().contains(reason), "{why}");
    }
}

/// A video's score and its frames' are on two scales, and have two names.
#[test]
fn scores_of_a_video_and_of_its_frames_have_names_of_their_own() {
    let moment =
        json!({"frame": 3, "seconds": 0.12, "frame_score": 0.9, "box": [0.0, 0.0, 1.0, 1.0]});
    let track = json!({
        "track": 0, "verdict": "real", "score": 0.4, "whole": 0.4, "worst": [], "moments": [moment],
    });
    let told = json!({
        "schema": 1, "file": "film.mp4", "kind": "video", "verdict": "real", "score": 0.4,
        "threshold": 0.5, "frame_threshold": 0.6, "trained_on_synthetic_faces": false, "tracks": [track],
    });
    let answer: Answer = serde_json::from_value(told.clone()).unwrap();
    let again: Value = serde_json::from_str(&answer.to_json()).unwrap();
    assert_eq!(again, told);
    assert!(again["tracks"][0]["moments"][0]["score"].is_null());
    // Answers from before there was a version read as version 0.
    let mut old = told;
    old.as_object_mut().unwrap().remove("schema");
    assert_eq!(serde_json::from_value::<Answer>(old).unwrap().schema, 0);
}
