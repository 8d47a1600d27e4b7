//! What is missing for our numbers on this disk, and the commands that fill the gaps.

use std::{
    collections::BTreeSet,
    fmt::Write,
    path::{Path, PathBuf},
};

use datasets::Layout;
use protocols::{Cell, Measure, Ours, Protocol, Row, Store, Stores, Training, aligned};

use crate::program::program;

/// Where things lie, or are to lie.
pub(crate) struct Places<'a> {
    pub(crate) data_root: Option<&'a Path>,
    pub(crate) stores: &'a Path,
    pub(crate) runs: &'a Path,
}

/// What is missing for our numbers on this disk, and the commands to get there.
pub(crate) fn gaps(
    protocol: &Protocol,
    stores: &Stores,
    ours: &Ours<'_>,
    places: &Places<'_>,
) -> String {
    let (mut prep, mut train, mut eval) = (Vec::new(), Vec::new(), Vec::new());
    let (mut needed, mut weights) = (BTreeSet::new(), BTreeSet::new());
    for (training, run) in ours.trainings.iter().zip(&ours.runs) {
        if run.is_none() {
            needed.insert(training.store.as_str());
            weights.extend(&training.pretrained);
            train.push(train_command(training, places));
        }
    }
    for cell in cells(protocol, ours) {
        let dataset = stores.get(cell.test).map_or("", |store| &store.dataset);
        if ours.number(&cell, dataset).is_some() {
            continue;
        }
        needed.insert(cell.test);
        let command = eval_command(&cell, ours, places);
        if !eval.contains(&command) {
            eval.push(command);
        }
    }
    let mut lines = Vec::new();
    let unmade = |name: &&&str| !face_store::Store::is_store(places.stores.join(name));
    for &name in needed.iter().filter(unmade) {
        let Some(store) = stores.get(name) else {
            continue;
        };
        let line = vec![
            format!("  {}", store.folder),
            looked_for(store, places),
            store.holds.clone(),
        ];
        if !lines.contains(&line) {
            lines.push(line);
        }
        prep.push(prep_command(name, store, places));
    }
    for file in weights {
        let found = match Path::new(file).is_file() {
            true => "there",
            false => "missing",
        };
        let what = "ImageNet's weights, as published for this backbone";
        lines.push(vec![format!("  {file}"), found.into(), what.into()]);
    }
    let mut text = String::new();
    if !lines.is_empty() {
        text += "\nNeeded:\n";
        text += &aligned(&lines, |_| false);
    }
    let commands = [prep, train, eval].concat();
    if commands.is_empty() {
        return text
            + match ours.trainings.is_empty() {
                true => "\nNo command fills it.\n",
                false => "\nNothing is missing.\n",
            };
    }
    text += "\nNext:\n";
    for command in commands {
        let _ = writeln!(text, "  {command}");
    }
    text
}

/// Looks at the first clips of the data sets that stores are still to be made of.
///
/// # Errors
/// Where this machine cannot read them: FFmpeg is to be installed first.
pub(crate) fn first_look(
    protocol: &Protocol,
    stores: &Stores,
    ours: &Ours<'_>,
    places: &Places<'_>,
) -> Result<(), prep::PrepError> {
    let trained_on = ours
        .trainings
        .iter()
        .map(|training| training.store.as_str());
    let tested_on = cells(protocol, ours).into_iter().map(|cell| cell.test);
    let names: BTreeSet<&str> = trained_on.chain(tested_on).collect();
    let made = |name: &str| face_store::Store::is_store(places.stores.join(name));
    for store in names
        .into_iter()
        .filter(|name| !made(name))
        .filter_map(|name| stores.get(name))
    {
        let Some(folder) = places.data_root.map(|root| root.join(&store.folder)) else {
            continue;
        };
        // What is missing or cannot be listed is said among what is needed.
        for layout in Layout::detect(&folder).unwrap_or_default() {
            if let Ok(listing) = datasets::read(&folder, layout) {
                prep::first_look(&folder, &listing.clips)?;
            }
        }
    }
    Ok(())
}

/// Whether a store's data set is on this disk.
fn looked_for(store: &Store, places: &Places<'_>) -> String {
    let Some(root) = places.data_root else {
        return "not looked for: --data-root".into();
    };
    let folder = root.join(&store.folder);
    match Layout::detect(&folder) {
        Ok(layouts) => {
            let names: Vec<_> = layouts.iter().map(|layout| layout.as_str()).collect();
            format!("there, as {}", names.join(" and "))
        }
        Err(error) if folder.is_dir() => error.to_string(),
        Err(_) => format!("missing: {}", folder.display()),
    }
}

fn prep_command(name: &str, store: &Store, places: &Places<'_>) -> String {
    let folder = places
        .data_root
        .unwrap_or(Path::new("DATA"))
        .join(&store.folder);
    let words = store.prep.iter().map(|word| format!(" {}", quoted(word)));
    format!(
        "{} prep {}{} --out {}",
        program(),
        shown(&folder),
        words.collect::<String>(),
        shown(&places.stores.join(name))
    )
}

fn eval_command(cell: &Cell<'_>, ours: &Ours<'_>, places: &Places<'_>) -> String {
    let run = match &ours.runs[cell.training] {
        Some((run, _)) => shown(&run.path),
        None => run_path(&ours.trainings[cell.training], places),
    };
    let store = shown(&places.stores.join(cell.test));
    let program = program();
    match cell.measure {
        Measure::Robustness(_) => format!("{program} robustness --run {run} --data {store}"),
        // Its faces take 258 forward passes each.
        Measure::Interaction => format!(
            "{program} audit identity --run {run} --data {store} --frames 1000 --out {run}/audit-{}",
            cell.test
        ),
        _ => format!("{program} eval --run {run} --data {store} --forge no"),
    }
}

/// What we can measure of a table.
fn cells<'a>(protocol: &'a Protocol, ours: &Ours<'_>) -> Vec<Cell<'a>> {
    let of = |row: &'a Row| {
        let cell = |column| protocol.cell(row, column, &ours.trainings);
        protocol.columns.iter().filter_map(cell).collect::<Vec<_>>()
    };
    protocol.rows.iter().flat_map(of).collect()
}

fn train_command(training: &Training, places: &Places<'_>) -> String {
    let Training {
        recipe,
        set,
        store,
        pretrained,
        first,
    } = training;
    let mut command = format!("{} train --recipe {recipe}", program());
    let first = first.as_ref().map(|first| run_folder(first, places));
    let first = first.map(|folder| folder.display().to_string());
    let weights = pretrained.iter().chain(&first);
    let weights = weights.map(|file| format!("pretrained={file}"));
    for pair in set.iter().cloned().chain(weights) {
        command += &format!(" --set {}", quoted(&pair));
    }
    let store = shown(&places.stores.join(store));
    command += &format!(" --data {store} --out {}", run_path(training, places));
    command
}

/// Where the run of a training goes: the same for every table that needs it.
fn run_path(training: &Training, places: &Places<'_>) -> String {
    shown(&run_folder(training, places))
}

fn run_folder(training: &Training, places: &Places<'_>) -> PathBuf {
    places.runs.join(training.run_name())
}

/// A path, as a shell takes it.
fn shown(path: &Path) -> String {
    quoted(&path.display().to_string())
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "=._-+/:,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use experiment::Recipe;
    use protocols::{Protocols, runs};
    use serde_json::json;

    use super::*;

    const STORES: &str = "
[ff]
folder = 'FF'
holds = 'all of it'
dataset = 'FaceForensics++'
prep = ['--frames', '300']
[celeb]
folder = 'Celeb DF'
holds = 'its list'
dataset = 'Celeb-DF-v2'
";

    const TABLE: &str = "
paper = 'pcl'
table = 'table 7'
title = 'a test'
unit = 'percent'
pretrained = 'nowhere.safetensors'
columns = [
  { name = 'CD2', test = 'celeb' },
  { name = 'Noise', test = 'celeb', measure = { robustness = 'noise' } },
  { name = 'I([N])', test = 'ff', level = 'frame', measure = 'interaction' },
]
rows = [
  { name = 'done', recipe = 'pcl-smoke', train = 'ff', published = [1.0, 2.0, 3.0] },
  { name = 'to do', recipe = 'pcl-smoke', set = ['model.lambda=0'], train = 'ff', published = [1.0, 2.0, 3.0] },
]
";

    /// A finished run of the first row, not evaluated yet.
    fn trained(at: &Path) {
        let recipe = Recipe::load("pcl-smoke", &[]).unwrap();
        let data = json!({
            "path": "/somewhere/ff", "digest": "", "synthetic": false, "frames": [0, 0, 0],
            "identities": [0, 0, 0], "skipped": [],
        });
        let info = json!({
            "version": "0", "burn": "0", "command": [], "repeat": "", "started": 1, "device": "cpu",
            "seed": 0, "data": data, "parameters": 0, "steps": 0,
            "best": { "step": 1, "auc": 1.0, "threshold": 0.5 },
        });
        fs::create_dir_all(at).unwrap();
        fs::write(at.join("recipe.toml"), recipe.to_toml().unwrap()).unwrap();
        fs::write(at.join("run.json"), info.to_string()).unwrap();
    }

    #[test]
    fn the_commands_that_fill_the_gaps_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("protocols")).unwrap();
        fs::write(at("protocols/stores.toml"), STORES).unwrap();
        fs::write(at("protocols/test.toml"), TABLE).unwrap();
        let all = Protocols::read(&at("protocols")).unwrap();
        let table = &all.tables["test"];
        trained(&at("a run"));
        let found = runs(&[at("a run")]).unwrap();
        let ours = Ours::new(table, &found).unwrap();
        let places = Places {
            data_root: None,
            stores: Path::new("stores"),
            runs: Path::new("runs"),
        };
        let text = gaps(table, &all.stores, &ours, &places);
        let next = text.lines().skip_while(|line| *line != "Next:").skip(1);
        let done = format!("'{}'", at("a run").display());
        let to_do = "runs/pcl-smoke-on-ff-model.lambda-0";
        let mut expected = vec![
            "prep 'DATA/Celeb DF' --out stores/celeb".to_owned(),
            "prep DATA/FF --frames 300 --out stores/ff".to_owned(),
            format!(
                "train --recipe pcl-smoke --set model.lambda=0 --set pretrained=nowhere.safetensors --data stores/ff --out {to_do}"
            ),
        ];
        for run in [&*done, to_do] {
            expected.extend([
                format!("eval --run {run} --data stores/celeb --forge no"),
                format!("robustness --run {run} --data stores/celeb"),
                format!(
                    "audit identity --run {run} --data stores/ff --frames 1000 --out {run}/audit-ff"
                ),
            ]);
        }
        let expected: Vec<_> = expected
            .iter()
            .map(|it| format!("  cargo xtask {it}"))
            .collect();
        assert_eq!(next.collect::<Vec<_>>(), expected, "{text}");
        assert!(
            text.contains("nowhere.safetensors") && text.contains("not looked for: --data-root")
        );

        let places = Places {
            data_root: Some(folder.path()),
            ..places
        };
        let text = gaps(table, &all.stores, &ours, &places);
        let missing = format!("missing: {}", at("FF").display());
        assert!(text.contains(&missing), "{text}");
    }
}
