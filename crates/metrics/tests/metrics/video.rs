//! From frames to videos.

use metrics::{FrameScore, MetricError, VideoKey, aggregate_videos, video_indices};

fn frame(method: &str, compression: Option<&str>, video: &str, score: f64) -> FrameScore {
    let video = VideoKey {
        dataset: "FF++".into(),
        method: method.into(),
        compression: compression.map(str::to_owned),
        video: video.into(),
    };
    FrameScore {
        video,
        score,
        forged: method != "real",
    }
}

#[test]
fn a_video_scores_the_mean_of_its_frames() {
    let rows = [
        frame("real", None, "000", 0.25),
        frame("Deepfakes", None, "000_003", 1.0),
        frame("real", None, "000", 0.75),
    ];
    let videos = aggregate_videos(&rows).expect("consistent labels");
    assert_eq!(videos.len(), 2);
    assert_eq!(
        (videos[0].score, videos[0].forged, videos[0].frames),
        (0.5, false, 2)
    );
    assert_eq!(
        (videos[1].score, videos[1].forged, videos[1].frames),
        (1.0, true, 1)
    );
    assert_eq!(video_indices(&rows), [0, 1, 0]);
}

#[test]
fn videos_of_one_name_are_kept_apart_by_method_and_compression() {
    let rows = [
        frame("Deepfakes", Some("c23"), "000_003", 0.1),
        frame("Face2Face", Some("c23"), "000_003", 0.2),
        frame("Face2Face", Some("c40"), "000_003", 0.3),
        frame("Face2Face", None, "000_003", 0.4),
    ];
    let scores: Vec<f64> = aggregate_videos(&rows)
        .expect("videos")
        .iter()
        .map(|video| video.score)
        .collect();
    assert_eq!(scores, [0.1, 0.2, 0.3, 0.4]);
    assert_eq!(rows[1].video.to_string(), "FF++/Face2Face/c23/000_003");
}

#[test]
fn impossible_rows_are_errors() {
    assert_eq!(aggregate_videos(&[]), Err(MetricError::Empty));

    let mut rows = vec![frame("real", None, "000", 0.5); 3];
    rows[2].forged = true;
    let video = Box::new(rows[2].video.clone());
    assert_eq!(
        aggregate_videos(&rows),
        Err(MetricError::ContradictoryLabels { video })
    );

    rows[1].score = f64::INFINITY;
    let infinite = MetricError::NonFinite {
        index: 1,
        value: f64::INFINITY,
    };
    assert_eq!(aggregate_videos(&rows), Err(infinite));
}
