//! The rates by which a validation chooses its thresholds.

use evaluation::Validated;
use experiment::Evaluation;
use metrics::{FrameScore, VideoKey};

/// Pictures, each of a video of its own; every second one is forged and scores a little higher.
fn pictures() -> Vec<(FrameScore, Option<u64>, bool)> {
    let picture = |place: u32| {
        let forged = place % 2 == 1;
        let noise = f64::from(place * 7919 % 1000) / 1000.0;
        let frame = FrameScore {
            video: VideoKey {
                video: place.to_string(),
                ..VideoKey::default()
            },
            score: 0.7 * noise + if forged { 0.25 } else { 0.05 },
            forged,
        };
        (frame, None, forged)
    };
    (0..1000).map(picture).collect()
}

/// Videos have a false positive rate of their own, also where there are pictures alone to choose by.
#[test]
fn videos_may_be_called_forged_at_a_rate_of_their_own() {
    let pictures = pictures();
    let evaluation = Evaluation {
        false_positive_rate: Some(0.1),
        video_false_positive_rate: Some(0.02),
        ..Evaluation::default()
    };
    let chosen = Validated::of_frames(pictures.clone(), &evaluation).unwrap();
    let called = |threshold: f64| {
        let real = pictures.iter().filter(|(_, _, forged)| !forged);
        let scores = real.map(|(frame, ..)| chosen.frame.probability(frame.score));
        scores.filter(|score| *score >= threshold).count() as f64 / 500.0
    };
    let faces = called(chosen.frame.threshold);
    let videos = called(chosen.video.threshold);
    assert!((0.09..=0.1).contains(&faces), "{faces}");
    assert!((0.01..=0.02).contains(&videos), "{videos}");
    let same = Evaluation {
        video_false_positive_rate: None,
        ..evaluation
    };
    let chosen = Validated::of_frames(pictures, &same).unwrap();
    assert_eq!(chosen.video.threshold, chosen.frame.threshold);
}
