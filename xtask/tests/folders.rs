//! Folders as people have them, given to `detect`: every file is answered or passed over with a reason,
//! page and answers agree, and a call that is killed goes on where it was.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::Duration,
};

use image::{Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use rand::RngExt;
use rand_chacha::{ChaCha8Rng, rand_core::SeedableRng};
use serde_json::Value;

/// Asks the detector that comes with the program; pictures are crops of faces, and need not look like them.
fn detect() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(["detect", "--whole", "--any-compression"]);
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn end_with(code: i32, command: &mut Command) -> Output {
    let output = command.output().unwrap();
    let said = format!("{}\n{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{command:?}\n{said}");
    assert!(!said.contains("panicked"), "{said}");
    output
}

fn answers(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A small picture, another for each number.
fn picture(number: u8) -> RgbImage {
    RgbImage::from_fn(48, 48, |x, y| {
        let number = u32::from(number);
        Rgb([x * number, (x ^ y) * 4, (y + number) * 2].map(|level| level as u8))
    })
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, 92);
    picture.write_with_encoder(encoder).unwrap();
    bytes
}

/// Pictures that a page shows, as files of its folder.
fn shown_on(page: &Path) -> BTreeSet<PathBuf> {
    let html = fs::read_to_string(page).unwrap();
    let links = html.split("<img ").skip(1);
    let links = links.map(|rest| {
        rest.split("src=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
    });
    links
        .map(|link| {
            assert!(!link.contains(['#', '?', ' ']), "{link}");
            let mut bytes = Vec::new();
            let mut rest = link.bytes();
            while let Some(byte) = rest.next() {
                bytes.push(match byte {
                    b'%' => {
                        let digits = [rest.next().unwrap(), rest.next().unwrap()];
                        u8::from_str_radix(&text(&digits), 16).unwrap()
                    }
                    byte => byte,
                });
            }
            page.with_file_name(String::from_utf8(bytes).unwrap())
        })
        .collect()
}

fn golden(name: &str) -> Vec<u8> {
    let clips = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/video/tests/golden");
    fs::read(clips.join(name)).unwrap()
}

#[cfg(unix)]
#[test]
fn every_file_of_a_hostile_folder_is_answered_or_has_a_reason() {
    use std::{
        ffi::OsStr,
        os::unix::{ffi::OsStrExt, fs::symlink},
    };
    let ground = tempfile::tempdir().unwrap();
    let folder = ground.path().join("world");
    fs::create_dir_all(folder.join("deeper")).unwrap();
    let good = jpeg(&picture(3));
    let clip = golden("bframes.mp4");
    let long = format!("{}.jpg", "n".repeat(246));
    let large = RgbImage::from_pixel(12_000, 9_000, Rgb([120, 130, 140]));
    let mut files: Vec<(&[u8], Vec<u8>)> = vec![
        (long.as_bytes(), good.clone()),
        (b"100%25 #1? a&b.jpg", good.clone()),
        (b"line\nbreak.jpg", good.clone()),
        (b"film.mp4", clip.clone()),
        (b"film.without-ending", clip.clone()),
        (b"cut.mp4", clip[..clip.len() / 2].to_vec()),
        (
            b"phone.HEIC",
            b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(),
        ),
        (b"108-megapixels.jpg", jpeg(&large)),
        (b"empty.jpg", Vec::new()),
        (b"notes.txt", b"nothing to see\n".to_vec()),
        (b"good.jpg", good.clone()),
        (b"deeper/good.jpg", good.clone()),
        (b".hidden.jpg", good.clone()),
    ];
    // Some file systems have no such names.
    if fs::write(folder.join(OsStr::from_bytes(b"caf\xe9.jpg")), &good).is_ok() {
        files.push((b"caf\xe9.jpg", good));
    }
    for (name, bytes) in &files {
        fs::write(folder.join(OsStr::from_bytes(name)), bytes).unwrap();
    }
    symlink("..", folder.join("deeper/up")).unwrap();
    symlink("nowhere.jpg", folder.join("broken.jpg")).unwrap();

    let out = ground.path().join("out");
    let mut asked = detect();
    asked.args(["--recursive", "--json"]).arg(&folder);
    let output = end_with(2, asked.arg("--out").arg(&out));
    let said = text(&output.stderr);
    let lines = answers(&text(&output.stdout));
    // Those files and the broken link; without the text and the hidden one.
    assert_eq!(lines.len(), files.len() + 1 - 2, "{said}");
    let of = |name: &str| {
        let named = |line: &&Value| line["file"].as_str().unwrap().ends_with(name);
        lines.iter().find(named).unwrap_or_else(|| panic!("{name}"))
    };
    for name in [
        &*long,
        "100%25 #1? a&b.jpg",
        "line\nbreak.jpg",
        "108-megapixels.jpg",
        "world/good.jpg",
        "deeper/good.jpg",
        "caf\u{fffd}.jpg",
    ] {
        let line = of(name);
        assert!(line["score"].is_number(), "{line}");
        let overlay = Path::new(line["faces"][0]["overlay"].as_str().unwrap());
        assert!(overlay.is_file(), "{line}");
    }
    assert_eq!(
        of("caf\u{fffd}.jpg")["file_bytes"]
            .as_array()
            .unwrap()
            .last()
            .unwrap(),
        b'g'
    );
    for name in ["film.mp4", "film.without-ending"] {
        let line = of(name);
        assert_eq!(line["kind"], "video", "{line}");
        assert_ne!(line["verdict"], "unreadable", "{line}");
    }
    for (name, word) in [
        ("cut.mp4", "cut off"),
        ("phone.HEIC", "HEIC"),
        ("empty.jpg", "an empty file"),
        ("broken.jpg", "broken.jpg"),
    ] {
        let line = of(name);
        assert_eq!(line["verdict"], "unreadable", "{line}");
        assert!(line["reason"].as_str().unwrap().contains(word), "{line}");
        assert!(said.contains(name), "{said}");
    }
    for word in ["text: 1 (", "notes.txt", ".hidden.jpg", "deeper/up"] {
        assert!(said.contains(word), "{word} in {said}");
    }

    // What is kept, what was printed, and what the page shows are the same.
    let kept = answers(&fs::read_to_string(out.join("answers.jsonl")).unwrap());
    let word = |line: &Value| {
        (
            line["file"].clone(),
            line["verdict"].clone(),
            line["score"].clone(),
        )
    };
    assert!(kept.iter().map(word).eq(lines.iter().map(word)));
    let page = out.join("index.html");
    let html = fs::read_to_string(&page).unwrap();
    for line in &lines {
        let file = line["file"]
            .as_str()
            .unwrap()
            .replace('\n', "\\n")
            .replace('&', "&#38;");
        let shown = html.split_once(&format!("<h2>{file}</h2>"));
        let (_, shown) = shown.unwrap_or_else(|| panic!("{file} in {html}"));
        let said = shown.split("verdict-words\">").nth(1).unwrap();
        let words = match line["verdict"].as_str().unwrap() {
            "forged" => "likely forged".into(),
            "real" => "no sign of forgery".into(),
            "uncertain" => "uncertain".into(),
            why => format!("cannot judge: {why}"),
        };
        assert!(said.starts_with(&words), "{file}: not {words}");
    }
    let pictures: BTreeSet<PathBuf> = lines
        .iter()
        .flat_map(|line| {
            let faces = line["faces"].as_array().into_iter().flatten();
            let overlays = faces.map(|face| &face["overlay"]);
            overlays.chain(line.get("whole"))
        })
        .map(|picture| picture.as_str().unwrap().into())
        .collect();
    assert_eq!(shown_on(&page), pictures);
    assert!(pictures.iter().all(|picture| picture.is_file()));
}

#[test]
fn folders_in_folders_are_looked_into_where_asked_for() {
    let ground = tempfile::tempdir().unwrap();
    let at = |name: &str| ground.path().join(name);
    fs::create_dir_all(at("in/deeper")).unwrap();
    for name in ["in/a.png", "in/deeper/b.png"] {
        picture(5).save(at(name)).unwrap();
    }
    let ask = |more: &[&str]| {
        let mut asked = detect();
        asked.arg(at("in")).args(more).arg("--out").arg(at("out"));
        text(&end_with(0, &mut asked).stdout)
    };
    let flat = ask(&[]);
    assert!(flat.contains("of 1 faces"), "{flat}");
    assert!(
        flat.contains("deeper") && flat.contains("--recursive"),
        "{flat}"
    );
    let deep = ask(&["--recursive"]);
    assert!(
        deep.contains("of 2 faces") && !deep.contains("passed over"),
        "{deep}"
    );
}

#[test]
fn a_picture_that_cannot_be_written_costs_neither_its_answer_nor_the_others() {
    let ground = tempfile::tempdir().unwrap();
    let at = |name: &str| ground.path().join(name);
    for (number, name) in [(5, "a.png"), (7, "b.png")] {
        picture(number).save(at(name)).unwrap();
    }
    // Where its picture is to be.
    fs::create_dir_all(at("out/a.face-1.png/full")).unwrap();
    let mut asked = detect();
    asked.arg("--json").arg(at("a.png")).arg(at("b.png"));
    let output = end_with(2, asked.arg("--out").arg(at("out")));
    assert!(text(&output.stderr).contains("a.png: not written"));
    let lines = answers(&text(&output.stdout));
    assert!(
        lines.iter().all(|line| line["score"].is_number()),
        "{lines:?}"
    );
    assert!(lines[0]["unwritten"].is_string() && lines[1]["unwritten"].is_null());
    assert_eq!(
        shown_on(&at("out/index.html")),
        ["a.whole.jpg", "b.face-1.png", "b.whole.jpg"]
            .map(|name| at("out").join(name))
            .into()
    );
}

/// Killed again and again at any moment and gone on with: the same answers as of a call
/// that nobody disturbed, and none twice.
#[cfg(unix)]
#[test]
fn a_killed_call_is_gone_on_with() {
    let (pictures, kills) = (60, 10);
    let ground = tempfile::tempdir().unwrap();
    let folder = ground.path().join("in");
    fs::create_dir_all(&folder).unwrap();
    for number in 0..pictures {
        let name = format!("{number}.png");
        picture(number).save(folder.join(name)).unwrap();
    }
    let out = ground.path().join("out");
    let begin = |out: &Path| {
        let mut asked = detect();
        asked.arg("--json").arg(&folder).arg("--out").arg(out);
        asked
    };
    let whole = ground.path().join("whole");
    end_with(0, &mut begin(&whole));
    let kept = |out: &Path| fs::read_to_string(out.join("answers.jsonl")).unwrap_or_default();

    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut printed = Vec::new();
    let mut disturbed = 0;
    for _ in 0..kills {
        let mut asked = match out.join("call.json").is_file() {
            false => begin(&out),
            true => {
                let mut asked = Command::new(env!("CARGO_BIN_EXE_xtask"));
                asked.args(["detect", "--json", "--resume"]).arg(&out);
                asked
            }
        };
        asked.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = asked.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let seen = lines.by_ref().map_while(Result::ok);
        printed.extend(seen.take(rng.random_range(0..4)));
        thread::sleep(Duration::from_millis(rng.random_range(0..6)));
        child.kill().unwrap();
        printed.extend(lines.map_while(Result::ok));
        child.wait().unwrap();
        // On a busy machine it may come to its end before it is killed.
        match kept(&out).lines().count() < usize::from(pictures) {
            true => disturbed += 1,
            false => break,
        }
    }
    assert!(disturbed > 2, "{disturbed}");
    let mut resume = Command::new(env!("CARGO_BIN_EXE_xtask"));
    resume.args(["detect", "--json", "--resume"]).arg(&out);
    let last = end_with(0, &mut resume);
    assert_eq!(kept(&out), kept(&whole));
    let rest = text(&last.stdout);
    printed.extend(rest.lines().map(str::to_owned));
    let files: BTreeSet<String> = (printed.iter())
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .map(|line| line["file"].to_string())
        .collect();
    assert!(files.len() >= printed.len() - kills, "printed twice");
    assert_eq!(
        shown_on(&out.join("index.html")).len(),
        2 * usize::from(pictures)
    );
}
