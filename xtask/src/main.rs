//! `cargo xtask`: train forgery detectors, evaluate them, and ask them about pictures; test and
//! check the house.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod house;

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
#[expect(clippy::large_enum_variant, reason = "one value, made once")]
enum Command {
    #[command(flatten)]
    Product(cli::Command),
    /// Run all tests.
    Test(house::TestArguments),
    /// Run all checks of the continuous integration, cheapest first.
    Ci,
    /// Run the benchmarks in `benches/`, with the build that users run.
    Bench(house::BenchArguments),
    /// Build the documentation's site, which needs mdBook.
    Site(house::SiteArguments),
    /// Check the house: dependency arrows, one function for each equation.
    Tidy,
}

fn main() -> ExitCode {
    let arguments: Cli = cli::parse("cargo xtask");
    cli::end(match arguments.command {
        Command::Product(command) => return cli::run(&command),
        Command::Test(arguments) => house::test(&arguments),
        Command::Ci => house::ci(),
        Command::Bench(arguments) => house::bench(&arguments),
        Command::Site(arguments) => house::site(&arguments),
        Command::Tidy => house::tidy(),
    })
}
