//! Celeb-DF.

use crate::common;

use common::{Made, at, missing};
use datasets::celeb_df::parse_list;
use datasets::{Layout, read};
use face_preproc::manifest::{Label, Split};

const LIST: &str = "List_of_testing_videos.txt";

fn celeb_df(between: &str) -> Made {
    let files = [
        "Celeb-real/{}id0_0001.mp4",
        "Celeb-real/{}id1_0000.mp4",
        "YouTube-real/{}00170.mp4",
        "Celeb-synthesis/{}id0_id1_0001.mp4",
        "Celeb-synthesis/{}id1_id0_0000.mp4",
    ];
    let made = Made::new(&[]);
    for file in files {
        made.add(&file.replace("{}", between), "");
    }
    made.with(
        LIST,
        "1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_0001.mp4\n1 Celeb-real/id1_0000.mp4\n",
    )
}

#[test]
fn both_forms_of_the_tree_are_read() {
    for between in ["", "videos/"] {
        let listing = celeb_df(between).list(Layout::CelebDfV2);
        assert_eq!(missing(&listing), [""; 0]);
        assert_eq!(listing.clips.len(), 5);
        let fake = at(
            &listing,
            &format!("Celeb-synthesis/{between}id0_id1_0001.mp4"),
        );
        assert_eq!(fake.identity.as_deref(), Some("Celeb-DF/id0"));
        assert_eq!(fake.source_identity.as_deref(), Some("Celeb-DF/id1"));
        let original = format!("Celeb-real/{between}id0_0001.mp4");
        assert_eq!(fake.original.as_deref(), Some(&*original));
        assert_eq!(fake.split, Some(Split::Test));
        assert_eq!(at(&listing, &original).split, Some(Split::Train));
        let youtube = at(&listing, &format!("YouTube-real/{between}00170.mp4"));
        assert_eq!(youtube.identity.as_deref(), Some("Celeb-DF/youtube-00170"));
    }
}

/// Two published mistakes: the list's labels taken for ours, and its first line for a header.
#[test]
fn one_is_real_in_the_list_and_its_first_line_counts() {
    let listing = celeb_df("").list(Layout::CelebDfV2);
    let first = at(&listing, "YouTube-real/00170.mp4");
    assert_eq!((first.label, first.split), (Label::Real, Some(Split::Test)));
    let fake = at(&listing, "Celeb-synthesis/id0_id1_0001.mp4");
    assert_eq!(fake.label, Label::Forged);
    assert_eq!(
        parse_list("1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id1_id0_0009.mp4").unwrap(),
        [
            (Label::Real, "YouTube-real/00170.mp4".to_owned()),
            (Label::Forged, "Celeb-synthesis/id1_id0_0009.mp4".to_owned()),
        ]
    );
    // A list of the other polarity contradicts the folders.
    assert!(parse_list("0 YouTube-real/00170.mp4").is_err());
    assert!(parse_list("1 Celeb-synthesis/id1_id0_0009.mp4").is_err());
}

#[test]
fn version_1_is_told_by_its_list_of_a_hundred() {
    let made = celeb_df("");
    let list: String = (0..38)
        .map(|i| format!("1 YouTube-real/{i:05}.mp4\n"))
        .chain((0..62).map(|i| format!("0 Celeb-synthesis/id0_id1_{i:04}.mp4\n")))
        .collect();
    made.add(LIST, &list);
    let listing = made.list(Layout::CelebDfV1);
    assert!(
        listing
            .clips
            .iter()
            .all(|clip| clip.dataset == "Celeb-DF-v1")
    );
    // All but one line name clips that this tree lacks.
    assert_eq!(listing.missing.len(), 99);
}

#[test]
fn what_is_missing_and_what_is_wrong_is_said() {
    let made = celeb_df("")
        .without("Celeb-real/id0_0001.mp4")
        .without(LIST);
    made.add("Celeb-real/strange.mp4", "");
    let listing = read(made.path(), Layout::CelebDfV2).unwrap();
    assert_eq!(missing(&listing), ["Celeb-real/id0_0001.mp4", LIST]);
    assert!(listing.clips.iter().all(|clip| clip.split.is_none()));
    assert_eq!(listing.unlisted, ["Celeb-real/strange.mp4"]);
    for line in [
        "1 /etc/passwd",
        "1 YouTube-real/../../x.mp4",
        "2 YouTube-real/1.mp4",
        "label",
    ] {
        let error = celeb_df("").with(LIST, line).error(Layout::CelebDfV2);
        assert!(error.contains(LIST), "{error}");
    }
}
