//! A run's log as TensorBoard shows it.

use std::{fs, io, time::SystemTime};

use tensorboard::{Events, Hparam};

use crate::{Error, LogLine, RunDir};

/// The events of a run: what its log says, for TensorBoard.
pub(crate) struct RunEvents(Events);

impl RunEvents {
    /// Begins a file beside the log, of a run that has taken `step` steps: with the recipe at its
    /// beginning, and when it is resumed without what earlier files say of later steps.
    pub(crate) fn begin(run: &RunDir, step: usize) -> Result<Self, Error> {
        let open = || -> io::Result<Events> {
            let mut events = Events::create(run.path(), SystemTime::now())?;
            match step {
                // A recipe is not there where the log alone is written.
                0 => {
                    if let Ok(recipe) = fs::read_to_string(run.recipe()) {
                        events.text("recipe", 0, &format!("```toml\n{recipe}\n```"))?;
                        if let Ok(recipe) = recipe.parse() {
                            events.hparams(hparams(&recipe))?;
                        }
                    }
                }
                step => events.start(step + 1)?,
            }
            Ok(events)
        };
        Ok(Self(open().map_err(Error::io(run.path()))?))
    }

    /// Adds a line of the log.
    pub(crate) fn add(&mut self, line: &LogLine) -> Result<(), Error> {
        let step = line.step();
        let mut scalars: Vec<(String, f64)> = Vec::new();
        let mut scalar = |tag: &str, number: f64| scalars.push((tag.to_owned(), number));
        match line {
            LogLine::Train {
                loss,
                parts,
                learning_rate,
                samples_per_second,
                waiting_share,
                ..
            } => {
                scalar("loss/training", *loss);
                for (name, part) in parts {
                    scalar(&format!("loss/{name}"), *part);
                }
                scalar("course/learning_rate", *learning_rate);
                scalar("course/samples_per_second", *samples_per_second);
                scalar("course/waiting_share", *waiting_share);
            }
            LogLine::Validation {
                auc,
                loss,
                threshold,
                ..
            } => {
                scalar("validation/auc", *auc);
                scalar("validation/threshold", *threshold);
                if let Some(loss) = loss {
                    scalar("loss/validation", *loss);
                }
            }
        }
        let Self(events) = self;
        scalars
            .iter()
            .try_for_each(|(tag, number)| events.scalar(tag, step, *number))
            .map_err(Error::io(events.path()))
    }
}

/// The keys of a recipe with their values, flat, as `schedule.steps`. Lists are words.
fn hparams(recipe: &toml::Table) -> Vec<(String, Hparam)> {
    let mut found = Vec::new();
    for (key, value) in recipe {
        let value = match value {
            toml::Value::Table(table) => {
                let inside = hparams(table).into_iter();
                found.extend(inside.map(|(below, value)| (format!("{key}.{below}"), value)));
                continue;
            }
            toml::Value::Integer(number) => Hparam::Number(*number as f64),
            toml::Value::Float(number) => Hparam::Number(*number),
            toml::Value::Boolean(yes) => Hparam::Bool(*yes),
            toml::Value::String(word) => Hparam::Text(word.clone()),
            other => Hparam::Text(other.to_string()),
        };
        found.push((key.clone(), value));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_is_flat_for_comparison() {
        let recipe = toml::toml! {
            name = "a"
            [schedule]
            steps = 20
            [schedule.decay]
            steps = [[0.5, 0.1]]
            [augmentation]
            flip = 0.5
            on = true
        };
        let found = hparams(&recipe);
        let of = |key: &str| found.iter().find(|(name, _)| name == key).map(|(_, v)| v);
        assert_eq!(found.len(), 5);
        assert_eq!(of("name"), Some(&Hparam::Text("a".into())));
        assert_eq!(of("schedule.steps"), Some(&Hparam::Number(20.0)));
        assert_eq!(
            of("schedule.decay.steps"),
            Some(&Hparam::Text("[[0.5, 0.1]]".into()))
        );
        assert_eq!(of("augmentation.on"), Some(&Hparam::Bool(true)));
    }
}
