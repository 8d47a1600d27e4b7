//! Drawing a source among 100,000 faces (Algorithm 1 of the PCL paper, line 2) on one core.
//!
//! The faces are mean faces with random pose, build and detector noise; epsilons from "hardly
//! anyone" to "everyone".

use criterion::{Criterion, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;
use synth_data::LandmarkIndex;

use face_preproc::geometry::{Landmarks68, MEAN_FACE68};

const FACES: usize = 100_000;

/// A face in a 256 px crop: turned, scaled and sheared as a whole, its features moved apart, and
/// every landmark displaced by 1.5 px of noise.
fn shape(rng: &mut ChaCha8Rng) -> Landmarks68 {
    let mut normal = |scale: f32| scale * rng.sample::<f32, _>(StandardNormal);
    let (wide, tall, yaw, pitch, roll) = (
        normal(0.05),
        normal(0.06),
        normal(0.15),
        normal(0.1),
        normal(0.08),
    );
    let parts: [[f32; 2]; 5] = std::array::from_fn(|_| [normal(3.0), normal(4.0)]);
    let part = |i: usize| match i {
        0..17 => 0,
        17..27 => 1,
        27..36 => 2,
        36..48 => 3,
        _ => 4,
    };
    std::array::from_fn(|i| {
        let [x, y] = MEAN_FACE68[i];
        // The nose stands out, so turning the head moves it most.
        let depth = 0.25 - x * x;
        let x = x * (1.0 + wide) + yaw * depth - roll * y;
        let y = y * (1.0 + tall) + pitch * depth + roll * x;
        let [dx, dy] = parts[part(i)];
        [
            128.0 + 197.0 * x + dx + normal(1.5),
            128.0 + 197.0 * y + dy + normal(1.5),
        ]
    })
}

fn benchmarks(c: &mut Criterion) {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let shapes: Vec<Landmarks68> = (0..FACES).map(|_| shape(&mut rng)).collect();
    let identities: Vec<u32> = (0..FACES as u32).map(|i| i / 10).collect();
    let index = LandmarkIndex::new(&shapes, &identities).expect("finite shapes");

    let mut group = c.benchmark_group("landmark_search_100k");
    for epsilon in [5.0, 50.0, 100.0, 150.0, 200.0, 1000.0] {
        let queries = (0..FACES).step_by(997);
        let found: usize = queries
            .clone()
            .map(|i| {
                let found = index.candidates(&shapes[i], identities[i], epsilon);
                found.expect("a finite query").len()
            })
            .sum();
        println!(
            "epsilon {epsilon}: {} candidates a query",
            found / queries.len()
        );
        let mut query = 0;
        group.bench_function(format!("epsilon_{epsilon}"), |b| {
            b.iter(|| {
                query = (query + 997) % FACES;
                let drawn = index.draw(&shapes[query], identities[query], epsilon, &mut rng);
                drawn.expect("other identities")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
