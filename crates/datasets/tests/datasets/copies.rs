//! Copies of data sets as people have them: other endings, other folders, links.

use crate::common;

use common::{Made, at, missing};
use datasets::{Classes, Kind, Layout, read, read_classes};
use face_preproc::manifest::{Label, Split};

#[test]
fn videos_of_other_endings_are_the_ones_that_are_named() {
    let made = Made::new(&[
        "original_sequences/youtube/c23/videos/000.MP4",
        "original_sequences/youtube/c23/videos/003.mov",
        "original_sequences/youtube/c23/videos/003.mkv",
        "manipulated_sequences/Deepfakes/c23/videos/000_003.Mp4",
        "manipulated_sequences/Deepfakes/c23/videos/003_000.avi",
        "manipulated_sequences/Deepfakes/masks/videos/000_003.MP4",
        "manipulated_sequences/Deepfakes/masks/videos/003_000.mp4",
    ])
    .with("train.json", r#"[["000", "003"]]"#)
    .with("val.json", "[]")
    .with("test.json", "[]");
    let listing = made.list(Layout::Faceforensics);
    assert_eq!(missing(&listing), [""; 0]);
    // Every path that is listed is there.
    for clip in &listing.clips {
        for path in [Some(&clip.path), clip.mask.as_ref(), clip.original.as_ref()] {
            let there = path.is_none_or(|path| made.path().join(path).is_file());
            assert!(there, "{path:?}");
        }
    }
    assert_eq!(listing.clips.len(), 4);
    let fake = at(
        &listing,
        "manipulated_sequences/Deepfakes/c23/videos/000_003.Mp4",
    );
    let original = "original_sequences/youtube/c23/videos/000.MP4";
    assert_eq!(fake.original.as_deref(), Some(original));
    assert!(fake.mask.as_deref().unwrap().ends_with("000_003.MP4"));
    // Of two files of one name, one is the clip.
    let other = "original_sequences/youtube/c23/videos/003.mov";
    assert_eq!(listing.unlisted, [other]);

    let made = Made::new(&[
        "Celeb-real/id0_0001.MOV",
        "Celeb-synthesis/id0_id1_0001.MP4",
    ])
    .with("List_of_testing_videos.txt", "1 Celeb-real/id0_0001.mp4\n");
    let listing = made.list(Layout::CelebDfV2);
    assert_eq!(missing(&listing), [""; 0]);
    assert_eq!(
        at(&listing, "Celeb-real/id0_0001.MOV").split,
        Some(Split::Test)
    );
    let fake = at(&listing, "Celeb-synthesis/id0_id1_0001.MP4");
    assert_eq!(fake.original.as_deref(), Some("Celeb-real/id0_0001.MOV"));
}

#[test]
fn a_byte_order_mark_before_a_list_is_no_part_of_it() {
    let made = Made::new(&["Celeb-real/id0_0001.mp4"]).with(
        "List_of_testing_videos.txt",
        "\u{feff}1 Celeb-real/id0_0001.mp4\n",
    );
    let listing = made.list(Layout::CelebDfV2);
    assert_eq!(listing.clips[0].split, Some(Split::Test));
    let list = "\u{feff}1 Celeb-real/id0_0001.mp4\n";
    assert_eq!(datasets::celeb_df::parse_list(list).unwrap().len(), 1);

    let made = Made::new(&["a.mp4", "b.mp4"])
        .with("labels.csv", "\u{feff}filename,label\na.mp4,1\nb.mp4,0\n");
    assert_eq!(made.list(Layout::DfdcTest).clips.len(), 2);
    let made = Made::new(&["a.mp4", "b.mp4"]).with(
        "metadata.json",
        "\u{feff}{\"a.mp4\": {\"label\": \"REAL\"}, \"b.mp4\": {\"label\": \"REAL\"}}",
    );
    assert_eq!(made.list(Layout::DfdcTrain).clips.len(), 2);
}

#[test]
fn a_flat_copy_of_faceforensics_is_read() {
    let outer = tempfile::tempdir().unwrap();
    let root = outer.path().join("FaceForensics++_C23");
    for file in [
        "original/000.mp4",
        "original/003.mp4",
        "Deepfakes/000_003.mp4",
        "FaceShifter/003_000.mp4",
        "DeepFakeDetection/01_02__exit_phone_room__YVGY8LOK.mp4",
        "csv/FF++_Metadata.csv",
    ] {
        let path = root.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    for (split, pairs) in [
        ("train", r#"[["000", "003"]]"#),
        ("val", "[]"),
        ("test", "[]"),
    ] {
        std::fs::write(root.join(format!("{split}.json")), pairs).unwrap();
    }
    let found = Layout::detect(&root).unwrap();
    assert_eq!(found, [Layout::Faceforensics, Layout::Dfd]);
    let listing = read(&root, Layout::Faceforensics).unwrap();
    let fake = at(&listing, "Deepfakes/000_003.mp4");
    assert_eq!(
        (&*fake.dataset, &*fake.method),
        ("FaceForensics++", "Deepfakes")
    );
    assert_eq!(fake.compression.as_deref(), Some("c23"));
    assert_eq!(fake.original.as_deref(), Some("original/000.mp4"));
    assert_eq!(fake.split, Some(Split::Train));
    assert_eq!(listing.clips.len(), 4);
    let dfd = read(&root, Layout::Dfd).unwrap();
    assert_eq!((dfd.clips.len(), missing(&dfd).len()), (1, 0));
    assert_eq!(dfd.clips[0].identity.as_deref(), Some("DFD/01"));

    // Whoever names the folder around it is told where it is.
    let error = Layout::detect(outer.path()).unwrap_err().to_string();
    assert!(
        error.contains("FaceForensics++_C23 is one: faceforensics"),
        "{error}"
    );
}

#[test]
fn the_sample_of_dfdc_is_a_part_like_the_others() {
    let list = r#"{"a.mp4": {"label": "FAKE", "split": "train", "original": "b.mp4"},
        "b.mp4": {"label": "REAL", "split": "train", "original": null}}"#;
    let made = Made::new(&[
        "train_sample_videos/a.mp4",
        "train_sample_videos/b.mp4",
        "test_videos/c.mp4",
        "sample_submission.csv",
    ])
    .with("train_sample_videos/metadata.json", list);
    let listing = made.list(Layout::DfdcTrain);
    assert_eq!(listing.clips.len(), 2);
    let fake = at(&listing, "train_sample_videos/a.mp4");
    assert_eq!(fake.original.as_deref(), Some("train_sample_videos/b.mp4"));
    // An archive that was unpacked into a folder of its name.
    let made = Made::new(&["dfdc_train_part_00/dfdc_train_part_0/a.mp4"])
        .with("dfdc_train_part_00/dfdc_train_part_0/metadata.json", list);
    let listing = made.list(Layout::DfdcTrain);
    assert_eq!(listing.clips.len(), 1);
    assert_eq!(
        missing(&listing),
        ["dfdc_train_part_00/dfdc_train_part_0/b.mp4"]
    );
}

#[test]
fn classes_are_known_by_the_words_of_their_folders() {
    for (real, fake) in [
        ("Real", "Fake"),
        ("0_real", "1_fake"),
        ("real_videos", "fake_videos"),
        ("original", "manipulated"),
    ] {
        let (real, fake) = (format!("{real}/a.mp4"), format!("{fake}/swap/b.png"));
        let made = Made::new(&[&*real, &*fake, "notes/c.mp4"]);
        let listing = made.list(Layout::Folder);
        assert_eq!(missing(&listing), [""; 0]);
        assert_eq!(listing.clips.len(), 2, "{real}");
        assert_eq!(at(&listing, &real).label, Label::Real);
        let clip = at(&listing, &fake);
        assert_eq!((&*clip.method, &clip.kind), ("swap", &Kind::Picture));
        assert_eq!(clip.split, None);
    }
    let made = Made::new(&[
        "train/real/a.mp4",
        "train/fake/b.mp4",
        "Validation/REAL/c.mp4",
        "test/1_fake/gan/d.mp4",
    ]);
    let listing = made.list(Layout::Folder);
    for (path, label, split) in [
        ("train/real/a.mp4", Label::Real, Split::Train),
        ("train/fake/b.mp4", Label::Forged, Split::Train),
        ("Validation/REAL/c.mp4", Label::Real, Split::Val),
        ("test/1_fake/gan/d.mp4", Label::Forged, Split::Test),
    ] {
        let clip = at(&listing, path);
        assert_eq!((clip.label, clip.split), (label, Some(split)), "{path}");
    }
    assert_eq!(at(&listing, "test/1_fake/gan/d.mp4").method, "gan");
    let made = Made::new(&["real/test/a.mp4", "fake/train/gan/b.mp4"]);
    let listing = made.list(Layout::Folder);
    assert_eq!(at(&listing, "real/test/a.mp4").split, Some(Split::Test));
    let fake = at(&listing, "fake/train/gan/b.mp4");
    assert_eq!((fake.split, &*fake.method), (Some(Split::Train), "gan"));
}

#[test]
fn other_folders_are_named_by_whoever_knows_them() {
    let made = Made::new(&["actors/a.mp4", "gan/x/b.mp4", "swaps/c.mp4"]);
    let error = Layout::detect(made.path()).unwrap_err().to_string();
    assert!(error.contains("actors, gan, swaps"), "{error}");
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    let classes = Classes {
        real: names(&["actors"]),
        fake: names(&["gan", "swaps"]),
    };
    let listing = read_classes(made.path(), &classes).unwrap();
    assert_eq!((listing.clips.len(), missing(&listing).len()), (3, 0));
    assert_eq!(at(&listing, "actors/a.mp4").label, Label::Real);
    assert_eq!(at(&listing, "swaps/c.mp4").label, Label::Forged);
    let classes = Classes {
        fake: names(&["../elsewhere"]),
        ..classes
    };
    assert!(read_classes(made.path(), &classes).is_err());
}

#[cfg(unix)]
#[test]
fn links_that_lead_back_or_into_the_other_class_are_not_followed() {
    use std::os::unix::fs::symlink;
    let elsewhere = Made::new(&["x/c.mp4"]);
    let made = Made::new(&["real/a.mp4", "fake/b.mp4"]);
    let real = made.path().join("real");
    symlink("..", real.join("loop")).unwrap();
    symlink("../fake", real.join("others")).unwrap();
    symlink("../fake/b.mp4", real.join("b.mp4")).unwrap();
    symlink(elsewhere.path(), real.join("more")).unwrap();
    symlink(elsewhere.path(), elsewhere.path().join("x/again")).unwrap();
    let listing = made.list(Layout::Folder);
    let paths: Vec<_> = listing
        .clips
        .iter()
        .map(|clip| clip.path.as_str())
        .collect();
    assert_eq!(paths, ["fake/b.mp4", "real/a.mp4", "real/more/x/c.mp4"]);
    assert_eq!(
        listing.circles,
        [
            "real/b.mp4",
            "real/loop",
            "real/more/x/again",
            "real/others"
        ]
    );

    let made = Made::new(&["real_train/1/a/0.png", "fake_train/2/b/0.png"]);
    symlink("../../fake_train", made.path().join("real_train/1/loop")).unwrap();
    let listing = made.list(Layout::WildDeepfake);
    assert_eq!(listing.clips.len(), 2);
    assert_eq!(listing.circles, ["real_train/1/loop"]);
}

#[test]
fn sequences_of_one_archive_of_wild_deepfake_show_the_same_people() {
    let made = Made::new(&[
        "real_train/1/a/0.png",
        "real_train/1/b/0.png",
        "real_train/2/a/0.png",
    ]);
    let listing = made.list(Layout::WildDeepfake);
    let people: Vec<_> = listing
        .clips
        .iter()
        .map(|clip| clip.identity.clone())
        .collect();
    assert!(people[0].is_some() && people[0] == people[1] && people[1] != people[2]);
}

#[test]
fn the_preview_of_dfdc_tells_originals_by_its_names() {
    let fake = "method_A/1003254/1003254_A/1255229_1003254_A_001.mp4";
    let orphan = "method_B/1003254/1003254_B/1255229_1003254_B_007.mp4";
    let real = "original_videos/1003254/1003254_A_001.mp4";
    let made = Made::new(&[fake, orphan, real]).with(
        "dataset.json",
        &format!(
            r#"{{"{fake}": {{"label": "fake", "set": "train"}},
            "{orphan}": {{"label": "fake", "set": "train"}},
            "{real}": {{"label": "real", "set": "train"}}}}"#
        ),
    );
    let listing = made.list(Layout::DfdcPreview);
    assert_eq!(missing(&listing), [""; 0]);
    let clip = at(&listing, fake);
    assert_eq!(clip.original.as_deref(), Some(real));
    assert_eq!(clip.identity, at(&listing, real).identity);
    assert_eq!(
        clip.source_identity.as_deref(),
        Some("DFDC-preview/1255229")
    );
    // In the terms in which its own row says what video it is.
    assert_eq!(
        clip.to_row().extra["original"],
        at(&listing, real).to_row().video
    );
    assert_eq!(
        at(&listing, orphan).original,
        None,
        "its list has no such clip"
    );
}

#[test]
fn a_pair_is_found_in_another_compression() {
    let made = Made::new(&[
        "original_sequences/youtube/c40/videos/000.mp4",
        "manipulated_sequences/Deepfakes/c40/videos/000_003.mp4",
        "manipulated_sequences/Deepfakes/c40/videos/003_000.mp4",
    ]);
    let listing = read(made.path(), Layout::Faceforensics).unwrap();
    let fake = at(
        &listing,
        "manipulated_sequences/Deepfakes/c40/videos/000_003.mp4",
    );
    assert_eq!(
        fake.pair_in("raw").unwrap(),
        [
            "manipulated_sequences/Deepfakes/raw/videos/000_003.mp4",
            "original_sequences/youtube/raw/videos/000.mp4",
        ]
    );
    let orphan = at(
        &listing,
        "manipulated_sequences/Deepfakes/c40/videos/003_000.mp4",
    );
    assert_eq!(orphan.pair_in("raw"), None);
}
