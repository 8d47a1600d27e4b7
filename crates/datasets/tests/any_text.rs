//! No text makes a parser panic, and no path that one lets through leads out.

use datasets::{
    celeb_df, deeper_forensics, deepfake_bench, dfd, dfdc, dfdc_preview, faceforensics,
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
