//! Videos.

use std::{fs, io::Cursor, ops::ControlFlow};

use inference::{FramePrediction, NotJudged, Progress, highest_stretch};
use metrics::Decision;
use video::{Encoding, Mp4Writer, Quality};

use super::{CLIPS, FACES, detector, face, wall};

/// A film of a person who drifts to the right; a wall behind, or nobody.
fn film(frames: u32, person: Option<u64>, quality: Quality) -> Vec<u8> {
    let (width, height) = (208, 160);
    let encoding = Encoding::new(width, height, quality);
    let mut writer = Mp4Writer::new(Cursor::new(Vec::new()), &encoding).unwrap();
    let shown = person.map(|person| face(person, 128).image);
    for frame in 0..frames {
        let mut image =
            image::imageops::resize(&wall(), width, height, image::imageops::FilterType::Nearest);
        if let Some(shown) = &shown {
            image::imageops::replace(&mut image, shown, 20 + i64::from(frame), 16);
        }
        writer.push(&image).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_face_is_followed_and_judged_over_time() {
    let mut detector = detector(FACES);
    detector.options.frames = 20;
    let bytes = film(24, Some(3), Quality::C23);
    let mut told = Vec::new();
    let seen = detector.predict_video_from(Cursor::new(bytes.clone()), |progress| {
        told.push(progress);
        ControlFlow::Continue(())
    });
    let seen = seen.unwrap();
    let read: Vec<_> = told.iter().map(|progress| progress.read).collect();
    assert_eq!(read, (0..=20).collect::<Vec<_>>());
    assert!(told.iter().all(|progress| progress.wanted == 20));
    assert_eq!((seen.coverage.looked_at, seen.coverage.frames), (20, 24));
    assert_eq!(seen.tracks.len(), 1);
    let track = &seen.tracks[0];
    // More frames than pass through the network together.
    assert_eq!(track.frames.len(), 20);
    assert!(track.frames.is_sorted_by_key(|frame| frame.frame));
    let scores: Vec<_> = track.frames.iter().map(|frame| frame.score).collect();
    assert!(scores.iter().all(|score| (0.0..=1.0).contains(score)));
    assert_eq!(track.whole, detector.config.video.of_video(&scores));
    let stretch = track.highest.unwrap();
    assert_eq!(stretch.frames, 8);
    assert_eq!(track.score, stretch.score.max(track.whole));
    let mut highest = scores;
    highest.sort_by(|a, b| b.total_cmp(a));
    let top: Vec<_> = track.top.iter().map(|(frame, _)| frame.score).collect();
    assert_eq!(top, highest[..3]);
    for (frame, face) in &track.top {
        assert_eq!(face.score(), frame.score);
        assert!(face.prediction.heat_map.is_some());
    }
    // The same from a file; nothing is written beside it.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("film.mp4");
    fs::write(&path, bytes).unwrap();
    assert_eq!(detector.predict_video(&path, on).unwrap(), seen);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn whoever_watches_can_stop_it() {
    let detector = detector(FACES);
    let bytes = film(24, Some(3), Quality::C23);
    let mut last = None;
    let seen = detector.predict_video_from(Cursor::new(bytes), |progress| {
        last = Some(progress.read);
        match progress.read {
            3 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    assert!(matches!(seen, Err(NotJudged::Stopped)), "{seen:?}");
    assert_eq!(last, Some(3));
}

#[test]
fn motion_is_judged_in_whole_snippets() {
    let mut detector = detector(CLIPS);
    detector.options.frames = 12;
    let seen = detector.predict_video_from(Cursor::new(film(12, Some(3), Quality::C23)), on);
    let seen = seen.unwrap();
    assert_eq!(seen.tracks[0].frames.len(), 12);
    assert_eq!(seen.tracks[0].top.len(), 3);
    let why = detector.predict_video_from(Cursor::new(film(3, Some(3), Quality::C23)), on);
    assert!(
        matches!(why, Err(NotJudged::TooShort { frames: 4 })),
        "{why:?}"
    );
}

#[test]
fn a_video_that_cannot_be_judged_says_why() {
    let detector = detector(FACES);
    let ask = |bytes: Vec<u8>| {
        detector
            .predict_video_from(Cursor::new(bytes), on)
            .unwrap_err()
    };
    let why = ask(film(6, None, Quality::C23));
    assert!(matches!(why, NotJudged::NoFace { frames: 6 }), "{why}");
    let why = ask(b"no video at all".to_vec());
    assert!(matches!(why, NotJudged::Unreadable(_)), "{why}");
    let why = detector.predict_video("nowhere/film.mp4", on).unwrap_err();
    assert!(why.to_string().contains("film.mp4"), "{why}");
    // Of a damaged film what is left is judged, and how much that is is said.
    let mut damaged = film(24, Some(3), Quality::C23);
    // The pictures end where the index begins.
    let index = damaged.windows(4).rposition(|word| word == b"moov");
    let end = index.unwrap() - 4;
    damaged[end - 300..end].fill(0xff);
    let seen = detector
        .predict_video_from(Cursor::new(damaged), on)
        .unwrap();
    let partial = seen.partial.expect("it is damaged");
    assert!(partial.read < partial.wanted, "{partial}");
}

#[test]
fn a_short_forged_stretch_is_found_and_one_bad_frame_is_none() {
    let highest = |scores: &[f64]| {
        let frame = |(frame, &score): (usize, &f64)| FramePrediction {
            frame,
            seconds: frame as f64 / 10.0,
            score,
            region: [0.0; 4],
        };
        let frames: Vec<_> = scores.iter().enumerate().map(frame).collect();
        highest_stretch(&frames, &Decision::default())
    };
    let mut scores = [0.1; 40];
    scores[20..30].fill(0.9);
    let found = highest(&scores).unwrap();
    assert_eq!((found.from, found.to, found.frames), (2.0, 2.9, 10));
    assert!((found.score - 0.9).abs() < 1e-12);

    let mut scores = [0.1; 32];
    scores[5] = 1.0;
    let found = highest(&scores).unwrap();
    assert!(found.from <= 0.5 && found.to >= 0.5 && found.frames == 8);
    assert!(found.score < 0.25, "{found:?}");
    assert_eq!(highest(&scores[..8]), None);
}
