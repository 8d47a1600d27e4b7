//! Files and lists made to do harm, given to every command that reads data: one clear line for each,
//! exit code 2, no panic, bounded memory, and no file outside the output folder.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::OnceLock,
};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;

/// Address space of a command, in KiB: plenty for every command, and a third of what the largest
/// picture claims to need.
#[cfg(target_os = "linux")]
const MOST_MEMORY: u64 = 10 << 20;

/// A run that has seen one step of training; trained once, tests share it.
fn run() -> &'static Path {
    static GROUND: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, run) = GROUND.get_or_init(|| {
        let root = tempfile::tempdir().unwrap();
        let at = |name: &str| root.path().join(name).display().to_string();
        let sizes = ["--identities", "16", "--pictures", "2", "--size", "64"];
        let smoke = ["--recipe", "pcl-smoke", "--set", "schedule.steps=1"];
        let (faces, manifest, run) = (at("faces"), at("faces/faces.json"), at("run"));
        let render = [&["fixtures", "--out", &faces], &sizes[..]].concat();
        let data = ["--data", &manifest, "--out", &run];
        for arguments in [render, [&["train"], &smoke[..], &data].concat()] {
            let done = command(root.path(), &arguments).output().unwrap();
            assert!(done.status.success(), "{}", said(&done));
        }
        let run = root.path().join("run");
        (root, run)
    });
    run
}

/// The program in a folder, with bounded memory where the system can bound it.
fn command(folder: &Path, arguments: &[&str]) -> Command {
    let program = env!("CARGO_BIN_EXE_xtask");
    #[cfg(target_os = "linux")]
    let mut command = {
        let mut shell = Command::new("sh");
        let bounded = format!("ulimit -v {MOST_MEMORY} && exec \"$0\" \"$@\"");
        shell.arg("-c").arg(bounded).arg(program);
        // Threads reserve address space that they never use.
        shell
            .env("RAYON_NUM_THREADS", "2")
            .env("MALLOC_ARENA_MAX", "2");
        shell
    };
    #[cfg(not(target_os = "linux"))]
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A folder of data, and beside it nothing but what commands make.
struct Sandbox(tempfile::TempDir);

impl Sandbox {
    fn new(files: &[(&str, Vec<u8>)]) -> Self {
        let sandbox = Self(tempfile::tempdir().unwrap());
        for (name, bytes) in files {
            let path = sandbox.0.path().join("a/b/data").join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        sandbox
    }

    /// Runs a command with the folder `a/b` as current one and `out` as output; gives back what it
    /// said on standard error. It must end with code 2 and leave everything but `out` alone.
    fn refused(&self, arguments: &[&str]) -> String {
        let before = files(self.0.path());
        let folder = self.0.path().join("a/b");
        let arguments = [arguments, &["--out", "out"]].concat();
        let output = command(&folder, &arguments).output().unwrap();
        let said = said(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(!said.contains("panicked"), "{arguments:?}: {said}");
        let out = folder.join("out");
        let made = &files(self.0.path()) - &before;
        assert!(made.iter().all(|file| file.starts_with(&out)), "{made:?}");
        assert!(files(self.0.path()).is_superset(&before));
        if out.exists() {
            fs::remove_dir_all(out).unwrap();
        }
        said
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.append(&mut files(&path)),
            false => _ = found.insert(path),
        }
    }
    found
}

fn golden(name: &str) -> Vec<u8> {
    let clips = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/video/tests/golden");
    fs::read(clips.join(name)).unwrap()
}

/// A PNG whose header claims 100,000 x 100,000 pixels: 30 GB of RGB.
fn bomb() -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend([100_000_u32.to_be_bytes(), 100_000_u32.to_be_bytes()].concat());
    png.extend(b"\x08\x02\0\0\0");
    let mut crc = flate2::Crc::new();
    crc.update(&png[12..]);
    png.extend(crc.sum().to_be_bytes());
    png.extend(b"\0\0\0\x04IDAT");
    png
}

/// Videos and pictures, and a word of what is to be said of each.
fn hostile_files() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let mut late = golden("bframes.mp4");
    // The index is there, no frame is.
    let data = late.windows(4).position(|four| four == b"mdat").unwrap();
    late.truncate(data + 4);
    vec![
        (
            "real/early.mp4",
            golden("bframes.mp4")[..600].into(),
            "cut off",
        ),
        ("real/late.mp4", late, "cut off"),
        ("real/nothing.mp4", Vec::new(), "an empty file"),
        ("real/sound.mp4", golden("sound.mp4"), "no video track"),
        ("real/huge.png", bomb(), "too large"),
        ("fake/zeros.mp4", vec![0; 4096], "nothing but zeros"),
        (
            "fake/gif.mp4",
            b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;".into(),
            "gif",
        ),
        ("fake/nothing.png", Vec::new(), "empty"),
        ("fake/short.png", bomb()[..20].into(), "truncated"),
    ]
}

/// Whether a line says `word` of the file, whatever the file's own name says.
fn tells(line: &str, name: &str, word: &str) -> bool {
    let said = line.replace(name, "").to_lowercase();
    said.contains(&word.to_lowercase())
}

#[test]
fn every_broken_file_gets_a_line() {
    let hostile = hostile_files();
    let files: Vec<_> = hostile
        .iter()
        .map(|(name, bytes, _)| (*name, bytes.clone()))
        .collect();
    let sandbox = Sandbox::new(&files);
    let run = run().to_str().unwrap();

    let paths: Vec<String> = files
        .iter()
        .map(|(name, _)| format!("data/{name}"))
        .collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let said = sandbox.refused(&[&["detect", "--run", run], &paths[..]].concat());
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), hostile.len(), "{said}");
    for (line, (name, _, word)) in lines.iter().zip(&hostile) {
        assert!(line.contains(name) && tells(line, name, word), "{line}");
    }

    // The first line says what the folder holds.
    let said = sandbox.refused(&["prep", "data", "--workers", "1"]);
    assert_eq!(said.lines().count(), 1 + hostile.len(), "{said}");
    for (name, _, word) in &hostile {
        let lines: Vec<&str> = said.lines().filter(|line| line.starts_with(name)).collect();
        assert!(
            matches!(lines[..], [line] if tells(line, name, word)),
            "{name}: {said}"
        );
    }

    let rows = json!([{"file": "real/huge.png"}, {"file": "fake/short.png", "label": 1}]);
    fs::write(
        sandbox.0.path().join("a/b/data/rows.json"),
        rows.to_string(),
    )
    .unwrap();
    let said = sandbox.refused(&["eval", "--run", run, "--data", "data/rows.json"]);
    // Each that is passed over, and that none is left.
    assert_eq!(said.lines().count(), 3, "{said}");
    assert!(
        said.contains("real/huge.png") && said.contains("too large"),
        "{said}"
    );
}

/// Manifests with paths that lead out, and what is to be said of them.
#[test]
fn manifests_do_not_lead_out() {
    let run = run().to_str().unwrap();
    for (row, word) in [
        (json!({"file": "../../x.png"}), "without .."),
        (json!({"file": "/etc/x.png"}), "absolute"),
        (json!({"file": "C:/x.png"}), "absolute"),
        (json!({"file": "..\\x.png"}), "with /"),
        (
            json!({"file": "x.png", "mask": "a/../../x.png"}),
            "without ..",
        ),
    ] {
        let rows = json!([row]).to_string().into_bytes();
        let sandbox = Sandbox::new(&[("faces.json", rows)]);
        for arguments in [
            &["detect", "--run", run, "data/faces.json"][..],
            &["eval", "--run", run, "--data", "data/faces.json"],
            &[
                "train",
                "--recipe",
                "pcl-smoke",
                "--data",
                "data/faces.json",
            ],
            &["prep", "data"],
        ] {
            let said = sandbox.refused(arguments);
            assert_eq!(said.lines().count(), 1, "{said}");
            assert!(said.contains("row 0") && said.contains(word), "{said}");
            assert_eq!(said.matches(word).count(), 1, "said twice: {said}");
        }
    }
    // Names are not paths: wherever they are used, they stay names.
    let row =
        json!({"file": "x.png", "video": "../../../x", "identity": "/etc/x", "method": "../x"});
    let png = Sandbox::new(&[
        ("faces.json", json!([row]).to_string().into_bytes()),
        ("x.png", bomb()),
    ]);
    assert!(png.refused(&["prep", "data"]).contains("too large"));
}

/// A gzipped tar with one file of that name.
fn archive(name: &str) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_size(0);
    // As a hostile archive has it: `set_path` would refuse `..`.
    header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_cksum();
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    tar.append(&header, &[][..]).unwrap();
    tar.into_inner().unwrap().finish().unwrap()
}

#[test]
fn lists_and_archives_of_data_sets_do_not_lead_out() {
    let bench = |frame: &str| {
        let video = json!({"label": "D-real", "frames": [frame]});
        json!({"D": {"D-real": {"train": {"v": video}}}}).to_string()
    };
    let dfdc = |file: &str, original: &str| {
        json!({file: {"label": "FAKE", "split": "train", "original": original}}).to_string()
    };
    let metadata = "dfdc_train_part_0/metadata.json";
    for (name, list, word) in [
        (
            "D.json",
            bench("../../frames/0.png").into_bytes(),
            "without ..",
        ),
        (
            "D.json",
            bench("/etc/frames/0.png").into_bytes(),
            "absolute",
        ),
        (
            "D.json",
            bench("frames\\..\\..\\0.png").into_bytes(),
            "without ..",
        ),
        (
            metadata,
            dfdc("../../x.mp4", "y.mp4").into_bytes(),
            "without ..",
        ),
        (
            metadata,
            dfdc("x.mp4", "/etc/y.mp4").into_bytes(),
            "absolute",
        ),
        (
            "labels.csv",
            b"filename,label\n../x.mp4,1\n".into(),
            "without ..",
        ),
        ("real_test/1.tar.gz", archive("../../x.png"), "without .."),
        ("real_test/1.tar.gz", archive("/etc/x.png"), "absolute"),
        ("real_test/1.tar.gz", b"no archive".into(), "1.tar.gz"),
    ] {
        let said = Sandbox::new(&[(name, list)]).refused(&["prep", "data"]);
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(name) && said.contains(word), "{said}");
        assert_eq!(said.matches(word).count(), 1, "said twice: {said}");
    }
}
