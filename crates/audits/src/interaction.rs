//! The interaction of whole faces (CADDM, section 3.2, table 1).

use core_tensor_ops::Detector;
use evaluation::{Run, ScoringSet, in_words};
use face_data::Faces;
use metrics::{Measure, bootstrap_interval};
use model_adm::{ScalarScore, identity_interaction};
use report::Measured;
use runtime::{Event, Observer, Purpose, generator};
use serde_json::{Value, json};

use crate::features::spread;

/// Cells a side of the grid that a face is divided into; the paper's.
const GRID: usize = 16;

/// `I([N])` of some faces: how much of one scalar score of them lies in the face as a whole and not in
/// its cells. The score is the same for every face, whatever its label.
#[derive(Debug, Clone)]
pub struct Interaction {
    /// The score.
    pub score: ScalarScore,
    /// Of real faces.
    pub real: Vec<f64>,
    /// Of forged faces.
    pub forged: Vec<f64>,
    /// How well it tells forged from real, by frame; the interval is the bootstrap's by identity.
    pub auc: Measured,
}

/// Computes `I([N])` exactly, by 258 forward passes of each of `count` faces, half of them forged.
/// A picture that cannot be read any more is named and left out.
pub(crate) fn measure(
    detector: &dyn Detector,
    set: &ScoringSet<'_>,
    faces: &Faces,
    count: usize,
    score: ScalarScore,
    run: &Run,
    observer: &mut dyn Observer,
) -> Interaction {
    let items = spread(set, count.div_ceil(2));
    observer.event(Event::Began {
        what: "interactions",
        total: items.len(),
        done: 0,
    });
    let (mut scores, mut labels, mut identities) = (Vec::new(), Vec::new(), Vec::new());
    for (done, item) in items.into_iter().enumerate() {
        observer.event(Event::Advanced { done, note: "" });
        let subject = match set.subject(item) {
            Ok(subject) => subject,
            Err(error) => {
                observer.event(Event::Skipped {
                    what: &faces.manifest.rows[item.row].file,
                    why: &error.to_string(),
                });
                continue;
            }
        };
        let forged = set.forged(item);
        let image = detector
            .input_spec()
            .to_tensor(&[subject.image.as_raw()], &run.device);
        let scalar = |images| score.of(detector.class_logits(images, &mut |_, map| map));
        scores.extend(identity_interaction(scalar, image, GRID));
        labels.push(forged);
        identities.push(faces.identities[item.row]);
    }
    observer.event(Event::Ended);
    let mut rng = generator(run.recipe.seed, Purpose::Audit, 1, 0);
    let auc = bootstrap_interval(
        &scores,
        &labels,
        Some(&identities),
        Measure::Auc,
        run.recipe.evaluation.resamples,
        &mut rng,
    );
    let of_class = |wanted: bool| {
        let pairs = scores.iter().zip(&labels);
        pairs
            .filter(|(_, forged)| **forged == wanted)
            .map(|(score, _)| *score)
            .collect()
    };
    Interaction {
        score,
        real: of_class(false),
        forged: of_class(true),
        auc,
    }
}

impl Interaction {
    /// One line for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        let [real, forged] = [self.real.len(), self.forged.len()];
        match &self.auc {
            Ok(auc) => format!(
                "The interaction of whole faces, I([N]), of {} tells {forged} forged from {real} real ones with a frame AUC of {}; 0.5 is guessing.",
                self.score.as_str(),
                in_words(auc)
            ),
            Err(why) => format!(
                "The interaction of whole faces, I([N]), of {forged} forged and {real} real ones has no AUC: {why}."
            ),
        }
    }

    /// As `audit.json` has it.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "grid": GRID,
            "score": self.score,
            "real": self.real,
            "forged": self.forged,
            "auc": self.auc.as_ref().ok(),
        })
    }
}
