//! Parts of a training in which only some of the network learns.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A part of a training.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stage {
    /// For the log and the terminal.
    pub name: String,
    /// Share of all steps, 0..1; the shares of all stages add up to 1.
    pub share: f64,
    /// Parts of the network that do not learn, by the beginnings of their parameters' names, as
    /// `backbone` or `backbone.layer1`; each must be there. Their batch normalisation uses its
    /// running statistics and leaves them as they are, unless the model's configuration says
    /// otherwise.
    pub frozen: Vec<String>,
    /// Terms of the loss that count, by the names that the log has; empty: all.
    pub losses: Vec<String>,
}

/// The stage that a step of `total` lies in, by its index; [`None`] where there are no stages.
pub fn stage_of(stages: &[Stage], step: usize, total: usize) -> Option<usize> {
    let at = (step as f64 + 0.5) / total as f64;
    let mut end = 0.0;
    let within = |stage: &Stage| {
        end += stage.share;
        at < end
    };
    let last = stages.len().checked_sub(1)?;
    Some(stages.iter().position(within).unwrap_or(last))
}

/// The steps of `total` that lie in a stage.
pub fn steps_of(stages: &[Stage], stage: usize, total: usize) -> Range<usize> {
    // Stages follow each other, so those before a step are all before the next.
    let first_not_before = |stage: usize| {
        let (mut low, mut high) = (0, total);
        while low < high {
            let middle = low.midpoint(high);
            match stage_of(stages, middle, total) >= Some(stage) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        low
    };
    first_not_before(stage)..first_not_before(stage + 1)
}

/// Refuses stages that no training can have; `terms` are those of the model's loss that can be chosen
/// among. What is frozen is looked for once there is a network.
pub(super) fn check(stages: &[Stage], terms: &[&str]) -> Result<(), String> {
    let sum: f64 = stages.iter().map(|stage| stage.share).sum();
    if !stages.is_empty() && (sum - 1.0).abs() > 1e-6 {
        return Err(format!(
            "the shares of the stages add up to {sum}, not to 1"
        ));
    }
    for loss in stages.iter().flat_map(|stage| &stage.losses) {
        if !terms.contains(&loss.as_str()) {
            return Err(format!(
                "stages.losses: `{loss}` is no term that this model can be trained on alone{}{}",
                if terms.is_empty() { "" } else { ": " },
                terms.join(", ")
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_lies_in_one_stage_and_the_last_step_in_the_last() {
        let stages = [0.3, 0.1, 0.6].map(|share| Stage {
            share,
            ..Stage::default()
        });
        check(&stages, &[]).unwrap();
        let of = |step| stage_of(&stages, step, 100).unwrap();
        let counts = (0..100).fold([0; 3], |mut counts, step| {
            counts[of(step)] += 1;
            counts
        });
        assert_eq!((counts, of(99)), ([30, 10, 60], 2));
        assert_eq!(stage_of(&[], 3, 10), None);
        let steps = [0, 1, 2].map(|stage| steps_of(&stages, stage, 100));
        assert_eq!(steps, [0..30, 30..40, 40..100]);
        // Too short for the second: it has no step.
        let steps = [0, 1, 2].map(|stage| steps_of(&stages, stage, 3));
        assert_eq!(steps, [0..1, 1..1, 1..3]);
        assert!(check(&stages[1..], &[]).is_err());
    }
}
