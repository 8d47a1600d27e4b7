//! Weights by published names, read by networks that bear them.

use backbones::{
    EfficientNetConfig, EfficientNetVariant, LoadOptions, ResNetConfig, ResNetDepth, load_weights,
    tensor_shapes,
};
use burn::tensor::Tensor;
use core_tensor_ops::Backbone;
use export::{Format, export};
use inference::Network;
use runtime::{Purpose, generator};
use test_support::{formula, values};

use crate::{RESNET18, agree, detector, plain};

#[test]
fn a_plain_classifier_is_the_published_network_of_two_classes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("new/detector.safetensors");
    let lite = "family = \"efficientnet\"\nvariant = \"lite0\"\nwidth = 0.25\ndepth = 0.5";
    for backbone in [RESNET18, lite] {
        let detector = detector(folder.path(), &plain("input_size = 64", backbone), 1.3);
        export(&detector, Format::Safetensors, &file).unwrap();
        let Network::Faces(network) = &detector.network else {
            panic!("it judges faces")
        };
        let images: Tensor<4> = formula::tensor("images", [2, 3, 64, 64], &detector.device);
        let expected = values(network.class_logits(images.clone(), &mut |_, map| map));
        let mut rng = generator(1, Purpose::Weights, 0, 0);
        let logits = match backbone {
            RESNET18 => {
                let config = ResNetConfig {
                    depth: ResNetDepth::ResNet18,
                    base_width: 8,
                    classes: Some(2),
                    ..ResNetConfig::default()
                };
                let mut published = config.init(&detector.device, &mut rng);
                load_weights(&mut published, &file, &LoadOptions::default()).unwrap();
                published.forward(images)
            }
            _ => {
                let config = EfficientNetConfig {
                    variant: EfficientNetVariant::Lite0,
                    width: Some(0.25),
                    depth: Some(0.5),
                    classes: Some(2),
                    ..EfficientNetConfig::default()
                };
                let mut published = config.init(&detector.device, &mut rng);
                load_weights(&mut published, &file, &LoadOptions::default()).unwrap();
                published.forward(images)
            }
        };
        agree("logits", &expected, &values(logits));
    }
}

#[test]
fn a_classifier_on_a_part_of_a_backbone_has_a_head_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("detector.safetensors");
    let cut = format!("{RESNET18}\nstages = 3");
    let cut = plain("input_size = 64\nmap_stride = 16", &cut);
    let fine = plain("input_size = 64\nmap_stride = 16", RESNET18);
    for model in [cut, fine] {
        let detector = detector(folder.path(), &model, 1.0);
        export(&detector, Format::Safetensors, &file).unwrap();
        let names = tensor_shapes(&file).unwrap();
        assert!(names.contains_key("head.fc.weight") && !names.contains_key("fc.weight"));
    }
}

#[test]
fn what_lies_outside_the_backbone_is_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("detector.safetensors");
    let model =
        "[model]\nkind = \"pcl\"\ninput_size = 64\n[model.backbone]\ndepth = 18\nbase_width = 8";
    let detector = detector(folder.path(), model, 1.3);
    let exported = export(&detector, Format::Safetensors, &file).unwrap();
    assert!(
        exported.next.contains("a network of your own"),
        "{}",
        exported.next
    );
    let names = tensor_shapes(&file).unwrap();
    assert!(names.contains_key("head.fc.weight") && names.contains_key("head.theta.bias"));
    let config = ResNetConfig {
        depth: ResNetDepth::ResNet18,
        base_width: 8,
        ..ResNetConfig::default()
    };
    let mut published = config.init(&detector.device, &mut generator(1, Purpose::Weights, 0, 0));
    let options = LoadOptions {
        ignore: vec!["head.".into()],
        ..LoadOptions::default()
    };
    let report = load_weights(&mut published, &file, &options).unwrap();
    assert!(report.kept.is_empty() && report.ignored.iter().all(|name| name.starts_with("head.")));
    let images: Tensor<4> = formula::tensor("images", [1, 3, 64, 64], &detector.device);
    let Network::Faces(network) = &detector.network else {
        panic!("it judges faces")
    };
    let mut expected = Vec::new();
    network.class_logits(images.clone(), &mut |_, map| {
        expected.push(values(map.clone()));
        map
    });
    let maps = published.feature_maps(images);
    for (expected, map) in expected.iter().zip(maps) {
        agree("map", expected, &values(map));
    }
}
