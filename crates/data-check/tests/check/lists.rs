//! What is wrong with lists, labels and parts.

use std::fs;

use data_check::{Check, FaultKind};
use face_preproc::manifest::{Row, Split};
use face_preproc::pictures::write_png;
use face_store::{Encoding, Face, Finished, Settings, Share, Writer};

use crate::tree::{FORGED, MASKS, REALS, Tree, frames, only};

/// A folder with a manifest of these rows, and a picture for each file that they name.
fn manifest(rows: &[&str]) -> Tree {
    let tree = Tree::empty();
    for (number, row) in rows.iter().enumerate() {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        let path = tree.at(row["file"].as_str().unwrap());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_png(&path, &frames(&(number % 4).to_string())[number % 16]).unwrap();
    }
    tree.write("faces.json", format!("[{}]", rows.join(",")));
    tree
}

fn paths(check: &Check, kind: FaultKind) -> Vec<&str> {
    check.of(kind).map(|fault| &*fault.path).collect()
}

#[test]
fn people_in_two_parts() {
    let tree = manifest(&[
        r#"{"file": "a.png", "identity": "ann", "split": "train"}"#,
        r#"{"file": "b.png", "identity": "bob", "split": "train", "label": 1}"#,
        r#"{"file": "c.png", "identity": "cid", "split": "test", "label": 1, "source_identity": "ann"}"#,
    ]);
    let found = tree.check();
    let fault = found.of(FaultKind::IdentityAcrossSplits).next().unwrap();
    assert_eq!(
        fault.what,
        "the person ann has clips in several parts: 1 in train, 1 in test"
    );
    assert_eq!(
        (&*fault.path, fault.other.as_deref()),
        ("a.png", Some("c.png"))
    );
    // Nobody real is left to test with.
    assert_eq!(paths(&found, FaultKind::EmptyPart), ["test"]);
    assert_eq!(found.faults.len(), 2, "{found}");
}

#[test]
fn labels_against_folders() {
    let tree = manifest(&[
        r#"{"file": "real/a.png", "label": 0}"#,
        r#"{"file": "1_fake/original/b.png", "label": 1}"#,
        r#"{"file": "training_fake/c.png", "label": 0}"#,
    ]);
    let faults = only(&tree.check(), FaultKind::Label);
    let said = "it is labelled real, and its folder `training_fake` is of forged clips";
    assert_eq!(
        faults,
        [("training_fake/c.png".to_owned(), said.to_owned())]
    );
}

#[test]
fn rows_twice() {
    // Of all that makes a row: the manifest cannot be used.
    let row = r#"{"file": "a.png"}"#;
    let faults = only(&manifest(&[row, row]).check(), FaultKind::DuplicateRow);
    assert!(faults[0].1.contains("rows 0 and 1"), "{faults:?}");
    // Of its file alone.
    let again = r#"{"file": "a.png", "video": "another"}"#;
    let found = manifest(&[row, again]).check();
    assert_eq!(paths(&found, FaultKind::DuplicateRow), ["a.png"]);
}

#[test]
fn lists() {
    let tree = Tree::clips();
    let [[a, b], [c, d]] = [tree.pair("train"), tree.pair("test")];
    // A pair in two parts.
    tree.write("test.json", format!(r#"[["{c}", "{d}"], ["{a}", "{b}"]]"#));
    let faults = only(&tree.check(), FaultKind::List);
    assert_eq!(faults[0].0, "test.json");
    assert!(faults[0].1.ends_with("it is in two parts"), "{faults:?}");
    tree.write("test.json", "[[");
    assert_eq!(only(&tree.check(), FaultKind::List).len(), 1);
}

#[test]
fn files_that_are_not_there() {
    let tree = Tree::clips();
    let [a, b] = tree.pair("train");
    let clip = format!("{FORGED}/{a}_{b}.mp4");
    let mask = format!("{MASKS}/{b}_{a}.mp4");
    for path in [&clip, &mask] {
        fs::remove_file(tree.at(path)).unwrap();
    }
    let real = fs::read(tree.at(&format!("{REALS}/{a}.mp4"))).unwrap();
    let strange = format!("{FORGED}/strange.mp4");
    tree.write(&strange, &real);
    let found = tree.check();
    assert_eq!(paths(&found, FaultKind::Absent), [&*clip]);
    assert_eq!(paths(&found, FaultKind::NoMask), [&*mask]);
    assert_eq!(paths(&found, FaultKind::Unlisted), [&*strange]);
    assert_eq!(found.faults.len(), 3, "{found}");

    // Celeb-DF names a forgery's original in its own name.
    let tree = Tree::empty();
    tree.write("YouTube-real/00170.mp4", &real);
    tree.write("Celeb-synthesis/id0_id1_0001.mp4", &real);
    tree.write("List_of_testing_videos.txt", "1 YouTube-real/00170.mp4\n");
    let found = tree.check();
    assert_eq!(
        paths(&found, FaultKind::NoOriginal),
        ["Celeb-real/id0_0001.mp4"]
    );
    // Its numbers are published.
    let all = found
        .published
        .iter()
        .find(|row| row.label == "forged" && row.split.is_none());
    let all = all.unwrap();
    assert_eq!((all.clips, all.published), (1, 5639));
}

#[cfg(unix)]
#[test]
fn links_in_circles() {
    let tree = Tree::empty();
    for (class, person) in [("real", "0"), ("fake", "1")] {
        tree.write(&format!("{class}/own/.keep"), "");
        write_png(tree.at(&format!("{class}/own/a.png")), &frames(person)[0]).unwrap();
    }
    std::os::unix::fs::symlink(tree.at("real/own"), tree.at("fake/also")).unwrap();
    let faults = only(&tree.check(), FaultKind::Circle);
    assert_eq!(faults[0].0, "fake/also");
}

#[test]
fn stores_are_checked_by_their_crops() {
    let tree = Tree::empty();
    let plan = ["a", "b", "c", "d"].map(str::to_owned).to_vec();
    let settings = Settings {
        clips_per_shard: 2,
        ..Settings::new(serde_json::json!({}))
    };
    let writer = Writer::open(tree.path(), plan, &settings, Share::ALL).unwrap();
    let pictures = frames("0");
    // Two clips of one person in two parts, of the same crops; the second shard is not made.
    for (clip, split) in [Split::Train, Split::Test].into_iter().enumerate() {
        let face = |frame: usize| {
            let mut row = Row::new("set by the store");
            row.video = writer.clip(clip).unwrap().into();
            (row.identity, row.frame, row.split) = ("ann".into(), Some(frame as u64), Some(split));
            Face::encode(row, &pictures[frame], None, Encoding::Png).unwrap()
        };
        let finished = Finished {
            faces: vec![face(0), face(5)],
            error: (clip == 1).then(|| "cut off".to_owned()),
        };
        writer.put(clip, &finished).unwrap();
    }
    let found = tree.check();
    assert_eq!(
        (&*found.layouts[0], found.clips, found.looked_at),
        ("store", 2, 2)
    );
    assert_eq!(paths(&found, FaultKind::Absent), ["c", "d"]);
    assert_eq!(paths(&found, FaultKind::Unreadable), ["b"]);
    assert_eq!(found.of(FaultKind::SameFile).count(), 1, "{found}");
    let fault = found.of(FaultKind::IdentityAcrossSplits).next().unwrap();
    assert!(fault.what.contains("ann"), "{}", fault.what);
    assert_eq!(found.faults.len(), 5, "{found}");
}

#[test]
fn a_folder_that_is_no_data_set_is_an_error() {
    let tree = Tree::empty();
    tree.write("notes/a.txt", "nothing");
    let options = data_check::CheckOptions {
        root: tree.path(),
        layout: None,
        config: &data_check::CheckConfig::default(),
        workers: 1,
        stop: &std::sync::atomic::AtomicBool::new(false),
    };
    let error = data_check::check(&options, &|_| ()).unwrap_err();
    assert!(error.to_string().contains("no known data set"), "{error}");
}
