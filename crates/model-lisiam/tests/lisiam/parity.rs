//! Agreement with an independent PyTorch script of the equations, forward and backward, at weights
//! by formula.

use std::collections::BTreeMap;

use backbones::{BackboneConfig, XceptionConfig};
use burn::module::Module;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::Backbone;
use model_lisiam::equations::{attention_weights, soft_attention};
use model_lisiam::{BranchBatches, Dropout, Lisiam, LisiamConfig, LossTerms, ScuConvolution};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Deserialize;
use test_support::{Sample, formula, values};

use crate::network::{
    SIZE, build, filled, pair, parameters, small, targets, the_papers_xception, visit,
};

/// Activations are of the order of one, sums have up to a few hundred products: some ulps of single
/// precision in another order than PyTorch's, through thirty layers.
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Golden {
    xception: Inference,
    official: Inference,
    without_transformer: Inference,
    separate: Training,
    joint: Training,
    size: [usize; 2],
}

#[derive(Deserialize)]
struct Inference {
    parameters: BTreeMap<String, Vec<usize>>,
    seen: BTreeMap<String, Sample>,
}

#[derive(Deserialize)]
struct Training {
    losses: BTreeMap<String, f32>,
    gradients: BTreeMap<String, f32>,
    running_means: BTreeMap<String, Vec<f32>>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/lisiam.json")).unwrap()
}

impl Inference {
    fn assert_close<const D: usize>(&self, what: &str, tensor: Tensor<D>) {
        self.seen[what].assert_close(what, tensor, TOLERANCE);
    }

    /// Every module's output by itself, then the network's.
    fn agrees<B: Backbone>(&self, model: Lisiam<B>) {
        let model = filled(model);
        assert_eq!(parameters(&model), self.parameters);
        let images = formula::images(SIZE, SIZE);
        let (features, auxiliary) = model.extract(images.clone());
        self.assert_close("features", features.clone());
        self.assert_close("auxiliary", auxiliary.clone());
        let segmentation = model.segment(features.clone());
        self.assert_close("segmentation", segmentation.clone());
        let encoded = model.scu().forward(features, &mut Dropout::off());
        self.assert_close("encoded", encoded.clone());
        if let Some(transformer) = model.transformer() {
            let (fake, real) = soft_attention(segmentation.clone(), encoded.clone());
            self.assert_close("fake", fake.clone());
            self.assert_close("real", real.clone());
            let (queries, keys) = (
                transformer.queries(fake.clone()),
                transformer.keys(real.clone()),
            );
            let attention = attention_weights(queries, keys);
            self.assert_close("attention", attention.clone());
            let transformed = transformer.transformed(attention, transformer.values(real));
            self.assert_close("transformed", transformed.clone());
            let z = transformer.co_occurrence(transformed, fake, encoded);
            self.assert_close("z", z);
        }
        let output = model.forward(images);
        self.assert_close("classes", output.class_logits.clone().unwrap());
        self.assert_close("segmentation", output.segmentation_logits.clone());
        self.assert_close("auxiliary", output.auxiliary_logits.clone());
        let shares = softmax(output.class_logits.clone().unwrap(), 1);
        let forged = values(shares.narrow(1, 1, 1));
        assert_eq!(values(output.forged_probability().unwrap()), forged);
    }
}

#[test]
fn the_papers_network_agrees_on_a_narrow_xception() {
    let config = LisiamConfig {
        backbone: BackboneConfig::Xception(XceptionConfig {
            width: 1.0 / 32.0,
            ..the_papers_xception()
        }),
        feature_map: LisiamConfig::default().feature_map,
        auxiliary_map: LisiamConfig::default().auxiliary_map,
        ..small()
    };
    let model = config.init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0));
    golden().xception.agrees(model.unwrap());
}

#[test]
fn the_official_differences_agree_on_a_resnet_with_a_finer_auxiliary_map() {
    let config = LisiamConfig {
        scu_convolution: ScuConvolution::Full,
        normalized_sum: true,
        ..small()
    };
    golden().official.agrees(build(&config, &Device::flex()));
}

#[test]
fn the_network_without_transformer_agrees() {
    let config = LisiamConfig {
        mask_guided_transformer: false,
        ..small()
    };
    let model = build(&config, &Device::flex());
    assert!(model.transformer().is_none());
    golden().without_transformer.agrees(model);
}

fn trains_alike(golden: &Training, branch_batches: BranchBatches) {
    let device = Device::flex().autodiff();
    let config = LisiamConfig {
        lambda_li: 0.5,
        lambda_cls: 1.5,
        lambda_seg: 2.0,
        auxiliary_weight: 0.4,
        branch_batches,
        losses: LossTerms {
            segmentation: [true; 2],
            classification: [true; 2],
            localization_invariance: true,
        },
        ..small()
    };
    let terms = config.losses;
    let model = filled(build(&config, &device));
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    let [original, degraded] = pair(&device);
    let outputs = model.forward_pair(original, degraded, terms, &mut rng);
    let (masks, labels) = targets(&device);
    let loss = model.loss(outputs, masks, labels);
    let mut losses = loss.parts();
    losses.push(("total", loss.total.clone()));
    assert_eq!(losses.len(), golden.losses.len());
    for (name, loss) in losses {
        let (ours, theirs) = (loss.into_scalar::<f32>(), golden.losses[name]);
        assert!((ours - theirs).abs() <= 1e-5, "{name}: {ours} {theirs}");
    }

    let gradients = loss.total.backward();
    let mut compared = 0;
    visit(&model, |name, parameter| {
        let Some(theirs) = golden.gradients.get(&name) else {
            assert!(name.contains("running"), "{name}");
            return;
        };
        let gradient = (parameter.gradient)(&gradients).unwrap();
        let draw = format!("gradient of {name}");
        let weights = formula::uniform(&draw, gradient.len());
        let ours: f64 = weights
            .zip(&gradient)
            .map(|(u, gradient)| (2.0 * u - 1.0) * f64::from(*gradient))
            .sum();
        let scale: f64 = gradient.iter().map(|g| f64::from(g.abs())).sum();
        let error = (ours - f64::from(*theirs)).abs();
        // Rounding adds up along the way back, relative to the gradient's own size.
        assert!(error <= 1e-5 + 1e-4 * scale, "{name}: {ours} {theirs}");
        compared += 1;
    });
    assert_eq!(compared, golden.gradients.len());

    let valid = model.valid();
    let mut running = BTreeMap::new();
    visit(&valid, |name, parameter| {
        running.insert(name, (parameter.values)());
    });
    for (name, theirs) in &golden.running_means {
        for (ours, theirs) in running[name].iter().zip(theirs) {
            assert!((ours - theirs).abs() <= 1e-5, "{name}: {ours} {theirs}");
        }
    }
}

#[test]
fn losses_gradients_and_running_means_agree_in_two_passes() {
    trains_alike(&golden().separate, BranchBatches::Separate);
}

#[test]
fn losses_gradients_and_running_means_agree_in_one_pass() {
    trains_alike(&golden().joint, BranchBatches::Joint);
}

#[test]
fn the_papers_network_has_the_stated_size() {
    let model = LisiamConfig::default()
        .init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0))
        .unwrap();
    let mut size = [0, 0];
    for (name, shape) in parameters(&model) {
        size[usize::from(name.contains("running"))] += shape.iter().product::<usize>();
    }
    assert_eq!(size, golden().size);
    assert_eq!(model.num_params(), size[0] + size[1]);
    let readme = include_str!("../../README.md");
    assert!(readme.contains("32,283,950 parameters"));
    assert_eq!(size[0], 32_283_950);
}
