//! What each module is for: forgeries that no single frame shows.

use backbones::{ResNetConfig, ResNetDepth};
use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Int, Tensor, TensorData};
use model_snippet::{InterConfig, IntraConfig, Modules, Placement, Snippet, SnippetConfig, Turns};
use rand::{Rng, RngExt};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

const SNIPPETS: usize = 4;
const FRAMES: usize = 2;
const SIZE: usize = 16;
const BATCH: usize = 8;

/// Where a forged clip is inconsistent. Of every clip half of the frames are bright and half are
/// dark, so that neither a frame nor their mean tells.
#[derive(Clone, Copy, Debug)]
enum Flicker {
    /// From frame to frame; in a real clip from snippet to snippet.
    Frames,
    /// From snippet to snippet; in a real clip there is one change, in its middle.
    Snippets,
}

/// Clips of random brightness, alternately real and forged.
fn clips(flicker: Flicker, device: &Device, rng: &mut impl Rng) -> (Tensor<6>, Tensor<1, Int>) {
    let shape = [BATCH, SNIPPETS, FRAMES, 3, SIZE, SIZE];
    let mut pixels = Vec::with_capacity(shape.iter().product());
    for clip in 0..BATCH {
        let phase: bool = rng.random();
        for snippet in 0..SNIPPETS {
            for frame in 0..FRAMES {
                let forged = clip % 2 == 1;
                let changes = match (flicker, forged) {
                    (Flicker::Frames, true) => frame,
                    (Flicker::Frames, false) | (Flicker::Snippets, true) => snippet,
                    (Flicker::Snippets, false) => snippet / 2,
                };
                let bright = phase ^ (changes % 2 == 1);
                let level = if bright { 1.0 } else { -1.0 };
                let noise = (0..3 * SIZE * SIZE).map(|_| level + rng.random_range(-0.5..0.5));
                pixels.extend(noise);
            }
        }
    }
    let labels: Vec<i64> = (0..BATCH as i64).map(|clip| clip % 2).collect();
    let clips: Tensor<6> = Tensor::from_data(TensorData::new::<f32, _>(pixels, shape), device);
    (clips, Tensor::from_ints(labels.as_slice(), device))
}

fn network(modules: Modules, device: &Device, rng: &mut impl Rng) -> Snippet {
    let config = SnippetConfig {
        backbone: ResNetConfig {
            depth: ResNetDepth::ResNet50,
            base_width: 8,
            blocks: Some([1, 1, 1, 1]),
            stages: 2,
            ..ResNetConfig::default()
        },
        frames: FRAMES,
        placement: Placement {
            modules,
            turns: Turns::WholeNetwork,
            ..Placement::default()
        },
        intra: IntraConfig {
            reduction: 1,
            ..IntraConfig::default()
        },
        inter: InterConfig {
            reduction: 2,
            ..InterConfig::default()
        },
        ..SnippetConfig::default()
    };
    config.init(device, rng).unwrap()
}

/// Share of fresh clips judged rightly after a short training.
fn accuracy(modules: Modules, flicker: Flicker) -> f32 {
    let device = Device::flex();
    let training = device.clone().autodiff();
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let mut model = network(modules, &training, &mut rng);
    let mut adam = AdamConfig::new().with_epsilon(1e-8).init();
    for _ in 0..25 {
        let (frames, labels) = clips(flicker, &training, &mut rng);
        let loss = model.loss(&model.forward(frames), labels);
        let gradients = GradientsParams::from_grads(loss.backward(), &model);
        model = adam.step(5e-3, model, gradients);
    }
    let model = model.valid();
    let rounds = 8;
    let right: f32 = (0..rounds)
        .map(|_| {
            let (frames, labels) = clips(flicker, &device, &mut rng);
            let judged = model.forward(frames).class_logits.argmax(1).squeeze_dim(1);
            judged.equal(labels).float().mean().into_scalar::<f32>()
        })
        .sum();
    right / rounds as f32
}

#[test]
fn each_module_sees_its_own_inconsistency_and_no_other_does() {
    for (modules, flicker, sees) in [
        (Modules::Intra, Flicker::Frames, true),
        (Modules::Intra, Flicker::Snippets, false),
        (Modules::Inter, Flicker::Snippets, true),
    ] {
        let accuracy = accuracy(modules, flicker);
        println!("{modules:?} on flickering {flicker:?}: {accuracy}");
        if sees {
            assert!(accuracy >= 0.9);
        } else {
            // Chance, within three standard deviations of 64 clips.
            assert!(accuracy <= 0.7);
        }
    }
}
