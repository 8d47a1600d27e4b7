//! Agreement with torchvision and timm at three depths or more, with random weights and disturbed
//! batch statistics.
//!
//! The weights travel through a state dictionary that bears exactly those libraries' names and
//! shapes, so the strict loading proves the layout too.

use std::collections::BTreeMap;

use backbones::{
    Aliases, EfficientNet, EfficientNetConfig, EfficientNetVariant, LoadOptions, ResNetConfig,
    ResNetDepth, SamePadding, Xception, XceptionConfig, load_weights,
};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{Backbone, global_average_pool};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Deserialize;
use test_support::{Sample, formula, write_state_dict};

/// Activations are of the order of one to ten, so this allows some hundred ulps for sums of up to
/// 4,608 products in another order than PyTorch's.
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Golden {
    parameters: BTreeMap<String, Vec<usize>>,
    samples: BTreeMap<String, Sample>,
}

impl Golden {
    /// Reads the golden values and gives the network their weights.
    fn load<M: Module>(golden: &str, network: &mut M, aliases: Aliases) -> Self {
        let golden: Self = serde_json::from_str(golden).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("weights.safetensors");
        write_state_dict(&golden.parameters, formula::parameter, &path);
        let options = LoadOptions::default().with_aliases(aliases);
        load_weights(network, &path, &options).unwrap();
        golden
    }

    fn assert_close<const D: usize>(&self, what: &str, tensor: Tensor<D>) {
        self.samples[what].assert_close(what, tensor, TOLERANCE);
    }
}

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(0)
}

fn resnet_agrees(depth: ResNetDepth, golden: &str) {
    let config = ResNetConfig {
        depth,
        classes: Some(10),
        ..ResNetConfig::default()
    };
    let mut resnet = config.init(&Device::flex(), &mut rng());
    let golden = Golden::load(golden, &mut resnet, Aliases::new());
    let images = formula::images(64, 64);
    let maps = resnet.feature_maps(images.clone());
    for (map, spec) in maps.iter().zip(resnet.map_specs()) {
        let side = 64 / spec.stride;
        assert_eq!(map.dims(), [2, spec.channels, side, side]);
    }
    assert_eq!(maps.len(), 5);
    golden.assert_close("layer1", maps[1].clone());
    golden.assert_close("features", global_average_pool(maps[4].clone()));
    golden.assert_close("logits", resnet.forward(images));
}

#[test]
fn resnet18_agrees_with_torchvision() {
    resnet_agrees(
        ResNetDepth::ResNet18,
        include_str!("../golden/resnet18.json"),
    );
}

#[test]
fn resnet34_agrees_with_torchvision() {
    resnet_agrees(
        ResNetDepth::ResNet34,
        include_str!("../golden/resnet34.json"),
    );
}

#[test]
fn resnet50_agrees_with_torchvision() {
    resnet_agrees(
        ResNetDepth::ResNet50,
        include_str!("../golden/resnet50.json"),
    );
}

fn xception_agrees(output_stride: usize, [height, width]: [usize; 2], golden: &str) {
    let config = XceptionConfig {
        output_stride,
        classes: Some(10),
        ..XceptionConfig::default()
    };
    let mut xception = config.init(&Device::flex(), &mut rng());
    let golden = Golden::load(golden, &mut xception, Aliases::new());
    let maps = xception.feature_maps(formula::images(height, width));
    let specs = xception.map_specs();
    assert_eq!(maps.len(), specs.len());
    for (what, place) in [
        ("stem", Xception::STEM),
        ("block1", Xception::BLOCK1),
        ("block2", Xception::BLOCK2),
        ("block3", Xception::BLOCK3),
        ("block4", Xception::BLOCK4),
        ("block11", Xception::BLOCK11),
        ("block12", Xception::BLOCK12),
        ("tail", Xception::TAIL),
    ] {
        assert_eq!(maps[place].dims()[1], specs[place].channels, "{what}");
        golden.assert_close(what, maps[place].clone());
    }
    let features = global_average_pool(maps[Xception::TAIL].clone());
    golden.assert_close("features", features.clone());
    golden.assert_close("logits", xception.head(features));
}

#[test]
fn xception_agrees_with_timm() {
    xception_agrees(32, [64, 75], include_str!("../golden/xception.json"));
}

#[test]
fn xception_of_output_stride_8_agrees_with_timm_without_its_last_strides() {
    xception_agrees(8, [53, 64], include_str!("../golden/xception_os8.json"));
}

fn efficientnet_agrees(config: EfficientNetConfig, [height, width]: [usize; 2], golden: &str) {
    let config = EfficientNetConfig {
        classes: Some(10),
        ..config
    };
    let mut network = config.init(&Device::flex(), &mut rng());
    // timm's names are the network's; EfficientNet-PyTorch's are aliases of them.
    let aliases = network.efficientnet_pytorch_names();
    let golden = Golden::load(golden, &mut network, aliases);
    let images = formula::images(height, width);
    let maps = network.feature_maps(images.clone());
    let specs = network.map_specs();
    assert_eq!(maps.len(), specs.len());
    for (map, spec) in maps.iter().zip(specs) {
        let [rows, columns] = [height, width].map(|edge| edge.div_ceil(spec.stride));
        assert_eq!(map.dims()[1], spec.channels);
        // Padding for another size may lose a position.
        if !matches!(config.padding, SamePadding::Static(_)) {
            assert_eq!(map.dims()[2..], [rows, columns]);
        }
    }
    for stage in [1, 2, 3, 5, 7] {
        golden.assert_close(&format!("stage{stage}"), maps[stage].clone());
    }
    golden.assert_close("head", maps[EfficientNet::HEAD].clone());
    golden.assert_close("features", network.features(images.clone()));
    golden.assert_close("logits", network.forward(images));
}

#[test]
fn efficientnet_b3_agrees_with_efficientnet_pytorch() {
    let config = EfficientNetConfig {
        variant: EfficientNetVariant::B3,
        ..EfficientNetConfig::default()
    };
    efficientnet_agrees(
        config,
        [67, 90],
        include_str!("../golden/efficientnet_b3.json"),
    );
}

#[test]
fn efficientnet_b3_with_static_padding_agrees_with_efficientnet_pytorch() {
    let config = EfficientNetConfig {
        variant: EfficientNetVariant::B3,
        padding: SamePadding::Static(300),
        ..EfficientNetConfig::default()
    };
    let golden = include_str!("../golden/efficientnet_b3_static.json");
    efficientnet_agrees(config, [56, 64], golden);
}

#[test]
fn efficientnet_b4_agrees_with_timm() {
    let golden = include_str!("../golden/efficientnet_b4.json");
    efficientnet_agrees(EfficientNetConfig::default(), [64, 53], golden);
}

#[test]
fn symmetrically_padded_efficientnet_b0_agrees_with_timm() {
    let config = EfficientNetConfig {
        variant: EfficientNetVariant::B0,
        padding: SamePadding::Symmetric,
        norm_epsilon: 1e-5,
        ..EfficientNetConfig::default()
    };
    let golden = include_str!("../golden/efficientnet_b0_symmetric.json");
    efficientnet_agrees(config, [56, 71], golden);
}

#[test]
fn efficientnet_lite0_agrees_with_timm() {
    let config = EfficientNetConfig {
        variant: EfficientNetVariant::Lite0,
        ..EfficientNetConfig::default()
    };
    efficientnet_agrees(
        config,
        [75, 64],
        include_str!("../golden/efficientnet_lite0.json"),
    );
}
