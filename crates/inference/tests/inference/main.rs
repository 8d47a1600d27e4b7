//! Detectors, opened from folders and asked.

mod detecting;
mod folders;
mod images;
mod videos;

use std::{fs, path::Path};

use burn::tensor::Device;
use fixtures::{FaceRenderer, View};
use image::RgbImage;
use inference::{Architecture, Detector, Network};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A recipe of a very small network that judges faces.
const FACES: &str = r#"
name = "small"
[model]
kind = "pcl"
input_size = 64
[model.backbone]
depth = 18
base_width = 8
[crop]
size = 64
method = { box = { margin = 0.3 } }
border = "replicate"
"#;

/// The same of one that judges motion: two snippets of four frames.
const CLIPS: &str = r#"
name = "small"
[model]
kind = "snippet"
input_size = 32
snippets = 2
inference_snippets = 2
[model.intra]
reduction = 2
[model.inter]
reduction = 2
[model.backbone]
depth = 50
base_width = 8
blocks = [1, 2, 1, 1]
[crop]
size = 32
method = { box = { margin = 0.2 } }
border = "replicate"
"#;

/// What a training leaves: the recipe, the records, weights.
fn write_run(folder: &Path, recipe: &str) {
    #[derive(serde::Deserialize)]
    struct Recipe {
        model: Architecture,
    }
    let Recipe { model } = toml::from_str(recipe).unwrap();
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let device = Device::flex();
    let weights = folder.join("weights.safetensors");
    match &model {
        Architecture::Pcl(config) => {
            backbones::save_module(&config.init(&device, &mut rng).unwrap(), weights).unwrap();
        }
        Architecture::Snippet(config) => {
            backbones::save_module(&config.init(&device, &mut rng).unwrap(), weights).unwrap();
        }
        other => panic!("{other:?}"),
    }
    fs::write(folder.join("recipe.toml"), recipe).unwrap();
    let record = r#"{"best": {"step": 3, "auc": 0.9, "slope": 1.7, "offset": 0.1, "threshold": 0.45,
        "video": {"slope": 2.1, "offset": -0.3, "threshold": 0.55}}, "data": {"synthetic": true}}"#;
    fs::write(folder.join("run.json"), record).unwrap();
}

/// A detector of a recipe.
fn detector(recipe: &str) -> Detector {
    let folder = tempfile::tempdir().unwrap();
    write_run(folder.path(), recipe);
    Detector::open(folder.path(), &Device::flex()).unwrap()
}

/// A rendered person.
fn face(person: u64, size: u32) -> fixtures::Face {
    let mut rng = ChaCha8Rng::seed_from_u64(person);
    let renderer = FaceRenderer::new(1, size).unwrap();
    let view = View::random(&mut rng);
    renderer
        .render(&renderer.identity(person), &view, &mut rng)
        .unwrap()
}

/// An image without a face.
fn wall() -> RgbImage {
    RgbImage::from_pixel(200, 150, image::Rgb([90, 120, 140]))
}

#[test]
fn a_detector_can_be_owned_by_a_server() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<Detector>();
    shared::<Network>();
}
