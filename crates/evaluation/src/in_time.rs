//! How well forged stretches are found in time.

use std::collections::BTreeMap;

use experiment::Recipe;
use metrics::{Measure, VideoKey, bootstrap_intervals};
use report::Measured;
use runtime::{Purpose, generator};
use serde_json::{Value, json};

use crate::{json::measured_json, scored::Scored, table::in_words};

/// Clips that are forged for a stretch only: whether their forged frames score above the others.
#[derive(Debug, Clone, PartialEq)]
pub struct InTime {
    /// Clips with real and forged frames.
    pub clips: usize,
    /// AUC over the frames of these clips alone, its interval drawn by clip.
    pub auc: Measured,
}

impl InTime {
    /// Measures the clips that have frames of both classes; nothing where there are none.
    pub fn of(scored: &[Scored], recipe: &Recipe) -> Option<Self> {
        let mut clips: BTreeMap<&VideoKey, Vec<&Scored>> = BTreeMap::new();
        for face in scored.iter().filter(|face| !face.item.generated) {
            clips.entry(&face.video).or_default().push(face);
        }
        clips.retain(|_, frames| frames.iter().any(|frame| frame.forged != frames[0].forged));
        if clips.is_empty() {
            return None;
        }
        let (mut scores, mut labels, mut groups) = (Vec::new(), Vec::new(), Vec::new());
        for (number, frames) in clips.values().enumerate() {
            for frame in frames {
                scores.push(frame.score);
                labels.push(frame.forged);
                groups.push(number as u32);
            }
        }
        let mut rng = generator(recipe.seed, Purpose::Bootstrap, 2, 0);
        let resamples = recipe.evaluation.resamples;
        let measures = [Measure::Auc];
        let found = bootstrap_intervals(
            &scores,
            &labels,
            Some(&groups),
            &measures,
            resamples,
            &mut rng,
        );
        Some(Self {
            clips: clips.len(),
            auc: found.map(|found| found[0]),
        })
    }

    /// As `metrics.json` has it.
    pub fn to_json(&self) -> Value {
        json!({ "clips": self.clips, "auc": measured_json(&self.auc) })
    }

    /// One line for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        let clips = self.clips;
        match &self.auc {
            Ok(auc) => format!(
                "Place in time ({clips} clips forged in part): frame AUC {}",
                in_words(auc)
            ),
            Err(why) => format!("Place in time ({clips} clips forged in part): {why}"),
        }
    }
}
