//! Clips of successive frames, and what is said of data that cannot be used.

use std::{fs, path::Path};

use face_data::{Clips, Faces, crops};
use face_preproc::{crop::CropSpec, geometry::Landmarks68, split::SplitConfig};
use image::{Rgb, RgbImage, imageops};
use serde_json::{Value, json};

/// A frame of which each pixel tells where it is.
fn frame() -> RgbImage {
    RgbImage::from_fn(96, 96, |x, y| {
        Rgb([2 * x as u8, 2 * y as u8, (x * y % 251) as u8])
    })
}

/// Landmarks of a face of 24 px around a place.
fn landmarks(x: f32, y: f32) -> Landmarks68 {
    std::array::from_fn(|i| {
        [
            x + (i % 9) as f32 * 3.0 - 12.0,
            y + (i / 9) as f32 * 3.5 - 12.0,
        ]
    })
}

fn open(folder: &Path, rows: &[Value]) -> Faces {
    let manifest = folder.join("faces.json");
    fs::write(&manifest, Value::from(rows).to_string()).unwrap();
    let spec = CropSpec {
        size: 32,
        ..CropSpec::default()
    };
    Faces::open(&manifest, &spec, &SplitConfig::default(), &mut ()).unwrap()
}

#[test]
fn a_name_in_two_compressions_is_two_clips() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = Vec::new();
    for compression in ["raw", "c40"] {
        for number in 0..3 {
            let file = format!("{compression}-{number}.png");
            frame().save(dir.path().join(&file)).unwrap();
            rows.push(json!({
                "file": file, "video": "000", "frame": number, "compression": compression,
            }));
        }
    }
    let faces = open(dir.path(), &rows);
    let clips = Clips::new(&faces, None, 3);
    assert_eq!((clips.clips.len(), clips.too_short), (2, 0));
    assert_eq!(faces.video(0).compression.as_deref(), Some("raw"));
}

#[test]
fn the_frames_of_a_snippet_are_cut_where_its_first_face_is() {
    let dir = tempfile::tempdir().unwrap();
    let whole = frame();
    // The same frame twice, the face found two pixels further in the second; then cut out with
    // windows of their own, as stores hold them.
    let cut = |x: u32| imageops::crop_imm(&whole, x, 10, 64, 64).to_image();
    let pictures = [
        ("a0.png", whole.clone(), landmarks(48.0, 48.0), None),
        ("a1.png", whole.clone(), landmarks(50.0, 48.0), None),
        (
            "b0.png",
            cut(10),
            landmarks(38.0, 38.0),
            Some([10, 10, 64, 64]),
        ),
        (
            "b1.png",
            cut(13),
            landmarks(37.0, 38.0),
            Some([13, 10, 64, 64]),
        ),
    ];
    let mut rows = Vec::new();
    for (file, picture, landmarks, window) in &pictures {
        picture.save(dir.path().join(file)).unwrap();
        let number: u64 = file[1..2].parse().unwrap();
        let mut row = json!({
            "file": file, "video": file[..1], "frame": number, "landmarks68": landmarks.to_vec(),
        });
        if let Some(window) = window {
            row["box"] = json!(window);
        }
        rows.push(row);
    }
    let faces = open(dir.path(), &rows);
    let clips = Clips::new(&faces, None, 2);
    assert_eq!(clips.clips.len(), 2);
    for clip in &clips.clips {
        let snippet = clips.even(clip, 1);
        let [first, second] = crops(&faces, &snippet, 2).unwrap().try_into().unwrap();
        assert!(
            first == second,
            "what does not move in the frame does not in the crops"
        );
        // On its own, the second frame is cut where its own face is.
        let own = faces.face(snippet[1]).unwrap().image;
        assert!(own != second);
    }
}

#[test]
fn videos_are_no_crops() {
    let dir = tempfile::tempdir().unwrap();
    let videos = dir.path().join("original_sequences/youtube/c23/videos");
    fs::create_dir_all(&videos).unwrap();
    fs::write(videos.join("000.mp4"), "").unwrap();
    let said = face_data::data_digest(dir.path()).unwrap_err().to_string();
    assert!(said.contains("videos and no face crops"), "{said}");
    let empty = tempfile::tempdir().unwrap();
    let said = face_data::data_digest(empty.path())
        .unwrap_err()
        .to_string();
    assert!(!said.contains("videos"), "{said}");
}

#[test]
fn what_to_do_for_a_validation_part_depends_on_what_the_rows_say() {
    let dir = tempfile::tempdir().unwrap();
    for file in ["0.png", "1.png"] {
        frame().save(dir.path().join(file)).unwrap();
    }
    let of = |splits: &[Option<&str>]| {
        let row = |(number, split): (usize, &Option<&str>)| {
            let mut row = json!({"file": format!("{number}.png")});
            if let Some(split) = split {
                row["split"] = json!(split);
            }
            row
        };
        let rows: Vec<_> = splits.iter().enumerate().map(row).collect();
        open(dir.path(), &rows)
    };
    let own = SplitConfig::default();
    let none = SplitConfig {
        val: 0.0,
        ..own.clone()
    };
    for (splits, config, word) in [
        (&[Some("train"), Some("val")][..], &own, "`val`"),
        (&[Some("train"), Some("test")], &own, "two people"),
        (&[Some("train"), Some("test")], &none, "set split.val"),
        (&[None], &own, "raise split.val"),
    ] {
        let said = of(splits).validation_advice(config);
        assert!(said.contains(word), "{said}");
    }
}
