//! Runs that judge perturbed faces: options in, results and files out.

use std::path::{Path, PathBuf};

use evaluation::{Parted, Parts, Run};
use experiment::{RunDir, write_atomically, write_json};
use face_data::Faces;
use face_preproc::split::Split;
use face_store::Share;
use runtime::{DeviceName, Event, Observer};
use serde_json::{Value, json};
use synth_data::perturb::Level;

use crate::{
    Error, Perturbation, Robustness, RunResult,
    judging::{Judging, Sizes},
    page,
    results::Wanted,
};

/// What `robustness` is to do.
#[derive(Debug, Clone)]
pub struct RobustnessOptions {
    /// A manifest, a folder or a store; absent: the data of the first run.
    pub data: Option<PathBuf>,
    /// What is done to the pictures.
    pub perturbations: Vec<Perturbation>,
    /// How strongly, each 1 to 5.
    pub levels: Vec<Level>,
    /// Where the results go; absent: a folder in the first run.
    pub out: Option<PathBuf>,
    /// Which part of the work is done.
    pub share: Share,
    /// Where the networks run.
    pub device: DeviceName,
    /// The command line, for the page.
    pub command: Vec<String>,
}

/// Perturbs the pictures of a data set and lets runs judge the faces in them; writes
/// robustness.json, robustness.csv and robustness.html.
///
/// The rows are the test split where the rows name their split or a run was trained on these data,
/// else all. A face is cut out where it is in the untouched picture. Of a store, the crops with
/// their margin are the pictures. Noise and blocks are drawn anew for each row and level.
///
/// Of a share of the work, the files are written once every other share was done, by other processes that
/// were asked for the same: the same files, byte for byte. One run alone is shared out.
///
/// # Errors
/// Where a file cannot be read or written, the rows hold one class only, or work on several runs is to be
/// shared out.
pub fn robustness(
    runs: &[RunDir],
    options: &RobustnessOptions,
    observer: &mut dyn Observer,
) -> Result<Parted<(Robustness, PathBuf)>, Error> {
    let first = runs.first().ok_or(Error::NoRun)?;
    if options.share != Share::ALL && runs.len() > 1 {
        return Err(Error::SeveralRuns);
    }
    let mut conditions = vec![(None, Level::NONE)];
    for &perturbation in &options.perturbations {
        conditions.extend(options.levels.iter().map(|&l| (Some(perturbation), l)));
    }
    let mut results = Vec::new();
    let mut found: Option<(Robustness, Parts, PathBuf)> = None;
    for dir in runs {
        let run = Run::load(dir, options.device)?;
        let named = found.as_ref().map(|(found, ..)| &found.data);
        let data = &run.data(options.data.as_ref().or(named).map(PathBuf::as_path))?;
        let recipe = &run.recipe;
        let part = Some(Split::Test);
        let mut faces = Faces::list(data, &recipe.crop, &recipe.split, part, observer)?;
        let own = run.owns(&faces);
        let split = run.unseen_split(&faces);
        faces.keep_part(split);
        let rows = faces.rows(split);
        let forged = rows.iter().filter(|&&row| faces.forged(row)).count();
        if forged == 0 || forged == rows.len() {
            return Err(Error::OneClass { path: data.clone() });
        }
        if !own && split != Some(Split::Test) {
            observer.event(Event::Said(
                "these are other data than the run's: make sure that it has not seen their people",
            ));
        }
        let judging = Judging {
            run: &run,
            faces: &faces,
            conditions: &conditions,
        };
        let units = judging.score(split, options.share, observer)?;
        let split = split.map_or("all", Split::as_str);
        let out = options.out.clone().unwrap_or_else(|| {
            let stem = data.file_stem().unwrap_or_default().to_string_lossy();
            first.path().join(format!("robustness-{stem}"))
        });
        let parts = Parts::new(&out, options.share, work(&run, &faces, split, &conditions));
        let units = match parts.add(units)? {
            Parted::Whole(shares) => shares.into_iter().flatten().collect(),
            Parted::Part { there, of } => return Ok(Parted::Part { there, of }),
        };
        let (scored, sizes) = judging.together(units);
        results.push(RunResult::new(&run, &conditions, &scored));
        if found.is_none() {
            let robustness = Robustness {
                data: data.clone(),
                split,
                notes: notes(&run, &faces, own, &sizes, options),
                runs: Vec::new(),
            };
            found = Some((robustness, parts, out));
        }
    }
    let (mut found, parts, out) = found.ok_or(Error::NoRun)?;
    found.runs = results;
    std::fs::create_dir_all(&out).map_err(experiment::Error::io(&out))?;
    write(&found, options, &out)?;
    parts.clear();
    Ok(Parted::Whole((found, out)))
}

/// What all processes that share the work out must have in common.
fn work(run: &Run, faces: &Faces, split: &str, conditions: &[Wanted]) -> Value {
    let condition = |(kind, level): &Wanted| {
        let name = kind.map_or("none", Perturbation::name);
        format!("{name} {}", level.number())
    };
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "started": run.info.started,
        "best": run.info.best,
        "data": faces.manifest.digest,
        "split": split,
        "conditions": conditions.iter().map(condition).collect::<Vec<_>>(),
    })
}

fn write(found: &Robustness, options: &RobustnessOptions, out: &Path) -> Result<(), Error> {
    write_json(&out.join("robustness.json"), &found.to_json())?;
    let table = out.join("robustness.csv");
    write_atomically(&table, &found.to_csv(&table)?)?;
    let command = options.command.join(" ");
    page::write(
        found,
        &options.levels,
        command,
        &out.join("robustness.html"),
    )
}

/// What the numbers do not say by themselves. `sizes` counts the pictures of each size.
fn notes(
    run: &Run,
    faces: &Faces,
    own: bool,
    sizes: &Sizes,
    options: &RobustnessOptions,
) -> Vec<String> {
    let mut notes = vec![
        "Each picture is perturbed as a whole, and its face cut out where it is in the untouched \
         picture: what a face finder loses comes on top."
            .to_owned(),
    ];
    if own && run.info.data.synthetic {
        notes.push("The faces are synthetic.".into());
    }
    if faces.in_store() {
        notes.push(
            "The data are a store of crops: a crop with its margin stands for the picture.".into(),
        );
    }
    let of = |wanted: fn((u32, u32)) -> bool| -> usize {
        let counts = sizes.iter().filter(|(size, _)| wanted(**size));
        counts.map(|(_, count)| count).sum()
    };
    let spared = of(|size| synth_data::Perturbation::Block.spares(size));
    let block = Perturbation::Picture(synth_data::Perturbation::Block);
    if spared > 0 && options.perturbations.contains(&block) {
        notes.push(format!(
            "block leaves {spared} of {} pictures as they are: it counts its squares by 256 pixels of \
             the shorter side, and these have fewer.",
            of(|_| true)
        ));
    }
    if options.perturbations.contains(&Perturbation::Compression) {
        notes.push(
            "compression codes the frames of a clip in their order as H.264 with the constant \
             quantiser 30, 32, 35, 38 or 40, which stands for x264's crf of that number; a single \
             picture is a clip of one."
                .into(),
        );
    }
    notes
}
