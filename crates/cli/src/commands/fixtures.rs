//! `cargo xtask fixtures`

use std::{path::PathBuf, process::ExitCode};

use built_in_data::{MANIFEST, film, render};
use clap::{Args, ValueEnum};
use fixtures::{
    DatasetConfig,
    clips::{ClipsConfig, Compression},
};

use crate::terminal::Terminal;

/// Render the built-in synthetic faces or talking heads to a folder.
///
/// Writes real faces of many identities, two families of forgeries for the test split, their masks
/// and the manifest faces.json; with --videos, real clips, four families of forged clips, their masks
/// and splits, laid out like FaceForensics++. The same bytes for the same seed. The other commands
/// render the faces by themselves where no --data is given.
#[derive(Args)]
pub struct Arguments {
    /// Where they go. For faces, the folder must not exist yet; clips that were begun there with the
    /// same options are continued.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Talking-head clips rather than faces.
    #[arg(long)]
    videos: bool,
    /// Seed of every random draw.
    #[arg(long, default_value_t = DatasetConfig::default().seed, value_name = "N")]
    seed: u64,
    /// Number of identities [default: 240, with --videos 40].
    #[arg(long, value_name = "N")]
    identities: Option<usize>,
    /// Real pictures of each identity.
    #[arg(long, default_value_t = DatasetConfig::default().pictures_per_identity, value_name = "N", conflicts_with = "videos")]
    pictures: usize,
    /// Side of the pictures in pixels [default: 128, with --videos 224].
    #[arg(long, value_name = "PIXELS")]
    size: Option<u32>,
    /// Frames of each clip.
    #[arg(long, default_value_t = ClipsConfig::default().frames, value_name = "N", requires = "videos")]
    frames: usize,
    /// Compressions of the clips: any of raw, c23, c40.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Level::ALL, value_name = "NAMES", requires = "videos")]
    compression: Vec<Level>,
}

/// How strongly clips are compressed.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Level {
    Raw,
    C23,
    C40,
}

impl Level {
    const ALL: [Self; 3] = [Self::Raw, Self::C23, Self::C40];

    /// The name of its folders.
    pub(crate) fn name(self) -> &'static str {
        Compression::from(self).name()
    }
}

impl From<Level> for Compression {
    fn from(level: Level) -> Self {
        match level {
            Level::Raw => Self::Raw,
            Level::C23 => Self::C23,
            Level::C40 => Self::C40,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    if arguments.videos {
        let default = ClipsConfig::default();
        let config = ClipsConfig {
            seed: arguments.seed,
            identities: arguments.identities.unwrap_or(default.identities),
            frames: arguments.frames,
            size: arguments.size.unwrap_or(default.size),
            compressions: arguments.compression.iter().map(|&c| c.into()).collect(),
        };
        let written = film(&arguments.out, &config, &mut terminal)?;
        terminal.finish();
        outln!(
            "{} real and {} forged clips in {}",
            written.real,
            written.forged,
            arguments.out.display()
        );
        return Ok(ExitCode::SUCCESS);
    }
    let default = DatasetConfig::default();
    let config = DatasetConfig {
        seed: arguments.seed,
        identities: arguments.identities.unwrap_or(default.identities),
        pictures_per_identity: arguments.pictures,
        size: arguments.size.unwrap_or(default.size),
    };
    render(&arguments.out, &config, &mut terminal)?;
    terminal.finish();
    outln!("Manifest: {}", arguments.out.join(MANIFEST).display());
    Ok(ExitCode::SUCCESS)
}
