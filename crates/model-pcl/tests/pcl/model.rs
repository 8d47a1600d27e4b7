//! The network: shapes of the paper, gradients, losses, and the detector's contract.

use backbones::{ResNet, ResNetConfig, ResNetDepth};
use burn::module::Module;
use burn::tensor::{Device, Distribution, Gradients, Int, Tensor};
use core_tensor_ops::{Backbone, Detector, InputSpec, MapSpec, Tap};
use model_pcl::{ClassHead, Fusion, Pcl, PclConfig, PclConfigError};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A network small enough for a test: the paper's shape with an eighth of its channels.
fn small() -> PclConfig {
    let backbone = ResNetConfig {
        depth: ResNetDepth::ResNet18,
        base_width: 8,
        ..ResNetConfig::default()
    };
    PclConfig {
        backbone,
        input_size: 64,
        ..PclConfig::default()
    }
}

fn build(config: &PclConfig, device: &Device) -> Pcl<ResNet> {
    config
        .init(device, &mut ChaCha8Rng::seed_from_u64(1))
        .unwrap()
}

fn images(batch: usize, size: usize, device: &Device) -> Tensor<4> {
    Tensor::random(
        [batch, 3, size, size],
        Distribution::Normal(0.0, 1.0),
        device,
    )
}

fn labels(values: &[i64], device: &Device) -> Tensor<1, Int> {
    Tensor::from_ints(values, device)
}

fn scalar(tensor: &Tensor<1>) -> f32 {
    tensor.clone().into_scalar()
}

#[test]
fn the_default_is_the_papers_network() {
    let config = PclConfig::default();
    assert_eq!(
        (config.lambda, config.input_size, config.patch_stride),
        (10.0, 256, 16)
    );
    assert_eq!(serde_json::from_str::<PclConfig>("{}").unwrap(), config);

    let device = Device::flex();
    let pcl = build(&config, &device);
    assert_eq!(pcl.input_spec(), InputSpec::imagenet(256));
    let maps = pcl.backbone.feature_maps(images(1, 256, &device));
    // Section 4.1: F is H/16 x W/16 x 256.
    assert_eq!(maps[3].dims(), [1, 256, 16, 16]);
    assert_eq!(maps[4].dims(), [1, 512, 8, 8]);
    let output = pcl.forward(images(1, 256, &device));
    assert_eq!(output.consistency_logits.dims(), [1, 16, 16, 16, 16]);
    assert_eq!(output.class_logits.dims(), [1, 2]);
}

/// Whether a tensor has a gradient that is finite and not zero everywhere.
fn learns<const D: usize>(parameter: Tensor<D>, gradients: &Gradients) -> bool {
    let largest: f32 = parameter
        .grad(gradients)
        .map_or(0.0, |g| g.abs().max().into_scalar());
    largest > 0.0 && largest.is_finite()
}

/// The gradient reaches which parameters, by their native names.
fn learning(pcl: &Pcl<ResNet>, gradients: &Gradients) -> Vec<String> {
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
    pcl.visit(&mut visitor);
    visitor.2
}

fn gradients_of(
    config: &PclConfig,
    choose: impl Fn(model_pcl::PclLoss) -> Tensor<1>,
) -> Vec<String> {
    let device = Device::flex().autodiff();
    let pcl = build(config, &device);
    let output = pcl.forward(images(2, 64, &device));
    let masks = Tensor::random([2, 1, 64, 64], Distribution::Uniform(0.0, 1.0), &device);
    let loss = pcl.loss(output, masks, labels(&[0, 1], &device));
    let gradients = choose(loss).backward();
    learning(&pcl, &gradients)
}

#[test]
fn each_branch_trains_its_own_part_and_both_train_the_trunk() {
    let total = gradients_of(&small(), |loss| loss.total);
    // 60 of ResNet-18 without its head, weight and bias of theta, phi and fc. The gradient of
    // theta's bias is not zero: it meets phi's features.
    assert_eq!(total.len(), 66, "{total:?}");

    let pcl = gradients_of(&small(), |loss| loss.pcl);
    let cls = gradients_of(&small(), |loss| loss.cls);
    for (name, in_pcl, in_cls) in [
        ("theta.weight", true, false),
        ("phi.weight", true, false),
        ("backbone.conv1.weight", true, true),
        ("backbone.layer3.1.conv2.weight", true, true),
        ("backbone.layer4.0.conv1.weight", false, true),
        ("fc.weight", false, true),
    ] {
        assert_eq!(
            pcl.iter().any(|learning| learning == name),
            in_pcl,
            "{name}"
        );
        assert_eq!(
            cls.iter().any(|learning| learning == name),
            in_cls,
            "{name}"
        );
    }
}

#[test]
fn the_convolutional_head_needs_no_layer4() {
    let config = PclConfig {
        class_head: ClassHead::Conv,
        ..small()
    };
    let names = gradients_of(&config, |loss| loss.total);
    assert!(
        names.iter().any(|name| name == "class_conv.weight"),
        "{names:?}"
    );
    assert!(
        names.iter().all(|name| !name.contains("layer4")),
        "{names:?}"
    );
    let strides: Vec<usize> = build(&config, &Device::flex())
        .backbone
        .map_specs()
        .iter()
        .map(|spec| spec.stride)
        .collect();
    assert_eq!(strides, [2, 4, 8, 16]);
}

#[test]
fn a_batch_of_one_and_lambda_zero() {
    let device = Device::flex().autodiff();
    let pcl = build(
        &PclConfig {
            lambda: 0.0,
            ..small()
        },
        &device,
    );
    let output = pcl.forward(images(1, 64, &device));
    let loss = pcl.loss(
        output,
        Tensor::zeros([1, 1, 64, 64], &device),
        labels(&[0], &device),
    );
    assert!(scalar(&loss.pcl).is_finite() && scalar(&loss.pcl) > 0.0);
    assert_eq!(scalar(&loss.total), scalar(&loss.cls));
}

#[test]
fn detection_keeps_its_ranges_and_does_not_depend_on_the_batch() {
    let device = Device::flex();
    for heat_map in [Fusion::Mean, Fusion::BorderAnchored] {
        let pcl = build(
            &PclConfig {
                heat_map,
                ..small()
            },
            &device,
        );
        // Neither square nor the size it was made for.
        let images = Tensor::random([3, 3, 64, 80], Distribution::Normal(0.0, 1.0), &device);
        let detection = pcl.detect(images.clone());
        let map = detection.heat_map.expect("PCL localises");
        assert_eq!(map.dims(), [3, 64, 80]);
        let all: Vec<f32> = detection
            .forged_probability
            .into_data()
            .try_to_vec()
            .unwrap();
        let heat: Vec<f32> = map.into_data().try_to_vec().unwrap();
        assert!(
            all.iter()
                .chain(&heat)
                .all(|value| (0.0..=1.0).contains(value))
        );
        let alone = pcl.detect(images.narrow(0, 1, 1));
        assert!((scalar(&alone.forged_probability) - all[1]).abs() < 1e-5);
    }
}

#[test]
fn any_backbone_can_be_plugged_in() {
    /// One stride-8 convolution: the least that keeps the contract.
    #[derive(Module, Debug)]
    struct Patchify {
        conv: burn::nn::conv::Conv2d,
    }
    impl Backbone for Patchify {
        fn tapped_maps(&self, images: Tensor<4>, tap: &mut Tap<'_>) -> Vec<Tensor<4>> {
            vec![tap(0, self.conv.forward(images))]
        }
        fn map_specs(&self) -> Vec<MapSpec> {
            vec![MapSpec {
                name: "conv",
                channels: 6,
                stride: 8,
            }]
        }
    }
    let device = Device::flex();
    let conv = burn::nn::conv::Conv2dConfig::new([3, 6], [8, 8]).with_stride([8, 8]);
    let mut rng = ChaCha8Rng::seed_from_u64(2);
    let plug = |config: PclConfig, rng: &mut ChaCha8Rng| {
        config.init_on(
            Patchify {
                conv: conv.init(&device),
            },
            &device,
            rng,
        )
    };
    let pcl = plug(
        PclConfig {
            patch_stride: 8,
            class_head: ClassHead::Conv,
            ..small()
        },
        &mut rng,
    )
    .unwrap();
    let output = pcl.forward(images(2, 64, &device));
    assert_eq!(output.consistency_logits.dims(), [2, 8, 8, 8, 8]);

    let nothing_left = PclConfig {
        patch_stride: 8,
        ..small()
    };
    let error = plug(nothing_left, &mut rng).unwrap_err();
    assert_eq!(error, PclConfigError::NoStageForClasses(8));

    let error = plug(small(), &mut rng).unwrap_err();
    assert_eq!(
        error,
        PclConfigError::NoSuchStride {
            wanted: 16,
            available: vec![8]
        }
    );
}

#[test]
fn impossible_configurations_are_refused() {
    let classes = ResNetConfig {
        classes: Some(2),
        ..small().backbone
    };
    let none = ResNetConfig {
        base_width: 0,
        ..small().backbone
    };
    let stages = ResNetConfig {
        stages: 5,
        ..small().backbone
    };
    for (config, what) in [
        (
            PclConfig {
                lambda: f64::NAN,
                ..small()
            },
            "lambda",
        ),
        (
            PclConfig {
                lambda: -1.0,
                ..small()
            },
            "lambda",
        ),
        (
            PclConfig {
                embedding: Some(0),
                ..small()
            },
            "embedding",
        ),
        (
            PclConfig {
                input_size: 0,
                ..small()
            },
            "input_size",
        ),
        (
            PclConfig {
                patch_stride: 12,
                ..small()
            },
            "stride 12",
        ),
        (
            PclConfig {
                backbone: classes,
                ..small()
            },
            "classes",
        ),
        (
            PclConfig {
                backbone: none,
                ..small()
            },
            "base_width",
        ),
        (
            PclConfig {
                backbone: stages,
                ..small()
            },
            "stages",
        ),
    ] {
        let error = config
            .init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0))
            .unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }
    for wrong in [
        r#"{"lamda": 1}"#,
        r#"{"backbone": {"deep": 18}}"#,
        r#"{"heat_map": "max"}"#,
    ] {
        assert!(serde_json::from_str::<PclConfig>(wrong).is_err(), "{wrong}");
    }
}
