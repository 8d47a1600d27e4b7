//! The losses lead where they should: a few steps teach a small network to find a window.

use crate::support;

use burn::module::Module;
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Int, Tensor, TensorData};
use core_tensor_ops::Detector;
use model_adm::boxes::intersection_over_union;
use model_adm::{AdmConfig, AdmTarget, BoxSelection};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use support::{build, narrow, small};

const SIZE: usize = 56;
const STEPS: usize = 80;

/// Noisy pictures; every second one has a window of stronger noise.
fn batch(pictures: usize, rng: &mut ChaCha8Rng) -> (Vec<f32>, Vec<AdmTarget>, Vec<i32>) {
    let (mut values, mut targets, mut labels) = (vec![], vec![], vec![]);
    for picture in 0..pictures {
        let forged = picture % 2 == 1;
        let mut side = || rng.random_range(12..28);
        let [width, height]: [usize; 2] = [side(), side()];
        let [x, y] = [width, height].map(|side| rng.random_range(0..SIZE - side));
        for index in 0..3 * SIZE * SIZE {
            let (row, column) = (index / SIZE % SIZE, index % SIZE);
            let inside = (x..x + width).contains(&column) && (y..y + height).contains(&row);
            let strength = if forged && inside { 2.0 } else { 0.5 };
            values.push(strength * rng.random_range(-1.0..1.0f32));
        }
        let window = [x, y, x + width, y + height].map(|edge| edge as f32 / SIZE as f32);
        targets.push(if forged {
            AdmTarget::new(&[window]).unwrap()
        } else {
            AdmTarget::real()
        });
        labels.push(i32::from(forged));
    }
    (values, targets, labels)
}

fn tensor(values: Vec<f32>, device: &Device) -> Tensor<4> {
    let pictures = values.len() / (3 * SIZE * SIZE);
    Tensor::from_data(TensorData::new(values, [pictures, 3, SIZE, SIZE]), device)
}

#[test]
fn a_few_steps_find_windows_of_strong_noise() {
    let device = Device::flex().autodiff();
    let config = AdmConfig {
        backbone: narrow(8),
        input_size: SIZE,
        map_stride: 8,
        beta: 1.0,
        boxes: BoxSelection {
            confidence: 0.2,
            ..BoxSelection::default()
        },
        ..small()
    };
    let mut adm = build(&config, &device);
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut adam = AdamConfig::new().with_epsilon(1e-8).init();
    let mut totals = vec![];
    for _ in 0..STEPS {
        let (values, targets, labels) = batch(8, &mut rng);
        let labels = TensorData::new(labels, [8]);
        let labels = Tensor::<1, Int>::from_data(labels, &device);
        let output = adm.training_forward(tensor(values, &device), &mut rng);
        let loss = adm.loss(output, &targets, labels);
        totals.push(loss.total.clone().into_scalar::<f32>());
        let gradients = GradientsParams::from_grads(loss.total.backward(), &adm);
        adm = adam.step(3e-3, adm, gradients);
    }
    let mean = |totals: &[f32]| totals.iter().sum::<f32>() / totals.len() as f32;
    assert!(
        mean(&totals[STEPS - 10..]) < 0.6 * mean(&totals[..10]),
        "{totals:?}"
    );

    let (values, targets, labels) = batch(16, &mut rng);
    let detection = adm.valid().detect(tensor(values, &Device::flex()));
    let scores: Vec<f32> = detection
        .forged_probability
        .into_data()
        .try_to_vec()
        .unwrap();
    let mut overlaps = vec![];
    for (picture, target) in targets.iter().enumerate() {
        for &window in target.windows() {
            let top = detection.boxes[picture].first();
            overlaps.push(top.map_or(0.0, |top| intersection_over_union(top.corners, window)));
        }
    }
    let of = |label| {
        scores
            .iter()
            .zip(&labels)
            .filter(move |(_, l)| **l == label)
    };
    let real = of(0).map(|(score, _)| *score).fold(0.0, f32::max);
    let forged = of(1).map(|(score, _)| *score).fold(1.0, f32::min);
    assert!(real < forged, "{scores:?}");
    // Boxes at random places and of random sizes overlap by about a tenth.
    assert!(mean(&overlaps) > 0.3, "{overlaps:?}");
}
