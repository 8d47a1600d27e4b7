//! Which networks a configuration builds, and which it refuses.

use crate::support;

use backbones::{BackboneConfig, EfficientNetConfig, SamePadding};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{Backbone, MapSpec, Tap};
use model_adm::{AdmConfig, AdmConfigError, Negatives};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use support::{build, images, narrow, small};

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
    let plug = |config: &AdmConfig| {
        let conv = conv.init(&device);
        config.init_on(
            Patchify { conv },
            &device,
            &mut ChaCha8Rng::seed_from_u64(2),
        )
    };
    let adm = plug(&AdmConfig {
        input_size: 56,
        map_stride: 8,
        ..small()
    });
    let output = adm.unwrap().forward(images(1, 56, &device));
    assert_eq!(output.anchors.unwrap().offsets.dims(), [1, 166, 4]);
    let error = plug(&small()).unwrap_err();
    let expected = AdmConfigError::NoSuchStride {
        wanted: 16,
        available: vec![8],
    };
    assert_eq!(error, expected);
}

/// Every family of the paper, and Xception, ends in a map of seven positions.
#[test]
fn other_families_have_the_papers_anchors() {
    let device = Device::flex();
    for family in [
        r#"{"family": "xception", "width": 0.01}"#,
        r#"{"family": "efficientnet", "variant": "b4", "width": 0.1, "depth": 0.1}"#,
    ] {
        let backbone: BackboneConfig = serde_json::from_str(family).unwrap();
        for config in [
            AdmConfig {
                backbone: backbone.clone(),
                ..AdmConfig::default()
            },
            AdmConfig::official(backbone),
        ] {
            let adm = build(&config, &device);
            let output = adm.forward(images(1, 224, &device));
            let anchors = output.anchors.unwrap().offsets.dims();
            assert_eq!(anchors, [1, adm.priors().len(), 4]);
            assert_eq!(
                adm.priors().len(),
                if config.levels == 4 { 168 } else { 166 }
            );
        }
    }
    let b4 = BackboneConfig::EfficientNet(EfficientNetConfig::default());
    let official = AdmConfig::official(b4);
    assert_eq!(official.dropout, 0.4);
    let BackboneConfig::EfficientNet(config) = official.backbone else {
        panic!("an EfficientNet")
    };
    assert_eq!(config.padding, SamePadding::Uniform(380));
}

/// Stages that nobody reads are not built.
#[test]
fn a_finer_map_ends_the_backbone() {
    let adm = build(&small(), &Device::flex());
    let strides: Vec<usize> = adm
        .base_model
        .map_specs()
        .iter()
        .map(|spec| spec.stride)
        .collect();
    assert_eq!(strides, [2, 4, 8, 16]);
}

#[test]
fn a_backbones_family_is_named_in_the_recipe() {
    let config: AdmConfig = serde_json::from_str(
        r#"{"backbone": {"family": "resnet", "depth": 18, "base_width": 4},
            "negatives": "all", "input": "raw_bgr", "true_boxes": "windows_and_whole"}"#,
    )
    .unwrap();
    assert_eq!(config.backbone, narrow(4));
    assert_eq!(config.negatives, Negatives::All);
    let mined: AdmConfig = serde_json::from_str(r#"{"negatives": {"hardest": 3}}"#).unwrap();
    assert_eq!(mined.negatives, Negatives::Hardest(3));
    for wrong in [
        r#"{"level": 4}"#,
        r#"{"backbone": {"depth": 18}}"#,
        r#"{"backbone": {"family": "vgg"}}"#,
        r#"{"backbone": {"family": "resnet", "deep": 18}}"#,
        r#"{"boxes": {"least": 0.5}}"#,
        r#"{"negatives": "some"}"#,
    ] {
        assert!(serde_json::from_str::<AdmConfig>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn impossible_configurations_are_refused() {
    let resnet = |change: fn(&mut backbones::ResNetConfig)| {
        let BackboneConfig::ResNet(mut config) = narrow(4) else {
            panic!("a ResNet")
        };
        change(&mut config);
        BackboneConfig::ResNet(config)
    };
    type Change = fn(&mut AdmConfig);
    let cases: [(Change, &str); 13] = [
        (|c| c.input_size = 0, "input_size"),
        (|c| c.map_stride = 0, "map_stride"),
        (|c| c.map_stride = 12, "stride 12"),
        (|c| c.input_size = 64, "4 x 4 at stride 16"),
        (|c| c.levels = 0, "levels"),
        (|c| c.levels = 5, "levels"),
        (|c| c.alpha = f64::NAN, "alpha"),
        (|c| c.beta = -1.0, "beta"),
        (|c| c.dropout = 1.0, "dropout"),
        (|c| c.overlap = 0.0, "overlap"),
        (|c| c.variances = [0.1, 0.0], "variances"),
        (|c| c.boxes.confidence = 1.5, "boxes.confidence"),
        (|c| c.boxes.overlap = f32::NAN, "boxes.overlap"),
    ];
    let refused = |config: &AdmConfig, what: &str| {
        let error = config
            .init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0))
            .unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    };
    for (change, what) in cases {
        let mut config = small();
        change(&mut config);
        refused(&config, what);
    }
    for (backbone, what) in [
        (resnet(|c| c.base_width = 0), "base_width"),
        (resnet(|c| c.stages = 5), "stages"),
        (resnet(|c| c.stages = 2), "stride 16"),
        (resnet(|c| c.classes = Some(2)), "classes"),
        (resnet(|c| c.blocks = Some([1, 0, 1, 1])), "blocks"),
    ] {
        refused(
            &AdmConfig {
                backbone,
                ..small()
            },
            what,
        );
    }
}
