//! ADM on ResNet-34 at 224 px, the paper's network: inference and a training step, without making the
//! data. Every iteration waits for the device, so that queued work is counted.

use std::hint::black_box;

use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Distribution, Int, Tensor};
use core_tensor_ops::Detector;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model_adm::{AdmConfig, AdmTarget};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const BATCH: usize = 4;

fn images(config: &AdmConfig, device: &Device) -> Tensor<4> {
    let size = config.input_size;
    let normal = Distribution::Normal(0.0, 1.0);
    Tensor::random([BATCH, 3, size, size], normal, device)
}

fn benchmarks(criterion: &mut Criterion) {
    let config = AdmConfig::default();
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut group = criterion.benchmark_group("adm_resnet34_224px_batch4");
    group.sample_size(10);
    group.throughput(Throughput::Elements(BATCH as u64));

    let device = Device::flex();
    let model = config.init(&device, &mut rng).expect("the paper's");
    let batch = images(&config, &device);
    group.bench_function("detect", |bencher| {
        bencher.iter(|| {
            black_box(model.detect(batch.clone()));
            device.sync().expect("the device answers");
        });
    });

    let device = Device::flex().autodiff();
    let mut model = config.init(&device, &mut rng).expect("the paper's");
    let batch = images(&config, &device);
    let window = AdmTarget::new(&[[0.2, 0.3, 0.6, 0.7]]).expect("a good window");
    let targets = [AdmTarget::real(), window.clone(), AdmTarget::real(), window];
    let labels = Tensor::<1, Int>::from_ints([0, 1, 0, 1], &device);
    let mut adam = AdamConfig::new().with_epsilon(1e-8).init();
    group.bench_function("train_step", |bencher| {
        bencher.iter(|| {
            let output = model.training_forward(batch.clone(), &mut rng);
            let loss = model.loss(output, &targets, labels.clone());
            let gradients = GradientsParams::from_grads(loss.total.backward(), &model);
            model = adam.step(1e-4, model.clone(), gradients);
            device.sync().expect("the device answers");
        });
    });
    group.finish();
}

criterion_group!(adm, benchmarks);
criterion_main!(adm);
