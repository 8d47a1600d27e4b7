//! `cargo xtask fixtures`, and the built-in data of the other commands.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use fixtures::{DatasetConfig, write_dataset};
use trainer::{Event, Observer};

use crate::{house, terminal::Terminal};

/// Render the built-in synthetic faces to a folder.
///
/// Writes real faces of many identities, two families of forgeries for the test split, their masks
/// and the manifest faces.json, the same bytes for the same seed. The other commands do this by
/// themselves where no --data is given.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Where they go; the folder must not exist yet.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Seed of every random draw.
    #[arg(long, default_value_t = DatasetConfig::default().seed, value_name = "N")]
    seed: u64,
    /// Number of identities.
    #[arg(long, default_value_t = DatasetConfig::default().identities, value_name = "N")]
    identities: usize,
    /// Real pictures of each identity.
    #[arg(long, default_value_t = DatasetConfig::default().pictures_per_identity, value_name = "N")]
    pictures: usize,
    /// Side of the pictures in pixels.
    #[arg(long, default_value_t = DatasetConfig::default().size, value_name = "PIXELS")]
    size: u32,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let config = DatasetConfig {
        seed: arguments.seed,
        identities: arguments.identities,
        pictures_per_identity: arguments.pictures,
        size: arguments.size,
    };
    render(&arguments.out, &config, &mut terminal)?;
    terminal.finish();
    println!("Manifest: {}", arguments.out.join(MANIFEST).display());
    Ok(ExitCode::SUCCESS)
}

const MANIFEST: &str = "faces.json";

/// The manifest of the built-in faces; rendered into `target/` where they are not there yet.
pub(crate) fn built_in(observer: &mut dyn Observer) -> anyhow::Result<PathBuf> {
    let config = DatasetConfig::default();
    let folder = house::root()
        .join("target")
        .join(format!("built-in-faces-{}", config.key()));
    if !folder.join(MANIFEST).is_file() {
        render(&folder, &config, observer)?;
    }
    Ok(folder.join(MANIFEST))
}

fn render(
    folder: &Path,
    config: &DatasetConfig,
    observer: &mut dyn Observer,
) -> anyhow::Result<()> {
    let mut began = false;
    write_dataset(folder, config, &mut |done, total| {
        if !began {
            observer.event(Event::Began {
                what: "rendering faces",
                total,
                done: 0,
            });
            began = true;
        }
        observer.event(Event::Advanced { done, note: "" });
    })?;
    observer.event(Event::Ended);
    Ok(())
}
