//! t-SNE of 5,000 samples with 512 features in forty groups.

use criterion::{Criterion, criterion_group, criterion_main};
use explain::{Features, Tsne, tsne};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

const SAMPLES: usize = 5000;
const FEATURES: usize = 512;
const GROUPS: usize = 40;

fn normal(rng: &mut impl Rng) -> f64 {
    StandardNormal.sample(rng)
}

fn benchmark(c: &mut Criterion) {
    let rng = &mut ChaCha8Rng::seed_from_u64(1);
    let centres = Features::from_fn(GROUPS, FEATURES, |_, _| normal(rng));
    let samples = Features::from_fn(SAMPLES, FEATURES, |row, column| {
        centres[(row % GROUPS, column)] + normal(rng)
    });
    let mut group = c.benchmark_group("tsne");
    group.sample_size(10);
    group.bench_function("5000x512", |b| {
        b.iter(|| {
            let mut rng = ChaCha8Rng::seed_from_u64(2);
            tsne(&samples, &Tsne::default(), &mut rng).expect("enough samples")
        });
    });
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
