//! The network: shapes of the paper, gradients, losses, and the detector's contract.

use crate::support;

use backbones::AnyBackbone;
use burn::module::Module;
use burn::tensor::{Device, Gradients, Int, Tensor, TensorData};
use core_tensor_ops::{ChannelOrder, Detector, InputSpec};
use model_adm::{Adm, AdmConfig, AdmLoss, AdmTarget, BoxSelection, Negatives};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use support::{build, images, narrow, small};

fn labels(values: &[i64], device: &Device) -> Tensor<1, Int> {
    Tensor::from_ints(values, device)
}

fn scalar(tensor: &Tensor<1>) -> f32 {
    tensor.clone().into_scalar()
}

fn window() -> AdmTarget {
    AdmTarget::new(&[[0.2, 0.3, 0.5, 0.8]]).unwrap()
}

#[test]
fn the_default_is_the_papers_network() {
    let config = AdmConfig::default();
    assert_eq!((config.alpha, config.beta), (1.0, 0.1));
    assert_eq!((config.input_size, config.levels), (224, 3));
    assert_eq!(serde_json::from_str::<AdmConfig>("{}").unwrap(), config);
    let written = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<AdmConfig>(&written).unwrap(), config);

    let device = Device::flex();
    let config = AdmConfig {
        backbone: narrow(2),
        ..config
    };
    let adm = build(&config, &device);
    assert_eq!(adm.input_spec(), InputSpec::imagenet(224));
    let output = adm.forward(images(2, 224, &device));
    assert_eq!(output.class_logits.dims(), [2, 2]);
    // Two anchors for each position of 7 x 7, 5 x 5 and 3 x 3.
    let anchors = output.anchors.unwrap();
    assert_eq!(anchors.offsets.dims(), [2, 166, 4]);
    assert_eq!(anchors.confidences.dims(), [2, 166, 2]);
    assert_eq!(adm.priors().len(), 166);
}

#[test]
fn the_official_network_has_four_levels_and_raw_pixels() {
    let device = Device::flex();
    let adm = build(&AdmConfig::official(narrow(2)), &device);
    assert_eq!(adm.priors().len(), 168);
    let spec = adm.input_spec();
    assert_eq!((spec.order, spec.size), (ChannelOrder::Bgr, 224));
    let pixels: Vec<u8> = (0..224 * 224).flat_map(|_| [1, 2, 255]).collect();
    let tensor = spec.to_tensor(&[&pixels], &device);
    for (channel, value) in [255.0, 2.0, 1.0].into_iter().enumerate() {
        let plane = tensor.clone().narrow(1, channel, 1);
        assert_eq!(plane.max().into_scalar::<f32>(), value);
    }
}

/// Whether a tensor has a gradient that is finite and not zero everywhere.
fn learns<const D: usize>(parameter: Tensor<D>, gradients: &Gradients) -> bool {
    let largest: f32 = parameter
        .grad(gradients)
        .map_or(0.0, |g| g.abs().max().into_scalar());
    largest > 0.0 && largest.is_finite()
}

/// The gradient reaches which parameters, by their native names.
fn learning(adm: &Adm<AnyBackbone>, gradients: &Gradients) -> Vec<String> {
    struct Visitor<'a>(&'a Gradients, Vec<String>, Vec<String>);
    impl burn::module::ModuleVisitor for Visitor<'_> {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.1.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.1.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &burn::module::Param<Tensor<D>>) {
            if learns(param.val(), self.0) {
                self.2.push(self.1.join("."));
            }
        }
    }
    let mut visitor = Visitor(gradients, vec![], vec![]);
    adm.visit(&mut visitor);
    visitor.2
}

fn gradients_of(
    config: &AdmConfig,
    targets: [AdmTarget; 2],
    choose: impl Fn(AdmLoss) -> Tensor<1>,
) -> Vec<String> {
    let device = Device::flex().autodiff();
    let adm = build(config, &device);
    let output = adm.forward(images(2, 112, &device));
    let loss = adm.loss(output, &targets, labels(&[0, 1], &device));
    let gradients = choose(loss).backward();
    learning(&adm, &gradients)
}

#[test]
fn each_loss_trains_its_own_part_and_both_train_the_trunk() {
    let targets = || [AdmTarget::real(), window()];
    let names = |choose: fn(AdmLoss) -> Tensor<1>| gradients_of(&small(), targets(), choose);
    let [cls, conf, loc] = [
        names(|loss| loss.cls),
        names(|loss| loss.conf),
        names(|loss| loss.loc),
    ];
    let module = "adm.adm_extra_layers";
    let heads = "adm.multi_scale_detection_module";
    for (name, in_cls, in_conf, in_loc) in [
        ("base_model.ResNet.conv1.weight", true, true, true),
        (&*format!("{module}.0.0.conv1.weight"), true, true, true),
        (&*format!("{module}.3.conv2.weight"), true, false, false),
        (&*format!("{heads}.ms_cls.1.weight"), false, true, false),
        (&*format!("{heads}.ms_dets.1.weight"), false, false, true),
        ("fc.weight", true, false, false),
    ] {
        let has = |names: &[String]| names.iter().any(|learning| learning == name);
        assert_eq!(
            [has(&cls), has(&conf), has(&loc)],
            [in_cls, in_conf, in_loc],
            "{name}"
        );
    }
}

#[test]
fn a_batch_of_real_pictures_trains_the_classifier_alone() {
    let device = Device::flex().autodiff();
    let adm = build(&small(), &device);
    let output = adm.forward(images(2, 112, &device));
    let targets = [AdmTarget::real(), AdmTarget::real()];
    let loss = adm.loss(output, &targets, labels(&[0, 0], &device));
    assert_eq!([scalar(&loss.conf), scalar(&loss.loc)], [0.0, 0.0]);
    assert_eq!(scalar(&loss.total), scalar(&loss.cls));
    let names = learning(&adm, &loss.total.backward());
    assert!(names.iter().any(|name| name == "fc.weight"));
    assert!(names.iter().all(|name| !name.contains("ms_")), "{names:?}");

    // Read to the letter, the paper counts every anchor.
    let config = AdmConfig {
        negatives: Negatives::All,
        ..small()
    };
    let targets = [AdmTarget::real(), AdmTarget::real()];
    let names = gradients_of(&config, targets, |loss| loss.conf);
    assert!(names.iter().any(|name| name.contains("ms_cls")));
}

/// Without the module the network is the backbone, its pooling and a linear layer (Table 2).
#[test]
fn the_plain_classifier_has_neither_anchors_nor_boxes() {
    let config = AdmConfig {
        artifact_detection: false,
        // Too small a map for the module, and of no matter without it.
        input_size: 64,
        ..small()
    };
    let device = Device::flex();
    let adm = build(&config, &device);
    assert!(adm.priors().is_empty());
    let output = adm.forward(images(2, 64, &device));
    assert!(output.anchors.is_none());
    let loss = adm.loss(output, &[window(), window()], labels(&[0, 1], &device));
    assert_eq!(scalar(&loss.total), scalar(&loss.cls));
    assert_eq!(scalar(&loss.conf), 0.0);
    let detection = adm.detect(images(2, 64, &device));
    assert!(detection.boxes.is_empty() && detection.heat_map.is_none());
    let names = parameter_names(&adm);
    assert!(
        names.iter().all(|name| !name.starts_with("adm")),
        "{names:?}"
    );
}

fn parameter_names(adm: &Adm<AnyBackbone>) -> Vec<String> {
    use burn::store::ModuleSnapshot;
    let tensors = adm.collect(None, None, false);
    tensors.iter().map(|tensor| tensor.name.clone()).collect()
}

#[test]
fn detection_keeps_its_ranges_and_does_not_depend_on_the_batch() {
    let boxes = BoxSelection {
        confidence: 0.4,
        overlap: 0.3,
        most: 7,
    };
    let config = AdmConfig { boxes, ..small() };
    let device = Device::flex();
    let adm = build(&config, &device);
    let images = images(3, 112, &device);
    let detection = adm.detect(images.clone());
    let all: Vec<f32> = detection
        .forged_probability
        .into_data()
        .try_to_vec()
        .unwrap();
    assert!(all.iter().all(|value| (0.0..=1.0).contains(value)));
    assert_eq!(detection.boxes.len(), 3);
    for found in &detection.boxes {
        assert!(!found.is_empty() && found.len() <= 7);
        for one in found {
            let [x0, y0, x1, y1] = one.corners;
            assert!(0.0 <= x0 && x0 < x1 && x1 <= 1.0, "{one:?}");
            assert!(0.0 <= y0 && y0 < y1 && y1 <= 1.0, "{one:?}");
            assert!((0.4..=1.0).contains(&one.confidence));
        }
    }
    let alone = adm.detect(images.narrow(0, 1, 1));
    assert!((scalar(&alone.forged_probability) - all[1]).abs() < 1e-5);
    assert_eq!(alone.boxes[0].len(), detection.boxes[1].len());
}

/// A network that has learnt its targets shows the true windows.
#[test]
fn perfect_outputs_give_the_true_windows() {
    let device = Device::flex();
    let adm = build(&small(), &device);
    let windows = [[0.1, 0.1, 0.45, 0.6], [0.5, 0.55, 0.95, 0.9]];
    let target = AdmTarget::new(&windows).unwrap();
    let assignment = adm.assign(&target);
    let anchors = adm.priors().len();
    let offsets: Vec<f32> = assignment.offsets.iter().flatten().copied().collect();
    let logits: Vec<f32> = assignment
        .positive
        .iter()
        .flat_map(|&fake| if fake { [-4.0, 4.0] } else { [4.0, -4.0] })
        .collect();
    let output = model_adm::AnchorOutput {
        offsets: Tensor::from_data(TensorData::new(offsets, [1, anchors, 4]), &device),
        confidences: Tensor::from_data(TensorData::new(logits, [1, anchors, 2]), &device),
    };
    let found = &adm.boxes(&output)[0];
    assert_eq!(found.len(), 2);
    for window in windows {
        let near = |one: &core_tensor_ops::ForgedBox| {
            let pairs = one.corners.iter().zip(window);
            pairs
                .into_iter()
                .all(|(ours, theirs)| (ours - theirs).abs() < 1e-5)
        };
        assert!(found.iter().any(near), "{window:?} {found:?}");
    }
}

#[test]
fn outputs_that_are_not_finite_show_no_boxes() {
    let device = Device::flex();
    let adm = build(&small(), &device);
    let anchors = adm.priors().len();
    for value in [f32::NAN, f32::INFINITY] {
        let output = model_adm::AnchorOutput {
            offsets: Tensor::full([1, anchors, 4], value, &device),
            confidences: Tensor::full([1, anchors, 2], f32::NAN, &device),
        };
        assert_eq!(adm.boxes(&output), [vec![]]);
        let output = model_adm::AnchorOutput {
            confidences: Tensor::zeros([1, anchors, 2], &device),
            ..output
        };
        assert_eq!(adm.boxes(&output), [vec![]]);
    }
}

#[test]
#[should_panic(expected = "images of 96 x 112 pixels for a network of 112 x 112")]
fn images_of_another_size_are_refused() {
    let device = Device::flex();
    let adm = build(&small(), &device);
    adm.forward(Tensor::zeros([1, 3, 96, 112], &device));
}

#[test]
#[should_panic(expected = "one target for each picture")]
fn a_target_is_not_spread_over_a_batch() {
    let device = Device::flex();
    let adm = build(&small(), &device);
    let output = adm.forward(images(2, 112, &device));
    adm.loss(output, &[window()], labels(&[0, 1], &device));
}

/// The generator that is passed in decides what is dropped, and nothing else.
#[test]
fn training_drops_by_the_generator_alone() {
    let device = Device::flex();
    let config = AdmConfig {
        dropout: 0.5,
        ..small()
    };
    let adm = build(&config, &device);
    let images = images(2, 112, &device);
    let logits = |seed| {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        adm.training_forward(images.clone(), &mut rng)
            .class_logits
            .into_data()
    };
    let inference = || adm.forward(images.clone()).class_logits.into_data();
    assert_eq!(logits(1), logits(1));
    assert_ne!(logits(1), logits(2));
    assert_eq!(inference(), inference());
    assert_ne!(logits(1), inference());
    let adm = build(&small(), &device);
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let kept = adm.training_forward(images.clone(), &mut rng).class_logits;
    assert_eq!(
        kept.into_data(),
        adm.forward(images).class_logits.into_data()
    );
}
