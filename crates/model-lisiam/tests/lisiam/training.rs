//! What trains what, and that the same seed gives the same training.

use std::collections::{BTreeMap, BTreeSet};

use backbones::ResNet;
use burn::module::Module;
use burn::optim::{GradientsParams, SgdConfig};
use burn::tensor::{Device, Gradients};
use model_lisiam::equations::segmentation_loss;
use model_lisiam::{BranchBatches, Lisiam, LisiamConfig, LisiamLoss, LossTerms};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use test_support::{formula, values};

use crate::network::{build, pair, small, targets, visit};

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

/// The terms of a stage reach what it trains; what it freezes is the trainer's.
#[test]
fn terms_reach_what_they_depend_on() {
    let device = Device::flex().autodiff();
    let config = LisiamConfig {
        auxiliary_weight: 0.4,
        ..small()
    };
    let everything = set(SEGMENTATION.iter().chain(&CLASSIFICATION));
    let model = build(&config, &device);
    for (counted, names, reached) in [
        (
            vec!["seg", "li"],
            vec!["li", "seg", "auxiliary"],
            set(&SEGMENTATION),
        ),
        (vec!["cls"], vec!["cls"], everything.clone()),
        (vec![], vec!["li", "cls", "seg", "auxiliary"], everything),
    ] {
        let counted: Vec<String> = counted.into_iter().map(str::to_owned).collect();
        let terms = config.losses.named(&counted);
        let loss = losses(&model, terms, &device, 1);
        let found: Vec<&str> = loss.parts().iter().map(|(name, _)| *name).collect();
        assert_eq!(found, names, "{counted:?}");
        let weights = BTreeMap::from([("li", 1.0), ("cls", 1.0), ("seg", 1.0), ("auxiliary", 0.4)]);
        let sum: f32 = loss
            .parts()
            .into_iter()
            .map(|(name, part)| weights[name] * part.into_scalar::<f32>())
            .sum();
        assert!((loss.total.clone().into_scalar::<f32>() - sum).abs() < 1e-5);
        assert_eq!(
            learning(&model, &loss.total.backward()),
            reached,
            "{counted:?}"
        );
    }
}

/// Table VI's models: what is switched on, and which branches then run, classify and are supervised.
/// (That its recipes say so is tested with the protocols.)
#[test]
fn the_variants_run_the_branches_and_terms_of_table_vi() {
    let device = Device::flex().autodiff();
    let (both, first, second, none) = ([true; 2], [true, false], [false, true], [false; 2]);
    // Segmentation, classification, localization invariance, transformer; branches that run.
    for (variant, seg, cls, li, transformer, expected_runs) in [
        ("Model-A", first, first, true, true, both),
        ("Model-B", both, both, true, true, both),
        ("Model-C", none, first, true, true, both),
        ("Model-D", second, second, true, true, both),
        ("Model-E", second, second, false, true, second),
        ("Model-F", first, first, true, false, both),
        // Its one branch is fed with both kinds of pictures.
        ("Model-G", both, both, false, true, both),
    ] {
        let config = LisiamConfig {
            mask_guided_transformer: transformer,
            losses: LossTerms {
                segmentation: seg,
                classification: cls,
                localization_invariance: li,
            },
            ..small()
        };
        let model = build(&config, &device);
        let [original, degraded] = pair(&device);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let outputs = model.forward_pair(original, degraded, config.losses, &mut rng);
        let branches = [&outputs.original, &outputs.degraded];
        let runs = branches.map(Option::is_some);
        let classifies = branches.map(|output| {
            let logits = output.as_ref().map(|output| &output.class_logits);
            logits.is_some_and(Option::is_some)
        });
        let (masks, labels) = targets(&device);
        let loss = model.loss(outputs, masks, labels);
        let names: Vec<&str> = loss.parts().iter().map(|(name, _)| *name).collect();
        let on = [("li", li), ("cls", true), ("seg", seg != none)];
        let on = on.into_iter().filter(|(_, on)| *on).map(|(name, _)| name);
        assert_eq!(runs, expected_runs, "{variant}");
        assert_eq!(classifies, cls, "{variant}");
        assert_eq!(names, on.collect::<Vec<_>>(), "{variant}");
        let learns = learning(&model, &loss.total.backward());
        assert_eq!(learns.contains("transformer"), transformer, "{variant}");
    }
}

/// Two branches of one network on originals and on their degraded copies, in one pass and each loss
/// counted half, are one branch fed with both: Model-G of table VI.
#[test]
fn both_branches_counted_half_are_one_branch_fed_with_both() {
    let device = Device::flex().autodiff();
    let config = LisiamConfig {
        branch_batches: BranchBatches::Joint,
        lambda_cls: 0.5,
        lambda_seg: 0.5,
        losses: LossTerms {
            segmentation: [true; 2],
            classification: [true; 2],
            localization_invariance: false,
        },
        ..small()
    };
    let total = losses(&build(&config, &device), config.losses, &device, 1).total;
    let one = LisiamConfig {
        losses: LossTerms {
            localization_invariance: false,
            ..LossTerms::default()
        },
        ..small()
    };
    let model = build(&one, &device);
    let images = burn::tensor::Tensor::cat(pair(&device).to_vec(), 0);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let outputs = model.forward_pair(images.clone(), images, one.losses, &mut rng);
    let (masks, labels) = targets(&device);
    let masks = burn::tensor::Tensor::cat(vec![masks.clone(), masks], 0);
    let labels = burn::tensor::Tensor::cat(vec![labels.clone(), labels], 0);
    let fed = model.loss(outputs, masks, labels).total;
    let [total, fed] = [total, fed].map(|loss| loss.into_scalar::<f32>());
    assert!((total - fed).abs() < 1e-5, "{total} {fed}");
}

/// Eq. 17 over the pixels that count: what is ignored says nothing, and gets no gradient.
#[test]
fn ignored_pixels_take_no_part_in_the_segmentation_loss() {
    let device = Device::flex().autodiff();
    let logits = || {
        let values = formula::uniform("ignored", 2 * 16).map(|u| (4.0 * u - 2.0) as f32);
        let values = burn::tensor::TensorData::new(values.collect::<Vec<_>>(), [1, 2, 4, 4]);
        burn::tensor::Tensor::<4>::from_data(values, &device)
    };
    let mask = |rows: usize| {
        // The last rows are ignored, or are not there.
        let value = |place: usize| match place / 4 {
            row if row >= rows => -1.0f32,
            row => f32::from(u8::from(row % 2 == 0)),
        };
        let values: Vec<f32> = (0..16).map(value).collect();
        let values = burn::tensor::TensorData::new(values, [1, 1, 4, 4]);
        burn::tensor::Tensor::<4>::from_data(values, &device)
    };
    let of_three = segmentation_loss(logits().narrow(2, 0, 3), mask(4).narrow(2, 0, 3));
    let watched = logits().require_grad();
    let ignored = segmentation_loss(watched.clone(), mask(3));
    let gradient = watched.grad(&ignored.clone().backward()).unwrap();
    let [of_three, ignored] = [of_three, ignored].map(|loss| loss.into_scalar::<f32>());
    assert!((of_three - ignored).abs() < 1e-6, "{of_three} {ignored}");
    let last: Vec<f32> = gradient.narrow(2, 3, 1).into_data().try_to_vec().unwrap();
    assert!(last.iter().all(|value| *value == 0.0));
    let nothing = segmentation_loss(logits(), mask(0)).into_scalar::<f32>();
    assert_eq!(nothing, 0.0);
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
    let config = LisiamConfig {
        losses: LossTerms {
            segmentation: [true; 2],
            classification: [true; 2],
            localization_invariance: true,
        },
        ..small()
    };
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
