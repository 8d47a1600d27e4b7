//! Our half of `benches/peers/pytorch.py`: a network is built once, and for every line on standard input
//! one step is done and its seconds of wall and CPU time are printed.
//!
//! ```console
//! cargo run --example steps -- NETWORK train|infer BATCH
//! ```
//!
//! Pictures are random and on the device already; a step of training is forward, losses, backward and the
//! optimiser. RAYON_NUM_THREADS says how many threads there are.

use std::io::{Write as _, stdin, stdout};
use std::time::Instant;

use backbones::{
    EfficientNet, EfficientNetConfig, EfficientNetVariant, ResNet, ResNetConfig, Xception,
    XceptionConfig,
};
use burn::module::Module;
use burn::nn::loss::CrossEntropyLossConfig;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Distribution, Int, Tensor};
use core_tensor_ops::{ClipDetector, Detector};
use model_adm::{AdmConfig, AdmTarget};
use model_lisiam::LisiamConfig;
use model_pcl::PclConfig;
use model_snippet::SnippetConfig;
use optim::Adam;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What is done for each line.
type Step = Box<dyn FnMut()>;

/// Pictures, or whatever has that shape.
fn normal<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

/// Real and forged in turns.
fn labels(batch: usize, device: &Device) -> Tensor<1, Int> {
    Tensor::arange(0..batch as i64, device).remainder_scalar(2)
}

/// A step of Adam on a loss, or what is inferred.
fn step<M: Module + Clone + 'static>(
    mut network: M,
    train: bool,
    infer: impl Fn(&M) + 'static,
    mut loss: impl FnMut(&M) -> Tensor<1> + 'static,
) -> Step {
    if !train {
        return Box::new(move || infer(&network));
    }
    let mut adam = ModuleOptimizer::from(Adam {
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.0,
    });
    Box::new(move || {
        let gradients = GradientsParams::from_grads(loss(&network).backward(), &network);
        network = adam.step(1e-4, network.clone(), gradients);
    })
}

/// A plain classifier of real and forged.
fn classifier<M: Module + Clone + 'static>(
    network: M,
    forward: fn(&M, Tensor<4>) -> Tensor<2>,
    (batch, size, train): (usize, usize, bool),
    device: &Device,
) -> Step {
    let images = normal([batch, 3, size, size], device);
    let (seen, labels) = (images.clone(), labels(batch, device));
    let entropy = CrossEntropyLossConfig::new().init(device);
    let infer = move |network: &M| drop(forward(network, seen.clone()).into_data());
    let loss = move |network: &M| entropy.forward(forward(network, images.clone()), labels.clone());
    step(network, train, infer, loss)
}

fn build(network: &str, train: bool, batch: usize, device: &Device) -> Step {
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let rng = &mut rng;
    let masks = |size: usize| {
        normal([batch, 1, size, size], device)
            .greater_elem(0.5)
            .float()
    };
    let images = |size: usize| normal([batch, 3, size, size], device);
    let classes = Some(2);
    let labels = labels(batch, device);
    match network {
        "resnet34" => {
            let config = ResNetConfig {
                classes,
                ..ResNetConfig::default()
            };
            classifier(
                config.init(device, rng),
                ResNet::forward,
                (batch, 224, train),
                device,
            )
        }
        "xception" => {
            let config = XceptionConfig {
                classes,
                ..XceptionConfig::default()
            };
            classifier(
                config.init(device, rng),
                Xception::forward,
                (batch, 299, train),
                device,
            )
        }
        "efficientnet_lite0" => {
            let variant = EfficientNetVariant::Lite0;
            let config = EfficientNetConfig {
                variant,
                classes,
                ..EfficientNetConfig::default()
            };
            let forward = EfficientNet::forward;
            classifier(
                config.init(device, rng),
                forward,
                (batch, 224, train),
                device,
            )
        }
        "pcl" => {
            let config = PclConfig::default();
            let (pictures, masks) = (images(config.input_size), masks(config.input_size));
            let seen = pictures.clone();
            step(
                config.init(device, rng).expect("the paper's"),
                train,
                move |network| drop(network.detect(seen.clone()).forged_probability.into_data()),
                move |network| {
                    let output = network.forward(pictures.clone());
                    network.loss(output, masks.clone(), labels.clone()).total
                },
            )
        }
        "adm" => {
            let config = AdmConfig::default();
            let pictures = images(config.input_size);
            let seen = pictures.clone();
            let window = AdmTarget::new(&[[0.2, 0.3, 0.6, 0.7]]).expect("a good window");
            let kinds = [AdmTarget::real(), window];
            let target = |number: usize| kinds[number % 2].clone();
            let targets: Vec<_> = (0..batch).map(target).collect();
            let network = config.init(device, rng).expect("the paper's");
            let mut rng = ChaCha8Rng::seed_from_u64(1);
            step(
                network,
                train,
                move |network| drop(network.detect(seen.clone()).forged_probability.into_data()),
                move |network| {
                    let output = network.training_forward(pictures.clone(), &mut rng);
                    network.loss(output, &targets, labels.clone()).total
                },
            )
        }
        "lisiam" => {
            let config = LisiamConfig::default();
            let (pictures, masks) = (images(config.input_size), masks(config.input_size));
            let (seen, losses) = (pictures.clone(), config.losses);
            let network = config.init(device, rng).expect("the paper's");
            let mut rng = ChaCha8Rng::seed_from_u64(1);
            step(
                network,
                train,
                move |network| drop(network.detect(seen.clone()).forged_probability.into_data()),
                move |network| {
                    let (one, other) = (pictures.clone(), pictures.clone());
                    let pair = network.forward_pair(one, other, losses, &mut rng);
                    network.loss(pair, masks.clone(), labels.clone()).total
                },
            )
        }
        "snippet" => {
            let config = SnippetConfig::default();
            let (frames, size) = (config.frames, config.input_size);
            let clips = normal([batch, 4, frames, 3, size, size], device);
            let seen = clips.clone();
            step(
                config.init(device, rng).expect("the paper's"),
                train,
                move |network| {
                    drop(
                        network
                            .detect_clips(seen.clone())
                            .forged_probability
                            .into_data(),
                    );
                },
                move |network| network.loss(&network.forward(clips.clone()), labels.clone()),
            )
        }
        other => panic!("no network {other}"),
    }
}

/// User and system seconds of this process (Linux; elsewhere 0).
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    ticks
        .filter_map(|ticks| ticks.parse::<f64>().ok())
        .sum::<f64>()
        / 100.0
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, network, mode, batch] = &arguments[..] else {
        panic!("NETWORK train|infer BATCH");
    };
    let train = mode == "train";
    let device = match train {
        true => Device::flex().autodiff(),
        false => Device::flex(),
    };
    let mut step = build(network, train, batch.parse().expect("a number"), &device);
    println!("ready");
    for line in stdin().lines() {
        line.expect("a line");
        let (wall, cpu) = (Instant::now(), cpu_seconds());
        step();
        device.sync().expect("the device answers");
        println!("{} {}", wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        stdout().flush().expect("somebody listens");
    }
}
