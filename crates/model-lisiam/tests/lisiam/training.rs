//! What trains what, and that the same seed gives the same training.

use std::collections::{BTreeMap, BTreeSet};

use backbones::ResNet;
use burn::module::Module;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Gradients};
use model_lisiam::{
    Ablation, BranchBatches, FrozenStatistics, Lisiam, LisiamConfig, LisiamLoss, LossTerms, Stage,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::network::{build, pair, small, targets, values, visit};

/// The losses of the pair in a stage, with dropout from a seed.
fn losses(model: &Lisiam<ResNet>, terms: LossTerms, device: &Device, seed: u64) -> LisiamLoss {
    let [original, degraded] = pair(device);
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let outputs = model.forward_pair(original, degraded, terms, &mut rng);
    let (masks, labels) = targets(device);
    model.loss(outputs, masks, labels)
}

/// The top modules (of the feature extractor: its parts) that a gradient reaches.
fn learning(model: &Lisiam<ResNet>, gradients: &Gradients) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    visit(model, |name, parameter| {
        if let Some(gradient) = (parameter.gradient)(gradients) {
            assert!(gradient.iter().all(|value| value.is_finite()), "{name}");
            if gradient.iter().any(|value| *value != 0.0) {
                let depth = if name.starts_with("ocr.aux") { 2 } else { 1 };
                let parts: Vec<&str> = name.split('.').take(depth).collect();
                reached.insert(parts.join("."));
            }
        }
    });
    reached
}

fn state(model: &impl Module) -> BTreeMap<String, Vec<f32>> {
    let mut state = BTreeMap::new();
    // The running statistics are gathered on the way to validation.
    visit(&model.valid(), |name, parameter| {
        state.insert(name, (parameter.values)());
    });
    state
}

/// Names of what differs between two states.
fn changed(before: &BTreeMap<String, Vec<f32>>, after: &BTreeMap<String, Vec<f32>>) -> Vec<String> {
    let differs = |name: &&String| before[*name] != after[*name];
    before.keys().filter(differs).cloned().collect()
}

const SEGMENTATION: [&str; 5] = [
    "backbone",
    "decoder",
    "ocr",
    "ocr.auxiliary",
    "ocr.auxiliary_logits",
];
const CLASSIFICATION: [&str; 3] = ["mlp", "scu", "transformer"];

fn set<'a>(parts: impl IntoIterator<Item = &'a &'a str>) -> BTreeSet<String> {
    parts.into_iter().map(|part| (*part).to_owned()).collect()
}

#[test]
fn each_stage_trains_its_part_alone() {
    let device = Device::flex().autodiff();
    let config = small();
    let everything = set(SEGMENTATION.iter().chain(&CLASSIFICATION));
    for (stage, expected) in [
        (Stage::Segmentation, set(&SEGMENTATION)),
        (Stage::Classification, set(&CLASSIFICATION)),
        (Stage::All, everything),
    ] {
        let model = build(&config, &device).at_stage(stage);
        let loss = losses(&model, config.terms(stage).unwrap(), &device, 1);
        let gradients = loss.total.backward();
        assert_eq!(learning(&model, &gradients), expected, "{stage:?}");
    }
}

#[test]
fn a_stage_has_the_terms_that_reach_it() {
    let device = Device::flex().autodiff();
    let config = LisiamConfig {
        auxiliary_weight: 0.4,
        ..small()
    };
    let model = build(&config, &device);
    for (stage, expected) in [
        (Stage::Segmentation, vec!["li", "seg", "auxiliary"]),
        (Stage::Classification, vec!["cls"]),
        (Stage::All, vec!["li", "cls", "seg", "auxiliary"]),
    ] {
        let loss = losses(&model, config.terms(stage).unwrap(), &device, 1);
        let names: Vec<&str> = loss.parts().iter().map(|(name, _)| *name).collect();
        assert_eq!(names, expected, "{stage:?}");
        let weights = BTreeMap::from([("li", 1.0), ("cls", 1.0), ("seg", 1.0), ("auxiliary", 0.4)]);
        let sum: f32 = loss
            .parts()
            .into_iter()
            .map(|(name, part)| weights[name] * part.into_scalar::<f32>())
            .sum();
        assert!((loss.total.into_scalar::<f32>() - sum).abs() < 1e-5);
    }
}

/// A step of training in the second stage moves the classification alone; whether the frozen layers'
/// running statistics follow is the option's choice.
#[test]
fn frozen_layers_keep_their_weights_and_their_statistics_as_chosen() {
    let device = Device::flex().autodiff();
    for (frozen_statistics, follow) in [
        (FrozenStatistics::Kept, false),
        (FrozenStatistics::Updated, true),
    ] {
        let config = LisiamConfig {
            frozen_statistics,
            ..small()
        };
        let terms = config.terms(Stage::Classification).unwrap();
        let model = build(&config, &device).at_stage(Stage::Classification);
        let before = state(&model);
        let loss = losses(&model, terms, &device, 1);
        let gradients = GradientsParams::from_grads(loss.total.backward(), &model);
        let mut sgd = SgdConfig::new().init();
        let model = sgd.step(0.1, model, gradients);
        let moved = changed(&before, &state(&model));
        let (statistics, weights): (Vec<String>, Vec<String>) =
            moved.into_iter().partition(|name| name.contains("running"));
        let frozen = |name: &String| !CLASSIFICATION.iter().any(|part| name.starts_with(part));
        assert!(!weights.iter().any(frozen), "{weights:?}");
        assert!(weights.iter().any(|name| name == "scu.point_1.weight"));
        assert!(statistics.iter().any(|name| name == "mlp.norm.running_var"));
        assert_eq!(statistics.iter().any(frozen), follow, "{statistics:?}");
    }
}

/// Frozen layers with kept statistics see a batch as inference does.
#[test]
fn a_frozen_segmentation_is_that_of_inference() {
    let device = Device::flex().autodiff();
    let config = small();
    let model = build(&config, &device);
    // Two steps of statistics, of which Burn holds the last one back.
    for seed in 0..2 {
        losses(&model, config.terms(Stage::All).unwrap(), &device, seed);
    }
    let model = model.at_stage(Stage::Classification);
    let [original, degraded] = pair(&device);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let terms = config.terms(Stage::Classification).unwrap();
    let outputs = model.forward_pair(original.clone(), degraded, terms, &mut rng);
    assert!(outputs.degraded.is_none());
    let inferred = model.valid().forward(original.without_autodiff());
    let (trained, inferred) = (
        values(outputs.original.unwrap().segmentation_logits),
        values(inferred.segmentation_logits),
    );
    // With autodiff the normalisation is computed in another order.
    let close = |(ours, theirs): (&f32, &f32)| (ours - theirs).abs() < 1e-5;
    assert!(trained.iter().zip(&inferred).all(close));
}

#[test]
fn leaving_a_stage_thaws_it() {
    let device = Device::flex().autodiff();
    let config = small();
    let terms = config.terms(Stage::All).unwrap();
    let gradients = |model: &Lisiam<ResNet>| losses(model, terms, &device, 1).total.backward();
    let model = build(&config, &device);
    let thawed = build(&config, &device)
        .at_stage(Stage::Segmentation)
        .at_stage(Stage::Classification)
        .at_stage(Stage::All);
    let all = learning(&model, &gradients(&model));
    assert_eq!(learning(&thawed, &gradients(&thawed)), all);
    assert_eq!(changed(&state(&model), &state(&thawed)), [""; 0]);
}

#[test]
fn the_variants_run_the_branches_and_terms_of_table_vi() {
    let device = Device::flex().autodiff();
    for variant in Ablation::ALL {
        let config = small().ablation(variant);
        let terms = config.terms(Stage::All).unwrap();
        let model = build(&config, &device);
        let [original, degraded] = pair(&device);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let outputs = model.forward_pair(original, degraded, terms, &mut rng);
        let branches = [&outputs.original, &outputs.degraded];
        let runs = branches.map(Option::is_some);
        let classifies = branches.map(|output| {
            let logits = output.as_ref().map(|output| &output.class_logits);
            logits.is_some_and(Option::is_some)
        });
        let (masks, labels) = targets(&device);
        let loss = model.loss(outputs, masks, labels);
        let names: Vec<&str> = loss.parts().iter().map(|(name, _)| *name).collect();
        let (both, first, second) = ([true; 2], [true, false], [false, true]);
        let (expected_runs, expected_classifies, expected_names) = match variant {
            Ablation::ModelA | Ablation::ModelF => (both, first, vec!["li", "cls", "seg"]),
            Ablation::ModelB => (both, both, vec!["li", "cls", "seg"]),
            Ablation::ModelC => (both, first, vec!["li", "cls"]),
            Ablation::ModelD => (both, second, vec!["li", "cls", "seg"]),
            Ablation::ModelE => (second, second, vec!["cls", "seg"]),
            Ablation::ModelG => (first, first, vec!["cls", "seg"]),
        };
        assert_eq!(runs, expected_runs, "{variant:?}");
        assert_eq!(classifies, expected_classifies, "{variant:?}");
        assert_eq!(names, expected_names, "{variant:?}");
        let learns = learning(&model, &loss.total.backward());
        let transformer = learns.contains("transformer");
        assert_eq!(transformer, variant != Ablation::ModelF, "{variant:?}");
    }
}

/// Without localization invariance the degraded images play no part; with it they do.
#[test]
fn the_second_branch_reaches_the_loss_through_localization_invariance_alone() {
    let device = Device::flex().autodiff();
    let config = small();
    let model = build(&config, &device);
    let loss = |terms: LossTerms, swap: bool| {
        let [original, mut degraded] = pair(&device);
        if swap {
            degraded = degraded.neg();
        }
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let outputs = model.forward_pair(original, degraded, terms, &mut rng);
        let (masks, labels) = targets(&device);
        let loss = model.loss(outputs, masks, labels);
        loss.total.into_scalar::<f32>()
    };
    let with = config.losses;
    let without = LossTerms {
        localization_invariance: false,
        ..with
    };
    assert_ne!(loss(with, false), loss(with, true));
    assert_eq!(loss(without, false), loss(without, true));
}

#[test]
fn identical_branches_have_no_localization_invariance_loss() {
    let device = Device::flex().autodiff();
    for branch_batches in [BranchBatches::Separate, BranchBatches::Joint] {
        let config = LisiamConfig {
            branch_batches,
            ..small()
        };
        let terms = config.losses;
        let model = build(&config, &device);
        let [original, _] = pair(&device);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let outputs = model.forward_pair(original.clone(), original, terms, &mut rng);
        let (masks, labels) = targets(&device);
        let li = model.loss(outputs, masks, labels).li.unwrap();
        // In one pass the two halves may be summed in another order.
        assert!(li.into_scalar::<f32>() < 1e-6);
    }
}

/// Dropout comes from the generator alone, whatever else draws from the device.
#[test]
fn the_same_seed_trains_the_same() {
    let config = LisiamConfig {
        dropout: 0.3,
        attention_dropout: 0.3,
        ..small()
    };
    let terms = config.losses;
    let train = |seed: u64, noise: u64| {
        let device = Device::flex().autodiff();
        device.seed(noise);
        let mut model = build(&config, &device);
        let mut sgd = SgdConfig::new().init();
        for step in 0..2 {
            let loss = losses(&model, terms, &device, seed + step);
            let gradients = GradientsParams::from_grads(loss.total.backward(), &model);
            model = sgd.step(0.01, model, gradients);
        }
        state(&model)
    };
    let first = train(1, 1);
    assert_eq!(changed(&first, &train(1, 2)), [""; 0]);
    assert_ne!(changed(&first, &train(5, 1)), [""; 0]);
}

/// Of many maps, the expected share is dropped, whole, and the others are scaled up: means stay.
#[test]
fn dropout_drops_whole_maps_and_keeps_the_mean() {
    let device = Device::flex().autodiff();
    let config = LisiamConfig {
        channels: 400,
        dropout: 0.25,
        ..small()
    };
    let model = build(&config, &device);
    let [original, degraded] = pair(&device);
    let [features, _] = [original, degraded].map(|images| model.extract(images).0);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut dropout = model_lisiam::Dropout::seeded(&mut rng);
    let encoded = model.scu().forward(features, &mut dropout);
    let [batch, channels, height, width] = encoded.dims();
    let maps = values(encoded);
    let dropped = maps
        .chunks(height * width)
        .filter(|map| map.iter().all(|value| *value == 0.0))
        .count();
    // 800 maps: a standard deviation of 12.
    let expected = batch * channels / 4;
    assert!(dropped.abs_diff(expected) < 50, "{dropped}");
    let zeros = maps.iter().filter(|value| **value == 0.0).count();
    assert_eq!(zeros, dropped * height * width);
}

/// Batch normalisation of a single feature vector is constant: no division by its zero variance.
#[test]
fn a_batch_of_one_has_finite_losses_and_gradients() {
    let device = Device::flex().autodiff();
    let config = small().ablation(Ablation::ModelB);
    let model = build(&config, &device);
    let [original, degraded] = pair(&device).map(|images| images.narrow(0, 1, 1));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let outputs = model.forward_pair(original, degraded, config.losses, &mut rng);
    let (masks, labels) = targets(&device);
    let loss = model.loss(outputs, masks.narrow(0, 1, 1), labels.narrow(0, 1, 1));
    assert!(loss.total.clone().into_scalar::<f32>().is_finite());
    // It asserts that each gradient is finite.
    let reached = learning(&model, &loss.total.backward());
    assert!(reached.contains("backbone"));
}
