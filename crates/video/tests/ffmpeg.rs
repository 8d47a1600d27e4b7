//! FFmpeg behind the same type as the built-in decoder. These tests need its programs installed.
#![cfg(feature = "ffmpeg-tests")]

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use image::{Rgb, RgbImage};
use video::{Encoding, Limits, Mp4Writer, Quality, Video, VideoError};

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

#[test]
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

#[derive(serde::Deserialize)]
struct FullColour {
    frames: usize,
    raw_rgb_sha256: Vec<String>,
    c23_444_blocks: Vec<Vec<f64>>,
    raw_420_blocks: Vec<Vec<f64>>,
}

fn full_colour() -> FullColour {
    let text = std::fs::read_to_string(golden("full_colour.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// What FaceForensics++ is: lossless RGB comes as it was rendered.
#[test]
fn lossless_rgb_is_what_was_rendered() {
    use sha2::{Digest, Sha256};
    let golden_frames = full_colour();
    let video = open(&golden("raw_rgb.mp4")).unwrap();
    let all: Vec<usize> = (0..golden_frames.frames).collect();
    let frames = pictures(&video, &all);
    assert_eq!(frames.len(), golden_frames.frames);
    for ((number, _, picture), expected) in frames.iter().zip(&golden_frames.raw_rgb_sha256) {
        let sum = Sha256::digest(picture.as_raw());
        let sum: String = sum.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(&sum, expected, "frame {number}");
    }
    assert_eq!(video.mean_quantizer(&all), Some(0.0));
}

/// Versions of FFmpeg differ by a level; another frame of the clip moves some block by 10.
#[test]
fn full_colour_is_that_of_ffmpeg() {
    let golden_frames = full_colour();
    for (name, blocks) in [
        ("c23_444.mp4", &golden_frames.c23_444_blocks),
        ("raw_420.mp4", &golden_frames.raw_420_blocks),
    ] {
        let video = open(&golden(name)).unwrap();
        let all: Vec<usize> = (0..golden_frames.frames).collect();
        let own = own_pictures(&golden(name));
        let frames = pictures(&video, &all);
        assert_eq!(
            (frames.len(), own.len()),
            (blocks.len(), blocks.len()),
            "{name}"
        );
        for ((frame, expected), own) in frames.iter().zip(blocks).zip(&own) {
            let (number, time, picture) = frame;
            assert!((time - *number as f64 / 25.0).abs() < 1e-6, "{name}");
            let ratio = psnr(picture, own);
            assert!(ratio > 45.0, "{name} frame {number}: {ratio:.1} dB");
            for (place, expected) in expected.iter().enumerate() {
                let (block, channel) = (place / 3, place % 3);
                let [x, y] = [block % 6 * 16, block / 6 * 16].map(|place| place as u32);
                let part = image::imageops::crop_imm(picture, x, y, 16, 16).to_image();
                let sum: f64 = part.pixels().map(|pixel| f64::from(pixel[channel])).sum();
                let mean = sum / 256.0;
                assert!(
                    (mean - expected).abs() < 1.5,
                    "{name} {number}: {mean} {expected}"
                );
            }
        }
        let quantizer = video.mean_quantizer(&all).unwrap();
        let lossless = name == "raw_420.mp4";
        assert!((quantizer == 0.0) == lossless, "{name}: {quantizer}");
    }
}

/// Clips of all kinds that the built-in decoder reads, coded again in 4:4:4: frames, times and turns
/// are those of the built-in decoder. Every other frame, from the end, and all.
#[test]
fn times_and_turns_of_full_colour_are_as_the_built_in_decoder_has_them() {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("source.mp4");
    clip(&source);
    let x264 = ["-c:v", "libx264", "-crf", "10", "-g", "12", "-bf", "2"];
    let two = |pixels: &str, options: &[&str]| {
        let path = dir.path().join(format!("{pixels}.mp4"));
        let source = source.to_string_lossy();
        let mut arguments = vec!["-i", &source];
        arguments.extend(x264);
        arguments.extend(["-pix_fmt", pixels]);
        arguments.extend(options);
        let target = path.to_string_lossy();
        arguments.push(&target);
        ffmpeg(&arguments);
        open(&path).unwrap()
    };
    for options in [
        &[][..],
        &["-vf", "setpts=(N+floor(N/5)*3)/(25*TB)", "-fps_mode", "vfr"],
        &["-movflags", "frag_keyframe+empty_moov"],
        &["-movflags", "negative_cts_offsets"],
        &["-ss", "0.3"],
        &[
            "-colorspace",
            "bt709",
            "-vf",
            "scale=out_color_matrix=bt709",
        ],
    ] {
        let [ours, theirs] = ["yuv420p", "yuv444p"].map(|pixels| two(pixels, options));
        let (one, other) = (ours.info(), theirs.info());
        assert_eq!(one, other, "{options:?}");
        let all: Vec<usize> = (0..one.frame_count).collect();
        let some: Vec<usize> = all.iter().rev().copied().step_by(3).collect();
        for wanted in [all, some] {
            let (one, other) = (pictures(&ours, &wanted), pictures(&theirs, &wanted));
            assert_eq!(one.len(), wanted.len(), "{options:?}");
            assert_eq!(other.len(), wanted.len(), "{options:?}");
            for (one, other) in one.iter().zip(&other) {
                assert_eq!((one.0, one.1), (other.0, other.1), "{options:?}");
                let difference = difference(&one.2, &other.2);
                assert!(
                    difference < 8.0,
                    "{options:?} frame {}: {difference}",
                    one.0
                );
            }
        }
    }
    // An edit list that hides frames, and turns.
    for name in [
        "edited",
        "rotated_90",
        "rotated_180",
        "rotated_270",
        "variable_rate",
    ] {
        let file = golden(&format!("{name}.mp4"));
        let [ours, theirs] = both(&file);
        assert_eq!(ours.info().frame_count, theirs.info().frame_count, "{name}");
    }
}

/// Frames far apart are reached by starting near them.
#[test]
fn a_long_clip_is_not_decoded_from_its_beginning() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("long.mp4");
    let source = "testsrc2=size=64x48:rate=25:duration=40";
    ffmpeg(
        [
            "-f", "lavfi", "-i", source, "-pix_fmt", "yuv444p", "-g", "50", "-crf", "30",
        ]
        .map(std::ffi::OsStr::new)
        .into_iter()
        .chain([path.as_os_str()]),
    );
    let video = open(&path).unwrap();
    assert_eq!(video.info().frame_count, 1000);
    let own = own_pictures(&path);
    let wanted = [3, 4, 400, 449, 450, 451, 999];
    for (number, _, picture) in pictures(&video, &wanted) {
        assert!(psnr(&picture, &own[number]) > 45.0, "frame {number}");
    }
    // More stretches than a command line should name.
    let many: Vec<usize> = (0..1000).filter(|number| number % 8 != 7).collect();
    let frames = pictures(&video, &many);
    assert_eq!(frames.len(), many.len());
    assert!(psnr(&frames[640].2, &own[many[640]]) > 45.0);
}

/// Containers and coding formats of other kinds, whatever the file is called.
#[test]
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

#[test]
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
        again.args(["programs_end_with_their_frames", "--exact"]);
        assert!(
            again
                .env("VIDEO_TEST_ALONE", "1")
                .status()
                .unwrap()
                .success()
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
