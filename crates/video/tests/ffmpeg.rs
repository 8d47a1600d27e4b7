//! FFmpeg behind the same type as the built-in decoder. Where its programs are not installed, the
//! tests say so and check only how that is reported.
#![cfg(feature = "ffmpeg")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use image::{Rgb, RgbImage};
use video::{Encoding, Limits, Mp4Writer, Quality, Video, VideoError};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// Whether FFmpeg is here; if not, opening must say so.
fn installed() -> bool {
    let version = |program: &str| {
        let mut command = Command::new(program);
        command.arg("-version").stdout(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let here = version("ffprobe") && version("ffmpeg");
    if !here {
        println!("not tested: ffprobe and ffmpeg are not installed");
        let error = open(&golden("mpeg4.mp4")).unwrap_err().to_string();
        assert!(
            error.contains("mp4v") && error.contains("install FFmpeg"),
            "{error}"
        );
    }
    here
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

#[test]
fn both_decoders_give_the_same_frames() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("-a: clip.mp4");
    clip(&path);
    let named = [
        "rotated_90",
        "rotated_180",
        "edited",
        "variable_rate",
        "open_group",
        "bt709_full",
    ];
    let named = named.map(|name| golden(&format!("{name}.mp4")));
    for path in [path].into_iter().chain(named) {
        let [ours, theirs] = both(&path);
        let (one, other) = (ours.info(), theirs.info());
        assert_eq!(one.frame_count, other.frame_count, "{path:?}");
        assert_eq!((one.width, one.height), (other.width, other.height));
        assert!(
            (one.frame_rate - other.frame_rate).abs() < 0.01 * one.frame_rate,
            "{path:?}"
        );
        for wanted in [
            (0..one.frame_count).collect(),
            vec![7, 3, 4, one.frame_count - 1],
        ] {
            let (one, other) = (pictures(&ours, &wanted), pictures(&theirs, &wanted));
            assert_eq!(one.len(), other.len());
            for (one, other) in one.iter().zip(&other) {
                assert_eq!(one.0, other.0);
                assert!(
                    (one.1 - other.1).abs() < 2e-6,
                    "{path:?}: {} {}",
                    one.1,
                    other.1
                );
                let difference = difference(&one.2, &other.2);
                assert!(difference < 6.0, "{path:?} frame {}: {difference}", one.0);
            }
        }
    }
}

#[test]
fn what_the_built_in_decoder_refuses_is_read() {
    if !installed() {
        return;
    }
    for name in [
        "mpeg4.mp4",
        "ten_bits.mp4",
        "lossless.mp4",
        "interlaced.mp4",
    ] {
        let video = open(&golden(name)).unwrap();
        let count = video.info().frame_count;
        assert!(count > 0, "{name}");
        let frames = pictures(&video, &(0..count).collect::<Vec<_>>());
        assert_eq!(frames.len(), count, "{name}");
    }
    // The same stream in other containers.
    let dir = tempfile::tempdir().unwrap();
    let mp4 = dir.path().join("clip.mp4");
    clip(&mp4);
    for name in ["clip.avi", "clip.mkv", "clip.ts"] {
        let other = dir.path().join(name);
        let mut copy = Command::new("ffmpeg");
        copy.args(["-v", "error", "-i"])
            .arg(&mp4)
            .args(["-c", "copy"]);
        assert!(copy.arg(&other).status().unwrap().success());
        let (one, other) = (open(&mp4).unwrap(), open(&other).unwrap());
        assert_eq!(other.info().frame_count, 40, "{name}");
        let (one, other) = (pictures(&one, &[0, 11, 39]), pictures(&other, &[0, 11, 39]));
        for (one, other) in one.iter().zip(&other) {
            assert!(
                (one.1 - other.1).abs() < 0.002,
                "{name}: {} {}",
                one.1,
                other.1
            );
            assert!(difference(&one.2, &other.2) < 3.0, "{name} frame {}", one.0);
        }
    }
}

#[test]
fn what_is_no_video_is_one_line_and_playlists_are_none() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mp4 = dir.path().join("clip.mp4");
    clip(&mp4);
    let list = format!("ffconcat version 1.0\nfile '{}'\n", mp4.display());
    let playlist = format!("#EXTM3U\n#EXTINF:1,\n{}\n", mp4.display());
    for (name, bytes) in [
        ("nothing.avi", &b""[..]),
        (
            "text.mkv",
            b"this is no video, and nobody says that it is\n",
        ),
        ("list.avi", list.as_bytes()),
        ("playlist.mp4", playlist.as_bytes()),
    ] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let error = open(&path).unwrap_err();
        assert!(
            matches!(error, VideoError::Neither { .. }),
            "{name}: {error:?}"
        );
        let said = error.to_string();
        assert!(
            said.contains("not an MP4") && said.lines().count() == 1,
            "{said}"
        );
        assert!(!said.contains(name), "the caller knows the path: {said}");
    }
    let small = Limits {
        max_frames: 39,
        ..Limits::default()
    };
    let error = Video::open_with_ffmpeg(&mp4, &small).unwrap_err();
    assert!(matches!(error, VideoError::TooLarge { .. }), "{error:?}");
    let small = Limits {
        max_pixels: 128 * 96 - 1,
        ..Limits::default()
    };
    let error = Video::open_with_ffmpeg(&mp4, &small).unwrap_err();
    assert!(matches!(error, VideoError::TooLarge { .. }), "{error:?}");
}

/// What is cut off or damaged gives frames, then one error.
#[test]
fn damage_is_said_last() {
    if !installed() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("clip.mp4");
    clip(&path);
    let video = Video::open_with_ffmpeg(&path, &Limits::default()).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..half + 200].fill(0xff);
    std::fs::write(&path, &bytes).unwrap();
    let frames: Vec<_> = video.frames().unwrap().collect();
    let (last, whole) = frames.split_last().unwrap();
    assert!(last.is_err() && whole.len() > 5, "{} {last:?}", whole.len());
    assert!(whole.iter().all(Result::is_ok));
    // A frame that nobody asks for costs nothing: dropping the iterator ends the program.
    drop(video.frames().unwrap());
}
