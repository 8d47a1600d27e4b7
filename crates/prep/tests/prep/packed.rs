//! Pictures in archives, and landmarks beside pictures.

use std::collections::BTreeMap;
use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use burn::tensor::Device;
use datasets::Layout;
use face_preproc::geometry::{Landmarks68, distance};
use face_store::{Share, Store};
use fixtures::{FaceRenderer, View};
use flate2::{Compression, write::GzEncoder};
use image::{ImageFormat, RgbImage};
use prep::{FaceSource, PrepConfig, PrepOptions, Prepared, prepare};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// Pictures of a head, and its landmarks.
fn head(person: u64, frames: usize) -> Vec<(RgbImage, Landmarks68)> {
    let renderer = FaceRenderer::new(3, 240).unwrap();
    let identity = renderer.identity(person);
    let mut rng = ChaCha8Rng::seed_from_u64(person);
    let mut view = View::random(&mut rng);
    view.pose = Default::default();
    let mut render = |_| {
        view.framing.offset[0] += 0.004;
        let face = renderer.render(&identity, &view, &mut rng).unwrap();
        (face.image, face.landmarks)
    };
    (0..frames).map(&mut render).collect()
}

fn png(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn make(root: &Path, layout: Layout, faces: FaceSource) -> (Prepared, Store) {
    let out = root.with_extension("store");
    let config = PrepConfig {
        frames: 3,
        faces,
        ..PrepConfig::default()
    };
    let options = PrepOptions {
        root,
        out: &out,
        config: &config,
        share: Share::ALL,
        workers: 1,
        device: &Device::flex(),
        stop: &AtomicBool::new(false),
    };
    let listing = datasets::read(root, layout).unwrap();
    let done = prepare(&listing.clips, &options, &|_| {}).unwrap();
    (done, Store::open(&out).unwrap())
}

#[test]
fn sequences_in_an_archive_give_the_crops_that_they_give_unpacked() {
    let dir = tempfile::tempdir().unwrap();
    let (packed, unpacked) = (dir.path().join("packed"), dir.path().join("unpacked"));
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (person, sequence) in [(0, "a"), (1, "b")] {
        // In the order of names, which is not that of time.
        let mut frames: BTreeMap<String, RgbImage> = BTreeMap::new();
        for (i, (picture, _)) in head(person, 4).into_iter().enumerate() {
            frames.insert(format!("7/{sequence}/{}.png", 8 + i), picture);
        }
        for (name, picture) in frames {
            let bytes = png(&picture);
            write(&unpacked.join("real_train").join(&name), &bytes);
            let mut header = tar::Header::new_ustar();
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, &name, &bytes[..]).unwrap();
        }
    }
    let archive = tar.into_inner().unwrap().finish().unwrap();
    write(&packed.join("real_train/7.tar.gz"), &archive);
    let stores = [packed, unpacked].map(|root| {
        let (done, store) = make(&root, Layout::WildDeepfake, FaceSource::Found);
        assert_eq!((done.clips, done.faces, done.wrong), (2, 6, 0));
        store
    });
    for crop in 0..6 {
        let [one, other] = stores.each_ref().map(|store| {
            let row = &store.rows()[crop];
            let picture = store.picture(crop, &Default::default()).unwrap();
            (row.frame, row.landmarks68, picture)
        });
        assert!(one == other, "crop {crop}");
    }
}

/// The landmarks as NumPy writes them.
fn npy(landmarks: &Landmarks68) -> Vec<u8> {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (68, 2), }";
    let header = format!("{header:<117}\n");
    let numbers = landmarks
        .as_flattened()
        .iter()
        .flat_map(|n| n.to_le_bytes());
    let mut bytes = b"\x93NUMPY\x01\0".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.bytes().chain(numbers));
    bytes
}

#[test]
fn landmarks_beside_frames_are_where_the_crops_are() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("bench");
    let head = head(2, 3);
    for (i, (picture, landmarks)) in head.iter().enumerate() {
        write(&root.join(format!("D/frames/v/{i}.png")), &png(picture));
        // Nobody found the face in frame 1.
        if i != 1 {
            write(
                &root.join(format!("D/landmarks/v/{i}.npy")),
                &npy(landmarks),
            );
        }
    }
    let list = r#"{"D": {"D-fake": {"test": {"v": {"label": "D-fake",
        "frames": ["D\\frames\\v\\0.png", "D/frames/v/1.png", "D/frames/v/2.png"]}}}}}"#;
    write(&root.join("D.json"), list.as_bytes());
    let (done, store) = make(&root, Layout::DeepfakeBench, FaceSource::Annotated);
    assert_eq!((done.faces, done.wrong), (2, 1));
    let errors = store.errors();
    assert!(
        errors[0].message.contains("D/landmarks/v/1.npy"),
        "{errors:?}"
    );
    for row in store.rows() {
        let window: Vec<f32> = serde_json::from_value(row.extra["box"].clone()).unwrap();
        let truth = &head[row.frame.unwrap() as usize].1;
        for (found, truth) in row.landmarks68.unwrap().iter().zip(truth) {
            let found = [found[0] + window[0], found[1] + window[1]];
            assert!(distance(found, *truth) < 0.01);
        }
    }
}
