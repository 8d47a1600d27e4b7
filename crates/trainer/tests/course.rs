//! What is refused before a training begins, and what stops it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use experiment::{Guide, LogLine, Recipe, RunDir, read_log};
use fixtures::{DatasetConfig, write_dataset};
use runtime::{DeviceName, Event, Observer};
use trainer::{Error, Means, TrainOptions, resume, train};

/// Rendered faces, made once.
fn faces() -> &'static Path {
    static ROOT: OnceLock<tempfile::TempDir> = OnceLock::new();
    static FACES: OnceLock<PathBuf> = OnceLock::new();
    FACES.get_or_init(|| {
        let root = ROOT.get_or_init(|| tempfile::tempdir().unwrap());
        let config = DatasetConfig {
            identities: 20,
            pictures_per_identity: 3,
            size: 96,
            ..Default::default()
        };
        write_dataset(&root.path().join("faces"), &config, &mut |_, _| {}).unwrap();
        root.path().join("faces/faces.json")
    })
}

fn options(set: &[&str], out: &Path) -> TrainOptions {
    let small = [
        "schedule.batch_size=4",
        "evaluation.batch_size=2",
        "evaluation.resamples=10",
    ];
    let set: Vec<String> = small
        .iter()
        .chain(set)
        .map(|key| (*key).to_owned())
        .collect();
    TrainOptions {
        recipe: Recipe::load("pcl-smoke", &set).unwrap(),
        data: faces().to_owned(),
        synthetic: true,
        out: out.to_owned(),
        devices: DeviceName::Cpu.into(),
        workers: 2,
        command: Vec::new(),
        guide: Guide::default(),
    }
}

/// Notes which jobs began and what was told of steps; sets the stop once a note holds a word.
struct Watching<'a> {
    began: Vec<String>,
    notes: Vec<String>,
    stop: Option<(&'a str, &'a AtomicBool)>,
}

impl<'a> Watching<'a> {
    fn new(stop: Option<(&'a str, &'a AtomicBool)>) -> Self {
        Self {
            began: Vec::new(),
            notes: Vec::new(),
            stop,
        }
    }
}

impl Observer for Watching<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Began { what, .. } => self.began.push(what.to_owned()),
            Event::Advanced { note, .. } => {
                self.notes.push(note.to_owned());
                if let Some((word, stop)) = self.stop
                    && note.contains(word)
                {
                    stop.store(true, Ordering::Relaxed);
                }
            }
            _ => {}
        }
    }
}

#[test]
fn what_is_refused_reads_no_picture_and_leaves_no_folder() {
    let root = tempfile::tempdir().unwrap();
    let no_weights = root.path().join("none.safetensors");
    let pretrained = format!("pretrained={}", no_weights.display());
    // Rows of two parts, none of which is for validation.
    let no_validation = faces().with_file_name("no-validation.json");
    let rows = fs::read_to_string(faces()).unwrap();
    fs::write(&no_validation, rows.replace("\"val\"", "\"train\"")).unwrap();
    let stages = r#"stages=[{name="all",share=1.0,frozen=["backbone.layer9"]}]"#;
    for (place, (set, word)) in [
        (&*pretrained, "none.safetensors"),
        (stages, "backbone.layer9"),
        ("split.val=0", "validation split"),
    ]
    .into_iter()
    .enumerate()
    {
        let out = root.path().join(place.to_string());
        let mut seen = Watching::new(None);
        let mut options = options(&[set], &out);
        if set == "split.val=0" {
            options.data.clone_from(&no_validation);
        }
        let refused = train(options, &mut seen, &AtomicBool::new(false));
        let said = refused.map(|_| ()).unwrap_err().to_string();
        assert!(said.contains(word), "{said}");
        assert_eq!(seen.began, [""; 0], "{said}");
        assert!(!out.exists(), "{said}");
    }
}

#[test]
fn a_stopped_validation_costs_no_step_and_changes_no_weight() {
    let root = tempfile::tempdir().unwrap();
    let [whole, stopped] = ["whole", "stopped"].map(|name| root.path().join(name));
    let set = ["schedule.steps=4", "schedule.validations=2"];
    let never = AtomicBool::new(false);
    let mut seen = Watching::new(None);
    train(options(&set, &whole), &mut seen, &never).unwrap();
    let validating = seen.notes.iter().filter(|note| note.contains("validating"));
    assert!(validating.count() > 4, "{:?}", seen.notes);

    let stop = AtomicBool::new(false);
    let mut seen = Watching::new(Some(("validating", &stop)));
    let error = train(options(&set, &stopped), &mut seen, &stop).unwrap_err();
    assert!(
        matches!(error, Error::Interrupted { step: 2, .. }),
        "{error}"
    );
    // One batch of faces was judged, no more.
    let validating = seen.notes.iter().filter(|note| note.contains("validating"));
    assert_eq!(validating.count(), 1, "{:?}", seen.notes);
    assert!(stopped.join("checkpoints/step-0000002").is_dir());
    assert!(!stopped.join("weights.safetensors").exists());

    let run = RunDir::open(&stopped).unwrap();
    let mut means = Means {
        devices: DeviceName::Cpu.into(),
        workers: 2,
        observer: &mut (),
        stop: &never,
        guide: Guide::default(),
    };
    resume(&run, None, &mut means).unwrap();
    let weights = |run: &Path| fs::read(run.join("weights.safetensors")).unwrap();
    assert!(weights(&whole) == weights(&stopped));
    let validations = |run: &Path| -> Vec<LogLine> {
        let lines = read_log(&run.join("log.jsonl")).unwrap().into_iter();
        let validation = |line: &LogLine| matches!(line, LogLine::Validation { .. });
        lines.filter(validation).collect()
    };
    assert_eq!(validations(&whole), validations(&stopped));
    assert_eq!(validations(&whole).len(), 2);
}

/// The weights of a short training on `devices`.
fn weights_of(set: &[&str], devices: &str, out: &Path) -> Vec<u8> {
    let options = TrainOptions {
        devices: devices.parse().unwrap(),
        ..options(set, out)
    };
    let trained = train(options, &mut (), &AtomicBool::new(false)).unwrap();
    fs::read(trained.run.weights()).unwrap()
}

#[test]
fn devices_divide_a_batch_as_micro_batches_do() {
    let folder = tempfile::tempdir().unwrap();
    let steps = ["schedule.steps=3", "schedule.batch_size=8"];
    let weights = |parts: &str, devices: &str, out: &str| {
        let parts = format!("schedule.micro_batches={parts}");
        let set = [&steps[..], &[&parts]].concat();
        weights_of(&set, devices, &folder.path().join(out))
    };
    let two = weights("1", "cpu,cpu", "two");
    assert!(two == weights("2", "cpu", "parts"));
    assert!(two != weights("1", "cpu", "one"));
    let refused = TrainOptions {
        devices: "cpu,cpu,cpu".parse().unwrap(),
        ..options(
            &[&steps[..], &["schedule.micro_batches=1"]].concat(),
            &folder.path().join("three"),
        )
    };
    let error = train(refused, &mut (), &AtomicBool::new(false)).unwrap_err();
    assert!(error.to_string().contains("3 equal parts"), "{error}");
    assert!(!folder.path().join("three").exists());
}

#[test]
fn what_is_computed_again_on_the_way_back_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let weights = |set: &str, out: &str| {
        weights_of(&["schedule.steps=2", set], "cpu", &folder.path().join(out))
    };
    let kept = weights("schedule.gradient_checkpointing=false", "kept");
    assert!(kept == weights("schedule.gradient_checkpointing=true", "again"));
}

#[test]
fn half_precision_begins_with_all_but_the_same_loss() {
    let folder = tempfile::tempdir().unwrap();
    let loss = |precision: &str| {
        let out = folder.path().join(precision);
        let set = [
            "schedule.steps=2",
            &format!("schedule.precision={precision}"),
        ];
        let trained = train(options(&set, &out), &mut (), &AtomicBool::new(false)).unwrap();
        let log = read_log(&out.join("log.jsonl")).unwrap();
        assert!(trained.evaluation.scored.len() > 4);
        let loss = log.iter().find_map(|line| match line {
            LogLine::Train { loss, .. } => Some(*loss),
            LogLine::Validation { .. } => None,
        });
        loss.unwrap()
    };
    let [single, half] = [loss("f32"), loss("bf16")];
    assert!(
        single != half && (single - half).abs() < 0.02 * single,
        "{single} {half}"
    );
}
