//! How a command ends.

use std::process::ExitCode;

use crate::{hints, terminal};

/// The exit code of an outcome; an error is told in one line, with what to do about it.
pub fn end(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        let told = terminal::one_line(&error);
        match hints::hint(&error) {
            Some(hint) => errln!("error: {told}; {hint}"),
            None => errln!("error: {told}"),
        }
        match of_training(&error) {
            Some(trainer::Error::Interrupted { .. }) => ExitCode::from(130),
            _ if is_about_data(&error) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    })
}

/// What went wrong with a training, alone or among others.
fn of_training(error: &anyhow::Error) -> Option<&trainer::Error> {
    match error.downcast_ref() {
        Some(suites::Error::Training(error)) => Some(error),
        _ => error.downcast_ref(),
    }
}

/// Whether data that were named are at fault, rather than how the command was given or the machine.
fn is_about_data(error: &anyhow::Error) -> bool {
    let training = |error: &trainer::Error| match error {
        trainer::Error::Data(error) => of_data(error),
        trainer::Error::Evaluation(error) => of_evaluation(error),
        trainer::Error::Picture(_)
        | trainer::Error::TooFewClips { .. }
        | trainer::Error::NoPairs { .. } => true,
        _ => false,
    };
    error.is::<datasets::DatasetError>()
        || matches!(error.downcast_ref(), Some(data_check::CheckError::Store(_)))
        || matches!(
            error.downcast_ref(),
            Some(prep::PrepError::NeedsFfmpeg { .. })
        )
        || error.downcast_ref().is_some_and(of_data)
        || error.downcast_ref().is_some_and(of_inference)
        || error.downcast_ref().is_some_and(of_checkpoints)
        || error.downcast_ref().is_some_and(of_evaluation)
        || error.downcast_ref().is_some_and(of_robustness)
        || error.downcast_ref().is_some_and(of_audits)
        || error.downcast_ref().is_some_and(of_suites)
        || of_training(error).is_some_and(training)
}

fn of_data(error: &face_data::Error) -> bool {
    use face_data::Error::{Data, Manifest, NothingToForge, Picture, Store, Videos};
    matches!(
        error,
        Data { .. } | Manifest(_) | NothingToForge { .. } | Picture(_) | Store(_) | Videos { .. }
    )
}

fn of_inference(error: &inference::Error) -> bool {
    use inference::Error::{NoLayer, Picture};
    matches!(error, NoLayer { .. } | Picture(_))
}

fn of_checkpoints(error: &checkpoints::Error) -> bool {
    use checkpoints::Error::{Io, Misfit, Other, Weights};
    matches!(error, Io { .. } | Misfit { .. } | Other { .. } | Weights(_))
}

fn of_evaluation(error: &evaluation::Error) -> bool {
    match error {
        evaluation::Error::Data(error) => of_data(error),
        evaluation::Error::Inference(error) => of_inference(error),
        evaluation::Error::EmptyPart { .. } | evaluation::Error::NothingUnseen { .. } => true,
        _ => false,
    }
}

fn of_suites(error: &suites::Error) -> bool {
    match error {
        suites::Error::NothingToHoldOut { .. } => true,
        suites::Error::Data(error) => of_data(error),
        suites::Error::Evaluation(error) => of_evaluation(error),
        _ => false,
    }
}

fn of_audits(error: &audits::Error) -> bool {
    match error {
        audits::Error::JudgesClips { .. } | audits::Error::TooFewPeople { .. } => true,
        audits::Error::Data(error) => of_data(error),
        audits::Error::Evaluation(error) => of_evaluation(error),
        _ => false,
    }
}

fn of_robustness(error: &robustness::Error) -> bool {
    match error {
        robustness::Error::OneClass { .. } => true,
        robustness::Error::Data(error) => of_data(error),
        robustness::Error::Evaluation(error) => of_evaluation(error),
        _ => false,
    }
}
