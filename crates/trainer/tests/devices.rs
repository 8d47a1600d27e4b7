//! Every device of this build on this machine: trains the smoke recipe there; the weights judge as they
//! did when the training ended, there and on the CPU.

use std::{collections::HashMap, path::Path, sync::atomic::AtomicBool};

use experiment::{Guide, Recipe, RunDir};
use face_preproc::{
    manifest::Manifest,
    pictures::{Limits, read_rgb},
};
use fixtures::{DatasetConfig, write_dataset};
use inference::Detector;
use runtime::DeviceName;
use trainer::{TrainOptions, train};

/// Forward passes may differ by rounding in sums of another order, and no more.
const TOLERANCE: f64 = 1e-3;

/// The scores that the training wrote down in the end, by file.
fn recorded(run: &RunDir) -> HashMap<String, f64> {
    let mut table = csv::Reader::from_path(run.path().join("scores.csv")).unwrap();
    let rows = table.deserialize::<HashMap<String, String>>();
    rows.map(Result::unwrap)
        // Forgeries made of a row bear its file.
        .filter(|row| row["method"] != "i2g")
        .map(|row| (row["file"].clone(), row["score"].parse().unwrap()))
        .collect()
}

/// The scores that the run's detector gives the same files.
fn scores(
    run: &RunDir,
    files: &HashMap<String, f64>,
    faces: &Path,
    device: DeviceName,
) -> HashMap<String, f64> {
    let detector = Detector::open(run.path(), &device.open().unwrap()).unwrap();
    let manifest = Manifest::read(faces.join("faces.json")).unwrap();
    let rows = manifest
        .rows
        .iter()
        .filter(|row| files.contains_key(&row.file));
    let crops: Vec<_> = rows
        .clone()
        .map(|row| {
            let image = read_rgb(manifest.picture_path(row), &Limits::default()).unwrap();
            let face = detector.cut_face(&image, row.landmarks68.as_ref().unwrap());
            face.unwrap().image
        })
        .collect();
    let predictions = detector.predict_crops(&crops).unwrap();
    let scores = predictions.iter().map(|face| face.score);
    rows.map(|row| row.file.clone()).zip(scores).collect()
}

#[test]
fn the_smoke_recipe_trains_and_judges_alike_on_every_device() {
    let folder = tempfile::tempdir().unwrap();
    let faces = folder.path().join("faces");
    let config = DatasetConfig {
        identities: 20,
        pictures_per_identity: 3,
        size: 96,
        ..Default::default()
    };
    write_dataset(&faces, &config, &mut |_, _| {}).unwrap();

    let devices = DeviceName::available();
    println!("devices of this build on this machine: {devices:?}");
    assert!(devices.contains(&DeviceName::Cpu), "{devices:?}");
    for device in devices {
        let set = ["schedule.steps=6".into(), "evaluation.resamples=20".into()];
        let options = TrainOptions {
            recipe: Recipe::load("pcl-smoke", &set).unwrap(),
            data: faces.join("faces.json"),
            synthetic: true,
            out: folder.path().join(device.to_string().replace(':', "-")),
            devices: device.into(),
            workers: 2,
            command: Vec::new(),
            guide: Guide::default(),
        };
        let trained = train(options, &mut (), &AtomicBool::new(false)).unwrap();
        let recorded = recorded(&trained.run);
        assert!(recorded.len() > 10, "{recorded:?}");
        for judge in [device, DeviceName::Cpu] {
            let scores = scores(&trained.run, &recorded, &faces, judge);
            assert_eq!(scores.len(), recorded.len());
            for (file, score) in &scores {
                let then = recorded[file];
                assert!(
                    (score - then).abs() <= TOLERANCE,
                    "{file}: {score} on {judge}, {then} when trained on {device}"
                );
            }
        }
        println!(
            "{device}: trained, and {} scores there and on the CPU",
            recorded.len()
        );
    }
}
