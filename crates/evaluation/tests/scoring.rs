//! A set of faces that are scored, and a run that is loaded.

use std::{fs, path::Path};

use burn::tensor::{Tensor, activation::sigmoid};
use core_tensor_ops::{Detection, Detector, InputSpec, MapSpec, Tap, global_average_pool};
use evaluation::{Error, Item, Run, ScoringSet};
use experiment::{Best, Model, Recipe, RunDir, RunInfo, write_json};
use face_data::{Faces, Split};
use fixtures::{DatasetConfig, write_dataset};
use inference::Network;
use metrics::Decision;
use runtime::{DeviceName, Purpose, generator};

fn recipe(set: &[&str]) -> Recipe {
    let set: Vec<String> = set.iter().map(|pair| (*pair).to_owned()).collect();
    Recipe::load("pcl-smoke", &set).unwrap()
}

/// Two pictures each of ten people.
fn faces(folder: &Path) -> Faces {
    let config = DatasetConfig {
        identities: 10,
        pictures_per_identity: 2,
        size: 96,
        ..DatasetConfig::default()
    };
    write_dataset(folder, &config, &mut |_, _| {}).unwrap();
    let recipe = recipe(&[]);
    let path = folder.join("faces.json");
    Faces::open(&path, &recipe.crop, &recipe.split, &mut ()).unwrap()
}

/// Calls bright pictures forged.
struct Brightness;

impl Detector for Brightness {
    fn input_spec(&self) -> InputSpec {
        InputSpec::imagenet(64)
    }

    fn detect(&self, images: Tensor<4>) -> Detection {
        let mean = global_average_pool(images).mean_dim(1).squeeze_dim(1);
        Detection {
            forged_probability: sigmoid(mean),
            heat_map: None,
            boxes: Vec::new(),
        }
    }

    fn layers(&self) -> Vec<MapSpec> {
        Vec::new()
    }

    fn class_logits(&self, images: Tensor<4>, _tap: &mut Tap<'_>) -> Tensor<2> {
        Tensor::zeros([images.dims()[0], 2], &images.device())
    }
}

#[test]
fn a_forgery_of_each_real_face_is_the_same_every_time() {
    let folder = tempfile::tempdir().unwrap();
    let faces = faces(folder.path());
    let recipe = recipe(&[]);
    let real = ScoringSet::new(&faces, Some(Split::Train), false, &recipe).unwrap();
    assert!(!real.has_both_classes());
    let set = ScoringSet::new(&faces, Some(Split::Train), true, &recipe).unwrap();
    assert!(set.has_both_classes());
    let (rows, forgeries) = set.items.split_at(real.items.len());
    assert_eq!(rows, real.items);
    assert!(!forgeries.is_empty() && forgeries.iter().all(|item| item.generated));
    for &item in forgeries.iter().take(3) {
        assert!(set.forged(item) && set.video_forged(item));
        assert_eq!(set.video(item).method, "i2g");
        let [one, other] = [(); 2].map(|()| set.subject(item).unwrap());
        assert!(one.image == other.image && one.mask == other.mask);
        assert!(one.mask.unwrap().iter().any(|forged| *forged > 0.5));
        let of = Item {
            generated: false,
            ..item
        };
        assert_ne!(set.subject(of).unwrap().image, one.image);
    }
}

#[test]
fn a_part_is_scored_without_reading_it_first_and_a_damaged_picture_has_no_score() {
    let folder = tempfile::tempdir().unwrap();
    let read = faces(folder.path());
    let recipe = recipe(&[]);
    let (path, crop, split) = (
        folder.path().join("faces.json"),
        &recipe.crop,
        &recipe.split,
    );
    let mut listed = Faces::list(&path, crop, split, None, &mut ()).unwrap();
    listed.keep_part(Some(Split::Test));
    assert_eq!(listed.rows(None), read.rows(Some(Split::Test)));
    for row in listed.rows(None) {
        assert_eq!(listed.landmarks(row), read.face(row).unwrap().landmarks);
    }
    // After it was listed: what is scored is read then.
    let broken = listed.rows(None)[1];
    fs::write(
        folder.path().join(&listed.manifest.rows[broken].file),
        "no picture",
    )
    .unwrap();
    let device = DeviceName::Cpu.open().unwrap();
    let set = ScoringSet::new(&listed, Some(Split::Test), false, &recipe).unwrap();
    let scores = set.score(&Brightness, &device, &mut ()).unwrap();
    for (item, score) in set.items.iter().zip(&scores) {
        assert_eq!(score.is_some(), item.row != broken);
    }
}

#[test]
fn a_part_that_is_listed_alone_has_the_forgeries_that_it_has_among_all() {
    let folder = tempfile::tempdir().unwrap();
    let all = faces(folder.path());
    let recipe = recipe(&["forgery.generator=\"sbi\""]);
    let mut named = all.manifest.clone();
    for (row, split) in named.rows.iter_mut().zip(&all.splits) {
        row.split = Some(*split);
    }
    let path = folder.path().join("faces.json");
    named.write(&path).unwrap();
    let (crop, split, part) = (&recipe.crop, &recipe.split, Some(Split::Test));
    let alone = Faces::list(&path, crop, split, part, &mut ()).unwrap();
    assert!(alone.manifest.rows.len() < all.manifest.rows.len());
    let [among, alone] = [&all, &alone].map(|faces| {
        let set = ScoringSet::new(faces, part, true, &recipe).unwrap();
        let forged = set.items.iter().filter(|item| item.generated);
        let image = |item: &Item| set.subject(*item).unwrap().image;
        forged.map(image).collect::<Vec<_>>()
    });
    assert!(!alone.is_empty() && among == alone);
}

#[test]
fn scores_come_in_the_order_of_the_items_however_they_are_batched() {
    let folder = tempfile::tempdir().unwrap();
    let faces = faces(folder.path());
    let device = DeviceName::Cpu.open().unwrap();
    let scores = |batch: &str| {
        let recipe = recipe(&[batch]);
        let set = ScoringSet::new(&faces, None, false, &recipe).unwrap();
        set.score(&Brightness, &device, &mut ()).unwrap()
    };
    let [one, seven] = ["evaluation.batch_size=1", "evaluation.batch_size=7"].map(scores);
    let rows = faces.rows(None).len();
    assert_eq!((one.len(), seven.len()), (rows, rows));
    for (row, (a, b)) in one.iter().zip(&seven).enumerate() {
        let (a, b) = (a.unwrap(), b.unwrap());
        // By hand: the mean of all normalised values.
        let face = faces.face(row).unwrap();
        let spec = Brightness.input_spec();
        let values = face.image.pixels().flat_map(|pixel| {
            let value = move |c: usize| {
                (f64::from(pixel.0[c]) / 255.0 - f64::from(spec.mean[c])) / f64::from(spec.std[c])
            };
            [0, 1, 2].map(value)
        });
        let mean = values.sum::<f64>() / (64.0 * 64.0 * 3.0);
        let expected = 1.0 / (1.0 + (-mean).exp());
        assert!(
            (a - expected).abs() < 1e-4 && (a - b).abs() < 1e-6,
            "{row}: {a} {b} {expected}"
        );
    }
}

#[test]
fn a_run_is_loaded_with_what_its_validation_chose() {
    let folder = tempfile::tempdir().unwrap();
    let faces = faces(&folder.path().join("faces"));
    let recipe = recipe(&[]);
    let run = RunDir::create(&folder.path().join("run")).unwrap();
    fs::write(run.recipe(), recipe.to_toml().unwrap()).unwrap();
    let Model::Pcl(config) = &recipe.model else {
        unreachable!("the recipe is PCL's")
    };
    let device = DeviceName::Cpu.open().unwrap();
    let trained = config
        .init(&device, &mut generator(77, Purpose::Weights, 0, 0))
        .unwrap();
    backbones::save_module(&trained, run.weights()).unwrap();
    let frame = Decision {
        slope: 2.0,
        offset: 1.0,
        threshold: 0.7,
        uncertain_from: None,
    };
    let info = |best: Option<Best>| RunInfo {
        version: String::new(),
        burn: String::new(),
        command: Vec::new(),
        repeat: String::new(),
        started: 0,
        device: "cpu".into(),
        seed: 0,
        origin: None,
        data: faces.info(&folder.path().join("faces/faces.json"), true),
        parameters: 0,
        steps: 8,
        best,
        trained_seconds: None,
        waiting_share: None,
    };
    write_json(&run.info(), &info(None)).unwrap();
    let untrained = Run::load(&run, DeviceName::Cpu).err().unwrap();
    assert!(
        matches!(
            untrained,
            Error::Inference(inference::Error::Untrained { .. })
        ),
        "{untrained}"
    );

    let best = Best {
        step: 8,
        auc: 0.9,
        accuracy: None,
        loss: None,
        frame,
        video: Decision::default(),
    };
    write_json(&run.info(), &info(Some(best))).unwrap();
    let loaded = Run::load(&run, DeviceName::Cpu).unwrap();
    // A probability of one half has the logit 0: what is left is the offset.
    let sigmoid_of_one = 1.0 / (1.0 + (-1.0f64).exp());
    assert!((loaded.calibrated(0.5) - sigmoid_of_one).abs() < 1e-12);
    assert!(loaded.owns(&faces));
    assert_eq!(loaded.unseen_split(&faces), Some(Split::Test));

    let face = faces.face(0).unwrap();
    let images = trained
        .input_spec()
        .to_tensor(&[face.image.as_raw()], &device);
    let score = |network: &dyn Detector| -> f32 {
        network
            .detect(images.clone())
            .forged_probability
            .into_scalar()
    };
    let (Network::Faces(network), Network::Faces(fresh)) =
        (&loaded.network, loaded.untrained().unwrap())
    else {
        unreachable!("PCL judges single faces")
    };
    assert_eq!(score(&**network), score(&trained));
    assert_ne!(score(&*fresh), score(&trained));
}
