//! The snippet model on ResNet-50 at 224 px, the paper's network: inference on one video of 8 snippets
//! of 4 frames, and a training step on one of 4 x 4. Every iteration waits for the device, so that
//! queued work is counted.

use std::hint::black_box;

use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Distribution, Int, Tensor};
use core_tensor_ops::ClipDetector;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model_snippet::SnippetConfig;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn video(config: &SnippetConfig, snippets: usize, device: &Device) -> Tensor<6> {
    let shape = [
        1,
        snippets,
        config.frames,
        3,
        config.input_size,
        config.input_size,
    ];
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

fn benchmarks(criterion: &mut Criterion) {
    let config = SnippetConfig::default();
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let mut group = criterion.benchmark_group("snippet_resnet50_224px");
    group.sample_size(10);
    group.throughput(Throughput::Elements(1));

    let device = Device::flex();
    let model = config.init(&device, &mut rng).expect("the paper's");
    let clip = video(&config, config.inference_snippets, &device);
    group.bench_function("detect_8x4", |bencher| {
        bencher.iter(|| {
            black_box(model.detect_clips(clip.clone()));
            device.sync().expect("the device answers");
        });
    });

    let device = Device::flex().autodiff();
    let mut model = config.init(&device, &mut rng).expect("the paper's");
    let clip = video(&config, config.snippets, &device);
    let labels = Tensor::<1, Int>::ones([1], &device);
    let mut adam = AdamConfig::new().with_epsilon(1e-8).init();
    group.bench_function("train_step_4x4", |bencher| {
        bencher.iter(|| {
            let output = model.forward(clip.clone());
            let gradients = model.loss(&output, labels.clone()).backward();
            let gradients = GradientsParams::from_grads(gradients, &model);
            model = adam.step(1e-4, model.clone(), gradients);
            device.sync().expect("the device answers");
        });
    });
    group.finish();
}

criterion_group!(snippet, benchmarks);
criterion_main!(snippet);
