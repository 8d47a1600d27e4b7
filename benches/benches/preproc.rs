//! Pictures to crops: decoding, cropping, normalising. One picture an iteration.

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use face_preproc::crop::{Border, CropMethod, CropSpec, crop_face};
use face_preproc::geometry::{Landmarks68, MEAN_FACE68};
use face_preproc::normalize::Normalization;
use face_preproc::pictures::{Limits, decode_rgb, write_jpeg};
use image::{Rgb, RgbImage};

/// A picture of 384 x 384 pixels with edges and texture, so that its JPEG has a photograph's size.
fn scene() -> RgbImage {
    RgbImage::from_fn(384, 384, |x, y| {
        let wave = |p: f32| 60.0 * ((x as f32 / p).sin() + (y as f32 / (p + 2.0)).cos());
        let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).wrapping_mul(97) >> 28;
        Rgb([9.0, 13.0, 21.0].map(|p| (110.0 + wave(p)) as u8 + grain as u8))
    })
}

/// The mean face, 230 pixels wide, turned by ten degrees.
fn face() -> Landmarks68 {
    let (sin, cos) = 10_f32.to_radians().sin_cos();
    MEAN_FACE68.map(|[x, y]| [x * cos - y * sin, x * sin + y * cos].map(|c| 230.0 * c + 190.0))
}

fn crops(criterion: &mut Criterion) {
    let (scene, face) = (scene(), face());
    let mut group = criterion.benchmark_group("crop 384 to 128");
    for (name, method) in [
        ("box", CropMethod::Box { margin: 0.3 }),
        ("align5", CropMethod::Align5 { face_width: 0.7 }),
        ("align68", CropMethod::Align68 { face_width: 0.7 }),
    ] {
        let spec = CropSpec {
            size: 128,
            method,
            border: Border::Replicate,
        };
        group.bench_function(name, |bencher| {
            bencher.iter(|| crop_face(black_box(&scene), &face, &spec).expect("a face"));
        });
    }
    group.finish();
}

fn decoding(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("scene.jpg");
    write_jpeg(&path, &scene(), 95).expect("a JPEG");
    let bytes = std::fs::read(&path).expect("what was written");
    criterion.bench_function("decode JPEG 384, quality 95", |bencher| {
        bencher.iter(|| {
            decode_rgb(black_box(&bytes), Path::new("scene"), &Limits::default()).expect("a JPEG")
        });
    });
}

fn normalising(criterion: &mut Criterion) {
    let scene = image::imageops::crop_imm(&scene(), 0, 0, 256, 256).to_image();
    let mut planes = vec![0.0; 3 * 256 * 256];
    criterion.bench_function("normalise 256", |bencher| {
        bencher.iter(|| {
            Normalization::IMAGENET.write_planes(black_box(&scene), black_box(&mut planes));
        });
    });
}

criterion_group!(benches, crops, decoding, normalising);
criterion_main!(benches);
