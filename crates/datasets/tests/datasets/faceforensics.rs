//! FaceForensics++ and what lies beside it: DFD and DeeperForensics.

use crate::common;

use std::collections::BTreeSet;

use common::{Made, at, missing};
use datasets::{Layout, Selection, count, read};
use face_preproc::manifest::{Label, Split};

const METHODS: [&str; 5] = [
    "Deepfakes",
    "Face2Face",
    "FaceSwap",
    "NeuralTextures",
    "FaceShifter",
];

/// Three pairs, one for each part, of all methods in two compressions.
fn faceforensics() -> Made {
    let made = Made::new(&[])
        .with("splits/train.json", r#"[["000", "003"]]"#)
        .with("splits/val.json", r#"[["010", "011"]]"#)
        .with("splits/test.json", r#"[["020", "021"]]"#);
    for compression in ["raw", "c23"] {
        for (a, b) in [("000", "003"), ("010", "011"), ("020", "021")] {
            for name in [a, b] {
                let folder = format!("original_sequences/youtube/{compression}/videos");
                made.add(&format!("{folder}/{name}.mp4"), "");
            }
            for method in METHODS {
                let folder = format!("manipulated_sequences/{method}");
                for name in [format!("{a}_{b}"), format!("{b}_{a}")] {
                    made.add(&format!("{folder}/{compression}/videos/{name}.mp4"), "");
                    if method != "FaceShifter" {
                        made.add(&format!("{folder}/masks/videos/{name}.mp4"), "");
                    }
                }
            }
        }
    }
    made
}

#[test]
fn faceforensics_is_read_whole() {
    let listing = faceforensics().list(Layout::Faceforensics);
    assert_eq!(missing(&listing), [""; 0]);
    assert!(listing.unlisted.is_empty());
    assert_eq!(listing.clips.len(), 2 * 6 * 6);

    let fake = at(
        &listing,
        "manipulated_sequences/Face2Face/c23/videos/003_000.mp4",
    );
    assert_eq!(fake.label, Label::Forged);
    assert_eq!((&*fake.method, &*fake.video), ("Face2Face", "003_000"));
    assert_eq!(fake.compression.as_deref(), Some("c23"));
    // The name is target, then source.
    assert_eq!(fake.identity.as_deref(), Some("003"));
    assert_eq!(fake.source_identity.as_deref(), Some("000"));
    assert_eq!(fake.split, Some(Split::Train));
    assert_eq!(
        fake.mask.as_deref(),
        Some("manipulated_sequences/Face2Face/masks/videos/003_000.mp4")
    );
    assert_eq!(
        fake.original.as_deref(),
        Some("original_sequences/youtube/c23/videos/003.mp4")
    );
    let real = at(&listing, "original_sequences/youtube/raw/videos/021.mp4");
    assert_eq!((real.label, &*real.method), (Label::Real, "real"));
    assert_eq!(real.split, Some(Split::Test));
    let shifted = at(
        &listing,
        "manipulated_sequences/FaceShifter/raw/videos/010_011.mp4",
    );
    assert_eq!((shifted.split, &shifted.mask), (Some(Split::Val), &None));

    // Two real and two forged clips of each method in each part and compression.
    let counts = count(&listing.clips);
    assert_eq!(counts.len(), 2 * 6 * 3);
    assert!(counts.iter().all(|count| count.clips == 2));
}

/// A published mistake: scores grouped by a folder's name alone, so that `000_003` of several
/// methods became one video.
#[test]
fn a_name_shared_by_methods_and_compressions_is_not_one_clip() {
    let listing = faceforensics().list(Layout::Faceforensics);
    let same = || listing.clips.iter().filter(|clip| clip.video == "000_003");
    assert_eq!(same().count(), 10);
    assert_eq!(
        same().map(|clip| clip.key()).collect::<BTreeSet<_>>().len(),
        10
    );
    let rows: BTreeSet<_> = same()
        .map(datasets::Clip::to_row)
        .map(|row| (row.dataset, row.method, row.video))
        .collect();
    assert_eq!(rows.len(), 10);
    let row = same().next().unwrap().to_row();
    assert_eq!((&*row.video, &*row.identity), ("c23/000_003", "000"));
    assert_eq!(row.extra["source_identity"], "003");
}

#[test]
fn splits_may_lie_at_the_root_and_raw_be_called_c0() {
    let made = Made::new(&[
        "original_sequences/youtube/c0/videos/000.mp4",
        "original_sequences/youtube/c0/videos/003.mp4",
    ])
    .with("train.json", r#"[["000", "003"]]"#)
    .with("val.json", "[]")
    .with("test.json", "[]");
    let listing = made.list(Layout::Faceforensics);
    assert_eq!(missing(&listing), [""; 0]);
    assert_eq!(listing.clips.len(), 2);
    assert_eq!(listing.clips[0].compression.as_deref(), Some("raw"));
    assert_eq!(listing.clips[0].split, Some(Split::Train));
}

#[test]
fn what_is_missing_is_listed_and_not_dropped() {
    let made = faceforensics()
        .without("original_sequences/youtube/c23/videos/003.mp4")
        .without("manipulated_sequences/Deepfakes/raw/videos/000_003.mp4")
        .without("manipulated_sequences/FaceSwap/masks/videos/020_021.mp4")
        .without("splits/val.json");
    let listing = made.list(Layout::Faceforensics);
    assert_eq!(
        missing(&listing),
        [
            "manipulated_sequences/Deepfakes/raw/videos/000_003.mp4",
            "manipulated_sequences/FaceSwap/masks/videos/020_021.mp4",
            "original_sequences/youtube/c23/videos/003.mp4",
            "splits/val.json",
        ]
    );
    let swapped = at(
        &listing,
        "manipulated_sequences/FaceSwap/raw/videos/020_021.mp4",
    );
    assert_eq!(swapped.mask, None);
    let orphan = at(
        &listing,
        "manipulated_sequences/FaceSwap/c23/videos/003_000.mp4",
    );
    assert_eq!(orphan.original, None);
    let val = at(&listing, "original_sequences/youtube/raw/videos/010.mp4");
    assert_eq!(val.split, None, "nobody guesses a part");
    // Methods and compressions that are not there at all are not missing.
    let alone = Made::new(&["original_sequences/youtube/c40/videos/000.mp4"])
        .with("train.json", r#"[["000", "003"]]"#)
        .with("val.json", "[]")
        .with("test.json", "[]");
    let listing = alone.list(Layout::Faceforensics);
    assert_eq!(
        missing(&listing),
        ["original_sequences/youtube/c40/videos/003.mp4"]
    );
}

#[test]
fn bad_splits_are_errors() {
    for (text, said) in [
        (r#"[["000", "../../etc/passwd"]]"#, "number of a clip"),
        (r#"[["000"]]"#, "invalid length 1"),
        (r#"[["010", "003"]]"#, "two parts"),
        ("[", "EOF"),
    ] {
        let made = faceforensics().with("splits/train.json", text);
        let error = made.error(Layout::Faceforensics);
        assert!(error.contains(".json") && error.contains(said), "{error}");
    }
}

#[test]
fn dfd_lies_beside_faceforensics() {
    let real = "original_sequences/actors/c23/videos/03__talking_outside.mp4";
    let fakes = "manipulated_sequences/DeepFakeDetection/c23/videos";
    let made = faceforensics();
    made.add(real, "");
    for name in [
        "03_07__talking_outside__AB12CD34",
        "07_03__talking_outside__ZZ12CD34",
        "notes",
    ] {
        made.add(&format!("{fakes}/{name}.mp4"), "");
    }
    let both = Layout::detect(made.path()).unwrap();
    assert_eq!(both, [Layout::Faceforensics, Layout::Dfd]);
    let listing = read(made.path(), Layout::Dfd).unwrap();
    assert_eq!(listing.clips.len(), 3);
    let fake = at(
        &listing,
        &format!("{fakes}/03_07__talking_outside__AB12CD34.mp4"),
    );
    assert_eq!(fake.label, Label::Forged);
    assert_eq!(fake.identity.as_deref(), Some("DFD/03"));
    assert_eq!(fake.source_identity.as_deref(), Some("DFD/07"));
    assert_eq!(fake.original.as_deref(), Some(real));
    assert_eq!(fake.split, None);
    assert_eq!(
        missing(&listing),
        ["original_sequences/actors/c23/videos/07__talking_outside.mp4"]
    );
    assert_eq!(listing.unlisted, [format!("{fakes}/notes.mp4")]);
    let others = read(made.path(), Layout::Faceforensics).unwrap();
    assert_eq!(others.clips.len(), 72);
}

#[test]
fn deeper_forensics_has_faceforensics_for_its_real_class() {
    let made = Made::new(&[
        "manipulated_videos/end_to_end/000_M101.mp4",
        "manipulated_videos/end_to_end/001_W010.mp4",
        "manipulated_videos/end_to_end_level_5/000_M101.mp4",
        "source_videos/M101/neutral.mp4",
        "original_sequences/youtube/c23/videos/000.mp4",
        "original_sequences/youtube/c23/videos/555.mp4",
    ])
    .with("lists/splits/train.txt", "000_M101.mp4\n")
    .with("lists/splits/val.txt", "")
    .with("lists/splits/test.txt", "001_W010.mp4\n");
    let listing = made.list(Layout::DeeperForensics);
    assert_eq!(
        missing(&listing),
        [
            "manipulated_videos/end_to_end_level_5/001_W010.mp4",
            "original_sequences/youtube/c23/videos/001.mp4",
        ]
    );
    assert_eq!(listing.clips.len(), 4);
    let reals: Vec<_> = listing
        .clips
        .iter()
        .filter(|c| !c.label.is_forged())
        .collect();
    assert_eq!(
        reals.len(),
        1,
        "actors of source_videos are not the real class"
    );
    assert_eq!(
        reals[0].path,
        "original_sequences/youtube/c23/videos/000.mp4"
    );
    assert_eq!(reals[0].split, Some(Split::Train));
    assert_eq!(reals[0].dataset, "DeeperForensics-1.0");
    let fake = at(
        &listing,
        "manipulated_videos/end_to_end_level_5/000_M101.mp4",
    );
    assert_eq!(fake.method, "end_to_end_level_5");
    assert_eq!(fake.identity.as_deref(), Some("000"));
    assert_eq!(fake.original.as_deref(), Some(&*reals[0].path));
    let error = made.with("lists/splits/val.txt", "../000_M101.mp4\n");
    assert!(error.error(Layout::DeeperForensics).contains("without .."));
}

#[test]
fn clips_are_chosen_by_compression_method_and_part() {
    let made = faceforensics()
        .without("manipulated_sequences/FaceSwap/c23/videos/000_003.mp4")
        .without("manipulated_sequences/Deepfakes/raw/videos/000_003.mp4");
    let listing = || made.list(Layout::Faceforensics);
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(Selection::default().choose(listing()), Ok(listing()));

    let chosen = Selection {
        compressions: names(&["c23"]),
        methods: names(&["FaceSwap", "FaceShifter"]),
        splits: names(&["train", "test"]),
    };
    let chosen = chosen.choose(listing()).unwrap();
    // Four real clips, four of one method, three of the other.
    assert_eq!(chosen.clips.len(), 11);
    assert!(chosen.clips.iter().all(|clip| {
        clip.compression.as_deref() == Some("c23") && clip.split != Some(Split::Val)
    }));
    let forged = chosen.clips.iter().filter(|clip| clip.label.is_forged());
    let methods: BTreeSet<&str> = forged.map(|clip| clip.method.as_str()).collect();
    assert_eq!(methods, ["FaceShifter", "FaceSwap"].into());
    // What the raw videos and the other methods lack concerns nobody.
    assert_eq!(
        missing(&chosen),
        ["manipulated_sequences/FaceSwap/c23/videos/000_003.mp4"]
    );

    let real = Selection {
        methods: names(&["real"]),
        ..Selection::default()
    };
    let real = real.choose(listing()).unwrap();
    assert_eq!((real.clips.len(), missing(&real).len()), (12, 0));

    for (compression, method, split, known) in [
        ("c40", "real", "val", "c23, raw"),
        ("raw", "Faceswap", "val", "FaceSwap"),
        ("raw", "FaceSwap", "exam", "test, train, val"),
    ] {
        let selection = Selection {
            compressions: names(&[compression]),
            methods: names(&[method]),
            splits: names(&[split]),
        };
        let said = selection.choose(listing()).unwrap_err().to_string();
        assert!(said.contains(known), "{said}");
    }
}
