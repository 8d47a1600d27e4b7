//! Rendering of built-in faces, the camera's whole history included.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use fixtures::{FaceRenderer, View, publish};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::hint::black_box;

fn render(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("render");
    group.throughput(Throughput::Elements(1));
    let renderer = FaceRenderer::new(1, 128).expect("a valid size");
    let people: Vec<_> = (0..16).map(|i| renderer.identity(i)).collect();
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let mut next = (0..16).cycle();
    group.bench_function("face-128", |b| {
        b.iter(|| {
            let person = &people[next.next().unwrap_or(0)];
            let view = View::random(rng);
            let face = renderer
                .render(person, &view, rng)
                .expect("a rendered face");
            publish(&face.image, rng).expect("a published face")
        });
    });
    let mut index = 0;
    group.bench_function("identity", |b| {
        b.iter(|| {
            index += 1;
            black_box(renderer.identity(index))
        });
    });
    group.finish();
}

criterion_group!(benches, render);
criterion_main!(benches);
