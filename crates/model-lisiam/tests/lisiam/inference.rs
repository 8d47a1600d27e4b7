//! Shapes of the paper, the detector's contract, configurations that cannot be.

use backbones::{BackboneConfig, Xception, XceptionConfig};
use burn::tensor::{Device, Distribution, Tensor};
use core_tensor_ops::{Backbone, Detector};
use model_lisiam::equations::{attention_maps, fake_features, real_features};
use model_lisiam::{Dropout, LisiamConfig, LisiamConfigError, LossTerms, ScuConvolution};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use test_support::values;

use crate::network::{SIZE, build, pair, small, the_papers_xception};

fn images(batch: usize, height: usize, width: usize) -> Tensor<4> {
    let normal = Distribution::Normal(0.0, 1.0);
    Tensor::random([batch, 3, height, width], normal, &Device::flex())
}

/// Section III-E on a narrow Xception at 299 pixels: the grids are the paper's.
#[test]
fn the_grids_are_the_papers() {
    let default = LisiamConfig::default();
    let config = LisiamConfig {
        backbone: BackboneConfig::Xception(XceptionConfig {
            width: 1.0 / 32.0,
            ..the_papers_xception()
        }),
        input_size: default.input_size,
        feature_map: default.feature_map,
        auxiliary_map: default.auxiliary_map,
        ..small()
    };
    let device = Device::flex();
    let model = config
        .init(&device, &mut ChaCha8Rng::seed_from_u64(1))
        .unwrap();
    let images = images(1, 299, 299);
    let maps = model.backbone.feature_maps(images.clone());
    assert_eq!(maps[Xception::BLOCK4].dims(), [1, 23, 37, 37]);
    assert_eq!(maps[Xception::BLOCK12].dims(), [1, 32, 37, 37]);
    let (features, auxiliary) = model.extract(images);
    assert_eq!(features.dims(), [1, 8, 37, 37]);
    assert_eq!(auxiliary.dims(), [1, 2, 37, 37]);
    let segmentation = model.segment(features.clone());
    assert_eq!(segmentation.dims(), [1, 2, 37, 37]);
    let encoded = model.scu().forward(features, &mut Dropout::off());
    assert_eq!(encoded.dims(), [1, 8, 13, 13]);
    let transformer = model.transformer().unwrap();
    let z = transformer.forward(segmentation, encoded, &mut Dropout::off());
    assert_eq!(z.dims(), [1, 16, 13, 13]);
}

#[test]
fn the_default_is_the_papers_network() {
    let config = LisiamConfig::default();
    assert_eq!((config.input_size, config.channels), (299, 512));
    assert_eq!(
        [config.lambda_li, config.lambda_cls, config.lambda_seg],
        [1.0; 3]
    );
    assert_eq!(config.auxiliary_weight, 0.0);
    assert_eq!(config.scu_convolution, ScuConvolution::Separable);
    assert!(config.mask_guided_transformer && !config.normalized_sum);
    assert_eq!(serde_json::from_str::<LisiamConfig>("{}").unwrap(), config);
    let text = serde_json::to_string(&config).unwrap();
    assert_eq!(serde_json::from_str::<LisiamConfig>(&text).unwrap(), config);
}

/// Of the features nothing is lost and nothing counted twice.
#[test]
fn real_and_fake_features_sum_up_to_the_features() {
    let logits = images(1, 9, 9).narrow(1, 0, 2).mul_scalar(5.0);
    let features = images(1, 4, 4);
    let maps = attention_maps(logits, [4, 4]);
    let sum = real_features(features.clone(), maps.clone()) + fake_features(features.clone(), maps);
    let error = (sum - features).abs().max().into_scalar::<f32>();
    assert!(error < 1e-5, "{error}");
}

#[test]
fn detection_keeps_its_ranges_and_does_not_depend_on_the_batch() {
    let model = build(&small(), &Device::flex());
    assert_eq!(model.input_spec().size, SIZE);
    assert_eq!(model.input_spec().mean, [0.5; 3]);
    // Neither square nor the size it was made for.
    let images = images(3, 64, 80);
    let detection = model.detect(images.clone());
    let map = detection.heat_map.expect("LiSiam localises");
    assert_eq!(map.dims(), [3, 64, 80]);
    let all = values(detection.forged_probability);
    let heat = values(map);
    let share = |value: &f32| (0.0..=1.0).contains(value);
    assert!(all.iter().chain(&heat).all(share));
    let alone = model.detect(images.narrow(0, 1, 1)).forged_probability;
    assert!((values(alone)[0] - all[1]).abs() < 1e-5);
}

/// Where the decoder says forged, the heat map is bright.
#[test]
fn the_heat_map_is_the_share_of_class_one() {
    let model = build(&small(), &Device::flex());
    let images = images(1, 64, 64);
    let output = model.forward(images.clone());
    let heat = values(model.detect(images).heat_map.unwrap());
    let logits = values(output.segmentation_logits.clone());
    let coarse = values(output.forged_map());
    for (place, share) in coarse.iter().enumerate() {
        let difference = logits[64 + place] - logits[place];
        let expected = 1.0 / (1.0 + (-difference).exp());
        assert!((share - expected).abs() < 1e-5);
        // Eight pixels a position: the four around its centre blend it and its neighbours.
        let (row, column) = (place / 8, place % 8);
        let pixel = |y: usize, x: usize| heat[(8 * row + y) * 64 + 8 * column + x];
        let mean = (pixel(3, 3) + pixel(3, 4) + pixel(4, 3) + pixel(4, 4)) / 4.0;
        assert!((mean - share).abs() < 0.1, "{mean} {share}");
    }
}

#[test]
fn impossible_configurations_are_refused() {
    let default = LisiamConfig::default;
    let none = LossTerms {
        segmentation: [false; 2],
        classification: [false; 2],
        localization_invariance: false,
    };
    let head = BackboneConfig::Xception(XceptionConfig {
        classes: Some(2),
        ..the_papers_xception()
    });
    let stride = BackboneConfig::Xception(XceptionConfig {
        output_stride: 5,
        ..the_papers_xception()
    });
    let width = BackboneConfig::Xception(XceptionConfig {
        width: 0.0,
        ..the_papers_xception()
    });
    #[rustfmt::skip]
    let cases = [
        (LisiamConfig { lambda_li: f64::NAN, ..default() }, "lambda_li"),
        (LisiamConfig { lambda_cls: -1.0, ..default() }, "lambda_cls"),
        (LisiamConfig { auxiliary_weight: f64::INFINITY, ..default() }, "auxiliary_weight"),
        (LisiamConfig { dropout: 1.0, ..default() }, "dropout"),
        (LisiamConfig { attention_dropout: -0.1, ..default() }, "attention_dropout"),
        (LisiamConfig { channels: 0, ..default() }, "channels"),
        (LisiamConfig { squeeze_ratio: 0, ..default() }, "squeeze_ratio"),
        (LisiamConfig { squeeze_ratio: 2000, ..default() }, "squeeze_ratio"),
        (LisiamConfig { feature_map: 7, ..default() }, "feature_map"),
        (LisiamConfig { auxiliary_map: 9, ..default() }, "auxiliary_map"),
        (LisiamConfig { losses: none, ..default() }, "losses"),
        (LisiamConfig { backbone: head, ..default() }, "classes"),
        (LisiamConfig { backbone: stride, ..default() }, "output_stride"),
        (LisiamConfig { backbone: width, ..default() }, "backbone.width"),
    ];
    for (config, what) in cases {
        let error = config
            .init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0))
            .unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }
    for wrong in [
        r#"{"lambda": 1}"#,
        r#"{"losses": {"li": true}}"#,
        r#"{"scu_convolution": "depthwise"}"#,
    ] {
        assert!(
            serde_json::from_str::<LisiamConfig>(wrong).is_err(),
            "{wrong}"
        );
    }
}

/// A stage counts some of the switched-on terms; localization invariance alone teaches nothing, and
/// nor does a network without the others.
#[test]
fn terms_are_chosen_by_name_and_must_teach() {
    let named = |losses: LossTerms, names: &[&str]| {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        losses.named(&names)
    };
    let paper = LossTerms::default();
    assert_eq!(named(paper, &[]), paper);
    let segmentation = named(paper, &["seg", "li"]);
    assert_eq!(segmentation.classification, [false; 2]);
    assert!(segmentation.localization_invariance && segmentation.teach());
    assert_eq!(named(paper, &["cls"]).branches(), [true, false]);
    let model_c = LossTerms {
        segmentation: [false; 2],
        ..paper
    };
    assert!(model_c.teach() && !named(model_c, &["seg", "li"]).teach());
    let config = LisiamConfig {
        losses: named(paper, &["li"]),
        ..small()
    };
    let refusal = config.init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0));
    assert_eq!(refusal.unwrap_err(), LisiamConfigError::NothingToLearn);
}

/// What probes and t-SNE see is what the MLP head reads.
#[test]
fn features_are_the_means_of_z() {
    let device = Device::flex();
    for mask_guided_transformer in [true, false] {
        let config = LisiamConfig {
            mask_guided_transformer,
            ..small()
        };
        let model = build(&config, &device);
        let [images, _] = pair(&device);
        let (features, _) = model.extract(images.clone());
        let logits = model.segment(features.clone());
        let mut dropout = Dropout::off();
        let encoded = model.scu().forward(features, &mut dropout);
        let z = match model.transformer() {
            Some(transformer) => transformer.forward(logits, encoded, &mut dropout),
            None => encoded,
        };
        let expected = values(core_tensor_ops::global_average_pool(z));
        assert_eq!(values(model.features(images)), expected);
    }
}
