//! Xception's shapes at its real input size, and its recipes.

use backbones::{Xception, XceptionConfig};
use burn::tensor::{Device, Tensor};
use core_tensor_ops::Backbone;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Edges of the maps of an image of 299 pixels, and the channels of each.
fn maps(config: &XceptionConfig) -> (Vec<usize>, Vec<usize>) {
    let device = Device::flex();
    let xception = config.init(&device, &mut ChaCha8Rng::seed_from_u64(0));
    let size = Xception::input_spec().size;
    let maps = xception.feature_maps(Tensor::zeros([1, 3, size, size], &device));
    let specs = xception.map_specs();
    assert_eq!(maps.len(), specs.len());
    for (map, spec) in maps.iter().zip(specs) {
        let [_, channels, height, width] = map.dims();
        assert_eq!((channels, height), (spec.channels, width));
        // The stem's missing padding takes three positions at stride 2.
        let padded = size.div_ceil(spec.stride);
        assert!(height <= padded && height + 3 >= padded);
    }
    maps.iter()
        .map(|map| (map.dims()[2], map.dims()[1]))
        .unzip()
}

#[test]
fn the_paper_s_network_ends_at_ten_pixels() {
    let config = XceptionConfig {
        width: 1.0 / 32.0,
        ..XceptionConfig::default()
    };
    let (edges, channels) = maps(&config);
    assert_eq!(edges, [147, 74, 37, 19, 19, 19, 10, 10]);
    assert_eq!(channels, [2, 4, 8, 23, 23, 23, 32, 64]);
}

#[test]
fn output_stride_8_without_tail_gives_lisiam_s_maps() {
    let config = XceptionConfig {
        width: 1.0 / 32.0,
        output_stride: 8,
        tail: false,
        ..XceptionConfig::default()
    };
    let (edges, _) = maps(&config);
    assert_eq!(edges, [147, 74, 37, 37, 37, 37, 37]);

    let wide = XceptionConfig {
        width: 1.0,
        ..config
    };
    let xception = wide.init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0));
    let specs = xception.map_specs();
    assert_eq!(specs[Xception::BLOCK4].channels, 728);
    assert_eq!(specs[Xception::BLOCK12].channels, 1024);
    assert_eq!(specs.len(), Xception::BLOCK12 + 1);
}

#[test]
fn recipes_are_read_strictly() {
    let config: XceptionConfig =
        serde_json::from_str(r#"{"width": 0.125, "output_stride": 16}"#).unwrap();
    assert_eq!((config.width, config.output_stride), (0.125, 16));
    assert!(config.tail);
    assert!(serde_json::from_str::<XceptionConfig>(r#"{"stride": 16}"#).is_err());
}

#[test]
#[should_panic(expected = "output_stride must be 2, 4, 8, 16 or 32, not 12")]
fn an_impossible_stride_is_named() {
    let config = XceptionConfig {
        output_stride: 12,
        ..XceptionConfig::default()
    };
    config.init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0));
}
