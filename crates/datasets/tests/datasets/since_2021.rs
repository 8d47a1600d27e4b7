//! Celeb-DF++, FFIW10K and DF40, as their repositories' READMEs show them.

use crate::common;

use common::{Made, at, missing};
use datasets::Layout;
use face_preproc::manifest::{Label, Split};

#[test]
fn celeb_df_pp_has_its_methods_in_folders() {
    let own = "Celeb-synthesis/FaceSwap/Celeb-DF/id0_id1_0001.mp4";
    let swap = "Celeb-synthesis/FaceSwap/BlendFace/id0_id1_0001.mp4";
    let talks = "Celeb-synthesis/TalkingFace/IP_LAP/someone.mp4";
    let absent = "Celeb-synthesis/TalkingFace/IP_LAP/absent.mp4";
    let list = "List_of_testing_videos.txt";
    let made = Made::new(&[
        "Celeb-real/id0_0001.mp4",
        "YouTube-real/00170.mp4",
        own,
        swap,
        talks,
    ])
    .with(
        list,
        &format!("1 YouTube-real/00170.mp4\n0 {swap}\n0 {absent}\n"),
    );
    let listing = made.list(Layout::CelebDfPp);
    assert_eq!(missing(&listing), [absent]);
    assert_eq!(listing.clips.len(), 5);
    let clip = at(&listing, own);
    assert_eq!(
        (&*clip.method, clip.split),
        ("Celeb-DF", Some(Split::Train))
    );
    assert_eq!(clip.original.as_deref(), Some("Celeb-real/id0_0001.mp4"));
    let clip = at(&listing, swap);
    assert_eq!(
        (&*clip.method, clip.split),
        ("BlendFace", Some(Split::Test))
    );
    assert_eq!(clip.identity.as_deref(), Some("Celeb-DF/id0"));
    assert_eq!(clip.source_identity.as_deref(), Some("Celeb-DF/id1"));
    assert_eq!(at(&listing, talks).identity, None);
    let real = at(&listing, "YouTube-real/00170.mp4");
    assert_eq!((real.label, real.split), (Label::Real, Some(Split::Test)));
    // Two methods have clips of one name.
    assert_ne!(at(&listing, own).key(), at(&listing, swap).key());
}

#[test]
fn ffiw_has_masks_beside_its_targets() {
    for videos in ["", "videos/"] {
        let path = |folder: &str, name: &str| format!("{folder}/{videos}{name}.mp4");
        let made = Made::new(&[]);
        for file in [
            path("source/train", "a"),
            path("target/train", "a"),
            path("target_mask/train", "a"),
            path("source/val", "b"),
            path("target/val", "c"),
            path("target_mask/val", "d"),
        ] {
            made.add(&file, "");
        }
        let listing = made.list(Layout::Ffiw);
        assert_eq!(listing.clips.len(), 4);
        assert_eq!(missing(&listing), [path("target_mask/val", "c")]);
        let forged = at(&listing, &path("target/train", "a"));
        assert_eq!(
            (forged.label, forged.split),
            (Label::Forged, Some(Split::Train))
        );
        assert_eq!(forged.mask, Some(path("target_mask/train", "a")));
        let real = at(&listing, &path("source/train", "a"));
        assert_eq!((real.label, &real.mask), (Label::Real, &None));
        assert_ne!(real.key(), forged.key());
    }
}

/// DF40 publishes its processed pictures with DeepfakeBench's lists, one for each method.
#[test]
fn df40s_lists_are_those_of_deepfake_bench() {
    let list = r#"{"simswap_ff": {
        "simswap_Real": {"train": {}, "val": {}, "test": {
            "000": {"label": "simswap_Real", "frames": ["real/000/1.png"]}}},
        "simswap_Fake": {"train": {}, "val": {}, "test": {
            "000_003": {"label": "simswap_Fake", "frames": ["DF40/simswap/ff/frames/000_003/1.png"]}}}}}"#;
    let made = Made::new(&["real/000/1.png", "DF40/simswap/ff/frames/000_003/1.png"])
        .with("simswap_ff.json", list);
    let listing = made.list(Layout::DeepfakeBench);
    assert_eq!(listing.clips.len(), 2);
    let fake = at(&listing, "DF40/simswap/ff/frames/000_003");
    assert_eq!((fake.label, &*fake.method), (Label::Forged, "simswap_Fake"));
    assert_eq!(
        (&*fake.dataset, fake.split),
        ("simswap_ff", Some(Split::Test))
    );
    assert_eq!(at(&listing, "real/000").label, Label::Real);
}
