//! Every protocol of `docs/protocols`, from its data sets to the numbers in its table: the commands that
//! `reproduce` prints, on miniature trees of the data sets' layouts, with networks and pictures made
//! small, for two steps each. Stages, losses, forgeries and augmentation are the protocols' own; of what
//! they name, ImageNet's weights alone are left out. `PROTOCOLS=pcl-table4,adm-table6` tries some tables.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
    thread,
};

use toml::{Table, Value};

mod trees;

/// Commands that run at once.
const AT_ONCE: usize = 2;

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

/// What a command says; an error where it refuses.
fn run(words: &[String]) -> Result<String, String> {
    let output = xtask().args(words).output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match output.status.success() {
        true => Ok(said(&output.stdout)),
        false => Err(format!("{}\n  {}", words.join(" "), said(&output.stderr))),
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// Where the published protocols are.
fn published() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = here.ancestors().map(|above| above.join("docs/protocols"));
    folders.find(|path| path.is_dir()).unwrap()
}

const SMALL_XCEPTION: &str = "model.backbone={family=\"xception\",width=0.03}";

/// Keys that make a training of a recipe with these keys small.
fn small(recipe: &str, set: &[String]) -> Vec<String> {
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    match recipe {
        "pcl-paper" => keys(&[
            "crop.size=64",
            "model.input_size=64",
            "model.backbone={depth=18,base_width=8}",
        ]),
        "lisiam-paper" => keys(&[
            "crop.size=64",
            "model.network.input_size=64",
            "model.network.channels=8",
            "model.network.relation_channels=8",
            "model.network.transformer_channels=8",
            "model.network.mlp_width=8",
            "model.network.backbone={family=\"xception\",width=0.03,output_stride=8,tail=false}",
        ]),
        "xception-paper" => keys(&["crop.size=64", "model.input_size=64", SMALL_XCEPTION]),
        "mesoinception4-paper" => keys(&["crop.size=64", "model.input_size=64"]),
        "face-xray-paper" => keys(&[
            "crop.size=64",
            "model.input_size=64",
            "model.backbone={family=\"resnet\",depth=50,base_width=8}",
        ]),
        "snippet-paper" => keys(&[
            "crop.size=32",
            "model.input_size=32",
            "model.backbone={depth=50,base_width=8}",
        ]),
        // Their module needs a map of five positions.
        "adm-paper" | "adm-sbi-paper" | "sbi-paper" => {
            let efficientnet = |variant: &str| {
                let family = "model.backbone={family=\"efficientnet\"";
                format!("{family},variant=\"{variant}\",width=0.1,depth=0.1}}")
            };
            // Rows that differ by depth alone must stay different.
            let resnet = |depth: usize| {
                format!("model.backbone={{family=\"resnet\",depth={depth},base_width=8}}")
            };
            let given = set.iter().find(|key| key.starts_with("model.backbone="));
            let backbone = match given {
                Some(given) if given.contains("xception") => SMALL_XCEPTION.to_owned(),
                Some(given) if given.contains("depth=18") => resnet(18),
                Some(given) if given.contains("depth=50") => resnet(50),
                Some(given) if given.contains("\"b3\"") => efficientnet("b3"),
                Some(given) if given.contains("\"b4\"") => efficientnet("b4"),
                Some(given) if given.contains("resnet") => resnet(34),
                Some(given) => panic!("no small form of {given}"),
                None if recipe == "adm-paper" => resnet(34),
                None => efficientnet("b4"),
            };
            let mut own: Vec<String> =
                keys(&["crop.size=80", "model.input_size=80", "model.map_stride=16"]);
            own.push(backbone);
            own
        }
        other => panic!("no small form of {other}"),
    }
}

/// Adds the keys of a small training to one of a protocol.
fn make_small(training: &mut Table) {
    let Some(recipe) = training.get("recipe").and_then(Value::as_str) else {
        return;
    };
    let text = |key: &Value| key.as_str().unwrap().to_owned();
    let set = training.get("set").and_then(Value::as_array);
    let mut set: Vec<String> = set.into_iter().flatten().map(text).collect();
    // These come last: what the table is about stays as it is.
    set.extend(small(recipe, &set));
    let shared = [
        "schedule.steps=2",
        "schedule.batch_size=4",
        "schedule.validations=1",
        "evaluation.resamples=10",
    ];
    set.extend(shared.map(str::to_owned));
    let set = set.into_iter().map(Value::String).collect();
    training.insert("set".into(), Value::Array(set));
    training.remove("pretrained");
}

/// Names of tables that alone are to be tried.
const CHOSEN: &str = "PROTOCOLS";

/// The protocols with small trainings, in a folder; answers the tables' names.
fn write_small(folder: &Path) -> BTreeSet<String> {
    fs::create_dir_all(folder).unwrap();
    let mut names = BTreeSet::new();
    for file in fs::read_dir(published()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        let mut table: Table = toml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        if name != "stores" {
            let chosen = std::env::var(CHOSEN);
            if chosen.is_ok_and(|chosen| !chosen.split(',').any(|table| table == name)) {
                continue;
            }
            names.insert(name.to_owned());
            table.remove("pretrained");
            for row in table["rows"].as_array_mut().unwrap() {
                let row = row.as_table_mut().unwrap();
                make_small(row);
                if let Some(first) = row.get_mut("first") {
                    make_small(first.as_table_mut().unwrap());
                }
            }
        }
        let to = folder.join(path.file_name().unwrap());
        fs::write(to, toml::to_string(&table).unwrap()).unwrap();
    }
    names
}

/// The words of a line for a shell, as `reproduce` quotes them.
fn unquoted(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in line.trim().chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

/// Runs commands, some at once; answers what those said that refused.
fn all(commands: &[Vec<String>]) -> Vec<String> {
    let todo = Mutex::new(commands.iter());
    let refused = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = todo.lock().unwrap().next();
                    let Some(command) = next else { return };
                    if let Err(said) = run(command) {
                        refused.lock().unwrap().push(said);
                    }
                }
            });
        }
    });
    refused.into_inner().unwrap()
}

#[test]
fn every_protocol_runs_from_its_data_sets_to_its_numbers() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    let film = "fixtures --videos --identities 6 --frames 8 --size 128 --out";
    let film = [words(film), vec![at("clips").display().to_string()]].concat();
    run(&film).unwrap();
    trees::write_all(&at("clips"), &at("data"));
    let names = write_small(&at("protocols"));
    let reproduce = |table: &str| {
        let mut command = words(&format!("reproduce {table}"));
        for option in ["protocols", "data-root", "stores", "runs"] {
            let place = at(option.strip_suffix("-root").unwrap_or(option));
            command.push(format!("--{option}"));
            command.push(place.display().to_string());
        }
        run(&command).unwrap()
    };
    fs::create_dir_all(at("runs")).unwrap();

    // Nothing is made yet: each table names all that it needs, and what several need is made once.
    let mut commands = Vec::new();
    for name in &names {
        let told = reproduce(name);
        let told = told.split("\nNext:\n").nth(1).unwrap_or_default();
        for line in told.lines() {
            let mut command = unquoted(line).split_off(2);
            // An audit takes 258 passes for each face.
            for word in command.iter_mut().filter(|word| **word == "1000") {
                *word = "8".to_owned();
            }
            if !commands.contains(&command) {
                commands.push(command);
            }
        }
    }
    let starts_from_a_run =
        |command: &Vec<String>| command.iter().any(|word| word.starts_with("pretrained="));
    let stage = |command: &Vec<String>| match command[0].as_str() {
        "prep" => 0,
        "train" => 1 + usize::from(starts_from_a_run(command)),
        _ => 3,
    };
    let mut refused = Vec::new();
    for number in 0..4 {
        let now = commands.iter().filter(|command| stage(command) == number);
        let now: Vec<_> = now.cloned().collect();
        refused.extend(all(&now));
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));

    let mut filled = 0;
    for name in &names {
        let told = reproduce(name);
        let numbers = told.split("\nNote:").next().unwrap();
        for (row, line) in numbers.lines().zip(numbers.lines().skip(1)) {
            match line.strip_prefix("  ours") {
                Some(reason) if reason.starts_with(": ") => {
                    println!("{name}: {row}: missing{reason}");
                }
                Some(ours) => {
                    let numbers: Vec<&str> = ours.split_whitespace().collect();
                    assert!(!numbers.is_empty() && !numbers.contains(&"-"), "{told}");
                    filled += 1;
                }
                None => {}
            }
        }
        assert!(told.contains("\nNothing is missing.\n"), "{told}");
    }
    println!("{filled} rows of {} tables have numbers", names.len());
    assert!(filled > 100 || std::env::var(CHOSEN).is_ok(), "{filled}");
}
