//! Parts of a training in which only some of the network learns.

use burn::module::{Module, ParamGroup};
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
    /// `backbone` or `backbone.layer1`. Their batch normalisation uses its running statistics and
    /// leaves them as they are, unless the model's configuration says otherwise.
    pub frozen: Vec<String>,
    /// Terms of the loss that count, by the names that the log has; empty: all.
    pub losses: Vec<String>,
}

impl Stage {
    /// The network with this stage's parts frozen, and no others. With `statistics`, the running
    /// statistics of the frozen parts are kept, too.
    pub(crate) fn apply<M: Module>(&self, model: M, statistics: bool) -> M {
        // Running statistics are one update behind until asked for, and a frozen layer's would stay
        // so.
        drop(model.valid());
        let model = model.unfreeze();
        if self.frozen.is_empty() {
            return model;
        }
        let pattern = |name: &String| format!(r"^{}(\.|$)", name.replace('.', r"\."));
        match ParamGroup::from_any_regexes(self.frozen.iter().map(pattern).collect()) {
            Ok(group) if statistics => model.freeze_group(group),
            Ok(group) => model.set_require_grad_group(group, false),
            // `check` has let nothing through that is no pattern.
            Err(_) => model,
        }
    }
}

/// The stage that a step of `total` lies in, by its index; [`None`] where there are no stages.
pub(crate) fn stage_of(stages: &[Stage], step: usize, total: usize) -> Option<usize> {
    let at = (step as f64 + 0.5) / total as f64;
    let mut end = 0.0;
    let within = |stage: &Stage| {
        end += stage.share;
        at < end
    };
    let last = stages.len().checked_sub(1)?;
    Some(stages.iter().position(within).unwrap_or(last))
}

/// Refuses stages that no training can have; `terms` are those of the model's loss that can be chosen
/// among.
pub(crate) fn check(stages: &[Stage], terms: &[&str]) -> Result<(), String> {
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
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    let names = stages.iter().flat_map(|stage| &stage.frozen);
    for name in names {
        if name.is_empty() || !name.chars().all(letter) {
            return Err(format!(
                "stages.frozen: `{name}` is no name of a part, as `backbone`"
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
        assert!(check(&stages[1..], &[]).is_err());
    }
}
