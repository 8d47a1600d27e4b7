//! EfficientNet's shapes at real input sizes, its stochastic depth, its recipes.

use backbones::{EfficientNet, EfficientNetConfig, EfficientNetVariant, SamePadding};
use burn::tensor::{Device, Distribution, Tensor};
use core_tensor_ops::Backbone;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// A network for a CPU.
fn tiny(config: EfficientNetConfig) -> EfficientNet {
    let config = EfficientNetConfig {
        width: Some(0.1),
        depth: config.depth.or(Some(0.1)),
        ..config
    };
    config.init(&Device::flex(), &mut rng(0))
}

#[test]
fn every_padding_ends_at_seven_pixels_of_224() {
    for padding in [
        SamePadding::Same,
        SamePadding::Static(300),
        SamePadding::Uniform(300),
        SamePadding::Symmetric,
    ] {
        let network = tiny(EfficientNetConfig {
            padding,
            ..EfficientNetConfig::default()
        });
        let maps = network.feature_maps(Tensor::zeros([1, 3, 224, 224], &Device::flex()));
        let edges: Vec<usize> = maps.iter().map(|map| map.dims()[2]).collect();
        assert_eq!(edges, [112, 112, 56, 28, 14, 14, 7, 7, 7], "{padding:?}");
        let strides: Vec<usize> = network.map_specs().iter().map(|spec| spec.stride).collect();
        assert_eq!(strides, [2, 2, 4, 8, 16, 16, 32, 32, 32]);
    }
}

#[test]
fn the_paper_s_networks_have_their_numbers_of_parameters() {
    use burn::module::Module;
    // Of the published networks with 1000 classes (timm's counts).
    for (variant, parameters) in [
        (EfficientNetVariant::B0, 5_288_548),
        (EfficientNetVariant::B3, 12_233_232),
        (EfficientNetVariant::B4, 19_341_616),
        (EfficientNetVariant::Lite0, 4_652_008),
    ] {
        let config = EfficientNetConfig {
            variant,
            classes: Some(1000),
            ..EfficientNetConfig::default()
        };
        let network = config.init(&Device::flex(), &mut rng(0));
        // Burn counts running means and variances, too: two for each normalised channel, of which
        // there are as many as weights of the normalisations.
        let statistics = statistics(&network);
        assert_eq!(network.num_params() - statistics, parameters, "{variant:?}");
    }
}

/// Values that are no parameters.
fn statistics(network: &EfficientNet) -> usize {
    use burn::store::ModuleSnapshot;
    let tensors = network.collect(None, None, false);
    let running = tensors.iter().filter(|t| t.name.contains("running"));
    running.map(|t| t.shape.num_elements()).sum()
}

#[test]
fn inputs_are_as_the_published_weights_expect() {
    assert_eq!(EfficientNetVariant::B3.input_spec().size, 300);
    assert_eq!(EfficientNetVariant::B4.input_spec().size, 380);
    let lite = EfficientNetVariant::Lite0.input_spec();
    assert_eq!(lite.size, 224);
    // 8-bit pixels minus 127, over 128.
    assert!(((255.0 / lite.range - lite.mean[0]) / lite.std[0] - 1.0).abs() < 1e-6);
}

#[test]
fn stochastic_depth_drops_residuals_image_by_image() {
    const IMAGES: usize = 64;
    let config = EfficientNetConfig {
        variant: EfficientNetVariant::B0,
        depth: Some(1.0),
        drop_connect: 0.8,
        ..EfficientNetConfig::default()
    };
    let network = tiny(config.clone());
    let image = Tensor::<4>::random(
        [1, 3, 16, 16],
        Distribution::Uniform(-1.0, 1.0),
        &Device::flex(),
    );
    let images = image.clone().expand([IMAGES as i64, 3, 16, 16]);
    let stage2 = |maps: Vec<Tensor<4>>| -> Vec<Vec<f32>> {
        let map = maps[2].clone();
        let values: Vec<f32> = map.clone().into_data().try_to_vec().unwrap();
        let each = values.len() / map.dims()[0];
        values.chunks(each).map(<[f32]>::to_vec).collect()
    };
    let whole = stage2(network.feature_maps(image)).remove(0);
    let drawn = stage2(network.training_maps(images.clone(), &mut rng(1)));
    assert_eq!(
        drawn,
        stage2(network.training_maps(images.clone(), &mut rng(1)))
    );

    // Stage 2 ends with the first residual of the network, of its third block of sixteen: dropped
    // with a probability of 0.1. There are two outcomes, and their mean is the whole network's.
    let mut outcomes = drawn.clone();
    outcomes.sort_by(|a, b| a.partial_cmp(b).unwrap());
    outcomes.dedup();
    assert_eq!(outcomes.len(), 2);
    let count = |outcome: &Vec<f32>| drawn.iter().filter(|map| *map == outcome).count();
    outcomes.sort_by_key(count);
    let [dropped, kept] = outcomes.try_into().unwrap();
    assert!((1..=16).contains(&count(&dropped)), "{}", count(&dropped));
    for ((whole, dropped), kept) in whole.iter().zip(&dropped).zip(&kept) {
        assert!((0.1 * dropped + 0.9 * kept - whole).abs() < 1e-5);
    }

    let steady = tiny(EfficientNetConfig {
        drop_connect: 0.0,
        ..config
    });
    let drawn = stage2(steady.training_maps(images, &mut rng(1)));
    // Products of one picture are summed in another order than those of many.
    let close = |map: &Vec<f32>| map.iter().zip(&whole).all(|(a, b)| (a - b).abs() < 1e-5);
    assert!(drawn.iter().all(close));
}

#[test]
fn recipes_are_read_strictly() {
    let config: EfficientNetConfig = serde_json::from_str(
        r#"{"variant": "lite0", "padding": {"static": 224}, "drop_connect": 0.2}"#,
    )
    .unwrap();
    assert_eq!(config.variant, EfficientNetVariant::Lite0);
    assert_eq!(config.padding, SamePadding::Static(224));
    assert_eq!(config.width, None);
    for wrong in [
        r#"{"variant": "b8"}"#,
        r#"{"padding": "valid"}"#,
        r#"{"dropout": 0.2}"#,
    ] {
        assert!(serde_json::from_str::<EfficientNetConfig>(wrong).is_err());
    }
}

#[test]
#[should_panic(expected = "drop_connect must be in 0..1, not 1")]
fn dropping_everything_is_refused() {
    tiny(EfficientNetConfig {
        drop_connect: 1.0,
        ..EfficientNetConfig::default()
    });
}
