//! SSIM and the mask made of it, 256 x 256 x 3, one core. One iteration compares two pictures.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use forgery_masks::{MaskSource, ssim_map};
use image::{Rgb, RgbImage};

const SIDE: u32 = 256;

/// Texture; its content does not matter to the time taken.
fn picture(k: u32) -> RgbImage {
    RgbImage::from_fn(SIDE, SIDE, |x, y| {
        Rgb([(x * k) ^ y, x + y * k, x * y / k].map(|v| v as u8))
    })
}

fn benchmarks(c: &mut Criterion) {
    let (real, forged) = (picture(3), picture(5));
    let mut group = c.benchmark_group("ssim_256px");
    group.throughput(Throughput::Elements(1));
    group.bench_function("map", |b| {
        b.iter(|| ssim_map(&forged, &real).expect("one size"));
    });
    for source in [MaskSource::ssim(), MaskSource::dssim(), MaskSource::diff()] {
        group.bench_function(format!("{source:?}"), |b| {
            b.iter(|| source.make(&forged, Some(&real), None).expect("one size"));
        });
    }
    group.finish();
}

criterion_group!(ssim, benchmarks);
criterion_main!(ssim);
