//! What the network says of each item of a set, or of a share of them.

use std::{collections::HashMap, ops::ControlFlow};

use burn::tensor::Device;
use core_tensor_ops::ClipDetector;
use face_data::{Clips, Faces};
use face_store::Share;
use inference::Network;
use runtime::{Event, Observer};
use serde::{Deserialize, Serialize};

use crate::{Error, clips::judge_each, run::Run, scoring::ScoringSet};

/// What comes of an item.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Score {
    /// Of a network that judges single faces.
    Frame(f64),
    /// Of a network that judges clips.
    OfClip { frame: f64, clip: f64 },
    /// Its picture cannot be read any more.
    Unreadable,
    /// It is in no snippet of its clip.
    NotLookedAt,
}

/// The scores of a share of the items, by place: whole batches of faces, or whole clips, so that every
/// number is what it is where all are scored in one go.
pub(crate) fn judge_share(
    run: &Run,
    faces: &Faces,
    set: &ScoringSet<'_>,
    share: Share,
    observer: &mut dyn Observer,
) -> Result<Vec<(usize, Score)>, Error> {
    match &run.network {
        Network::Faces(network) => {
            let scores = set.score_share(&**network, &run.device, share, observer)?;
            let score = |score: Option<f64>| score.map_or(Score::Unreadable, Score::Frame);
            Ok(scores
                .into_iter()
                .map(|(place, of)| (place, score(of)))
                .collect())
        }
        Network::Clips {
            network,
            snippets,
            length,
        } => judge_clips(
            &**network,
            [*snippets, *length],
            (faces, set, share),
            &run.device,
            observer,
        ),
    }
}

/// The scores of all items, put together of all shares.
pub(crate) fn together(items: usize, shares: Vec<Vec<(usize, Score)>>) -> Vec<Score> {
    let mut scores = vec![Score::NotLookedAt; items];
    for (place, score) in shares.into_iter().flatten() {
        if let Some(of) = scores.get_mut(place) {
            *of = score;
        }
    }
    scores
}

/// Scores the snippets of every clip of a share.
fn judge_clips(
    detector: &dyn ClipDetector,
    [snippets, length]: [usize; 2],
    (faces, set, share): (&Faces, &ScoringSet<'_>, Share),
    device: &Device,
    observer: &mut dyn Observer,
) -> Result<Vec<(usize, Score)>, Error> {
    let mut clips = Clips::new(faces, set.split, length);
    if clips.too_short > 0 {
        observer.event(Event::Said(&format!(
            "{} clips are left out for want of {length} successive frames",
            clips.too_short
        )));
    }
    let mut numbers = 0..;
    clips
        .clips
        .retain(|_| numbers.next().is_some_and(|number| share.holds(number)));
    observer.event(Event::Began {
        what: "scoring clips",
        total: clips.clips.len(),
        done: 0,
    });
    let mut by_row = HashMap::new();
    let mut done = 0;
    judge_each(
        &clips,
        faces,
        detector,
        snippets,
        device,
        |_, rows, judged| {
            match judged {
                Ok(judged) => {
                    let clip = judged.score;
                    for (row, frame) in rows.into_iter().zip(judged.frames) {
                        by_row.insert(row, Score::OfClip { frame, clip });
                    }
                }
                Err(error) => {
                    observer.event(Event::Skipped {
                        what: &faces.manifest.rows[rows[0]].video,
                        why: &error.to_string(),
                    });
                    by_row.extend(rows.into_iter().map(|row| (row, Score::Unreadable)));
                }
            }
            done += 1;
            observer.event(Event::Advanced { done, note: "" });
            ControlFlow::Continue(())
        },
    );
    observer.event(Event::Ended);
    let items = set.items.iter().enumerate();
    let scored = items.filter_map(|(place, item)| Some((place, *by_row.get(&item.row)?)));
    Ok(scored.collect())
}
