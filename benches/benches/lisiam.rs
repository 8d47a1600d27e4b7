//! LiSiam on Xception at 299 px, the paper's network: inference through the first branch, and a
//! training step of both. Every iteration waits for the device, so that queued work is counted.

use std::hint::black_box;

use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Distribution, Int, Tensor};
use core_tensor_ops::Detector;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model_lisiam::LisiamConfig;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const BATCH: usize = 2;

fn benchmarks(criterion: &mut Criterion) {
    let config = LisiamConfig::default();
    let size = config.input_size;
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let normal = Distribution::Normal(0.0, 1.0);
    let mut group = criterion.benchmark_group("lisiam_xception_299px_batch2");
    group.sample_size(10);
    group.throughput(Throughput::Elements(BATCH as u64));

    let device = Device::flex();
    let model = config.init(&device, &mut rng).expect("the paper's");
    let images = Tensor::<4>::random([BATCH, 3, size, size], normal, &device);
    group.bench_function("detect", |bencher| {
        bencher.iter(|| {
            black_box(model.detect(images.clone()));
            device.sync().expect("the device answers");
        });
    });

    let device = Device::flex().autodiff();
    let mut model = config.init(&device, &mut rng).expect("the paper's");
    let images = Tensor::<4>::random([BATCH, 3, size, size], normal, &device);
    let uniform = Distribution::Uniform(0.0, 1.0);
    let masks = Tensor::<4>::random([BATCH, 1, size, size], uniform, &device);
    let labels = Tensor::<1, Int>::from_ints([0, 1], &device);
    let mut sgd = SgdConfig::new().init();
    group.bench_function("train_step", |bencher| {
        bencher.iter(|| {
            let (original, degraded) = (images.clone(), images.clone());
            let pair = model.forward_pair(original, degraded, config.losses, &mut rng);
            let loss = model.loss(pair, masks.clone(), labels.clone());
            let gradients = GradientsParams::from_grads(loss.total.backward(), &model);
            model = sgd.step(1e-2, model.clone(), gradients);
            device.sync().expect("the device answers");
        });
    });
    group.finish();
}

criterion_group!(lisiam, benchmarks);
criterion_main!(lisiam);
