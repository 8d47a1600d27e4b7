//! `prep` of clips as FaceForensics++ is published: lossless RGB, 4:4:4 and lossless 4:2:0, which FFmpeg's
//! programs read. These tests need them installed.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use face_preproc::pictures::Limits;
use face_store::Store;
use image::{RgbImage, imageops::crop_imm};

/// Name and options of FFmpeg's encoder.
const KINDS: [(&str, &[&str]); 3] = [
    ("rgb", &["-c:v", "libx264rgb", "-crf", "0"]),
    (
        "444",
        &["-c:v", "libx264", "-pix_fmt", "yuv444p", "-crf", "23"],
    ),
    (
        "420",
        &["-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "0"],
    ),
];

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

fn ffmpeg(arguments: &[&OsStr]) {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments);
    assert!(command.status().unwrap().success(), "{command:?}");
}

/// A folder with a talking head in each kind, as a real clip and as a forged one.
fn clips(root: &Path) -> PathBuf {
    let [tree, data] = ["tree", "data"].map(|name| root.join(name));
    let mut film = xtask();
    film.args(["fixtures", "--videos", "--compression", "raw"]);
    film.args(["--identities", "4", "--frames", "40", "--out"]);
    assert!(film.arg(&tree).output().unwrap().status.success());
    let source = tree.join("original_sequences/youtube/raw/videos/000.mp4");
    for folder in ["real", "fake"] {
        fs::create_dir_all(data.join(folder)).unwrap();
    }
    for (name, options) in KINDS {
        let clip = data.join(format!("real/{name}.mp4"));
        let mut arguments = vec![OsStr::new("-i"), source.as_os_str()];
        arguments.extend(options.iter().map(OsStr::new));
        arguments.push(clip.as_os_str());
        ffmpeg(&arguments);
        fs::copy(&clip, data.join(format!("fake/{name}.mp4"))).unwrap();
    }
    data
}

fn prep(data: &Path, store: &Path) -> Command {
    let mut command = xtask();
    command.arg("prep").arg(data).arg("--out").arg(store);
    command
}

/// FFmpeg's own pictures of a clip, as it writes them to PNG files.
fn own_pictures(clip: &Path, folder: &Path) -> Vec<RgbImage> {
    fs::create_dir_all(folder).unwrap();
    let pattern = folder.join("%04d.png");
    ffmpeg(&["-i".as_ref(), clip.as_ref(), pattern.as_ref()]);
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let read = files
        .iter()
        .map(|file| image::open(file).unwrap().into_rgb8());
    read.collect()
}

/// Peak signal-to-noise ratio in dB, of levels 0 to 255.
fn psnr(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let squares = one.iter().zip(other.iter());
    let squares = squares.map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2));
    10.0 * (65025.0 * one.len() as f64 / squares.sum::<u64>() as f64).log10()
}

#[test]
#[ignore = "needs FFmpeg's programs"]
fn clips_of_every_kind_give_all_their_crops_in_ffmpegs_own_colours() {
    let root = tempfile::tempdir().unwrap();
    let data = clips(root.path());
    let store = root.path().join("store");
    let output = prep(&data, &store).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let own: BTreeMap<&str, Vec<RgbImage>> = KINDS
        .into_iter()
        .map(|(name, _)| {
            let clip = data.join(format!("real/{name}.mp4"));
            (name, own_pictures(&clip, &root.path().join(name)))
        })
        .collect();
    let store = Store::open(&store).unwrap();
    let mut crops = BTreeMap::new();
    for (number, row) in store.rows().iter().enumerate() {
        let name = KINDS.map(|(name, _)| name);
        let name = name
            .into_iter()
            .find(|name| row.video.contains(name))
            .unwrap();
        *crops.entry((row.label.is_forged(), name)).or_insert(0) += 1;
        let crop = store.picture(number, &Limits::default()).unwrap();
        let frame = &own[name][row.frame.unwrap() as usize];
        let window: [u32; 4] = serde_json::from_value(row.extra["box"].clone()).unwrap();
        let [left, top, width, height] = window;
        let expected = crop_imm(frame, left, top, width, height).to_image();
        let ratio = psnr(&crop, &expected);
        assert!(ratio > 45.0, "{} {ratio:.1} dB", row.file);
    }
    assert_eq!(crops.len(), 6);
    assert!(crops.values().all(|count| *count == 32), "{crops:?}");
}

#[test]
#[ignore = "needs FFmpeg's programs"]
fn where_ffmpeg_is_missing_one_line_names_the_package() {
    let root = tempfile::tempdir().unwrap();
    let data = clips(root.path());
    let store = root.path().join("store");
    let Output { status, stderr, .. } = prep(&data, &store).env("PATH", "").output().unwrap();
    let said = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(2), "{said}");
    let errors: Vec<_> = said
        .lines()
        .filter(|line| line.starts_with("error"))
        .collect();
    assert_eq!(errors.len(), 1, "{said}");
    assert!(errors[0].contains("package `ffmpeg`"), "{said}");
    assert!(!store.exists());
}
