//! Many files.

use std::{collections::BTreeSet, fs, path::Path};

use inference::{DetectOptions, ExplainOptions, detect, explain};

use super::{FACES, detector, face, wall};

/// The second face of `a.png` and the first of `a.face-2.png` are shown in files of their own.
#[test]
fn pictures_of_two_files_do_not_meet() {
    let folder = tempfile::tempdir().unwrap();
    let mut two = image::imageops::resize(&wall(), 400, 160, image::imageops::FilterType::Nearest);
    let one = {
        let mut one = wall();
        image::imageops::replace(&mut one, &face(5, 128).image, 40, 10);
        one
    };
    for (person, left) in [(3, 20), (4, 240)] {
        image::imageops::replace(&mut two, &face(person, 128).image, left, 16);
    }
    let paths = [("a.png", two), ("a.face-2.png", one)].map(|(name, picture)| {
        let path = folder.path().join(name);
        picture.save(&path).unwrap();
        path
    });
    let detector = detector(FACES);
    let options = DetectOptions {
        paths: paths.to_vec(),
        recursive: false,
        out: folder.path().join("seen"),
        resume: false,
        command: Vec::new(),
    };
    let mut overlays = Vec::new();
    let outcome = detect(&detector, &options, &mut (), &|| false, |answer| {
        assert!(answer.trained_on_synthetic_faces);
        for face in answer.faces.iter().flatten() {
            overlays.push(face.overlay.clone().unwrap());
        }
    });
    assert_eq!(outcome.unwrap().faces, 3);
    let files: BTreeSet<_> = overlays.iter().collect();
    assert_eq!(files.len(), 3, "{overlays:?}");
    let pictures = |folder: &Path| {
        let names = fs::read_dir(folder).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".png")).count()
    };
    assert_eq!(pictures(&options.out), 3);

    let options = ExplainOptions {
        paths: options.paths,
        recursive: false,
        layer: None,
        out: folder.path().join("explained"),
        command: Vec::new(),
    };
    assert_eq!(explain(&detector, &options, &mut ()).unwrap().faces, 3);
    // The face, the heat map and one layer.
    assert_eq!(pictures(&options.out), 3 * 3);
}
