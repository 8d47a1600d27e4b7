//! One type for every family: the same maps, sides that are told before, refusals instead of panics.

use backbones::{
    AnyBackbone, BackboneConfig, EfficientNetConfig, EfficientNetVariant, LoadOptions,
    ResNetConfig, ResNetDepth, SamePadding, XceptionConfig, load_weights, save_safetensors,
};
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{Backbone, InputSpec};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn resnet() -> ResNetConfig {
    ResNetConfig {
        depth: ResNetDepth::ResNet18,
        base_width: 2,
        ..ResNetConfig::default()
    }
}

fn xception(output_stride: usize) -> XceptionConfig {
    XceptionConfig {
        width: 0.01,
        output_stride,
        ..XceptionConfig::default()
    }
}

fn efficientnet(padding: SamePadding) -> EfficientNetConfig {
    EfficientNetConfig {
        variant: EfficientNetVariant::B3,
        width: Some(0.1),
        depth: Some(0.1),
        padding,
        ..EfficientNetConfig::default()
    }
}

fn families() -> Vec<BackboneConfig> {
    let paddings = [
        SamePadding::Same,
        SamePadding::Symmetric,
        SamePadding::Static(300),
        SamePadding::Static(77),
        SamePadding::Uniform(300),
        SamePadding::Uniform(77),
    ];
    let efficientnets = paddings.into_iter().flat_map(|padding| {
        [true, false].map(|padded_stem| {
            BackboneConfig::EfficientNet(EfficientNetConfig {
                padded_stem,
                ..efficientnet(padding)
            })
        })
    });
    let mut families = vec![
        BackboneConfig::ResNet(resnet()),
        BackboneConfig::Xception(xception(32)),
        BackboneConfig::Xception(xception(8)),
    ];
    families.extend(efficientnets);
    families
}

fn build(config: &BackboneConfig) -> AnyBackbone {
    config
        .init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0))
        .unwrap()
}

#[test]
fn sides_and_channels_of_maps_are_told_before() {
    for config in families() {
        let backbone = build(&config);
        for size in [64, 77, 96, 101] {
            let images = Tensor::zeros([1, 3, size, size], &Device::flex());
            let maps = backbone.feature_maps(images);
            let specs = backbone.map_specs();
            assert_eq!(maps.len(), specs.len());
            for (map, spec) in maps.iter().zip(specs) {
                let side = config.map_side(size, spec.stride);
                assert_eq!(
                    map.dims(),
                    [1, spec.channels, side, side],
                    "{config:?} at {size}, stride {}",
                    spec.stride
                );
            }
        }
    }
}

#[test]
fn what_is_not_read_is_not_built() {
    let strides = |config: &BackboneConfig| -> Vec<usize> {
        let specs = build(config).map_specs();
        specs.iter().map(|spec| spec.stride).collect()
    };
    let cut = |config: BackboneConfig| strides(&config.up_to_stride(16));
    assert_eq!(cut(BackboneConfig::ResNet(resnet())), [2, 4, 8, 16]);
    // The tail alone can go.
    let whole = [2, 4, 8, 16, 16, 16, 32, 32];
    assert_eq!(cut(BackboneConfig::Xception(xception(32))), whole[..7]);
    for config in families() {
        assert_eq!(config.up_to_stride(32), config);
    }
}

/// A network cut short takes a whole one's file, and gives the whole one's first maps.
#[test]
fn networks_cut_short_are_the_beginning_of_whole_ones() {
    let short_of = |config: &BackboneConfig| match config.clone() {
        BackboneConfig::ResNet(config) => BackboneConfig::ResNet(ResNetConfig {
            stages: 2,
            ..config
        }),
        BackboneConfig::Xception(config) => BackboneConfig::Xception(XceptionConfig {
            tail: false,
            ..config
        }),
        BackboneConfig::EfficientNet(config) => BackboneConfig::EfficientNet(EfficientNetConfig {
            stages: 5,
            ..config
        }),
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("whole.safetensors");
    for config in families() {
        let whole = build(&config);
        save_safetensors(&whole, &file).unwrap();
        let mut short = short_of(&config)
            .init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(1))
            .unwrap();
        let mut options = LoadOptions::default().with_aliases(short.aliases());
        assert!(load_weights(&mut short, &file, &options).is_err());
        options.ignore = short.names_beyond();
        load_weights(&mut short, &file, &options).unwrap();
        let images = Tensor::ones([1, 3, 64, 64], &Device::flex());
        let [whole, short] = [&whole, &short].map(|net| net.feature_maps(images.clone()));
        assert!(short.len() < whole.len(), "{config:?}");
        for (short, whole) in short.into_iter().zip(whole) {
            assert_eq!(short.into_data(), whole.into_data(), "{config:?}");
        }
    }
}

#[test]
fn each_family_brings_its_input_and_its_names() {
    let [resnet, xception, efficientnet] = [
        BackboneConfig::default(),
        BackboneConfig::Xception(XceptionConfig::default()),
        BackboneConfig::EfficientNet(efficientnet(SamePadding::Same)),
    ];
    assert_eq!(resnet.input_spec(224), InputSpec::imagenet(224));
    assert_eq!(efficientnet.input_spec(224), InputSpec::imagenet(224));
    let spec = xception.input_spec(224);
    assert_eq!((spec.size, spec.mean), (224, [0.5; 3]));
    assert!(
        build(&BackboneConfig::ResNet(self::resnet()))
            .aliases()
            .is_empty()
    );
    let aliases = build(&efficientnet).aliases();
    assert!(aliases.contains(&("_conv_head.".to_owned(), "conv_head.".to_owned())));
}

#[test]
fn a_recipe_names_the_family() {
    for config in families() {
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(
            serde_json::from_str::<BackboneConfig>(&text).unwrap(),
            config
        );
    }
    for wrong in [
        "{}",
        r#"{"family": "vgg"}"#,
        r#"{"family": "resnet", "width": 0.5}"#,
    ] {
        assert!(
            serde_json::from_str::<BackboneConfig>(wrong).is_err(),
            "{wrong}"
        );
    }
}

#[test]
fn impossible_networks_are_refused() {
    use BackboneConfig as Any;
    let same = || efficientnet(SamePadding::Same);
    #[rustfmt::skip]
    let cases = [
        (Any::ResNet(ResNetConfig { base_width: 0, ..resnet() }), "base_width"),
        (Any::ResNet(ResNetConfig { stages: 5, ..resnet() }), "stages"),
        (Any::ResNet(ResNetConfig { blocks: Some([1, 0, 1, 1]), ..resnet() }), "blocks"),
        (Any::ResNet(ResNetConfig { classes: Some(2), ..resnet() }), "classes"),
        (Any::Xception(XceptionConfig { width: f64::NAN, ..xception(8) }), "width"),
        (Any::Xception(xception(12)), "output_stride"),
        (Any::Xception(XceptionConfig { classes: Some(2), ..xception(8) }), "classes"),
        (Any::EfficientNet(EfficientNetConfig { width: Some(0.0), ..same() }), "width"),
        (Any::EfficientNet(EfficientNetConfig { depth: Some(-1.0), ..same() }), "depth"),
        (Any::EfficientNet(efficientnet(SamePadding::Static(0))), "padding"),
        (Any::EfficientNet(efficientnet(SamePadding::Uniform(0))), "padding"),
        (Any::EfficientNet(EfficientNetConfig { drop_connect: 1.0, ..same() }), "drop_connect"),
        (Any::EfficientNet(EfficientNetConfig { classes: Some(2), ..same() }), "classes"),
    ];
    for (config, what) in cases {
        let error = config
            .init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0))
            .unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }
}
