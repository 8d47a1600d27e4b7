//! The draws of clips: classes, labels, mirroring.

use std::collections::BTreeSet;

use image::Rgb;
use serde_json::json;

use super::*;

/// Two real clips of six frames and one forged from the first, whose last frame alone is forged, in
/// each part. Each frame's colour tells its clip and its number.
fn faces(recipe: &Recipe) -> (tempfile::TempDir, Faces) {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = Vec::new();
    for part in ["train", "val"] {
        for (clip, original) in [("a", None), ("b", None), ("f", Some("a"))] {
            for frame in 0..6u8 {
                let file = format!("{part}-{clip}-{frame}.png");
                let colour = |x: u32| match x < 16 {
                    true => Rgb([clip.as_bytes()[0], 10 * frame, 0]),
                    false => Rgb([clip.as_bytes()[0], 10 * frame, 200]),
                };
                let picture = RgbImage::from_fn(32, 32, |x, _| colour(x));
                picture.save(folder.path().join(&file)).unwrap();
                let forged = original.is_some() && frame == 5;
                let mut row = json!({
                    "file": file, "video": clip, "frame": frame, "split": part,
                    "identity": format!("{part}-{clip}"), "label": u8::from(forged),
                });
                if let Some(original) = original {
                    row["original"] = json!(original);
                    row["method"] = json!("swap");
                }
                rows.push(row);
            }
        }
    }
    let path = folder.path().join("faces.json");
    std::fs::write(&path, json!(rows).to_string()).unwrap();
    let faces = Faces::open(&path, &recipe.crop, &recipe.split, &mut ()).unwrap();
    (folder, faces)
}

/// The paper's recipe, whose augmentation is mirroring alone, on small pictures.
fn recipe(set: &[&str]) -> Recipe {
    let small = [
        "crop.size=32",
        "model.input_size=32",
        "model.frames=2",
        "model.snippets=2",
        "schedule.batch_size=8",
    ];
    let set = small.iter().chain(set).map(|key| (*key).to_owned());
    Recipe::load("snippet-paper", &set.collect::<Vec<_>>()).unwrap()
}

fn samples(recipe: &Recipe, faces: &Faces, steps: usize) -> Vec<ClipSample> {
    let experiment::Model::Snippet(config) = &recipe.model else {
        unreachable!("the recipe is the snippet model's")
    };
    let task = SnippetTask::new(recipe, config, faces).unwrap();
    (0..steps)
        .flat_map(|step| task.batch(step).unwrap())
        .collect()
}

/// The clip and the number of a frame.
fn told(frame: &RgbImage) -> (u8, u8) {
    let pixel = frame.get_pixel(16, 16).0;
    (pixel[0], (pixel[1] + 5) / 10)
}

#[test]
fn classes_come_in_turns_and_a_clip_forged_beside_the_snippets_drawn_is_real() {
    let recipe = recipe(&[]);
    let (_folder, faces) = faces(&recipe);
    let mut beside = 0;
    let mut reals = BTreeSet::new();
    for (place, sample) in samples(&recipe, &faces, 4).iter().enumerate() {
        let frames: Vec<_> = sample.frames.iter().map(told).collect();
        // Two snippets of two successive frames of one clip.
        assert_eq!(frames.len(), 4);
        for snippet in frames.chunks(2) {
            assert_eq!(snippet[0].0, frames[0].0);
            assert_eq!(snippet[0].1 + 1, snippet[1].1);
        }
        let forged_clip = frames[0].0 == b'f';
        assert_eq!(forged_clip, place % 2 == 1);
        let shown = forged_clip && frames.iter().any(|(_, number)| *number == 5);
        assert_eq!(sample.label, u8::from(shown));
        beside += usize::from(forged_clip && !shown);
        if !forged_clip {
            reals.insert(frames[0].0);
        }
    }
    assert_eq!(reals.len(), 2);
    assert!((1..16).contains(&beside), "{beside}");
}

#[test]
fn one_mirroring_holds_for_all_frames_and_for_both_clips_of_a_pair() {
    let recipe = recipe(&["forgery.paired=true"]);
    let (_folder, faces) = faces(&recipe);
    let mirrored = |frame: &RgbImage| frame.get_pixel(2, 16).0[2] > 100;
    let mut ways = BTreeSet::new();
    for pair in samples(&recipe, &faces, 4).chunks(2) {
        let [real, forged] = [&pair[0], &pair[1]];
        let numbers = |sample: &ClipSample| -> Vec<u8> {
            sample.frames.iter().map(|frame| told(frame).1).collect()
        };
        assert_eq!(numbers(real), numbers(forged), "the same moments");
        let way = mirrored(&real.frames[0]);
        let all = real.frames.iter().chain(&forged.frames);
        assert!(all.into_iter().all(|frame| mirrored(frame) == way));
        ways.insert(way);
    }
    assert_eq!(ways.len(), 2);
}
