//! What is written can be read, says what it is, and is the same every time.

use std::io::Cursor;
use std::num::NonZeroU32;

use image::{Rgb, RgbImage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use video::{Encoding, Frame, Limits, Mp4Writer, Quality, Video, VideoError, recompress};

/// A soft background, a disc that moves by fractions of a pixel, and sensor noise.
fn scene(width: u32, height: u32, count: usize) -> Vec<RgbImage> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let picture = |time: usize| {
        let centre = (width as f32 / 3.0 + 0.7 * time as f32, height as f32 / 2.0);
        RgbImage::from_fn(width, height, |x, y| {
            let (dx, dy) = (x as f32 - centre.0, y as f32 - centre.1);
            let inside = (height as f32 / 4.0 - dx.hypot(dy)).clamp(0.0, 1.0);
            let noise = rng.random_range(-2.0..2.0_f32);
            let back = [60.0 + x as f32 / 2.0, 90.0 + y as f32 / 3.0, 140.0];
            let disc = [200.0, 150.0 + 20.0 * (dx / 5.0).sin(), 120.0];
            Rgb([0, 1, 2].map(|c| (back[c] + inside * (disc[c] - back[c]) + noise) as u8))
        })
    };
    (0..count).map(picture).collect()
}

fn write(pictures: &[RgbImage], encoding: &Encoding) -> Vec<u8> {
    let mut writer = Mp4Writer::new(Cursor::new(Vec::new()), encoding).unwrap();
    for picture in pictures {
        writer.push(picture).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn read(bytes: &[u8]) -> (Video, Vec<Frame>) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let video = Video::open(file.path(), &Limits::default()).unwrap();
    let frames = video.frames().unwrap().map(Result::unwrap).collect();
    (video, frames)
}

/// Signal to noise of the brightness, dB: colour at half resolution would hide all else.
fn psnr(one: &RgbImage, other: &RgbImage) -> f64 {
    let brightness =
        |p: &Rgb<u8>| 0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]);
    let squares =
        (one.pixels().zip(other.pixels())).map(|(a, b)| (brightness(a) - brightness(b)).powi(2));
    let mean = squares.sum::<f64>() / f64::from(one.width() * one.height());
    10.0 * (255.0_f64.powi(2) / mean).log10()
}

fn mean_psnr(some: &[RgbImage], others: &[RgbImage]) -> f64 {
    let sum: f64 = some.iter().zip(others).map(|(a, b)| psnr(a, b)).sum();
    sum / some.len() as f64
}

#[test]
fn a_video_tells_how_coarsely_it_is_quantised() {
    let pictures = scene(96, 64, 6);
    for quality in [Quality::RAW, Quality::C23, Quality::C40].map(Quality::quantisation_parameter) {
        let encoding = Encoding::new(96, 64, Quality::new(quality).unwrap());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), write(&pictures, &encoding)).unwrap();
        let video = Video::open(file.path(), &Limits::default()).unwrap();
        let found = video.mean_quantizer(&[0, 2, 5]).unwrap();
        // What is asked for, but for a step that the encoder saves.
        assert!(
            (f64::from(quality) - found - 0.5).abs() <= 0.5,
            "{quality}: {found}"
        );
        assert_eq!(video.mean_quantizer(&[6, 100]), None);
    }
}

#[test]
fn every_quality_is_worth_its_name() {
    let pictures = scene(160, 112, 20);
    let measured = [Quality::RAW, Quality::C23, Quality::C40].map(|quality| {
        let bytes = write(&pictures, &Encoding::new(160, 112, quality));
        let (video, frames) = read(&bytes);
        assert_eq!((video.info().width, video.info().height), (160, 112));
        assert_eq!(frames.len(), 20);
        let decoded: Vec<RgbImage> = frames.into_iter().map(|frame| frame.picture).collect();
        (bytes.len(), mean_psnr(&pictures, &decoded))
    });
    let [raw, c23, c40] = measured;
    assert!(raw.1 > 42.0, "{measured:?}");
    assert!(
        raw.1 > c23.1 + 2.0 && c23.1 > c40.1 + 4.0 && c40.1 > 22.0,
        "{measured:?}"
    );
    assert!(raw.0 > 3 * c23.0 && c23.0 > 2 * c40.0, "{measured:?}");
}

#[test]
fn the_same_pictures_give_the_same_bytes() {
    let pictures = scene(96, 64, 8);
    let encoding = Encoding::new(96, 64, Quality::C23);
    let alone = write(&pictures, &encoding);
    std::thread::scope(|scope| {
        let others = [(); 3].map(|()| scope.spawn(|| write(&pictures, &encoding)));
        for other in others {
            assert_eq!(other.join().unwrap(), alone);
        }
    });
}

#[test]
fn times_follow_the_frame_rate() {
    let whole = |n| NonZeroU32::new(n).unwrap();
    let encoding = Encoding {
        frame_rate: (whole(30_000), whole(1001)),
        key_frame_every: whole(4),
        ..Encoding::new(64, 48, Quality::C23)
    };
    let (video, frames) = read(&write(&scene(64, 48, 10), &encoding));
    let info = video.info();
    assert!((info.frame_rate - 30_000.0 / 1001.0).abs() < 1e-9);
    assert!((info.duration_seconds - 10.0 * 1001.0 / 30_000.0).abs() < 1e-9);
    for (i, frame) in frames.iter().enumerate() {
        assert!((frame.time_seconds - i as f64 * 1001.0 / 30_000.0).abs() < 1e-9);
    }
}

#[test]
fn frames_are_asked_for_in_any_order() {
    let (_file, video, all) = {
        let file = tempfile::NamedTempFile::new().unwrap();
        let bytes = write(&scene(64, 48, 12), &Encoding::new(64, 48, Quality::C23));
        std::fs::write(file.path(), bytes).unwrap();
        let video = Video::open(file.path(), &Limits::default()).unwrap();
        let all: Vec<Frame> = video.frames().unwrap().map(Result::unwrap).collect();
        (file, video, all)
    };
    let some: Vec<Frame> = (video.frames_at(&[9, 2, 9, 5]).unwrap())
        .map(Result::unwrap)
        .collect();
    assert_eq!(some, [&all[2], &all[5], &all[9]].map(Clone::clone));
    assert_eq!(video.frames_at(&[]).unwrap().count(), 0);
    assert!(matches!(
        video.frames_at(&[3, 12]).err(),
        Some(VideoError::NoSuchFrame {
            index: 12,
            count: 12
        })
    ));
}

/// Compression without a file is the compression of a file.
#[test]
fn recompressed_pictures_are_those_of_a_file() {
    let pictures = scene(96, 64, 6);
    let (_, frames) = read(&write(&pictures, &Encoding::new(96, 64, Quality::C40)));
    let in_file: Vec<RgbImage> = frames.into_iter().map(|frame| frame.picture).collect();
    assert_eq!(recompress(&pictures, Quality::C40).unwrap(), in_file);
    assert!(recompress(&[], Quality::C40).unwrap().is_empty());
    let uneven = [RgbImage::new(64, 48), RgbImage::new(48, 64)];
    assert!(matches!(
        recompress(&uneven, Quality::C40),
        Err(VideoError::Picture(_))
    ));
}

#[test]
fn what_cannot_be_written_is_refused() {
    let begin = |width, height| {
        Mp4Writer::new(
            Cursor::new(Vec::new()),
            &Encoding::new(width, height, Quality::C23),
        )
    };
    for (width, height) in [(0, 48), (63, 48), (64, 47), (65_536, 48)] {
        assert!(
            matches!(begin(width, height), Err(VideoError::Picture(_))),
            "{width}x{height}"
        );
    }
    let mut writer = begin(64, 48).unwrap();
    assert!(matches!(
        writer.push(&RgbImage::new(48, 64)),
        Err(VideoError::Picture(_))
    ));
    assert!(matches!(writer.finish(), Err(VideoError::NoFrames)));
    assert_eq!(
        Quality::new(51).map(Quality::quantisation_parameter),
        Some(51)
    );
    assert_eq!(Quality::new(52), None);
}
