//! Both decoders of what either reads, and all kinds that FFmpeg alone reads.

use super::*;

#[test]
#[ignore = "needs FFmpeg's programs"]
fn both_decoders_give_the_same_frames() {
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
            vec![5, 3, 4, one.frame_count - 1],
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
#[ignore = "needs FFmpeg's programs"]
fn what_the_built_in_decoder_refuses_is_read() {
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

/// Containers and coding formats of other kinds, whatever the file is called.
#[test]
#[ignore = "needs FFmpeg's programs"]
fn all_kinds_are_read_under_any_name() {
    let dir = tempfile::tempdir().unwrap();
    let mp4 = dir.path().join("clip.mp4");
    clip(&mp4);
    let reference = open(&mp4).unwrap();
    let kinds: [(&str, &[&str]); 9] = [
        (
            "hevc.mp4",
            &["-c:v", "libx265", "-x265-params", "log-level=error"],
        ),
        (
            "vp9.webm",
            &["-c:v", "libvpx-vp9", "-crf", "20", "-cpu-used", "8"],
        ),
        (
            "vp8.webm",
            &[
                "-c:v",
                "libvpx",
                "-crf",
                "10",
                "-b:v",
                "1M",
                "-auto-alt-ref",
                "1",
            ],
        ),
        (
            "av1.mkv",
            &["-c:v", "libaom-av1", "-cpu-used", "8", "-crf", "20"],
        ),
        ("mpeg4.avi", &["-c:v", "mpeg4", "-q:v", "2", "-bf", "2"]),
        ("mpeg2.ts", &["-c:v", "mpeg2video", "-q:v", "2"]),
        ("h264.3gp", &["-c:v", "libx264", "-pix_fmt", "yuv444p"]),
        ("wmv2.asf", &["-c:v", "wmv2", "-q:v", "2"]),
        ("flv1.flv", &["-c:v", "flv", "-q:v", "2"]),
    ];
    for (name, options) in kinds {
        let file = dir.path().join(name);
        ffmpeg(
            [std::ffi::OsStr::new("-i"), mp4.as_os_str()]
                .into_iter()
                .chain(options.iter().map(std::ffi::OsStr::new))
                .chain([file.as_os_str()]),
        );
        let nameless = dir.path().join("nameless");
        std::fs::rename(&file, &nameless).unwrap();
        assert!(video::Content::of(&nameless).unwrap().is_video(), "{name}");
        let video = open(&nameless).unwrap();
        assert_eq!(video.info().frame_count, 40, "{name}");
        let wanted = [0, 11, 25, 39];
        let frames = pictures(&video, &wanted);
        assert_eq!(frames.len(), 4, "{name}");
        for (one, other) in pictures(&reference, &wanted).iter().zip(&frames) {
            assert!(
                (one.1 - other.1).abs() < 0.002,
                "{name}: {} {}",
                one.1,
                other.1
            );
            let difference = difference(&one.2, &other.2);
            assert!(difference < 25.0, "{name} frame {}: {difference}", one.0);
        }
    }
}

/// A thumbnail before the film is not the film, for either decoder.
#[test]
#[ignore = "needs FFmpeg's programs"]
fn a_thumbnail_is_not_the_film() {
    let dir = tempfile::tempdir().unwrap();
    let film = dir.path().join("film.mp4");
    clip(&film);
    let path = |name: &str| dir.path().join(name).to_string_lossy().into_owned();
    let (film, small, both) = (path("film.mp4"), path("small.mp4"), path("both.mp4"));
    let (matroska, full) = (path("both.mkv"), path("full.mp4"));
    ffmpeg(["-i", &film, "-vf", "scale=64:48", "-c:v", "libx264", &small]);
    let copy = ["-map", "0:v", "-map", "1:v", "-c", "copy"];
    for target in [&both, &matroska] {
        ffmpeg(
            ["-i", &small, "-i", &film]
                .into_iter()
                .chain(copy)
                .chain([&**target]),
        );
    }
    let coded = ["-map", "0:v", "-map", "1:v", "-c:v:0", "copy"];
    let coded = coded
        .into_iter()
        .chain(["-c:v:1", "libx264", "-pix_fmt:v:1", "yuv444p"]);
    ffmpeg(
        ["-i", &small, "-i", &film]
            .into_iter()
            .chain(coded)
            .chain([&*full]),
    );
    for file in [&both, &matroska, &full] {
        let video = open(Path::new(file)).unwrap();
        assert_eq!(
            (video.info().width, video.info().height),
            (128, 96),
            "{file}"
        );
        assert_eq!(pictures(&video, &[0, 20]).len(), 2, "{file}");
    }
    let theirs = Video::open_with_ffmpeg(&both, &Limits::default()).unwrap();
    assert_eq!((theirs.info().width, theirs.info().height), (128, 96));
}

/// A turn of the whole film, as FFmpeg has it.
#[test]
#[ignore = "needs FFmpeg's programs"]
fn a_turn_of_the_whole_film_is_that_of_ffmpeg() {
    let mut bytes = std::fs::read(golden("bframes.mp4")).unwrap();
    let one = 1_i32 << 16;
    let place = bytes.windows(4).position(|four| four == b"mvhd").unwrap() + 40;
    for (number, value) in [0, one, 0, -one, 0, 0, 0, 0, 1 << 30]
        .into_iter()
        .enumerate()
    {
        bytes[place + 4 * number..][..4].copy_from_slice(&i32::to_be_bytes(value));
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &bytes).unwrap();
    let [ours, theirs] = both(file.path());
    let own = own_pictures(file.path());
    for video in [ours, theirs] {
        let (_, _, picture) = &pictures(&video, &[9])[0];
        assert_eq!((picture.width(), picture.height()), (112, 160));
        assert!(difference(picture, &own[9]) < 6.0);
    }
}
