//! Manifests, good and bad.

use std::fs;
use std::path::Path;

use face_preproc::manifest::{Label, Manifest, ManifestError, Row, Split};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Reads a manifest with this text.
fn read(text: &str) -> Result<Manifest, ManifestError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faces.json");
    fs::write(&path, text).unwrap();
    Manifest::read(&path)
}

fn rows(rows: Value) -> Vec<Row> {
    read(&rows.to_string()).unwrap().rows
}

fn landmarks() -> Vec<[f64; 2]> {
    (0..68)
        .map(|i| [f64::from(i) + 0.25, 200.5 - f64::from(i)])
        .collect()
}

#[test]
fn a_part_is_read_alone_where_every_row_names_its_part() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("faces.json");
    let read = |rows: &Value, part| {
        fs::write(&path, rows.to_string()).unwrap();
        Manifest::read_part(&path, part)
    };
    let files = |manifest: &Manifest| -> Vec<String> {
        manifest.rows.iter().map(|row| row.file.clone()).collect()
    };
    let mut rows = json!([
        {"file": "a.png", "split": "train"},
        {"file": "b.png", "split": "test"},
        {"file": "c.png", "split": "val"},
        {"file": "d.png", "split": "test"},
    ]);
    let whole = read(&rows, None).unwrap();
    let test = read(&rows, Some(Split::Test)).unwrap();
    assert_eq!(files(&test), ["b.png", "d.png"]);
    assert_eq!((test.listed, whole.listed), (4, 4));
    assert_eq!(
        (test.numbers, whole.numbers),
        (vec![1, 3], vec![0, 1, 2, 3])
    );
    // The same data, whatever part of them is read.
    assert_eq!(test.digest, whole.digest);
    // An error counts the manifest's rows, not the part's.
    rows[3]["label"] = json!(7);
    let error = read(&rows, Some(Split::Test)).unwrap_err();
    assert!(
        matches!(
            error,
            ManifestError::Row {
                row: 3,
                key: "label",
                ..
            }
        ),
        "{error}"
    );
    rows[3] = rows[1].clone();
    let error = read(&rows, Some(Split::Test)).unwrap_err();
    assert!(
        matches!(
            error,
            ManifestError::Duplicate {
                first: 1,
                second: 3,
                ..
            }
        ),
        "{error}"
    );
    // No row of this part, or a row of which nobody knows: all of them.
    rows[3] = json!({"file": "e.png", "split": "train"});
    rows[1]["split"] = json!("val");
    assert_eq!(
        read(&rows, Some(Split::Test)).unwrap(),
        read(&rows, None).unwrap()
    );
    rows[1]["split"] = json!(null);
    assert_eq!(read(&rows, Some(Split::Train)).unwrap().rows.len(), 4);
}

#[test]
fn numbers_are_written_in_as_few_digits_as_they_need() {
    let mut row = Row::new("a.png");
    let mut points = [[0.0_f32; 2]; 68];
    for (i, point) in points.iter_mut().enumerate() {
        *point = [21.54 + i as f32 * 1e-3, 1e-7 * i as f32 - 7.0];
    }
    row.landmarks68 = Some(points);
    let text = row.to_json().unwrap();
    assert!(text.contains("[21.54,-7.0]"), "{text}");
    assert_eq!(Row::from_json(&text).unwrap().landmarks68, Some(points));
}

#[test]
fn absent_keys_have_their_defaults() {
    let rows = rows(json!([
        {"file": "a/b.png"},
        {"file": "c.png", "label": 1, "video": "v7"},
        {"file": "d.png", "label": null, "identity": null, "landmarks68": null},
    ]));
    assert_eq!(rows[0], Row::new("a/b.png"));
    assert_eq!(rows[0].label, Label::Real);
    assert_eq!((&*rows[0].dataset, &*rows[0].method), ("unnamed", "real"));
    assert_eq!(
        (&*rows[0].video, &*rows[0].identity),
        ("a/b.png", "a/b.png")
    );
    assert_eq!(rows[1].method, "unknown");
    assert_eq!((&*rows[1].video, &*rows[1].identity), ("v7", "v7"));
    assert_eq!(rows[2], Row::new("d.png"));
}

#[test]
fn every_key_is_read_and_the_rest_is_kept() {
    let rows = rows(json!([{
        "file": "./a//b.png", "label": 1.0, "video": 12, "frame": "0031", "identity": 7,
        "set": "FF++", "method": "Deepfakes", "landmarks68": landmarks(), "mask": "m/b.png",
        "split": "val", "det_score": 0.5, "source_identity": "3", "nested": {"a": [1, null]},
    }]));
    let row = &rows[0];
    assert_eq!(row.file, "a/b.png");
    assert!(row.label.is_forged());
    assert_eq!(
        (&*row.video, row.frame, &*row.identity),
        ("12", Some(31), "7")
    );
    assert_eq!((&*row.dataset, &*row.method), ("FF++", "Deepfakes"));
    assert_eq!(row.landmarks68.unwrap()[67], [67.25, 133.5]);
    assert_eq!(row.mask.as_deref(), Some("m/b.png"));
    assert_eq!(row.split, Some(Split::Val));
    let extra = json!({"det_score": 0.5, "source_identity": "3", "nested": {"a": [1, null]}});
    assert_eq!(Value::Object(row.extra.clone()), extra);
}

#[test]
fn dataset_goes_before_set() {
    let rows = rows(json!([{"file": "a", "dataset": "x", "set": "y"}]));
    assert_eq!(rows[0].dataset, "x");
    assert_eq!(rows[0].extra["set"], "y");
}

/// Each bad value names its row, its key and what was expected.
#[test]
fn bad_values_are_named() {
    let mut short = landmarks();
    short.pop();
    let mut flat = json!(landmarks());
    flat[3] = json!([1, 2, 3]);
    let mut text = json!(landmarks());
    text[5][1] = json!("NaN");
    let mut huge = json!(landmarks());
    huge[5][1] = json!(1e300);
    let cases = [
        ("file", json!(7)),
        ("file", json!("")),
        ("file", json!("/etc/passwd")),
        ("file", json!("../up.png")),
        ("file", json!("a/../../up.png")),
        ("file", json!("a\\b.png")),
        ("file", json!("C:/a.png")),
        ("file", json!("./C:/a.png")),
        ("file", json!("a/")),
        ("file", json!("./ ")),
        ("file", json!(".")),
        ("file", json!("a\0b")),
        ("mask", json!("/etc/passwd")),
        ("mask", json!("a/../../m.png")),
        ("label", json!(2)),
        ("label", json!(0.5)),
        ("label", json!("fake")),
        ("label", json!(true)),
        ("video", json!("")),
        ("video", json!(1.5)),
        ("identity", json!(["a"])),
        ("dataset", json!({})),
        ("set", json!(false)),
        ("method", json!(" ")),
        ("frame", json!(-1)),
        ("frame", json!("first")),
        ("frame", json!(1.5)),
        ("split", json!("training")),
        ("split", json!(0)),
        ("landmarks68", json!("none")),
        ("landmarks68", json!([])),
        ("landmarks68", json!(short)),
        ("landmarks68", flat),
        ("landmarks68", text),
        ("landmarks68", huge),
    ];
    for (key, value) in cases {
        let mut row = json!({"file": "b.png"});
        row[key] = value.clone();
        let error = read(&json!([{"file": "a.png"}, row]).to_string()).unwrap_err();
        let ManifestError::Row {
            row: 1,
            key: named,
            expected,
            ..
        } = &error
        else {
            panic!("{key} {value}: {error}");
        };
        assert_eq!(*named, key);
        let line = error.to_string();
        assert!(
            line.contains("row 1") && line.contains(key) && line.contains(expected),
            "{line}"
        );
        assert!(line.len() < 400, "{line}");
    }
}

#[test]
fn what_is_no_list_of_rows_is_refused() {
    for text in [
        "",
        "{}",
        "[",
        "[{}",
        "[1]",
        "7",
        "\"a\"",
        "[{\"file\": NaN}]",
        "[{}]",
        "nul",
        "\u{feff}[]",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
    for text in ["[1]", "[\"a.png\"]", "[null]", "[[]]", "[{}]"] {
        assert!(
            matches!(read(text), Err(ManifestError::Row { row: 0, .. })),
            "{text}"
        );
    }
    assert!(matches!(read("[]"), Err(ManifestError::Empty { .. })));
    let deep = format!(
        "[{{\"file\": \"a\", \"x\": {}1{}}}]",
        "[".repeat(5000),
        "]".repeat(5000)
    );
    assert!(read(&deep).is_err());
    let error = Manifest::read("/nowhere/faces.json").unwrap_err();
    assert!(matches!(error, ManifestError::Io { .. }), "{error}");
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        Manifest::read(folder.path()),
        Err(ManifestError::Io { .. })
    ));
}

#[test]
fn the_same_frame_twice_is_refused() {
    let twice = json!([{"file": "a.png"}, {"file": "b.png"}, {"file": "./a.png"}]);
    let error = read(&twice.to_string()).unwrap_err();
    assert!(
        matches!(
            error,
            ManifestError::Duplicate {
                first: 0,
                second: 2,
                ..
            }
        ),
        "{error}"
    );
    // The same file as frames of two videos, or forged in two ways, is not the same frame.
    read(&json!([{"file": "a", "video": 1}, {"file": "a", "video": 2}]).to_string()).unwrap();
    read(&json!([{"file": "a", "method": "x"}, {"file": "a", "method": "y"}]).to_string()).unwrap();
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.json");
    let mut manifest = read(
        &json!([
            {"file": "a.png", "label": 1, "landmarks68": landmarks(), "mask": "m.png", "frame": 3,
             "split": "test", "score": 0.125, "set": "x"},
            {"file": "b.png", "note": "ü \" \\"},
        ])
        .to_string(),
    )
    .unwrap();
    manifest.rows[0].landmarks68.as_mut().unwrap()[5] = [0.1, 49.94];
    manifest.write(&path).unwrap();
    let back = Manifest::read(&path).unwrap();
    assert_eq!(back.rows, manifest.rows);
    assert_eq!(back.root, folder.path());
    // Written again, the same bytes: same digest.
    back.write(&path).unwrap();
    assert_eq!(Manifest::read(&path).unwrap(), back);

    manifest.rows[0].landmarks68.as_mut().unwrap()[5] = [f32::NAN, 0.0];
    assert!(matches!(
        manifest.write(&path),
        Err(ManifestError::Row {
            row: 0,
            key: "landmarks68",
            ..
        })
    ));
    manifest.rows[0] = Row::new("../a.png");
    assert!(matches!(
        manifest.write(&path),
        Err(ManifestError::Row {
            row: 0,
            key: "file",
            ..
        })
    ));
    assert_eq!(Manifest::read(&path).unwrap(), back);
}

/// SHA-256 of the bytes, from `printf '[{"file":"a"}]' | sha256sum`.
#[test]
fn the_digest_is_that_of_the_bytes() {
    let manifest = read("[{\"file\":\"a\"}]").unwrap();
    let expected = "e586a539f64fffe586ae5be222faed782abdad40b9c1f9ac0c8a7539b592c6d0";
    assert_eq!(manifest.digest, expected);
}

#[cfg(unix)]
#[test]
fn masks_do_not_lead_out_of_the_folder() {
    use std::os::unix::fs::symlink;
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret.png"), "x").unwrap();
    let folder = tempfile::tempdir().unwrap();
    symlink(outside.path(), folder.path().join("link")).unwrap();
    fs::write(folder.path().join("m.png"), "x").unwrap();
    symlink(folder.path().join("m.png"), folder.path().join("inner.png")).unwrap();
    let path = folder.path().join("faces.json");
    fs::write(
        &path,
        json!([
            {"file": "a.png", "mask": "link/secret.png"},
            {"file": "b.png", "mask": "inner.png"},
            {"file": "c.png", "mask": "none.png"},
            {"file": "d.png"},
        ])
        .to_string(),
    )
    .unwrap();
    let manifest = Manifest::read(&path).unwrap();
    let mask = |row: usize| manifest.mask_path(&manifest.rows[row]);
    assert!(matches!(mask(0), Err(ManifestError::Escapes { .. })));
    assert_eq!(mask(1).unwrap().unwrap().file_name().unwrap(), "m.png");
    assert!(matches!(mask(2), Err(ManifestError::Io { .. })));
    assert_eq!(mask(3).unwrap(), None);
    assert_eq!(
        manifest.picture_path(&manifest.rows[0]),
        folder.path().join("a.png")
    );
}

#[test]
fn a_folder_is_a_manifest() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    assert!(matches!(
        Manifest::from_folder(root),
        Err(ManifestError::Empty { .. })
    ));
    for name in [
        "b.JPG",
        "a.png",
        "notes.txt",
        ".hidden.png",
        "deep/fake/1/x.webp",
        "real/y.png",
        "fake.png",
    ] {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(root, root.join("loop")).unwrap();
    let manifest = Manifest::from_folder(root).unwrap();
    let files: Vec<&str> = manifest.rows.iter().map(|row| row.file.as_str()).collect();
    assert_eq!(
        files,
        [
            "a.png",
            "b.JPG",
            "deep/fake/1/x.webp",
            "fake.png",
            "real/y.png"
        ]
    );
    let labels: Vec<u8> = manifest
        .rows
        .iter()
        .map(|row| row.label.as_index())
        .collect();
    assert_eq!(labels, [0, 0, 1, 0, 0]);
    assert_eq!(manifest.rows[2].method, "unknown");
    assert_eq!(manifest.digest.len(), 64);
    // What it found can be written and read.
    manifest.write(root.join("faces.json")).unwrap();
    assert_eq!(
        Manifest::read(root.join("faces.json")).unwrap().rows,
        manifest.rows
    );
    assert!(matches!(
        Manifest::from_folder(Path::new("/nowhere")),
        Err(ManifestError::Io { .. })
    ));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Bytes of a real manifest changed: it is read or refused, and no path leads out.
    #[test]
    fn damaged_manifests_do_no_harm(
        changes in proptest::collection::vec(
            (any::<proptest::sample::Index>(), proptest::sample::select(vec![
                "", "..", "/", "\\", "../", "\"", "{", "}", "[", "]", ",", ":", "9", "-", "e999", "null", "\0", "é",
            ])),
            1..6,
        ),
    ) {
        let points = serde_json::json!(vec![[1.5, 2.0]; 68]);
        let mut rows: Vec<String> = serde_json::json!([
            {"file": "a/b.png", "label": 1, "set": "s", "method": "m", "video": "v", "frame": 3,
             "identity": "i", "mask": "a/m.png", "split": "val", "other": {"x": [1, null]}},
            {"file": "c.png", "landmarks68": points},
        ]).to_string().chars().map(String::from).collect();
        for (place, text) in changes {
            let at = place.index(rows.len());
            rows[at] = text.to_owned();
        }
        match read(&rows.concat()) {
            Ok(manifest) => {
                let paths = manifest.rows.iter().flat_map(|row| [Some(&row.file), row.mask.as_ref()]);
                for path in paths.flatten() {
                    prop_assert!(!path.starts_with('/') && !path.contains(['\\', '\0']), "{path}");
                    prop_assert!(path.split('/').all(|part| part != ".."), "{path}");
                }
            }
            Err(error) => prop_assert!(error.to_string().contains("faces.json")),
        }
    }
}
