//! Faces of a manifest, and the forgeries that are made from them.

use std::{fs, path::Path};

use experiment::Recipe;
use face_data::{Error, Faces, Forger, Split};
use fixtures::{DatasetConfig, write_dataset};
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use serde_json::Value;

fn recipe(set: &[&str]) -> Recipe {
    let set: Vec<String> = set.iter().map(|pair| (*pair).to_owned()).collect();
    Recipe::load("pcl-smoke", &set).unwrap()
}

/// Two real pictures each of three people; `change` has the last word on the rows of the manifest.
fn write(folder: &Path, change: impl Fn(&mut Vec<Value>)) {
    let config = DatasetConfig {
        identities: 8,
        pictures_per_identity: 2,
        size: 96,
        ..DatasetConfig::default()
    };
    write_dataset(&folder.join("data"), &config, &mut |_, _| {}).unwrap();
    let path = folder.join("data/faces.json");
    let mut rows: Vec<Value> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    rows.retain(|row| row["label"] == 0);
    rows.truncate(6);
    change(&mut rows);
    fs::write(&path, serde_json::to_vec(&rows).unwrap()).unwrap();
}

fn open(folder: &Path) -> Result<Faces, Error> {
    let recipe = recipe(&[]);
    let path = folder.join("data/faces.json");
    Faces::open(&path, &recipe.crop, &recipe.split, &mut ())
}

#[test]
fn pictures_that_cannot_be_used_are_passed_over_and_named() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |rows| {
        rows[1]["file"] = "broken.png".into();
        rows[4]["file"] = "gone.png".into();
    });
    fs::write(folder.path().join("data/broken.png"), "no picture").unwrap();
    let faces = open(folder.path()).unwrap();
    assert_eq!(faces.rows(None), [0, 2, 3, 5]);
    let info = faces.info(folder.path(), true);
    assert_eq!(info.frames.iter().sum::<usize>(), 4);
    let named = |at: usize, file: &str| info.skipped[at].starts_with(file);
    assert!(info.skipped.len() == 2 && named(0, "broken.png") && named(1, "gone.png"));
    let face = faces.face(0).unwrap();
    assert_eq!(face.image.dimensions(), (64, 64));
    assert!(face.landmarks.is_some());
}

#[test]
fn data_without_a_usable_picture_are_refused_with_the_first_reason() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |rows| {
        for row in rows {
            row["file"] = "gone.png".into();
        }
    });
    let refused = open(folder.path()).err().unwrap().to_string();
    assert!(
        refused.contains("no picture can be used") && refused.contains("gone.png"),
        "{refused}"
    );
}

#[test]
fn nobody_of_the_test_split_is_seen_in_training() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |rows| {
        for (row, split) in rows
            .iter_mut()
            .zip(["train", "train", "val", "val", "test", "test"])
        {
            row["split"] = split.into();
        }
    });
    let faces = open(folder.path()).unwrap();
    let of = |split| faces.rows(Some(split));
    let parts = [Split::Train, Split::Val, Split::Test].map(of);
    assert_eq!(parts, [[0, 1], [2, 3], [4, 5]]);
    let seen = faces.seen_identities();
    let identity = |row: usize| faces.manifest.rows[row].identity.as_str();
    assert!(seen.contains(identity(0)) && seen.contains(identity(2)));
    assert!(!seen.contains(identity(4)));
}

#[test]
fn a_forgery_is_a_function_of_its_draws_and_needs_landmarks() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |rows| {
        rows[0]["landmarks68"] = Value::Null;
    });
    let faces = open(folder.path()).unwrap();
    for generator in ["i2g", "sbi"] {
        // However little faces are alike, each is a source of the others.
        let set = format!("forgery.generator={generator}");
        let recipe = recipe(&[&set, "forgery.i2g.epsilon=1000"]);
        let forger = Forger::new(&faces, None, &recipe).unwrap();
        assert_eq!(forger.targets(), [1, 2, 3, 4, 5]);
        assert!(forger.can_forge());
        let forge = |row: usize, seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let face = faces.face(row).unwrap();
            forger.forge(row, &face, &mut rng).unwrap()
        };
        let [one, again, other] = [1, 1, 2].map(|seed| forge(2, seed).unwrap());
        assert!(one.image == again.image && one.mask == again.mask && one.image != other.image);
        assert_eq!(one.mask.dimensions(), (64, 64));
        let people = [one.source, 2].map(|row| faces.identities[row]);
        assert_eq!(people[0] == people[1], generator == "sbi");
        assert!(forge(0, 1).is_none(), "{generator}: without landmarks");
    }
}

#[test]
fn what_one_person_alone_cannot_give_is_said() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), |rows| {
        for row in rows {
            row["identity"] = "one".into();
        }
    });
    let faces = open(folder.path()).unwrap();
    let recipe = recipe(&[]);
    let forger = Forger::new(&faces, None, &recipe).unwrap();
    assert!(!forger.can_forge());
    let told = forger
        .lacking(folder.path(), "the training split")
        .to_string();
    assert!(
        told.contains("the training split needs") && told.contains("two people"),
        "{told}"
    );
}
