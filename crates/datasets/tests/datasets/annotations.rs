//! What is known of each frame of a clip.

use datasets::parse_annotations;

#[test]
fn frames_have_a_label_and_68_landmarks_or_are_refused_by_number() {
    let text = |count: usize| {
        let points = vec![[1.5, 2.0]; count];
        serde_json::json!({"fps": 25, "frames": [{"forged": true, "landmarks68": points}]})
            .to_string()
    };
    let read = parse_annotations(&text(68)).unwrap();
    assert_eq!((read.len(), read[0].forged), (1, true));
    assert_eq!(read[0].landmarks68[67], [1.5, 2.0]);
    let error = parse_annotations(&text(67)).unwrap_err().to_string();
    assert!(error.contains("frame 0"), "{error}");
}
