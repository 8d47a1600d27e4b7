//! A run's log as TensorBoard shows it.

use std::{fs, io, time::SystemTime};

use tensorboard::{Events, PrCurve};

use crate::{Error, LogLine, RunDir};

/// Thresholds of a curve of precision and recall, TensorBoard's own default.
const THRESHOLDS: usize = 201;

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

/// Adds a curve of precision and recall to a run's events, of forged as the positive class: what was
/// measured after `step` steps on the part `part`, by labels (`true`: forged) and probabilities.
///
/// # Errors
/// Where the file cannot be written.
pub fn write_curve(
    run: &RunDir,
    (part, step): (&str, usize),
    labels: &[bool],
    scores: &[f64],
) -> Result<(), Error> {
    let curve = PrCurve::new(labels, scores, THRESHOLDS);
    Events::create(run.path(), SystemTime::now())
        .and_then(|mut events| {
            events.pr_curve(&format!("precision_and_recall/{part}"), step, &curve)
        })
        .map_err(Error::io(run.path()))
}
