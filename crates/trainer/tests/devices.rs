//! Every device of this build on this machine: trains the smoke recipe there, and judges as the
//! CPU does.

use std::{path::Path, sync::atomic::AtomicBool};

use experiment::{Guide, Recipe};
use fixtures::{DatasetConfig, write_dataset};
use inference::{DetectOptions, Verdict, detect};
use runtime::DeviceName;
use trainer::{TrainOptions, train};

/// Forward passes may differ by rounding in sums of another order, and no more.
const TOLERANCE: f64 = 1e-3;

fn scores(run: &experiment::RunDir, faces: &Path, device: DeviceName) -> Vec<f64> {
    let options = DetectOptions {
        paths: vec![faces.join("faces.json")],
        out: None,
        device,
        whole: true,
        any_compression: false,
        frames: 1,
        command: Vec::new(),
    };
    let mut scores = Vec::new();
    detect(run.path(), &options, &mut (), |answer| {
        match &answer.verdict {
            Verdict::Faces(faces) => scores.extend(faces.iter().map(|face| face.score)),
            Verdict::Unreadable { reason }
            | Verdict::NoFace { reason }
            | Verdict::TooCompressed { reason } => panic!("{reason}"),
            Verdict::Tracks(_) => panic!("a picture is no video"),
        }
    })
    .unwrap();
    scores
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
            device,
            workers: 2,
            command: Vec::new(),
            guide: Guide::default(),
        };
        let trained = train(options, &mut (), &AtomicBool::new(false)).unwrap();
        let here = scores(&trained.run, &faces, device);
        let on_cpu = scores(&trained.run, &faces, DeviceName::Cpu);
        assert_eq!(here.len(), on_cpu.len());
        for (a, b) in here.iter().zip(&on_cpu) {
            assert!((a - b).abs() <= TOLERANCE, "{device}: {a}, cpu: {b}");
        }
        println!(
            "{device}: trained, and {} scores within {TOLERANCE} of the CPU's",
            here.len()
        );
    }
}
