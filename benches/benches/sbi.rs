//! Self-blended images at 256 px on one core: colour or grain changed, mask, blend. One iteration
//! makes one forgery.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use face_preproc::geometry::{Landmarks68, MEAN_FACE68};
use image::{Rgb, RgbImage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use synth_data::{Face, SbiConfig, sbi::forge};

const SIDE: u32 = 256;

fn benchmarks(c: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    // A smooth picture with grain; its content does not matter to the time taken.
    let image = RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let shade = 128.0 + 60.0 * (x as f32 * 0.03).sin() * (y as f32 * 0.02).cos();
        Rgb([0; 3].map(|_: u8| (shade + rng.random_range(-8.0..8.0)) as u8))
    });
    let side = SIDE as f32;
    let landmarks: Landmarks68 = MEAN_FACE68.map(|p| p.map(|v| side * (0.5 + v / 1.3)));
    let face = || Face {
        image: &image,
        landmarks: &landmarks,
    };
    let config = SbiConfig::default();
    let mut group = c.benchmark_group("sbi_256px");
    group.throughput(Throughput::Elements(1));
    group.bench_function("default", |b| {
        b.iter(|| forge(face(), &config, &mut rng).expect("a good face"));
    });
    group.finish();
}

criterion_group!(sbi, benchmarks);
criterion_main!(sbi);
