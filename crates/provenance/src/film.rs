//! A film's index.

use std::path::Path;

use video::{Limits, Video};

use crate::fact::Fact;

/// What a film's index says.
pub(crate) fn facts(path: &Path) -> Vec<Fact> {
    let Ok(video) = Video::open(path, &Limits::default()) else {
        return Vec::new();
    };
    let info = video.info();
    let mut facts = vec![
        Fact::new(
            "Frames",
            format!(
                "{} x {} pixels, {} of them",
                info.width, info.height, info.frame_count
            ),
        ),
        Fact::new(
            "Length",
            format!(
                "{:.1} s, {:.2} frames a second",
                info.duration_seconds, info.frame_rate
            ),
        ),
    ];
    let frames: Vec<usize> = video::sample_uniform(info.frame_count, 32);
    if let Some(quantizer) = video.mean_quantizer(&frames) {
        facts.push(Fact::new(
            "Compression",
            format!("mean quantisation {quantizer:.1} of 51; more is coarser"),
        ));
    }
    facts
}
