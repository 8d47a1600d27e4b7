//! WildDeepfake, DeepfakeBench's lists, manifests, plain folders, and folders of nothing known.

use crate::common;

use std::io::Write;

use common::{Made, at, missing};
use datasets::{DatasetError, Kind, Layout, deepfake_bench, read, wild_deepfake};
use face_preproc::manifest::{Label, Split};
use flate2::{Compression, write::GzEncoder};

/// A gzipped tar of empty files.
fn archive(paths: &[&str]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for path in paths {
        let mut header = tar::Header::new_ustar();
        header.set_size(0);
        // As a hostile archive has it: `set_path` would refuse `..`.
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_cksum();
        tar.append(&header, &[][..]).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

#[test]
fn wild_deepfake_is_read_packed_and_unpacked() {
    let made = Made::new(&[
        "fake_test/3/seq/10.png",
        "fake_test/3/seq/9.png",
        "fake_test/3/other/1.png",
    ]);
    made.add(
        "real_train/1.tar.gz",
        archive(&["1/a/2.png", "1/a/10.png", "1/b/0.png", "1/note"]),
    );
    made.add("fake_test/3.tar.gz", "not read: the folder of this name is");
    made.add("real_test/5.tar.gz", archive(&["5/x/0.png"]));
    let listing = made.list(Layout::WildDeepfake);
    assert_eq!(missing(&listing), ["fake_train"]);
    assert_eq!(listing.clips.len(), 5);
    let unpacked = at(&listing, "fake_test/3/seq");
    assert_eq!(
        (unpacked.label, unpacked.split),
        (Label::Forged, Some(Split::Test))
    );
    let frames = ["fake_test/3/seq/9.png", "fake_test/3/seq/10.png"];
    assert_eq!(
        unpacked.kind,
        Kind::Frames(frames.map(str::to_owned).to_vec())
    );
    let packed: Vec<_> = listing
        .clips
        .iter()
        .filter(|clip| clip.path == "real_train/1.tar.gz")
        .collect();
    assert_eq!(packed.len(), 2);
    assert_eq!(
        (packed[0].label, packed[0].split),
        (Label::Real, Some(Split::Train))
    );
    assert_ne!(packed[0].key(), packed[1].key());
    assert_eq!(
        packed[0].kind,
        Kind::Archived {
            folder: "1/a".into(),
            frames: vec!["1/a/2.png".into(), "1/a/10.png".into()],
        }
    );
}

#[test]
fn hostile_archives_are_errors() {
    assert!(wild_deepfake::sequences(&archive(&["../a/1.png"])[..]).is_err());
    assert!(wild_deepfake::sequences(&archive(&["/a/1.png"])[..]).is_err());
    assert!(wild_deepfake::sequences(&b"no archive"[..]).is_err());
    let whole = archive(&["1/a/2.png", "1/a/3.png"]);
    assert!(wild_deepfake::sequences(&whole[..whole.len() / 2]).is_err());
    // A file that claims to be larger than any disk.
    let mut header = tar::Header::new_ustar();
    header.set_path("1/a/2.png").unwrap();
    header.set_size(u64::MAX / 4);
    header.set_cksum();
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(header.as_bytes()).unwrap();
    gz.write_all(&[0; 1024]).unwrap();
    assert!(wild_deepfake::sequences(&gz.finish().unwrap()[..]).is_err());
}

const BENCH: &str = r#"{"FaceForensics++": {
    "FF-real": {"train": {"c23": {"000": {"label": "FF-real",
        "frames": ["FF\\real\\c23\\frames\\000\\000.png", "FF/real/c23/frames/000/010.png"],
        "masks": []}}}},
    "FF-DF": {"test": {"c23": {"000_003": {"label": "FF-DF",
        "frames": ["FF/DF/c23/frames/000_003/000.png"],
        "masks": ["FF/DF/c23/masks/000_003/000.png"]}}}}},
  "Celeb-DF-v2": {"CelebDFv2_fake": {"test": {"id0_id1_0000": {"label": "CelebDFv2_fake",
        "frames": ["Celeb/frames/id0_id1_0000/0.png"]}}}}}"#;

#[test]
fn lists_of_frames_are_read_and_written() {
    let frames = [
        "FF/real/c23/frames/000/000.png",
        "FF/DF/c23/frames/000_003/000.png",
        "Celeb/frames/id0_id1_0000/0.png",
    ];
    let made = Made::new(&frames).with("FaceForensics++.json", BENCH);
    let listing = made.list(Layout::DeepfakeBench);
    assert_eq!(missing(&listing), ["FF/real/c23/frames/000/010.png"]);
    let real = at(&listing, "FF/real/c23/frames/000");
    assert_eq!((real.label, real.split), (Label::Real, Some(Split::Train)));
    assert_eq!(real.kind, Kind::Frames(vec![frames[0].into()]));
    let fake = at(&listing, "FF/DF/c23/frames/000_003");
    assert_eq!((fake.label, &*fake.method), (Label::Forged, "FF-DF"));
    assert_eq!(fake.compression.as_deref(), Some("c23"));
    assert_eq!(fake.mask.as_deref(), Some("FF/DF/c23/masks/000_003"));
    let celeb = at(&listing, "Celeb/frames/id0_id1_0000");
    assert_eq!((celeb.label, &celeb.compression), (Label::Forged, &None));
    assert_eq!(
        deepfake_bench::landmarks_path(frames[1]).as_deref(),
        Some("FF/DF/c23/landmarks/000_003/000.npy")
    );
    assert_eq!(deepfake_bench::landmarks_path("a/b.png"), None);

    // The collection's own lists are in no order.
    let turned = BENCH
        .replace("000\\\\000.png", "000\\\\010.png")
        .replace("000/010.png", "000/000.png");
    let of = |text: &str| deepfake_bench::parse(text).unwrap();
    let real = |clips: Vec<datasets::Clip>| clips.into_iter().find(|c| !c.label.is_forged());
    assert!(turned != BENCH);
    assert_eq!(
        real(of(&turned)).unwrap().kind,
        real(of(BENCH)).unwrap().kind.clone()
    );

    let clips = deepfake_bench::parse(BENCH).unwrap();
    assert_eq!(clips.len(), 3);
    let text = deepfake_bench::write(&clips, deepfake_bench::label);
    assert!(text.contains("FaceForensics++_real"));
    assert_eq!(sorted(deepfake_bench::parse(&text).unwrap()), sorted(clips));
}

fn sorted(mut clips: Vec<datasets::Clip>) -> Vec<datasets::Clip> {
    clips.sort_by(|a, b| a.path.cmp(&b.path));
    clips
}

#[test]
fn hostile_lists_of_frames_are_errors() {
    for (from, to) in [
        ("FF/DF/c23/frames", "/FF/DF/c23/frames"),
        ("FF/DF/c23/frames", "FF/../../frames"),
        (r"FF\\real", r"..\\real"),
        ("FF/DF/c23/masks", "C:/masks"),
        ("\"test\"", "\"exam\""),
        ("\"label\": \"FF-DF\"", "\"label\": \"FF-real\""),
        ("[\"FF/DF/c23/frames/000_003/000.png\"]", "[]"),
    ] {
        assert!(BENCH.contains(from), "{from}");
        assert!(
            deepfake_bench::parse(&BENCH.replace(from, to)).is_err(),
            "{to}"
        );
    }
}

#[test]
fn manifests_and_plain_folders_are_read() {
    let made = Made::new(&["a.png", "m.png", "real/b.mp4"]).with(
        "faces.json",
        r#"[{"file": "a.png", "label": 1, "method": "swap", "video": "v", "mask": "m.png",
             "split": "val", "source_identity": "p"}, {"file": "gone.png"}]"#,
    );
    let listing = made.list(Layout::Manifest);
    assert_eq!(missing(&listing), ["gone.png"]);
    let clip = at(&listing, "a.png");
    assert_eq!(
        (&clip.kind, &*clip.method, &*clip.video),
        (&Kind::Picture, "swap", "v")
    );
    assert_eq!(clip.source_identity.as_deref(), Some("p"));
    assert_eq!(clip.mask.as_deref(), Some("m.png"));

    let made = Made::new(&[
        "real/x/b.mp4",
        "real/c.JPG",
        "fake/swap/b.mov",
        "fake/d.png",
        "fake/e.txt",
    ]);
    let listing = made.list(Layout::Folder);
    assert_eq!(listing.clips.len(), 4);
    assert_eq!(at(&listing, "fake/swap/b.mov").method, "swap");
    assert_eq!(at(&listing, "fake/d.png").method, "unknown");
    assert_eq!(at(&listing, "real/c.JPG").kind, Kind::Picture);
    assert_eq!(at(&listing, "real/x/b.mp4").label, Label::Real);
    let half = Made::new(&["fake/a.mp4"]);
    assert_eq!(missing(&half.list(Layout::Folder)), ["real"]);
}

#[test]
fn a_folder_of_nothing_known_is_an_error() {
    let made = Made::new(&["a.txt"]);
    let error = Layout::detect(made.path()).unwrap_err();
    assert!(matches!(error, DatasetError::Unknown { .. }), "{error}");
    assert!(error.to_string().contains("no known data set"));
    let error = Layout::detect(made.path().join("nowhere")).unwrap_err();
    assert!(matches!(error, DatasetError::Io { .. }), "{error}");
    for layout in Layout::ALL {
        assert_eq!(layout.as_str().parse(), Ok(layout));
    }
    assert!("celeb".parse::<Layout>().is_err());
    // Every layout but the manifest lists an empty folder as lacking something, or as empty.
    for layout in Layout::ALL {
        if layout != Layout::Manifest {
            assert!(read(made.path(), layout).unwrap().clips.is_empty());
        }
    }
}
