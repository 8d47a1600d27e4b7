//! `cargo xtask prep`

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Mutex, PoisonError, atomic::Ordering},
};

use anyhow::{Context, anyhow, bail};
use clap::{Args, ValueEnum};
use datasets::{Classes, DatasetError, Layout, Listing, Selection};
use face_store::{Encoding, Share};
use forgery_masks::MaskSource;
use prep::{FaceSource, PrepConfig, PrepOptions, Prepared, prepare};
use runtime::{DeviceName, Event, Observer};

use crate::terminal::{self, Terminal};

/// Make a store of face crops from a data set's videos and pictures.
///
/// DATA is the folder of a published data set as it was downloaded (--layout names them), one with `real`
/// and `fake`, or one with a manifest `faces.json`. Faces are found, followed and cut out with a margin
/// that suits every model; `train` and `eval` take the store as --data. Stop it whenever you like: the same
/// command goes on where it stopped.
/// Exit code: 0 when all clips are in the store, 2 when some are with an error or nothing
/// (they are named in errors.csv), the data set's lists cannot be read or its videos need FFmpeg, which
/// is not installed; 130 when it was stopped.
#[derive(Args)]
#[command(after_help = "\
Examples:
  cargo xtask prep /data/FaceForensics++ --out stores/ff
  cargo xtask prep /data/FaceForensics++ --out stores/df --compression c23 --method Deepfakes
  cargo xtask prep /data/dfdc --out stores/dfdc --shard 3/16     # one task of a job array
  cargo xtask train --data stores/ff")]
pub struct Arguments {
    /// The data set's folder.
    #[arg(value_name = "DATA")]
    data: PathBuf,
    /// The store's folder; new, or one that this command began.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The data set's layout, where the folder does not tell (faceforensics, dfd, celeb-df-v1,
    /// celeb-df-v2, celeb-df-pp, ffiw, fakeavceleb, forgerynet, kodf, deepfake-eval-2024, scaledf,
    /// deepsafe-bench, dfdc-train, dfdc-test, dfdc-preview, deeper-forensics, wild-deepfake, deepfake-bench,
    /// manifest, folder).
    #[arg(long, value_name = "NAME")]
    layout: Option<Layout>,
    /// Folders of real clips (names, or paths in DATA), where they are not called by a word such as
    /// `real`; with --fake.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "FOLDERS",
        requires = "fake",
        conflicts_with = "layout"
    )]
    real: Vec<String>,
    /// Folders of forged clips; with --real.
    #[arg(long, value_delimiter = ',', value_name = "FOLDERS", requires = "real")]
    fake: Vec<String>,
    /// Clips of these compressions alone (raw, c23, c40), where the data set has several.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    compression: Vec<String>,
    /// Forgeries of these methods alone; real clips stay (`real`: no forgery).
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    method: Vec<String>,
    /// Clips of these parts alone (train, val, test), as the data set has them.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    split: Vec<String>,
    /// Frames of each clip, spread over all of it.
    #[arg(long, default_value_t = 32, value_name = "N")]
    frames: usize,
    /// Frames in a row at each of these places: 4 for the snippet model.
    #[arg(long, default_value_t = 1, value_name = "N")]
    successive: usize,
    /// Where faces are looked for.
    #[arg(long, value_enum, default_value = "found")]
    faces: Faces,
    /// How much wider than the face, as a share of its side.
    #[arg(long, default_value_t = 0.6, value_name = "SHARE")]
    margin: f32,
    /// Larger crops are scaled down to this side, in pixels.
    #[arg(long, default_value_t = 512, value_name = "PIXELS")]
    most_side: u32,
    /// Smaller faces are left out, in pixels.
    #[arg(long, default_value_t = 32.0, value_name = "PIXELS")]
    least_face: f32,
    /// Keep crops as JPEG of this quality [default: PNG, without loss].
    #[arg(long, value_name = "QUALITY", value_parser = clap::value_parser!(u8).range(1..=100))]
    jpeg: Option<u8>,
    /// How the masks of forgeries are made.
    #[arg(long, value_enum, default_value = "dataset")]
    mask: Mask,
    /// Make masks from the clips of this compression (raw, c23 or c40; DATA must hold both), whatever
    /// the crops are from: compressing a pair alike makes it differ where nothing is forged.
    #[arg(long, value_name = "NAME")]
    masks_from: Option<String>,
    /// Clips in a shard (a tar file).
    #[arg(long, default_value_t = 16, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    clips_per_shard: u32,
    /// Do only part I of N, for several machines on one folder.
    #[arg(long, default_value = "0/1", value_name = "I/N")]
    shard: Share,
    /// Threads [default: one a core].
    #[arg(long, value_name = "N")]
    workers: Option<usize>,
    /// cpu, cuda, cuda:N or wgpu.
    #[arg(long, default_value_t, value_name = "DEVICE")]
    device: DeviceName,
}

#[derive(Clone, Copy, ValueEnum)]
enum Faces {
    /// In the clip itself.
    Found,
    /// In the real clip that a forgery was made from: both are then cut alike, as training from pairs
    /// wants it (ADM). Clips of the test part are cut by their own faces.
    Target,
    /// In the data set's own annotations (the built-in clips have them).
    Annotated,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mask {
    /// The data set's own.
    Dataset,
    /// Structural similarity to the original, as LiSiam has it.
    Ssim,
    /// Blurred structural dissimilarity to the original, as PCL has it.
    Dssim,
    /// Difference to the original.
    Diff,
}

impl Arguments {
    fn config(&self) -> PrepConfig {
        PrepConfig {
            frames: self.frames,
            successive: self.successive,
            faces: match self.faces {
                Faces::Found => FaceSource::Found,
                Faces::Target => FaceSource::Target,
                Faces::Annotated => FaceSource::Annotated,
            },
            margin: self.margin,
            most_side: self.most_side,
            least_face: self.least_face,
            encoding: match self.jpeg {
                Some(quality) => Encoding::Jpeg { quality },
                None => Encoding::Png,
            },
            mask: match self.mask {
                Mask::Dataset => MaskSource::dataset(),
                Mask::Ssim => MaskSource::ssim(),
                Mask::Dssim => MaskSource::dssim(),
                Mask::Diff => MaskSource::diff(),
            },
            masks_from: self.masks_from.clone(),
            clips_per_shard: self.clips_per_shard,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let mut terminal = Terminal::new();
    let listing = chosen(arguments, &mut terminal)?;
    let stop = terminal::stop_on_ctrl_c()?;
    let device = arguments.device.open()?;
    let options = PrepOptions {
        root: &arguments.data,
        out: &arguments.out,
        config: &arguments.config(),
        share: arguments.shard,
        workers: arguments.workers.unwrap_or_else(terminal::cores),
        device: &device,
        stop,
    };
    let screen = Mutex::new((terminal, false));
    let prepared = prepare(&listing.clips, &options, &|clip| {
        let mut screen = screen.lock().unwrap_or_else(PoisonError::into_inner);
        let (terminal, begun) = &mut *screen;
        if !std::mem::replace(begun, true) {
            terminal.event(Event::Began {
                what: "clips",
                total: clip.total,
                done: clip.done - 1,
            });
        }
        if let Some(error) = clip.error {
            terminal.event(Event::Said(&format!("{}: {error}", clip.path)));
        }
        terminal.event(Event::Advanced {
            done: clip.done,
            note: clip.path,
        });
    })?;
    let (mut terminal, _) = screen.into_inner().unwrap_or_else(PoisonError::into_inner);
    terminal.finish();
    Ok(conclude(
        arguments,
        &listing,
        &prepared,
        stop.load(Ordering::Relaxed),
    ))
}

/// The clips that the options ask for.
fn chosen(arguments: &Arguments, terminal: &mut Terminal) -> anyhow::Result<Listing> {
    let all = match arguments.real.is_empty() {
        true => list(&arguments.data, arguments.layout, terminal)?,
        false => {
            let classes = Classes {
                real: arguments.real.clone(),
                fake: arguments.fake.clone(),
            };
            let listing = datasets::read_classes(&arguments.data, &classes)?;
            gathered(&arguments.data, vec![("folder".into(), listing)], terminal)?
        }
    };
    let selection = Selection {
        compressions: arguments.compression.clone(),
        methods: arguments.method.clone(),
        splits: arguments.split.clone(),
    };
    if selection == Selection::default() {
        return Ok(all);
    }
    let of = all.clips.len();
    let listing = selection.choose(all)?;
    if listing.clips.is_empty() {
        bail!("none of the {of} clips is of all that --compression, --method and --split name");
    }
    terminal.event(Event::Said(&format!(
        "chosen: {} of them",
        listing.clips.len()
    )));
    Ok(listing)
}

/// Says which options tell what a folder of no known layout holds.
fn with_hint(error: DatasetError) -> anyhow::Error {
    let options = match &error {
        DatasetError::Unknown { inside: None, .. } => {
            "--real and --fake name the folders of real and of forged clips, --layout one of"
        }
        _ => return error.into(),
    };
    let known = Layout::ALL.map(Layout::as_str).join(", ");
    anyhow!("{error}; {options} {known}")
}

/// The clips of all layouts that the folder has.
fn list(data: &Path, layout: Option<Layout>, terminal: &mut Terminal) -> anyhow::Result<Listing> {
    let layouts = match layout {
        Some(layout) => vec![layout],
        None => Layout::detect(data).map_err(with_hint)?,
    };
    let mut listings = Vec::new();
    for layout in layouts {
        let listing = datasets::read(data, layout)
            .with_context(|| format!("{} as {layout}", data.display()))?;
        listings.push((layout.to_string(), listing));
    }
    gathered(data, listings, terminal)
}

/// Some listings of a folder as one, and what is to be said of each.
fn gathered(
    data: &Path,
    listings: Vec<(String, Listing)>,
    terminal: &mut Terminal,
) -> anyhow::Result<Listing> {
    let mut all = Listing::default();
    for (layout, listing) in listings {
        terminal.event(Event::Said(&format!(
            "{layout}: {} clips, {} missing, {} that no list names",
            listing.clips.len(),
            listing.missing.len(),
            listing.unlisted.len()
        )));
        for missing in listing.missing.iter().take(5) {
            terminal.event(Event::Said(&format!(
                "missing: {} ({})",
                missing.path, missing.why
            )));
        }
        for link in listing.circles.iter().take(5) {
            terminal.event(Event::Said(&format!(
                "not followed: {link} (a link back, to another class, or to what was read already)"
            )));
        }
        all.clips.extend(listing.clips);
        all.missing.extend(listing.missing);
        all.unlisted.extend(listing.unlisted);
        all.circles.extend(listing.circles);
    }
    if all.clips.is_empty() {
        bail!(
            "{} has no clips; `cargo xtask prep --help` lists the layouts",
            data.display()
        );
    }
    Ok(all)
}

fn conclude(
    arguments: &Arguments,
    listing: &Listing,
    prepared: &Prepared,
    stopped: bool,
) -> ExitCode {
    let store = arguments.out.display();
    let Prepared {
        clips,
        faces,
        wrong,
        progress,
    } = prepared;
    outln!(
        "{faces} crops of {clips} clips; {} of {} shards are there",
        progress.shards,
        progress.of
    );
    if stopped {
        outln!("Stopped; the same command goes on.");
        return ExitCode::from(130);
    }
    if *wrong > 0 {
        let when = match progress.is_complete() {
            true => "",
            false => " once all shards are there",
        };
        outln!("{wrong} clips had errors; see {store}/errors.csv{when}");
    }
    match progress.is_complete() {
        true if *wrong == *clips && *faces == 0 => outln!("Store:    {store}"),
        true => outln!("Store:    {store}\nNext:     cargo xtask train --data {store}"),
        false => outln!("Other parts of the store are still to be made (--shard)."),
    }
    match wrong + listing.missing.len() {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}
