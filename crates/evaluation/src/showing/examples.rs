//! Faces that were judged rightly and wrongly, to look at.

use inference::{Network, corners, predict};
use report::{GalleryItem, Kind};

use crate::{Error, outcome::Evaluation, run::Run, scored::Scored, scoring::ScoringSet};

/// Examples of each kind in the gallery.
const EXAMPLES: usize = 6;

/// Of each kind the surest, spread over the methods: mistakes made with confidence teach most.
pub(super) fn gallery(
    run: &Run,
    set: &ScoringSet<'_>,
    evaluation: &Evaluation,
) -> Result<Vec<GalleryItem>, Error> {
    let threshold = evaluation.threshold;
    let kinds = [
        (Kind::TruePositive, true, true),
        (Kind::FalseNegative, true, false),
        (Kind::FalsePositive, false, true),
        (Kind::TrueNegative, false, false),
    ];
    let mut items = Vec::new();
    for (kind, forged, called_forged) in kinds {
        let mut faces: Vec<_> = evaluation
            .scored
            .iter()
            .filter(|face| face.forged == forged && (face.score >= threshold) == called_forged)
            .collect();
        faces.sort_by(|a, b| match called_forged {
            true => b.score.total_cmp(&a.score),
            false => a.score.total_cmp(&b.score),
        });
        for face in in_turns(&faces) {
            let Ok(subject) = set.subject(face.item) else {
                continue;
            };
            let judged = match &run.network {
                Network::Faces(network) => {
                    predict(&**network, &[&subject.image], true, &run.device).pop()
                }
                // A frame of a clip is nothing without the others.
                Network::Clips { .. } => None,
            };
            let (heat_map, boxes) = judged.map_or((None, None), |judged| {
                (judged.heat_map, judged.boxes.as_deref().map(corners))
            });
            items.push(GalleryItem {
                kind,
                picture: subject.image,
                boxes,
                heat_map,
                mask: subject.mask,
                score: face.score,
                caption: format!("{}, {}", face.video.method, face.video.video),
            });
        }
    }
    Ok(items)
}

/// The first [`EXAMPLES`] faces, taking the methods and videos in turns.
fn in_turns<'a>(faces: &[&'a Scored]) -> Vec<&'a Scored> {
    let mut methods: Vec<(&str, Vec<&Scored>)> = Vec::new();
    for face in faces {
        let method = face.video.method.as_str();
        let place = methods
            .iter()
            .position(|(name, _)| *name == method)
            .unwrap_or_else(|| {
                methods.push((method, Vec::new()));
                methods.len() - 1
            });
        let of_method = &mut methods[place].1;
        if of_method
            .iter()
            .all(|other| other.video.video != face.video.video)
        {
            of_method.push(face);
        }
    }
    let most = methods
        .iter()
        .map(|(_, faces)| faces.len())
        .max()
        .unwrap_or_default();
    (0..most)
        .flat_map(|turn| {
            methods
                .iter()
                .filter_map(move |(_, faces)| faces.get(turn).copied())
        })
        .take(EXAMPLES)
        .collect()
}
