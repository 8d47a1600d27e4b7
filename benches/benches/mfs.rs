//! MFS at 224 px, section 4.2 of the ADM paper, on one core: swaps, mask, blending, boxes. One
//! iteration makes one forgery; the window search is that after the DSSIM map (Eq. 2).

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use face_preproc::geometry::{Landmarks68, MEAN_FACE68};
use forgery_masks::dssim_map;
use image::{Rgb, RgbImage};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use synth_data::{
    Face, MfsConfig, Region,
    mfs::{forge, most_dissimilar_window},
};

const SIDE: u32 = 224;

/// A smooth picture with grain; its content does not matter to the time taken.
fn picture(rng: &mut ChaCha8Rng) -> RgbImage {
    let [fx, fy]: [f32; 2] = std::array::from_fn(|_| rng.random_range(0.01..0.05));
    RgbImage::from_fn(SIDE, SIDE, |x, y| {
        let shade = 128.0 + 60.0 * (x as f32 * fx).sin() * (y as f32 * fy).cos();
        Rgb([0; 3].map(|_: u8| (shade + rng.random_range(-8.0..8.0)) as u8))
    })
}

fn benchmarks(c: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let side = SIDE as f32;
    let landmarks: Landmarks68 = MEAN_FACE68.map(|p| p.map(|v| side * (0.5 + v / 1.3)));
    let pictures = [picture(&mut rng), picture(&mut rng)];
    let face = |i: usize| Face {
        image: &pictures[i],
        landmarks: &landmarks,
    };
    let mut group = c.benchmark_group("mfs_224px");
    group.throughput(Throughput::Elements(1));
    for (name, poisson) in [("alpha", 0.0), ("poisson", 1.0)] {
        let config = MfsConfig {
            poisson,
            ..MfsConfig::default()
        };
        group.bench_function(name, |b| {
            b.iter(|| forge(face(0), face(1), &config, &mut rng).expect("good faces"));
        });
    }
    let dssim = dssim_map(&pictures[0], &pictures[1]).expect("one size");
    let whole = Region {
        x: 0,
        y: 0,
        width: SIDE,
        height: SIDE,
    };
    group.bench_function("window_search", |b| {
        b.iter(|| most_dissimilar_window(&dssim, (80, 100), whole, [1, 1]).expect("it fits"));
    });
    group.finish();
}

criterion_group!(mfs, benchmarks);
criterion_main!(mfs);
