//! Faces that are scored through `evaluation.augmentation`.

use evaluation::{Item, ScoringSet};
use experiment::Recipe;
use face_data::{Faces, Split};
use face_preproc::geometry::MEAN_FACE68;
use image::{Rgb, RgbImage};
use serde_json::json;

/// The pictures of one real face and, where asked for, of its forgery.
fn pictures(set: &[&str], generated: bool) -> Vec<RgbImage> {
    let set: Vec<String> = set.iter().map(|pair| (*pair).to_owned()).collect();
    let recipe = Recipe::load("real-cpu", &set).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let picture = RgbImage::from_fn(240, 240, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8]));
    picture.save(folder.path().join("a.png")).unwrap();
    let landmarks: Vec<_> = MEAN_FACE68
        .iter()
        .map(|point| point.map(|c| c * 110.0 + 120.0))
        .collect();
    let row = json!([{ "file": "a.png", "label": 0, "identity": "a", "split": "val",
        "landmarks68": landmarks }]);
    let path = folder.path().join("faces.json");
    std::fs::write(&path, row.to_string()).unwrap();
    let faces = Faces::open(&path, &recipe.crop, &recipe.split, &mut ()).unwrap();
    let set = ScoringSet::new(&faces, Some(Split::Val), generated, &recipe).unwrap();
    let subject = |item: &Item| set.subject(*item).unwrap().image;
    set.items.iter().map(subject).collect()
}

/// The same for a real face and its forgery, the same each time, and not for faces that come forged.
#[test]
fn real_and_forged_faces_go_through_one_augmentation_where_the_forgeries_are_made() {
    // Without the key nothing is done; of what the recipe does, the crop alone shows in a corner.
    let none = ["evaluation.augmentation="];
    let crop = [
        "evaluation.augmentation.blur.probability=0",
        "evaluation.augmentation.noise.probability=0",
        "evaluation.augmentation.jpeg.probability=0",
        "evaluation.augmentation.degrade=",
    ];
    let [plain, moved] = [&none[..], &crop].map(|set| pictures(set, true));
    assert_eq!((plain.len(), moved.len()), (2, 2));
    assert_ne!(plain[0], moved[0]);
    assert_ne!(moved[0], moved[1]);
    assert_eq!(moved, pictures(&crop, true));
    assert_eq!(pictures(&crop, false), pictures(&none, false));
    let corner = |picture: &RgbImage| *picture.get_pixel(0, 0);
    assert_ne!(corner(&plain[0]), corner(&moved[0]));
    assert_eq!(corner(&moved[0]), corner(&moved[1]));
}
