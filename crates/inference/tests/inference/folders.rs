//! What a detector is opened from.

use std::{collections::BTreeMap, fs, path::Path};

use burn::tensor::{Device, f16};
use inference::{Detector, Error};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::Value;

use super::{CLIPS, FACES, face, write_run};

/// The score of one and the same crop.
fn score(detector: &Detector) -> f64 {
    let crops = [face(1, 64).image];
    detector.predict_crops(&crops).unwrap()[0].score
}

fn open(folder: &Path) -> Result<Detector, Error> {
    Detector::open(folder, &Device::flex())
}

fn error(folder: &Path) -> String {
    open(folder).err().expect("it is refused").to_string()
}

/// The description of a run in another folder, beside a copy of the weights.
fn shipped(run: &Path) -> tempfile::TempDir {
    Detector::describe_run(run, &Device::flex()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for file in ["detector.json", "weights.safetensors"] {
        fs::copy(run.join(file), folder.path().join(file)).unwrap();
    }
    folder
}

/// Changes the description of a folder.
fn edit(folder: &Path, change: impl FnOnce(&mut Value)) {
    let path = folder.join("detector.json");
    let mut description = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    change(&mut description);
    fs::write(path, description.to_string()).unwrap();
}

#[test]
fn a_run_and_a_folder_with_its_weights_and_description_are_the_same_detector() {
    let run = tempfile::tempdir().unwrap();
    write_run(run.path(), FACES);
    let of_run = open(run.path()).unwrap();
    let folder = shipped(run.path());
    let opened = open(folder.path()).unwrap();
    assert_eq!(opened.config, of_run.config);
    assert_eq!(opened.config.video.threshold, 0.55);
    assert_eq!(score(&opened), score(&of_run));
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 2, "nothing is written");
}

#[test]
fn a_network_that_judges_motion_is_described_as_well() {
    let run = tempfile::tempdir().unwrap();
    write_run(run.path(), CLIPS);
    let folder = shipped(run.path());
    let opened = open(folder.path()).unwrap();
    assert_eq!(opened.config, open(run.path()).unwrap().config);
}

#[test]
fn weights_of_half_precision_are_read() {
    let run = tempfile::tempdir().unwrap();
    write_run(run.path(), FACES);
    let whole = score(&open(run.path()).unwrap());
    let path = run.path().join("weights.safetensors");
    let bytes = fs::read(&path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let halves: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, tensor)| {
            assert_eq!(tensor.dtype(), Dtype::F32, "{name}");
            let values = tensor.data().chunks_exact(4);
            let values = values.map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
            let bytes = values.flat_map(|value| f16::from_f32(value).to_le_bytes());
            (name.to_owned(), tensor.shape().to_vec(), bytes.collect())
        })
        .collect();
    let views: BTreeMap<&str, TensorView<'_>> = halves
        .iter()
        .map(|(name, shape, bytes)| {
            let view = TensorView::new(Dtype::F16, shape.clone(), bytes).unwrap();
            (name.as_str(), view)
        })
        .collect();
    let halved = safetensors::serialize(views, None).unwrap();
    assert!(halved.len() * 3 < bytes.len() * 2);
    fs::write(&path, halved).unwrap();
    let folder = shipped(run.path());
    let half = score(&open(folder.path()).unwrap());
    assert!(
        half != whole && (half - whole).abs() < 1e-2,
        "{half} {whole}"
    );
}

#[test]
fn other_weights_and_other_descriptions_are_refused() {
    let run = tempfile::tempdir().unwrap();
    write_run(run.path(), FACES);
    let folder = shipped(run.path());
    let folder = folder.path();
    let described = fs::read(folder.join("detector.json")).unwrap();
    for (key, value, word) in [
        ("/version", Value::from(2), "version 2"),
        (
            "/weights/file",
            "../weights.safetensors".into(),
            "same folder",
        ),
        ("/weights/file", "weights.pt".into(), ".safetensors"),
        ("/weights/file", "absent.safetensors".into(), "absent"),
        ("/weights/sha256", "00".into(), "SHA-256"),
        ("/input/size", 32.into(), "input"),
        ("/model/kind", "no-such".into(), "damaged"),
        ("/model/backbone/depth", 34.into(), "weights.safetensors"),
        ("/frame/threshold", Value::Null, "damaged"),
    ] {
        edit(folder, |description| {
            *description.pointer_mut(key).expect(key) = value;
        });
        let said = error(folder);
        assert!(said.contains(word), "{key}: {said}");
        fs::write(folder.join("detector.json"), &described).unwrap();
    }
    let weights = folder.join("weights.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&weights, bytes).unwrap();
    let said = error(folder);
    assert!(
        said.contains("weights.safetensors") && said.contains("SHA-256"),
        "{said}"
    );
    let empty = tempfile::tempdir().unwrap();
    assert!(error(empty.path()).contains("is no detector"));
}

#[test]
fn what_a_later_version_adds_is_passed_over() {
    let run = tempfile::tempdir().unwrap();
    write_run(run.path(), FACES);
    let folder = shipped(run.path());
    edit(folder.path(), |description| {
        description["remark"] = "trained on a Tuesday".into();
    });
    assert!(open(folder.path()).is_ok());
}
