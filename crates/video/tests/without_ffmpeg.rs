//! What the built-in decoder lacks, on a machine without FFmpeg: one line that says what to install.
//!
//! Each test runs again in a process of its own, whose PATH leads nowhere.

use std::path::{Path, PathBuf};
use std::process::Command;

use video::{Limits, Video, VideoError};

/// Tells the process that its PATH leads nowhere.
const ALONE: &str = "VIDEO_TEST_WITHOUT_FFMPEG";

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

/// Runs `check` in a process that finds no program.
fn without_ffmpeg(test: &str, check: impl Fn()) {
    if std::env::var_os(ALONE).is_some() {
        return check();
    }
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args([test, "--exact", "--nocapture"]);
    let output = again.env(ALONE, "1").env("PATH", "").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn error_of(path: &Path) -> VideoError {
    Video::open(path, &Limits::default()).expect_err(&path.display().to_string())
}

#[test]
fn one_line_names_the_package() {
    without_ffmpeg("one_line_names_the_package", || {
        let named = |name: &str| error_of(&golden(name));
        for (name, word) in [
            ("c23_444.mp4", "4:2:0"),
            ("raw_rgb.mp4", "4:2:0"),
            ("raw_420.mp4", "lossless"),
            ("lossless.mp4", "lossless"),
            ("ten_bits.mp4", "8 bits"),
            ("interlaced.mp4", "interlaced"),
            ("mpeg4.mp4", "mp4v"),
        ] {
            let error = named(name);
            assert!(error.needs_ffmpeg(), "{name}: {error:?}");
            let said = error.to_string();
            assert!(said.contains(word), "{name}: {said}");
            assert!(said.contains("install the package `ffmpeg`"), "{said}");
            assert_eq!(said.lines().count(), 1, "{said}");
        }
        let dir = tempfile::tempdir().unwrap();
        let matroska = dir.path().join("clip.mp4");
        std::fs::write(&matroska, b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x23").unwrap();
        let error = error_of(&matroska);
        assert!(error.needs_ffmpeg(), "{error:?}");
        assert!(error.to_string().starts_with("Matroska"), "{error}");
        // What the built-in decoder reads needs nothing.
        assert!(Video::open(golden("bframes.mp4"), &Limits::default()).is_ok());
    });
}

/// What is no video is not helped by FFmpeg.
#[test]
fn what_is_no_video_is_named() {
    without_ffmpeg("what_is_no_video_is_named", || {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("clip.mp4");
        let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[0xff; 40]].concat();
        for (bytes, kind) in [
            (&b""[..], "an empty file"),
            (&[0; 4096], "nothing but zeros"),
            (&png, "a PNG picture"),
            (b"GIF89a\xff\xff\xff\xff\0\0\0;", "a GIF picture"),
            (b"plain text, longer than a header", "text"),
            (b"#EXTM3U\n#EXTINF:1,\nother.mp4\n", "text"),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "a HEIC picture"),
            (b"\x01\x02\x03\xfe\xff", "01 02 03 fe ff"),
        ] {
            std::fs::write(&path, bytes).unwrap();
            let error = error_of(&path);
            assert!(matches!(error, VideoError::NotVideo(_)), "{error:?}");
            assert!(error.to_string().contains(kind), "{error}");
        }
        let folder = error_of(Path::new(env!("CARGO_MANIFEST_DIR")));
        assert!(matches!(folder, VideoError::NotVideo(_)), "{folder:?}");
        let nowhere = error_of(&golden("nowhere.mp4"));
        assert!(matches!(nowhere, VideoError::Io(_)), "{nowhere:?}");
        let sound = error_of(&golden("sound.mp4"));
        assert!(matches!(sound, VideoError::NoVideoTrack), "{sound:?}");
    });
}

#[test]
fn bytes_in_memory_are_read_as_the_file_is() {
    for name in ["bframes.mp4", "fragmented.mp4", "quicktime.mov"] {
        let bytes = std::fs::read(golden(name)).unwrap();
        let limits = Limits::default();
        let here = Video::from_reader(std::io::Cursor::new(bytes), &limits).unwrap();
        let there = Video::open(golden(name), &limits).unwrap();
        let pictures = |video: &Video| -> Vec<_> {
            let frames = video.frames().unwrap();
            frames.map(|frame| frame.unwrap().picture).collect()
        };
        // Two readings of the same bytes do not get into each other's way.
        let (mut first, mut second) = (here.frames().unwrap(), here.frames().unwrap());
        let pair = [&mut first, &mut second].map(|frames| frames.next().unwrap().unwrap());
        assert_eq!(pair[0].picture, pair[1].picture);
        assert!(pictures(&here) == pictures(&there), "{name}");
        assert_eq!(here.mean_quantizer(&[0]), there.mean_quantizer(&[0]));
    }
    let other = std::io::Cursor::new(std::fs::read(golden("mpeg4.mp4")).unwrap());
    let error = Video::from_reader(other, &Limits::default()).unwrap_err();
    assert!(matches!(error, VideoError::UnsupportedCodec(_)), "{error}");
    let text = std::io::Cursor::new("no video at all");
    let error = Video::from_reader(text, &Limits::default()).unwrap_err();
    assert!(matches!(error, VideoError::NotVideo(_)), "{error}");
}
