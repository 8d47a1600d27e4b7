//! What is no video, cut off, damaged, or not read to its end.

use super::*;

#[test]
#[ignore = "needs FFmpeg's programs"]
fn what_is_no_video_is_one_line_and_playlists_are_none() {
    let dir = tempfile::tempdir().unwrap();
    let mp4 = dir.path().join("clip.mp4");
    clip(&mp4);
    // No known kind, and a playlist that looks like none.
    let list = format!("ffconcat version 1.0\nfile '{}'\n\u{1}", mp4.display());
    for bytes in [
        &b"\x01\x02\x03\xfe\xff this is no video"[..],
        list.as_bytes(),
    ] {
        let path = dir.path().join("other.mkv");
        std::fs::write(&path, bytes).unwrap();
        let error = open(&path).unwrap_err();
        assert!(matches!(error, VideoError::Neither { .. }), "{error:?}");
        let said = error.to_string();
        assert!(
            said.contains("no known kind") && said.lines().count() == 1,
            "{said}"
        );
        assert!(
            !said.contains("other.mkv"),
            "the caller knows the path: {said}"
        );
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
    let said = error.to_string();
    assert!(said.contains("12287"), "{said}");
}

/// How many frames were read of how many, and what is said.
fn partly(video: &Video) -> (usize, usize, String) {
    let frames: Vec<_> = video.frames().unwrap().collect();
    let (last, whole) = frames.split_last().unwrap();
    assert!(whole.iter().all(Result::is_ok));
    match last {
        Err(VideoError::Partial {
            read,
            wanted,
            reason,
        }) => {
            assert_eq!(*read, whole.len());
            (*read, *wanted, reason.to_string())
        }
        other => panic!("{other:?}"),
    }
}

/// What is cut off, half zero or damaged gives frames, then one error that says how many.
#[test]
#[ignore = "needs FFmpeg's programs"]
fn damage_is_said_last() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source.mp4");
    clip(&source);
    let whole = dir.path().join("whole.mp4");
    let encoder = [
        "-c:v",
        "libx264",
        "-pix_fmt",
        "yuv444p",
        "-bf",
        "0",
        "-movflags",
        "faststart",
    ];
    ffmpeg(
        [std::ffi::OsStr::new("-i"), source.as_os_str()]
            .into_iter()
            .chain(encoder.map(std::ffi::OsStr::new))
            .chain([whole.as_os_str()]),
    );
    let bytes = std::fs::read(&whole).unwrap();
    let data = bytes.windows(4).position(|four| four == b"mdat").unwrap();
    let half = data + (bytes.len() - data) / 2;
    let broken = dir.path().join("broken.mp4");
    let opened = |bytes: &[u8]| {
        std::fs::write(&broken, bytes).unwrap();
        open(&broken).unwrap()
    };
    let (read, wanted, reason) = partly(&opened(&bytes[..half]));
    assert!(read > 3 && read < 38 && wanted == 40, "{read} of {wanted}");
    assert!(reason.contains("cut off"), "{reason}");

    let zeros = [&bytes[..half], &vec![0; bytes.len() - half]].concat();
    let (read, wanted, _) = partly(&opened(&zeros));
    assert!(read > 3 && read < 38 && wanted == 40, "{read} of {wanted}");

    let mut damaged = bytes;
    damaged[half..half + 60].fill(0xff);
    let (read, wanted, reason) = partly(&opened(&damaged));
    assert!(read > 3 && wanted == 40, "{read} of {wanted}");
    assert!(reason.starts_with("FFmpeg: "), "{reason}");
    // A frame that nobody asks for costs nothing: dropping the iterator ends the program.
    drop(open(&whole).unwrap().frames().unwrap());

    // The same cut, in another container, and of another coding format.
    for (name, codec) in [("whole.mkv", "libx264"), ("hevc.mp4", "libx265")] {
        let other = dir.path().join(name);
        let encoder = ["-c:v", codec, "-movflags", "faststart"].map(std::ffi::OsStr::new);
        ffmpeg(
            [std::ffi::OsStr::new("-i"), source.as_os_str()]
                .into_iter()
                .chain(encoder)
                .chain([other.as_os_str()]),
        );
        let bytes = std::fs::read(&other).unwrap();
        let data = bytes.windows(4).position(|four| four == b"mdat");
        let data = data.unwrap_or(bytes.len() / 5);
        let end = data + (bytes.len() - data) / 2;
        let (read, _, reason) = partly(&opened(&bytes[..end]));
        assert!(read > 0 && read < 40, "{name}: {read}: {reason}");
    }
}

/// A clip whose size changes gives the frames before, then says so.
#[test]
#[ignore = "needs FFmpeg's programs"]
fn a_size_that_changes_is_partial() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
    for (pixels, container) in [("yuv420p", "mp4"), ("yuv444p", "mp4"), ("yuv420p", "mkv")] {
        let parts = ["128x96", "64x48"].map(|size| {
            let part = path(&format!("{size}.ts"));
            let source = format!("testsrc2=size={size}:rate=25:duration=0.8");
            let encoder = ["-c:v", "libx264", "-bf", "0", "-pix_fmt", pixels];
            ffmpeg(
                ["-f", "lavfi", "-i", &source]
                    .into_iter()
                    .chain(encoder)
                    .chain([&*part]),
            );
            part
        });
        let both = format!("concat:{}|{}", parts[0], parts[1]);
        let target = path(&format!("both.{container}"));
        ffmpeg(["-i", &both, "-c", "copy", &target]);
        let video = open(Path::new(&target)).unwrap();
        let (read, wanted, reason) = partly(&video);
        assert_eq!((read, wanted), (20, 40), "{pixels} {container}: {reason}");
        assert!(
            reason.contains("its size changes to 64x48"),
            "{pixels} {container}: {reason}"
        );
    }
}

/// No program of FFmpeg's is left behind by frames that nobody takes.
#[test]
#[ignore = "needs FFmpeg's programs"]
#[cfg(target_os = "linux")]
fn programs_end_with_their_frames() {
    let running = || {
        let processes = std::fs::read_dir("/proc").unwrap().flatten();
        let ours = |status: String| {
            let parent = format!("PPid:\t{}\n", std::process::id());
            status.starts_with("Name:\tffmpeg") && status.contains(&parent)
        };
        processes
            .filter_map(|process| std::fs::read_to_string(process.path().join("status")).ok())
            .filter(|status| ours(status.clone()))
            .count()
    };
    // Other tests run FFmpeg, too, at the same time: a process of its own.
    if std::env::var_os("VIDEO_TEST_ALONE").is_none() {
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args([
            "damage::programs_end_with_their_frames",
            "--exact",
            "--ignored",
        ]);
        let output = again.env("VIDEO_TEST_ALONE", "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}"
        );
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.mp4");
    let source = [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=640x480:rate=25:duration=8",
        "-pix_fmt",
        "yuv444p",
    ];
    ffmpeg(
        source
            .map(std::ffi::OsStr::new)
            .into_iter()
            .chain([path.as_os_str()]),
    );
    let video = open(&path).unwrap();
    let mut frames = video.frames().unwrap();
    assert!(frames.next().unwrap().is_ok());
    assert_eq!(running(), 1);
    drop(frames);
    assert_eq!(running(), 0);
}
