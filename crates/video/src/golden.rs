//! Every clip of `tests/golden`, against what FFmpeg decodes from it, and bit for bit: H.264 leaves
//! a decoder no freedom.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{Limits, Video};

#[derive(Deserialize)]
struct Clip {
    decoded_size: [u32; 2],
    times_seconds: Vec<f64>,
    planes_sha256: Vec<String>,
    corners: [[f64; 3]; 4],
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn clips() -> BTreeMap<String, Clip> {
    let text = std::fs::read_to_string(folder().join("clips.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn checksums(video: &Video, wanted: &[usize]) -> Vec<(usize, String)> {
    let track = video.track().unwrap();
    let mut frames = video.track_frames(track, wanted.to_vec()).unwrap();
    let mut found = Vec::new();
    while let Some(next) = frames.next_planes() {
        let (index, planes) = next.unwrap();
        let sum = Sha256::new()
            .chain_update(&planes.y)
            .chain_update(&planes.u)
            .chain_update(&planes.v)
            .finalize();
        let sum: String = sum[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        found.push((index, sum));
    }
    found
}

#[test]
fn frames_times_and_sizes_are_those_of_ffmpeg() {
    for (name, golden) in clips() {
        let video = Video::open(folder().join(&name), &Limits::default()).unwrap();
        let info = video.info();
        assert_eq!(info.frame_count, golden.times_seconds.len(), "{name}");
        let [width, height] = golden.decoded_size;
        let turned = name.contains("_90") || name.contains("_270");
        let size = if turned {
            (height, width)
        } else {
            (width, height)
        };
        assert_eq!((info.width, info.height), size, "{name}");
        for (ours, theirs) in info.times_seconds.iter().zip(&golden.times_seconds) {
            // FFmpeg prints microseconds.
            assert!((ours - theirs).abs() < 2e-6, "{name}: {ours} {theirs}");
        }
        let all: Vec<usize> = (0..info.frame_count).collect();
        let expected: Vec<(usize, String)> = golden.planes_sha256.into_iter().enumerate().collect();
        assert_eq!(checksums(&video, &all), expected, "{name}");
    }
}

/// Whatever is left out, the frames asked for are the same.
#[test]
fn chosen_frames_are_the_same_as_in_sequence() {
    for (name, golden) in clips() {
        let video = Video::open(folder().join(&name), &Limits::default()).unwrap();
        let count = video.info().frame_count;
        let mut choices: Vec<Vec<usize>> = (0..count).map(|i| vec![i]).collect();
        choices.extend((2..6).map(|step| (0..count).step_by(step).collect()));
        choices.push((count / 2..count).collect());
        for wanted in choices {
            let expected: Vec<(usize, String)> = (wanted.iter())
                .map(|&i| (i, golden.planes_sha256[i].clone()))
                .collect();
            assert_eq!(checksums(&video, &wanted), expected, "{name}");
        }
    }
}

/// Mean colours of the four corners of the first picture: rotation, matrix and range. FFmpeg
/// interpolates the colour samples, which moves such a mean by less than 2.5 levels here; a wrong
/// matrix moves it by 8 or more, a wrong range by 15, a wrong turn by 100.
#[test]
fn colours_and_turns_are_those_of_ffmpeg() {
    for (name, golden) in clips() {
        let video = Video::open(folder().join(&name), &Limits::default()).unwrap();
        let picture = video.frames().unwrap().next().unwrap().unwrap().picture;
        let (width, height) = picture.dimensions();
        assert_eq!((width, height), (video.info().width, video.info().height));
        let places = [
            (0, 0),
            (width - 32, 0),
            (0, height - 32),
            (width - 32, height - 32),
        ];
        for ((left, top), expected) in places.into_iter().zip(golden.corners) {
            let part = image::imageops::crop_imm(&picture, left, top, 32, 32).to_image();
            for (channel, expected) in expected.into_iter().enumerate() {
                let sum: f64 = part.pixels().map(|pixel| f64::from(pixel[channel])).sum();
                let mean = sum / 1024.0;
                assert!(
                    (mean - expected).abs() < 2.5,
                    "{name} {left} {top}: {mean} {expected}"
                );
            }
        }
    }
}
