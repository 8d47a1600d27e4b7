//! What a person is shown: the report of a run, overlays.

mod events;
mod examples;

use std::path::Path;

use experiment::{Generator, Guide, LogLine, read_log};
use inference::Network;
use metrics::roc_curve;
use report::{Curve, GalleryItem, Headline, NextStep, Report, RocSeries, Scores, Training};

use crate::{
    Error, disjoint::Protocol, in_time::InTime, localize::Localization, measure::counts,
    outcome::Evaluation, run::Run, scored::Scored, scoring::ScoringSet,
};

pub(crate) use events::write as write_events;

/// Writes the report of an evaluation, and gives the faces that it shows.
pub(crate) fn write(
    run: &Run,
    set: &ScoringSet<'_>,
    evaluation: &Evaluation,
    (command, guide): (&str, Guide),
    path: &Path,
) -> Result<Vec<GalleryItem>, Error> {
    let report = Report {
        title: format!("{} on {}", run.recipe.name, data_name(evaluation)),
        subtitle: subtitle(run),
        headline: evaluation.headline().map(|(level, row)| Headline {
            level,
            result: row.clone(),
        }),
        notes: notes(run, evaluation),
        tables: evaluation.tables.clone(),
        places: evaluation
            .localization
            .iter()
            .map(Localization::to_row)
            .collect(),
        in_time: evaluation
            .in_time
            .as_ref()
            .map(InTime::sentence)
            .unwrap_or_default(),
        roc: roc(evaluation)?,
        scores: scores(evaluation),
        training: training(run)?,
        gallery: examples::gallery(run, set, evaluation)?,
        provenance: provenance(run, evaluation),
        command: command.into(),
        next_steps: next_steps(run, guide),
    };
    report::write(&report, path)?;
    Ok(report.gallery)
}

fn data_name(evaluation: &Evaluation) -> String {
    match evaluation.synthetic {
        true => "built-in synthetic faces".into(),
        false => evaluation
            .data
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    }
}

fn subtitle(run: &Run) -> String {
    if let Some(origin) = &run.origin {
        return format!("{origin}.");
    }
    let data = &run.info.data;
    let forgery = &run.recipe.forgery;
    let by = forgery.generator.full_name();
    let forged = match forgery.paired {
        true => format!("each as it is and forged by {by}"),
        false if forgery.generator == Generator::Data => "real and forged as they are".into(),
        false => format!(
            "{:.0} % of them forged by {by} when they were drawn",
            100.0 * forgery.probability
        ),
    };
    format!(
        "{} Trained on {} {} of {} people, {forged}.",
        run.recipe.description,
        data.frames[0],
        if data.synthetic {
            "synthetic faces"
        } else {
            "faces"
        },
        data.identities[0],
    )
}

fn notes(run: &Run, evaluation: &Evaluation) -> Vec<String> {
    let protocol = evaluation.protocol.iter();
    let mut notes: Vec<_> = protocol.flat_map(Protocol::sentences).collect();
    if evaluation.synthetic {
        notes.push(
            "These data are synthetic: rendered faces, not photographs. The numbers show that the method works, not how well it works on real pictures.".into(),
        );
    } else if run.info.data.synthetic {
        notes.push("The detector was trained on synthetic faces.".into());
    }
    if evaluation.split != "test" && evaluation.split != "all" {
        notes.push(format!(
            "The split '{}' took part in the training or in choosing the weights: this is no test.",
            evaluation.split
        ));
    }
    if let Network::Clips {
        network, snippets, ..
    } = &run.network
    {
        let unseen = network.blind_spots(*snippets).into_iter();
        notes.extend(unseen.map(|spot| format!("What this network cannot see: {spot}.")));
    }
    if evaluation.skipped > 0 {
        notes.push(format!("{} faces could not be scored.", evaluation.skipped));
    }
    notes
}

/// A curve for each data set and method that has both classes.
fn roc(evaluation: &Evaluation) -> Result<Vec<RocSeries>, Error> {
    let Some(frames) = evaluation.tables.first() else {
        return Ok(Vec::new());
    };
    let one_set = frames
        .rows
        .iter()
        .all(|row| row.dataset == frames.rows[0].dataset);
    frames
        .rows
        .iter()
        .filter(|row| row.auc.is_ok())
        .map(|row| {
            let wanted = |face: &&Scored| counts(face, &row.dataset, &row.method);
            let (scores, labels): (Vec<_>, Vec<_>) = evaluation
                .scored
                .iter()
                .filter(wanted)
                .map(|face| (face.score, face.forged))
                .unzip();
            let name = match one_set {
                true => row.method.clone(),
                false => format!("{} {}", row.dataset, row.method),
            };
            Ok(RocSeries {
                name,
                curve: roc_curve(&scores, &labels, true)?,
            })
        })
        .collect()
}

fn scores(evaluation: &Evaluation) -> Scores {
    let of = |forged: bool| {
        let faces = evaluation
            .scored
            .iter()
            .filter(move |face| face.forged == forged);
        faces.map(|face| face.score).collect()
    };
    Scores {
        real: of(false),
        forged: of(true),
        threshold: Some(evaluation.threshold),
    }
}

fn training(run: &Run) -> Result<Training, Error> {
    let mut training = Training {
        best_step: run.info.best.map(|best| best.step as u64),
        ..Training::default()
    };
    let mut total = Curve {
        name: "total".into(),
        points: Vec::new(),
    };
    let mut rate = Curve {
        name: "learning rate".into(),
        points: Vec::new(),
    };
    let mut validation = Curve {
        name: "validation AUC".into(),
        points: Vec::new(),
    };
    let mut terms: Vec<Curve> = Vec::new();
    for line in read_log(&run.dir.log())? {
        match line {
            LogLine::Train {
                step,
                loss,
                parts,
                learning_rate,
                ..
            } => {
                total.points.push((step as f64, loss));
                rate.points.push((step as f64, learning_rate));
                for (name, value) in parts {
                    let point = (step as f64, value);
                    match terms.iter_mut().find(|curve| curve.name == name) {
                        Some(curve) => curve.points.push(point),
                        None => terms.push(Curve {
                            name,
                            points: vec![point],
                        }),
                    }
                }
            }
            LogLine::Validation { step, auc, .. } => validation.points.push((step as f64, auc)),
        }
    }
    training.losses = std::iter::once(total).chain(terms).collect();
    training.validation.push(validation);
    training.learning_rate.push(rate);
    Ok(training)
}

fn provenance(run: &Run, evaluation: &Evaluation) -> Vec<(String, String)> {
    let info = &run.info;
    let mut facts = match &run.origin {
        Some(origin) => vec![
            ("Weights", origin.to_string()),
            ("SHA-256", origin.sha256.clone()),
            ("Imported by", info.command.join(" ")),
        ],
        None => trained(run),
    };
    facts.extend([
        (
            "Evaluated on",
            format!(
                "{}, split '{}'",
                evaluation.data.display(),
                evaluation.split
            ),
        ),
        ("Trainable parameters", info.parameters.to_string()),
        ("Device", info.device.clone()),
        (
            "Versions",
            format!("{} {}, Burn {}", "xtask", info.version, info.burn),
        ),
    ]);
    let facts = facts.into_iter();
    facts.map(|(name, value)| (name.into(), value)).collect()
}

/// How the run was trained.
fn trained(run: &Run) -> Vec<(&'static str, String)> {
    let info = &run.info;
    let [train, val, test] = info.data.frames;
    let mut facts = vec![
        ("Recipe", run.recipe.name.clone()),
        ("Seed", info.seed.to_string()),
        ("Training data", info.data.path.display().to_string()),
        ("Digest of the manifest (SHA-256)", info.data.digest.clone()),
        (
            "Frames (train / val / test)",
            format!("{train} / {val} / {test}"),
        ),
        (
            "Identities (train / val / test)",
            info.data.identities.map(|n| n.to_string()).join(" / "),
        ),
        ("Rows skipped", info.data.skipped.len().to_string()),
        (
            "Steps, batch size",
            format!("{}, {}", info.steps, run.recipe.schedule.batch_size),
        ),
    ];
    facts.extend(info.best.map(|best| {
        let of = format!("{} (validation AUC {:.3})", best.step, best.auc);
        ("Weights of step", of)
    }));
    if let Some(seconds) = info.trained_seconds {
        facts.push(("Time of training", format!("{seconds:.0} s")));
    }
    if let Some(share) = info.waiting_share {
        facts.push((
            "Time spent waiting for data",
            format!("{:.1} %", 100.0 * share),
        ));
    }
    facts.push(("Repeat the training", info.repeat.clone()));
    facts
}

fn next_steps(run: &Run, guide: Guide) -> Vec<NextStep> {
    let steps = (guide.next_steps)(run.dir.path()).into_iter();
    steps
        .map(|(what, command)| NextStep { what, command })
        .collect()
}
