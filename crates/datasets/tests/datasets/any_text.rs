//! No text makes a parser panic, and no path that one lets through leads out.

use datasets::{
    Kind, celeb_df, deeper_forensics, deepfake_bench, deepfake_eval, deepsafe_bench, dfd, dfdc,
    dfdc_preview, faceforensics, fakeavceleb, forgerynet, kodf,
};
use proptest::prelude::*;

/// Text with the words that lists are made of, so that parsers get somewhere.
fn text() -> impl Strategy<Value = String> {
    let words = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\n",
        " ",
        "0",
        "1",
        "..",
        "/",
        "\\",
        "real",
        "fake",
        "label",
        "frames",
        "train",
        "\"a.mp4\"",
        "Celeb-real",
        "000",
        "_",
        ".mp4",
        "é",
        "\0",
    ];
    proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..60)
        .prop_map(|words| words.concat())
}

/// Lists as they are published, to be damaged.
const LISTS: [&str; 13] = [
    r#"[["071", "054"], ["087", "081"]]"#,
    "1 YouTube-real/00170.mp4\n0 Celeb-synthesis/id0_id1_0001.mp4\n",
    r#"{"a.mp4": {"label": "FAKE", "split": "train", "original": "b.mp4"}, "b.mp4": {"label": "REAL"}}"#,
    r#"{"a.mp4": {"is_fake": 1, "augmentations": {}}, "b.mp4": {"is_fake": 0}}"#,
    "filename,label\na.mp4,1\nb.mp4,0\n",
    r#"{"method_A/1/1_A/x.mp4": {"label": "fake", "set": "train"}, "original_videos/2/y.mp4": {"label": "real", "set": "test"}}"#,
    "000_M101.mp4\n001_W015.mp4\n",
    "source,target1,method,type,path,\nid1,-,wav2lip,FakeVideo-FakeAudio,1.mp4,FakeAVCeleb/FakeVideo-FakeAudio/a/id1\n",
    "a/frame1.jpg 1 2 4\nb.jpg 0 0 0\n",
    "1 a/b.mp4 0 9 1 1 1 2\n",
    "Filename,Ground Truth,Finetuning Set\na.mp4,Fake,train\n",
    r#"[{"id": "a", "path": "images/fake/b/a.png", "modality": "images", "label": "fake", "generator": "b"}]"#,
    r#"{"D": {"D-DF": {"test": {"c23": {"000_003": {"label": "D-DF", "frames": ["D\\frames\\0.png"], "masks": ["D/masks/0.png"]}}}}}}"#,
];

/// Whether a path stays in its folder on every system.
fn stays(path: &str) -> bool {
    !path.starts_with('/')
        && !path.contains(['\\', '\0'])
        && path.split('/').all(|part| part != "..")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Characters of real lists changed, left out and doubled: no panic, and no path leads out.
    #[test]
    fn damaged_lists_do_no_harm(
        which in 0..LISTS.len(),
        changes in proptest::collection::vec(
            (any::<proptest::sample::Index>(), proptest::sample::select(vec![
                "", "..", "/", "\\", "../", "/../", "\"", "{", "}", "[", "]", ",", ":", "9", "-", "\0", "é", "C:",
            ])),
            1..5,
        ),
    ) {
        let mut list: Vec<String> = LISTS[which].chars().map(String::from).collect();
        for (place, text) in changes {
            let at = place.index(list.len());
            list[at] = text.to_owned();
        }
        let text = list.concat();
        let _ = faceforensics::parse_pairs(&text);
        let _ = deeper_forensics::parse_split(&text);
        let mut paths: Vec<String> = Vec::new();
        paths.extend(celeb_df::parse_list(&text).into_iter().flatten().map(|(_, path)| path));
        for (path, clip) in dfdc::parse_train(&text).into_iter().flatten() {
            paths.extend(clip.original);
            paths.push(path);
        }
        paths.extend(dfdc::parse_test(&text).into_iter().flatten().map(|(path, _)| path));
        paths.extend(dfdc::parse_labels(&text).into_iter().flatten().map(|(path, _)| path));
        for clip in deepfake_bench::parse(&text).into_iter().flatten() {
            if let Kind::Frames(frames) = &clip.kind {
                paths.extend(frames.iter().filter_map(|frame| deepfake_bench::landmarks_path(frame)));
                paths.extend(frames.iter().cloned());
            }
            paths.extend(clip.mask);
            paths.push(clip.path);
        }
        paths.extend(fakeavceleb::parse(&text).into_iter().flatten().map(|(path, _)| path));
        paths.extend(deepsafe_bench::parse(&text).into_iter().flatten().map(|(path, _)| path));
        paths.extend(forgerynet::parse_images(&text).into_iter().flatten().map(|(path, _)| path));
        paths.extend(forgerynet::parse_videos(&text).into_iter().flatten().map(|(path, _)| path));
        let named = deepfake_eval::parse(&text, "Ground Truth");
        paths.extend(named.into_iter().flatten().map(|listed| listed.file));
        prop_assert!(paths.iter().all(|path| stays(path)), "{text}: {paths:?}");
    }
}

proptest! {
    #[test]
    fn parsers_do_not_panic(text in text(), any in ".{0,80}") {
        for text in [text.as_str(), any.as_str()] {
            let _ = faceforensics::parse_pairs(text);
            let _ = dfd::parse_forgery(text);
            let _ = celeb_df::parse_list(text);
            let _ = dfdc::parse_train(text);
            let _ = dfdc::parse_test(text);
            let _ = dfdc::parse_labels(text);
            let _ = dfdc_preview::parse(text);
            let _ = deeper_forensics::parse_split(text);
            let _ = deepfake_bench::parse(text);
            let _ = fakeavceleb::parse(text);
            let _ = forgerynet::parse_images(text);
            let _ = forgerynet::parse_videos(text);
            let _ = kodf::parse(text, true);
            let _ = deepfake_eval::parse(text, "Ground Truth");
            let _ = deepsafe_bench::parse(text);
        }
    }

    #[test]
    fn no_path_leads_out(parts in proptest::collection::vec("[a.]{1,2}|\\.\\.|/|\\\\", 1..6)) {
        let path = parts.concat();
        let json = serde_json::json!({ &path: {"label": "REAL", "split": "train"} });
        for path in dfdc::parse_train(&json.to_string()).into_iter().flatten() {
            prop_assert!(!path.0.starts_with('/') && !path.0.contains('\\'));
            prop_assert!(path.0.split('/').all(|part| part != ".."));
        }
    }
}
