//! PCL: inference and a training step, of the paper's network and of a small one for a CPU.
//!
//! Every iteration waits for the device, so that queued work is counted.

use std::hint::black_box;

use backbones::{ResNet, ResNetConfig, ResNetDepth};
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Distribution, Int, Tensor};
use core_tensor_ops::Detector;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use model_pcl::{Pcl, PclConfig};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

struct Case {
    name: &'static str,
    config: PclConfig,
    batch: usize,
}

fn cases() -> [Case; 2] {
    let small = ResNetConfig {
        depth: ResNetDepth::ResNet18,
        base_width: 16,
        ..ResNetConfig::default()
    };
    [
        Case {
            name: "resnet34_256px_batch4",
            config: PclConfig::default(),
            batch: 4,
        },
        Case {
            name: "resnet18w16_128px_batch16",
            config: PclConfig {
                backbone: small,
                input_size: 128,
                ..PclConfig::default()
            },
            batch: 16,
        },
    ]
}

impl Case {
    fn model(&self, device: &Device) -> Pcl<ResNet> {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        self.config
            .init(device, &mut rng)
            .expect("the cases are valid")
    }

    fn images(&self, device: &Device) -> Tensor<4> {
        let size = self.config.input_size;
        Tensor::random(
            [self.batch, 3, size, size],
            Distribution::Normal(0.0, 1.0),
            device,
        )
    }
}

fn inference(criterion: &mut Criterion) {
    let device = Device::flex();
    let mut group = criterion.benchmark_group("pcl/detect");
    group.sample_size(10);
    for case in cases() {
        let (model, images) = (case.model(&device), case.images(&device));
        group.throughput(Throughput::Elements(case.batch as u64));
        group.bench_function(case.name, |bencher| {
            bencher.iter(|| {
                black_box(model.detect(images.clone()));
                device.sync().expect("the device answers");
            });
        });
    }
}

fn training_step(criterion: &mut Criterion) {
    let device = Device::flex().autodiff();
    let mut group = criterion.benchmark_group("pcl/train_step");
    group.sample_size(10);
    for case in cases() {
        let images = case.images(&device);
        let size = case.config.input_size;
        let masks = Tensor::<4>::random(
            [case.batch, 1, size, size],
            Distribution::Uniform(0.0, 1.0),
            &device,
        );
        let labels = Tensor::<1, Int>::ones([case.batch], &device);
        let mut model = case.model(&device);
        let mut adam = AdamConfig::new().with_epsilon(1e-8).init();
        group.throughput(Throughput::Elements(case.batch as u64));
        group.bench_function(case.name, |bencher| {
            bencher.iter(|| {
                let output = model.forward(images.clone());
                let loss = model.loss(output, masks.clone(), labels.clone());
                let gradients = GradientsParams::from_grads(loss.total.backward(), &model);
                model = adam.step(5e-5, model.clone(), gradients);
                device.sync().expect("the device answers");
            });
        });
        black_box(model.num_params());
    }
}

criterion_group!(benches, inference, training_step);
criterion_main!(benches);
