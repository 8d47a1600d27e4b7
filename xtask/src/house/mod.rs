//! What developers do: tests, checks, benchmarks.

use std::process::ExitCode;

use clap::{Args, ValueEnum};
use xshell::cmd;

mod documents;
mod equations;
mod site;
mod source;
mod tidy;
mod workspace;

pub(crate) use site::{SiteArguments, site};
pub(crate) use tidy::tidy;

use site::rustdoc;
use workspace::shell;

#[derive(Args)]
pub(crate) struct TestArguments {
    /// Passed on to `cargo test`, as `-- --nocapture`, or `-p metrics`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    cargo: Vec<String>,
}

/// All tests; they need nothing but cargo.
pub(crate) fn test(arguments: &TestArguments) -> anyhow::Result<ExitCode> {
    let shell = shell()?;
    let cargo = &arguments.cargo;
    if cargo.is_empty() {
        cmd!(shell, "cargo test --workspace --exclude benches").run()?;
    } else {
        cmd!(shell, "cargo test {cargo...}").run()?;
    }
    Ok(ExitCode::SUCCESS)
}

#[derive(Args)]
pub(crate) struct BenchArguments {
    /// Time the networks beside a peer's instead, in turns: needs Python with torch, torchvision and timm.
    #[arg(long, value_name = "PEER")]
    against: Option<Peer>,
    /// Passed on to `cargo bench`, as `--bench i2g`, or to the comparison, as `--threads 2`.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    cargo: Vec<String>,
}

/// Whom we are compared with.
#[derive(Clone, Copy, ValueEnum)]
enum Peer {
    /// PyTorch's eager mode, on the CPU.
    Torch,
}

/// The benchmarks, in the profile that users run.
pub(crate) fn bench(arguments: &BenchArguments) -> anyhow::Result<ExitCode> {
    let shell = shell()?;
    let cargo = &arguments.cargo;
    if let Some(Peer::Torch) = arguments.against {
        cmd!(shell, "cargo build --workspace --example steps").run()?;
        cmd!(shell, "python3 benches/peers/pytorch.py {cargo...}").run()?;
        return Ok(ExitCode::SUCCESS);
    }
    cmd!(shell, "cargo bench --profile dev --workspace {cargo...}").run()?;
    Ok(ExitCode::SUCCESS)
}

/// What the continuous integration runs, cheapest first.
pub(crate) fn ci() -> anyhow::Result<ExitCode> {
    let shell = shell()?;
    cmd!(shell, "cargo fmt --all --check").run()?;
    tidy()?;
    // One pass checks all code with all back ends. `DOCS_RS` keeps the build scripts of CUDA's
    // compiler from downloading it: the code is type-checked, not linked.
    let gpus = ["--features", "xtask/wgpu,xtask/cuda"];
    cmd!(
        shell,
        "cargo clippy --workspace --all-targets {gpus...} -- -D warnings"
    )
    .env("DOCS_RS", "1")
    .run()?;
    rustdoc(&shell)?;
    // The README's commands.
    cmd!(shell, "cargo xtask test").run()?;
    let run = shell.create_temp_dir()?;
    let out = run.path().join("run");
    cmd!(shell, "cargo xtask train --recipe pcl-smoke --out {out}").run()?;
    Ok(ExitCode::SUCCESS)
}
