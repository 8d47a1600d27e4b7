//! FFmpeg behind the same type as the built-in decoder. These tests need its programs installed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{Rgb, RgbImage};
use video::{Encoding, Limits, Mp4Writer, Quality, Video, VideoError};

mod damage;
mod full_colour;
mod kinds;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn open(path: &Path) -> Result<Video, VideoError> {
    Video::open(path, &Limits::default())
}

/// Both decoders of a file that the built-in one reads.
fn both(path: &Path) -> [Video; 2] {
    let limits = Limits::default();
    [
        Video::open(path, &limits).unwrap(),
        Video::open_with_ffmpeg(path, &limits).unwrap(),
    ]
}

fn pictures(video: &Video, wanted: &[usize]) -> Vec<(usize, f64, RgbImage)> {
    let frames = video.frames_at(wanted).unwrap().map(Result::unwrap);
    frames
        .map(|frame| (frame.index, frame.time_seconds, frame.picture))
        .collect()
}

/// The largest difference of means over 8 x 8 pixels, in levels. Where FFmpeg interpolates the colour
/// samples this is up to 4; a wrong matrix moves it by 8 or more, a wrong range by 15, a wrong turn or
/// the next frame but one by more.
fn difference(one: &RgbImage, other: &RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let mut most = 0.0_f64;
    for y in (0..one.height() - 7).step_by(8) {
        for x in (0..one.width() - 7).step_by(8) {
            for channel in 0..3 {
                let sum = |picture: &RgbImage| -> f64 {
                    let places = (0..64).map(|i| (x + i % 8, y + i / 8));
                    places
                        .map(|(x, y)| f64::from(picture.get_pixel(x, y)[channel]))
                        .sum()
                };
                most = most.max((sum(one) - sum(other)).abs() / 64.0);
            }
        }
    }
    most
}

/// Colours that move: no two frames are alike.
fn clip(path: &Path) {
    let encoding = Encoding::new(128, 96, Quality::C23);
    let mut writer = Mp4Writer::new(File::create(path).unwrap(), &encoding).unwrap();
    for time in 0..40_u32 {
        let picture = RgbImage::from_fn(128, 96, |x, y| {
            Rgb([
                (x + 6 * time) as u8,
                (2 * y + time) as u8,
                (5 * time + y) as u8,
            ])
        });
        writer.push(&picture).unwrap();
    }
    writer.finish().unwrap();
}

/// Runs `ffmpeg` on a machine that has it.
fn ffmpeg<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) {
    let mut command = Command::new("ffmpeg");
    command
        .args(["-nostdin", "-v", "error", "-y"])
        .args(arguments);
    assert!(command.status().unwrap().success(), "{command:?}");
}

/// FFmpeg's own pictures of a clip, as it writes them to PNG files.
fn own_pictures(path: &Path) -> Vec<RgbImage> {
    let dir = tempfile::tempdir().unwrap();
    let pattern = dir.path().join("%04d.png");
    ffmpeg([
        "-i".as_ref(),
        path.as_os_str(),
        "-fps_mode".as_ref(),
        "passthrough".as_ref(),
        pattern.as_os_str(),
    ]);
    let mut files: Vec<PathBuf> = (std::fs::read_dir(dir.path()).unwrap())
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
    let squares = one.iter().zip(other.iter());
    let squares = squares.map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2));
    10.0 * (65025.0 * one.len() as f64 / squares.sum::<u64>() as f64).log10()
}
