//! The generator `mix`: pairs that differ where the mask says so, and nowhere else.

use std::collections::BTreeSet;

use experiment::Recipe;
use face_data::{Faces, Forger, Sampler, Split};
use face_preproc::geometry::MEAN_FACE68;
use image::{Rgb, RgbImage};
use runtime::{Purpose, generator};
use serde_json::{Value, json};

/// Three people of different colours, each in a picture of its own.
fn faces(recipe: &Recipe) -> (tempfile::TempDir, Faces) {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<Value> = (0..3_u8)
        .map(|person| {
            let file = format!("{person}.png");
            let picture = RgbImage::from_fn(240, 240, |x, y| {
                let wave = |at: u32| (90.0 + 60.0 * (at as f32 / 7.0).sin()) as u8;
                Rgb([wave(x), wave(y), 60 * person + 40])
            });
            picture.save(folder.path().join(&file)).unwrap();
            let landmarks: Vec<_> = MEAN_FACE68
                .iter()
                .map(|point| point.map(|c| c * 110.0 + 120.0 + f32::from(person)))
                .collect();
            json!({
                "file": file, "label": 0, "identity": person.to_string(), "split": "train",
                "landmarks68": landmarks,
            })
        })
        .collect();
    let path = folder.path().join("faces.json");
    std::fs::write(&path, Value::from(rows).to_string()).unwrap();
    let faces = Faces::open(&path, &recipe.crop, &recipe.split, &mut ()).unwrap();
    (folder, faces)
}

/// Blendings that leave what is beyond their mask as it was, and nothing done to finished pictures.
const PLAIN: [&str; 14] = [
    "forgery.i2g.blendings={alpha=1.0}",
    "forgery.mfs.poisson=0",
    "augmentation.flip=0",
    "augmentation.crop=",
    "augmentation.degrade=",
    "augmentation.hue.probability=0",
    "augmentation.saturation.probability=0",
    "augmentation.brightness.probability=0",
    "augmentation.contrast.probability=0",
    "augmentation.blur.probability=0",
    "augmentation.noise.probability=0",
    "augmentation.jpeg.probability=0",
    "forgery.sbi.shared_jpeg={probability=0,range=[40,100]}",
    "schedule.batch_size=8",
];

fn recipe(set: &[&str]) -> Recipe {
    let set: Vec<String> = PLAIN.iter().chain(set).map(|pair| (*pair).into()).collect();
    Recipe::load("real-cpu", &set).unwrap()
}

#[test]
fn a_forged_face_differs_from_its_real_one_where_its_mask_is_alone() {
    let recipe = recipe(&[]);
    let (_folder, faces) = faces(&recipe);
    let sampler = Sampler::new(&recipe, &faces).unwrap();
    for step in 0..4 {
        for pair in sampler.batch(step).unwrap().chunks(2) {
            let [real, forged] = pair else { unreachable!() };
            assert_eq!((real.label, forged.label), (0, 1));
            let mut changed = 0;
            for (x, y, pixel) in forged.image.enumerate_pixels() {
                let outside = forged.mask.get_pixel(x, y).0[0] == 0.0;
                let same = pixel == real.image.get_pixel(x, y);
                assert!(same || !outside, "step {step} at {x}, {y}");
                changed += usize::from(!same);
            }
            assert!(changed > 100, "step {step}: {changed} pixels");
            assert!(real.mask.iter().all(|m| *m == 0.0));
        }
    }
}

#[test]
fn each_of_the_methods_takes_its_turn_and_a_weight_of_zero_is_never_drawn() {
    let drawn = |set: &[&str]| -> BTreeSet<String> {
        let recipe = recipe(set);
        let (_folder, faces) = faces(&recipe);
        let forger = Forger::new(&faces, Some(Split::Train), &recipe).unwrap();
        let method = |draw| {
            let mut rng = generator(0, Purpose::Forgery, 0, draw);
            let face = faces.face(0).unwrap();
            let forged = forger.forge(0, &face, &mut rng).unwrap().unwrap();
            let partial = forged.how.starts_with("Partial");
            let whole = if forged.source == 0 { "sbi" } else { "i2g" };
            format!("{whole}{}", if partial { ", a part" } else { "" })
        };
        (0..40).map(method).collect()
    };
    let all = ["i2g", "i2g, a part", "sbi", "sbi, a part"].map(str::to_owned);
    assert_eq!(drawn(&["forgery.mix.partial=0.8"]), BTreeSet::from(all));
    let sbi = ["forgery.mix.i2g=0", "forgery.mix.partial=0"];
    assert_eq!(drawn(&sbi), BTreeSet::from(["sbi".to_owned()]));
}
