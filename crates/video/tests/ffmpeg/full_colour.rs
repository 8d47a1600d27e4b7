//! FaceForensics++ as it is published: 4:4:4 and lossless RGB.

use super::*;

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
#[ignore = "needs FFmpeg's programs"]
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
#[ignore = "needs FFmpeg's programs"]
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
#[ignore = "needs FFmpeg's programs"]
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
#[ignore = "needs FFmpeg's programs"]
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
