//! Forging 256 px crops, Algorithm 1 of the PCL paper, lines 3-6, on one core: align, hull,
//! elastic deformation, blur, blend. One iteration makes one forgery.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use image::{Rgb, RgbImage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use synth_data::{
    Blending, Face, I2gConfig, Mask,
    augment::{AugmentConfig, Sample, augment},
    forge,
    i2g::BlendingWeights,
};

use face_preproc::geometry::{Landmarks68, MEAN_FACE68};

const SIDE: u32 = 256;
const PAIRS: usize = 8;

/// A smooth picture with grain; its content does not matter to the time taken.
fn picture(rng: &mut ChaCha8Rng) -> RgbImage {
    let [fx, fy]: [f32; 2] = std::array::from_fn(|_| rng.random_range(0.01..0.05));
    RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let shade = 128.0 + 60.0 * (x as f32 * fx).sin() * (y as f32 * fy).cos();
        Rgb(std::array::from_fn(|_| {
            (shade + rng.random_range(-8.0..8.0)) as u8
        }))
    })
}

/// The mean face in the middle of a crop with a margin of 0.3, each landmark a little displaced.
fn landmarks(rng: &mut ChaCha8Rng) -> Landmarks68 {
    let side = SIDE as f32;
    MEAN_FACE68.map(|p| p.map(|v| side * (0.5 + v / 1.3) + rng.random_range(-3.0..3.0)))
}

fn benchmarks(c: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let faces: Vec<(RgbImage, Landmarks68)> = (0..2 * PAIRS)
        .map(|_| (picture(&mut rng), landmarks(&mut rng)))
        .collect();
    let face = |i: usize| Face {
        image: &faces[i].0,
        landmarks: &faces[i].1,
    };

    let mut group = c.benchmark_group("i2g_256px");
    group.throughput(Throughput::Elements(1));
    for blending in Blending::ALL {
        let config = I2gConfig {
            blendings: BlendingWeights::only(blending),
            ..I2gConfig::default()
        };
        let mut pair = 0;
        group.bench_function(format!("{blending:?}"), |b| {
            b.iter(|| {
                pair = (pair + 1) % PAIRS;
                forge(face(pair), face(pair + PAIRS), &config, &mut rng).expect("good faces")
            });
        });
    }
    group.finish();

    let mut group = c.benchmark_group("augment_256px");
    group.throughput(Throughput::Elements(1));
    let sample = Sample {
        image: faces[0].0.clone(),
        mask: Mask::new(SIDE, SIDE),
        landmarks: faces[0].1,
        boxes: Vec::new(),
    };
    let config = AugmentConfig::default();
    group.bench_function("default", |b| {
        b.iter(|| augment(&sample, &config, &mut rng).expect("a good configuration"));
    });
    group.finish();
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
