//! DFDC: training parts, test set, preview.

use crate::common;

use common::{Made, at, missing};
use datasets::Layout;
use face_preproc::manifest::{Label, Split};

const TRAIN: &str = r#"{
    "aaa.mp4": {"label": "FAKE", "split": "train", "original": "bbb.mp4"},
    "bbb.mp4": {"label": "REAL", "split": "train"}
}"#;

#[test]
fn training_parts_are_read_together_or_alone() {
    let made = Made::new(&[
        "dfdc_train_part_0/aaa.mp4",
        "dfdc_train_part_0/bbb.mp4",
        "dfdc_train_part_0/ccc.mp4",
        "dfdc_train_part_7/aaa.mp4",
    ])
    .with("dfdc_train_part_0/metadata.json", TRAIN)
    .with("dfdc_train_part_7/metadata.json", TRAIN);
    made.add("dfdc_train_part_9/readme", "");
    let listing = made.list(Layout::DfdcTrain);
    let fake = at(&listing, "dfdc_train_part_0/aaa.mp4");
    assert_eq!(
        (fake.label, fake.split),
        (Label::Forged, Some(Split::Train))
    );
    assert_eq!(fake.original.as_deref(), Some("dfdc_train_part_0/bbb.mp4"));
    // Whoever is in the original is in the forgery.
    let real = at(&listing, "dfdc_train_part_0/bbb.mp4");
    assert_eq!((real.label, &real.identity), (Label::Real, &fake.identity));
    assert_eq!(listing.clips.len(), 3);
    assert_eq!(listing.unlisted, ["dfdc_train_part_0/ccc.mp4"]);
    assert_eq!(
        missing(&listing),
        [
            "dfdc_train_part_7/bbb.mp4",
            "dfdc_train_part_9/metadata.json",
        ]
    );
    let alone = Made::new(&["aaa.mp4", "bbb.mp4"]).with("metadata.json", TRAIN);
    assert_eq!(alone.list(Layout::DfdcTrain).clips.len(), 2);
}

#[test]
fn the_test_set_is_read_in_both_forms() {
    let table = Made::new(&["aaa.mp4", "bbb.mp4"]).with(
        "labels.csv",
        "filename,label\naaa.mp4,1\nbbb.mp4,0\nccc.mp4,0\n",
    );
    let json = Made::new(&["videos/aaa.mp4", "videos/bbb.mp4"]).with(
        "metadata.json",
        r#"{"aaa.mp4": {"is_fake": 1, "augmentations": {}}, "bbb.mp4": {"is_fake": 0},
            "ccc.mp4": {"is_fake": 0}}"#,
    );
    for (made, folder) in [(table, ""), (json, "videos/")] {
        let listing = made.list(Layout::DfdcTest);
        assert_eq!(
            at(&listing, &format!("{folder}aaa.mp4")).label,
            Label::Forged
        );
        assert_eq!(at(&listing, &format!("{folder}bbb.mp4")).label, Label::Real);
        assert!(
            listing
                .clips
                .iter()
                .all(|clip| clip.split == Some(Split::Test))
        );
        assert_eq!(missing(&listing), [format!("{folder}ccc.mp4")]);
    }
}

#[test]
fn the_preview_is_read() {
    let made = Made::new(&[
        "method_A/100/100_A/x.mp4",
        "method_B/100/100_B/x.mp4",
        "original_videos/100/y.mp4",
    ])
    .with(
        "dataset.json",
        r#"{"method_A/100/100_A/x.mp4": {"label": "fake", "set": "train"},
            "method_B/100/100_B/x.mp4": {"label": "fake", "set": "test", "swapped_id": 4},
            "original_videos/100/y.mp4": {"label": "real", "set": "train"},
            "original_videos/200/z.mp4": {"label": "real", "set": "test"}}"#,
    );
    let listing = made.list(Layout::DfdcPreview);
    assert_eq!(missing(&listing), ["original_videos/200/z.mp4"]);
    let a = at(&listing, "method_A/100/100_A/x.mp4");
    let b = at(&listing, "method_B/100/100_B/x.mp4");
    assert_ne!(a.key(), b.key());
    assert_eq!((a.label, &*a.method), (Label::Forged, "method_A"));
    assert_eq!(b.split, Some(Split::Test));
    let real = at(&listing, "original_videos/100/y.mp4");
    assert_eq!((real.label, &real.identity), (Label::Real, &a.identity));
}

#[test]
fn hostile_lists_are_errors() {
    let train = |text| {
        Made::new(&["dfdc_train_part_0/a.mp4"]).with("dfdc_train_part_0/metadata.json", text)
    };
    for text in [
        r#"{"../a.mp4": {"label": "REAL", "split": "train"}}"#,
        r#"{"/etc/a.mp4": {"label": "REAL", "split": "train"}}"#,
        r#"{"a.mp4": {"label": "FAKE", "split": "train", "original": "..\\b.mp4"}}"#,
        r#"{"a.mp4": {"label": "1", "split": "train"}}"#,
        "[]",
    ] {
        let error = train(text).error(Layout::DfdcTrain);
        assert!(error.contains("metadata.json"), "{error}");
    }
    for text in [
        "filename,label\na.mp4,2\n",
        "filename,label\n../a.mp4,1\n",
        "a,b\n1,2\n",
    ] {
        let made = Made::new(&["a.mp4"]).with("labels.csv", text);
        assert!(made.error(Layout::DfdcTest).contains("labels.csv"));
    }
    let preview = r#"{"original_videos/1/a.mp4": {"label": "fake", "set": "train"}}"#;
    let made = Made::new(&["original_videos/1/a.mp4"]).with("dataset.json", preview);
    assert!(made.error(Layout::DfdcPreview).contains("contradicts"));
}
