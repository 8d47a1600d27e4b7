//! Measures of a million scores together, and bootstrap intervals of a hundred thousand.

use criterion::{Criterion, criterion_group, criterion_main};
use metrics::{Measure, Ranking, bootstrap_intervals};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Scores of which those of forgeries are higher, a third of all.
fn scores(count: usize) -> (Vec<f64>, Vec<bool>) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let row = |i: usize| {
        let forged = i.is_multiple_of(3);
        let score: f64 = rng.random_range(0.0..0.8);
        (score + if forged { 0.2 } else { 0.0 }, forged)
    };
    (0..count).map(row).unzip()
}

fn benchmarks(c: &mut Criterion) {
    let measures = [
        Measure::Auc,
        Measure::AveragePrecision,
        Measure::EqualErrorRate,
    ];
    let mut group = c.benchmark_group("metrics");
    group.sample_size(10);
    let (many, labels) = scores(1_000_000);
    group.bench_function("auc_ap_eer_of_1e6", |b| {
        b.iter(|| {
            let ranking = Ranking::new(&many, &labels).expect("both classes");
            measures.map(|measure| ranking.value(measure).expect("in range"))
        });
    });
    let (some, labels) = scores(100_000);
    group.bench_function("1000_resamples_of_1e5", |b| {
        b.iter(|| {
            let mut rng = ChaCha8Rng::seed_from_u64(2);
            bootstrap_intervals(&some, &labels, None, &measures, 1000, &mut rng)
                .expect("both classes")
        });
    });
    group.finish();
}

criterion_group!(of_scores, benchmarks);
criterion_main!(of_scores);
