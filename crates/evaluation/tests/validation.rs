//! What the weights of a training are chosen by.

use std::{collections::BTreeMap, fs, path::Path};

use evaluation::ScoringSet;
use experiment::Recipe;
use face_data::Faces;
use face_preproc::geometry::MEAN_FACE68;
use image::{Rgb, RgbImage};
use serde_json::json;

/// Four people with six frames each, and a forgery of each frame with its mask: all for validation.
fn faces(folder: &Path, recipe: &Recipe) -> Faces {
    let picture = |person: u32| {
        RgbImage::from_fn(96, 96, |x, y| {
            Rgb([(x * 2) as u8, (y * 2) as u8, (60 * person) as u8])
        })
    };
    let landmarks: Vec<_> = MEAN_FACE68
        .iter()
        .map(|p| p.map(|c| c * 24.0 + 48.0))
        .collect();
    let mask = RgbImage::from_pixel(96, 96, Rgb([255; 3]));
    mask.save(folder.join("mask.png")).unwrap();
    let mut rows = Vec::new();
    for person in 0..4 {
        let file = format!("{person}.png");
        picture(person).save(folder.join(&file)).unwrap();
        for frame in 0..6 {
            for label in [0, 1] {
                let mut row = json!({
                    "file": file, "label": label, "video": format!("{person}-{label}"),
                    "frame": frame, "identity": person.to_string(), "split": "val",
                    "landmarks68": landmarks,
                });
                if label == 1 {
                    row["method"] = json!("swap");
                    row["mask"] = json!("mask.png");
                }
                rows.push(row);
            }
        }
    }
    let path = folder.join("faces.json");
    fs::write(&path, json!(rows).to_string()).unwrap();
    Faces::open(&path, &recipe.crop, &recipe.split, &mut ()).unwrap()
}

fn recipe(set: &[&str]) -> Recipe {
    let set: Vec<String> = set.iter().map(|key| (*key).to_owned()).collect();
    Recipe::load("pcl-smoke", &set).unwrap()
}

/// Numbers of a validation's real faces, generated forgeries and forgeries of the data.
fn counts(set: &ScoringSet<'_>, faces: &Faces) -> [usize; 3] {
    let mut counts = [0; 3];
    for item in &set.items {
        let kind = match (item.generated, faces.forged(item.row)) {
            (true, _) => 1,
            (false, forged) => 2 * usize::from(forged),
        };
        counts[kind] += 1;
    }
    counts
}

#[test]
fn what_learns_from_real_faces_is_chosen_by_the_generators_forgeries_alone() {
    for (set, expected) in [
        (&[][..], [24, 24, 0]),
        (&["forgery.with_data=true"], [24, 0, 24]),
        // As many frames of each video, spread over it.
        (&["schedule.validation_frames=2"], [8, 8, 0]),
        (
            &["schedule.validation_frames=2", "forgery.with_data=true"],
            [8, 0, 8],
        ),
    ] {
        let recipe = recipe(set);
        let folder = tempfile::tempdir().unwrap();
        let faces = faces(folder.path(), &recipe);
        let validation = ScoringSet::validation(&faces, &recipe).unwrap();
        assert_eq!(counts(&validation, &faces), expected, "{set:?}");
        assert!(validation.has_both_classes());
        let mut frames = BTreeMap::<_, Vec<u64>>::new();
        for &item in &validation.items {
            let number = faces.manifest.rows[item.row].frame.unwrap();
            let video = validation.video(item);
            frames.entry(video).or_default().push(number);
        }
        for numbers in frames.values() {
            match recipe.schedule.validation_frames {
                Some(_) => assert_eq!(numbers, &[0, 5], "{set:?}"),
                None => assert_eq!(numbers.len(), 6, "{set:?}"),
            }
        }
    }
}
