//! `cargo xtask`: train forgery detectors, evaluate them, and ask them about pictures.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod commands;
mod house;
mod terminal;

/// Train detectors of forged faces, evaluate them honestly, and ask them about pictures.
///
/// Start with `cargo xtask train`: it renders synthetic faces, trains the recipe `pcl-cpu` on
/// them in about five minutes on two cores, evaluates it on identities never seen, and writes a
/// report. Then ask it about a picture: `cargo xtask detect PICTURE`.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Train(commands::train::Arguments),
    Eval(commands::eval::Arguments),
    Suite(commands::suite::Arguments),
    Robustness(commands::robustness::Arguments),
    Detect(commands::detect::Arguments),
    Explain(commands::explain::Arguments),
    Audit(commands::audit::Arguments),
    Prep(commands::prep::Arguments),
    Synth(commands::synth::Arguments),
    Reproduce(commands::reproduce::Arguments),
    Fixtures(commands::fixtures::Arguments),
    /// Run all tests.
    Test(house::TestArguments),
    /// Run all checks of the continuous integration, cheapest first.
    Ci,
    /// Run the benchmarks in `benches/`, with the build that users run.
    Bench(house::BenchArguments),
    /// Check the house: dependency arrows, one function for each equation.
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Train(arguments) => commands::train::run(&arguments),
        Command::Eval(arguments) => commands::eval::run(&arguments),
        Command::Suite(arguments) => commands::suite::run(&arguments),
        Command::Robustness(arguments) => commands::robustness::run(&arguments),
        Command::Detect(arguments) => commands::detect::run(&arguments),
        Command::Explain(arguments) => commands::explain::run(&arguments),
        Command::Audit(arguments) => commands::audit::run(&arguments),
        Command::Prep(arguments) => commands::prep::run(&arguments),
        Command::Synth(arguments) => commands::synth::run(&arguments),
        Command::Reproduce(arguments) => commands::reproduce::run(&arguments),
        Command::Fixtures(arguments) => commands::fixtures::run(&arguments),
        Command::Test(arguments) => house::test(&arguments),
        Command::Ci => house::ci(),
        Command::Bench(arguments) => house::bench(&arguments),
        Command::Tidy => house::tidy(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {}", terminal::one_line(&error));
        match error.downcast_ref() {
            Some(trainer::Error::Interrupted { .. }) => ExitCode::from(130),
            _ if is_about_data(&error) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    })
}

/// Whether data that were named are at fault, rather than how the command was given or the machine.
fn is_about_data(error: &anyhow::Error) -> bool {
    let of_training = |error: &trainer::Error| match error {
        trainer::Error::Data(error) => of_data(error),
        trainer::Error::Evaluation(error) => of_evaluation(error),
        trainer::Error::Picture(_) => true,
        _ => false,
    };
    error.is::<datasets::DatasetError>()
        || matches!(
            error.downcast_ref(),
            Some(prep::PrepError::NeedsFfmpeg { .. })
        )
        || error.downcast_ref().is_some_and(of_data)
        || error.downcast_ref().is_some_and(of_inference)
        || error.downcast_ref().is_some_and(of_evaluation)
        || error.downcast_ref().is_some_and(of_training)
}

fn of_data(error: &face_data::Error) -> bool {
    use face_data::Error::{Data, Manifest, Picture, Store};
    matches!(error, Data { .. } | Manifest(_) | Picture(_) | Store(_))
}

fn of_inference(error: &inference::Error) -> bool {
    use inference::Error::{Manifest, NoLayer, Picture};
    matches!(error, Manifest(_) | NoLayer { .. } | Picture(_))
}

fn of_evaluation(error: &evaluation::Error) -> bool {
    match error {
        evaluation::Error::Data(error) => of_data(error),
        evaluation::Error::Inference(error) => of_inference(error),
        _ => false,
    }
}
