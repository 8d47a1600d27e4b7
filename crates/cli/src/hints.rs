//! What to do about an error, in the words of the command line: the only place that knows both.

use std::path::Path;

use experiment::{Generator, Guide};

use crate::program::program;

/// What to do about an error; nothing where its message says all that can be said.
pub(crate) fn hint(error: &anyhow::Error) -> Option<String> {
    let trainer = error.downcast_ref().and_then(of_trainer);
    let evaluation = || error.downcast_ref().and_then(of_evaluation);
    let robustness = || error.downcast_ref().and_then(of_robustness);
    let audits = || error.downcast_ref().and_then(of_audits);
    let suites = || error.downcast_ref().and_then(of_suites);
    let inference = || error.downcast_ref().and_then(of_inference);
    let checkpoints = || error.downcast_ref().and_then(of_checkpoints);
    let data = || error.downcast_ref().and_then(of_data);
    let experiment = || error.downcast_ref().and_then(of_experiment);
    let device = || error.downcast_ref().and_then(of_device);
    let workbench = || error.downcast_ref().and_then(of_workbench);
    trainer
        .or_else(evaluation)
        .or_else(robustness)
        .or_else(audits)
        .or_else(suites)
        .or_else(inference)
        .or_else(checkpoints)
        .or_else(data)
        .or_else(experiment)
        .or_else(device)
        .or_else(workbench)
}

/// How the command line goes on from a run.
pub(crate) fn guide() -> Guide {
    Guide {
        next_steps,
        repeat: |recipe, data| {
            let data = data.map(|data| format!(" --data {}", data.display()));
            let recipe = recipe.display();
            format!(
                "{} train --recipe {recipe}{}",
                program(),
                data.unwrap_or_default()
            )
        },
    }
}

fn next_steps(run: &Path) -> Vec<(String, String)> {
    let (run, program) = (run.display(), program());
    let steps = [
        ("Ask about a picture", format!("detect PICTURE --run {run}")),
        (
            "Score a labelled data set",
            format!("eval --run {run} --data MANIFEST"),
        ),
        (
            "See what it was trained on",
            format!("synth --recipe {run}/recipe.toml"),
        ),
        ("Train on photographs", "train --data MANIFEST".into()),
    ];
    steps
        .map(|(what, command)| (what.into(), format!("{program} {command}")))
        .into()
}

fn resume(run: &Path) -> String {
    format!(
        "go on with `{} train --resume {}`",
        program(),
        run.display()
    )
}

fn of_trainer(error: &trainer::Error) -> Option<String> {
    use trainer::Error;
    match error {
        Error::OtherData { .. } => Some("name the same data with --data".into()),
        Error::NonFinite { .. } => {
            Some("try a lower learning rate (--set optimizer.learning_rate=...)".into())
        }
        Error::Interrupted { path, .. } => Some(resume(path)),
        Error::TooFewClips {
            length,
            advice: None,
            ..
        } => Some(format!(
            "make them by `{} prep DATA --frames 64 --successive {length} --faces target`",
            program()
        )),
        Error::NoPairs { .. } => Some(format!("{}, or set forgery.paired=false", cut_alike())),
        Error::Data(error) => of_data(error),
        Error::Experiment(error) => of_experiment(error),
        Error::Evaluation(error) => of_evaluation(error),
        Error::Detector(error) => of_inference(error),
        Error::Device(error) => of_device(error),
        _ => None,
    }
}

fn of_evaluation(error: &evaluation::Error) -> Option<String> {
    use evaluation::Error;
    match error {
        Error::EmptyPart { .. } => {
            Some("choose another by --split, or all of them by --split all".into())
        }
        Error::NothingUnseen { .. } => Some(
            "name other data with --data, or train with these methods held out (--set forgery.held_out=[...])"
                .into(),
        ),
        Error::Data(error) => of_data(error),
        Error::Experiment(error) => of_experiment(error),
        Error::Inference(error) => of_inference(error),
        Error::Device(error) => of_device(error),
        _ => None,
    }
}

fn of_robustness(error: &robustness::Error) -> Option<String> {
    use robustness::Error;
    match error {
        Error::OneClass { .. } => Some("name data with both by --data".into()),
        Error::SeveralRuns => Some("name one with --run, and call it for each".into()),
        Error::NoRun => Some("name one with --run".into()),
        Error::Evaluation(error) => of_evaluation(error),
        Error::Data(error) => of_data(error),
        Error::Experiment(error) => of_experiment(error),
        _ => None,
    }
}

fn of_suites(error: &suites::Error) -> Option<String> {
    use suites::Error;
    match error {
        Error::OtherRecipe { .. } => Some("give another --out, or remove it".into()),
        Error::Training(error) => of_trainer(error),
        Error::Evaluation(error) => of_evaluation(error),
        Error::Data(error) => of_data(error),
        Error::Experiment(error) => of_experiment(error),
        _ => None,
    }
}

fn of_audits(error: &audits::Error) -> Option<String> {
    use audits::Error;
    match error {
        Error::TooFewPeople { .. } => Some("name other data with --data".into()),
        Error::JudgesClips { .. } => Some("name another with --run".into()),
        Error::Evaluation(error) => of_evaluation(error),
        Error::Data(error) => of_data(error),
        Error::Experiment(error) => of_experiment(error),
        _ => None,
    }
}

fn of_inference(error: &inference::Error) -> Option<String> {
    use inference::Error;
    match error {
        Error::Untrained { path } => Some(resume(path)),
        Error::OtherWeights { .. } => Some(
            "get the folder anew; a run is opened by its records once its detector.json is removed"
                .into(),
        ),
        Error::NoLayer { known, .. } => Some(format!("--layer takes {known} or all")),
        _ => None,
    }
}

fn of_checkpoints(error: &checkpoints::Error) -> Option<String> {
    use checkpoints::{Error, Looks};
    match error {
        Error::Other {
            looks: Looks::Kind(kind),
            path,
            ..
        } => Some(format!("`{} import {kind} {}`", program(), path.display())),
        Error::Run(error) => of_experiment(error),
        Error::Detector(error) => of_inference(error),
        Error::Device(error) => of_device(error),
        _ => None,
    }
}

fn of_data(error: &face_data::Error) -> Option<String> {
    use face_data::Error;
    match error {
        Error::NothingToForge {
            generator: Generator::Mfs | Generator::Data,
            ..
        } => Some(cut_alike()),
        Error::Videos { path } => Some(format!(
            "make a store of them by `{} prep {} --out STORE`, and name that",
            program(),
            path.display()
        )),
        Error::Experiment(error) => of_experiment(error),
        Error::Device(error) => of_device(error),
        _ => None,
    }
}

fn cut_alike() -> String {
    format!("make the data by `{} prep DATA --faces target`", program())
}

fn of_experiment(error: &experiment::Error) -> Option<String> {
    use experiment::Error;
    match error {
        Error::RunExists { path } => Some(format!(
            "go on with it by `--resume {}`, or choose another --out",
            path.display()
        )),
        Error::Imported { path } => Some(format!(
            "name data with --data; to train on from it, `{} train --recipe {run}/recipe.toml --set pretrained={run} --data DATA`",
            program(),
            run = path.display()
        )),
        Error::NoRuns { .. } => Some(format!(
            "train one with `{} train`, or name one with --run",
            program()
        )),
        _ => None,
    }
}

fn of_device(error: &runtime::DeviceError) -> Option<String> {
    use runtime::DeviceError;
    match error {
        DeviceError::NotBuiltIn(feature) => Some(match program() {
            "cargo xtask" => format!("`cargo run -p xtask --features {feature} -- ...`"),
            _ => format!("`cargo install --path crates/cli --features {feature}`"),
        }),
        DeviceError::Unavailable { .. } => Some("or use --device cpu".into()),
        DeviceError::Unknown(_) => None,
    }
}

fn of_workbench(error: &workbench::Error) -> Option<String> {
    use workbench::Error;
    match error {
        Error::Listen { .. } => Some("name another port with --port; 0 takes a free one".into()),
        Error::InUse { .. } => {
            Some("open the page of that one, or name another folder with --data".into())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_come_with_what_to_do_wherever_they_were_met() {
        let exists = || experiment::Error::RunExists {
            path: "runs/a".into(),
        };
        let direct = hint(&exists().into()).unwrap();
        assert!(direct.contains("--resume runs/a"), "{direct}");
        let met = evaluation::Error::Experiment(exists());
        assert_eq!(hint(&met.into()), Some(direct.clone()));
        let trained = trainer::Error::Evaluation(evaluation::Error::Experiment(exists()));
        assert_eq!(hint(&trained.into()), Some(direct));
        let lacking = face_data::Error::NothingToForge {
            path: "x.json".into(),
            reason: "it needs pairs".into(),
            generator: Generator::Mfs,
        };
        let videos = face_data::Error::Videos { path: "ff".into() };
        let store = hint(&videos.into()).unwrap();
        assert!(store.contains("prep ff --out STORE"), "{store}");
        let prep = hint(&trainer::Error::Data(lacking).into()).unwrap();
        assert!(prep.contains("prep DATA --faces target"), "{prep}");
        assert_eq!(hint(&anyhow::anyhow!("else")), None);
    }
}
