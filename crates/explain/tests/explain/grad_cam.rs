//! Grad-CAM against PyTorch, and against what is known of a network that ends in averaging.

use std::collections::BTreeMap;

use backbones::{LoadOptions, ResNet, ResNetConfig, ResNetDepth, load_weights};
use burn::module::Module;
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{Backbone, Detector, Tap, forged_log_odds, global_average_pool, judging};
use explain::{ExplainError, grad_cam, pooled_maps};
use model_adm::AdmConfig;
use model_pcl::PclConfig;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Deserialize;
use test_support::{formula, write_state_dict};

/// In shares of a map's largest value: gradients go through up to nine layers of sums of up to 432
/// products in another order than PyTorch's.
const TOLERANCE: f32 = 1e-4;

#[derive(Deserialize)]
struct Golden {
    parameters: BTreeMap<String, Vec<usize>>,
    logits: Vec<f32>,
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
struct Layer {
    shape: [usize; 3],
    values: Vec<f32>,
}

fn golden() -> (Golden, ResNet) {
    let golden: Golden = serde_json::from_str(include_str!("../golden/grad_cam.json")).unwrap();
    let config = ResNetConfig {
        depth: ResNetDepth::ResNet18,
        base_width: 6,
        blocks: Some([1; 4]),
        classes: Some(2),
        ..ResNetConfig::default()
    };
    let mut resnet = config.init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(0));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("weights.safetensors");
    write_state_dict(&golden.parameters, formula::parameter, &path);
    load_weights(&mut resnet, &path, &LoadOptions::default()).unwrap();
    (golden, resnet)
}

fn logits(resnet: &ResNet, images: Tensor<4>, tap: &mut Tap<'_>) -> Tensor<2> {
    let resnet = judging(resnet, &images);
    let last = resnet.tapped_maps(images, tap).pop().unwrap();
    resnet.head(global_average_pool(last))
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn largest_error(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter()
        .zip(theirs)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max)
}

#[test]
fn every_layer_agrees_with_pytorch() {
    let (golden, resnet) = golden();
    let images = formula::images(64, 64);
    let plain = logits(&resnet, images.clone(), &mut |_, map| map);
    assert!(largest_error(&values(plain), &golden.logits) <= 1e-5);
    for (index, layer) in golden.layers.iter().enumerate() {
        let images = images.clone().autodiff();
        let map = grad_cam(index, |tap| logits(&resnet, images, tap)).unwrap();
        assert_eq!(map.dims(), layer.shape);
        let largest = layer.values.iter().copied().fold(0.0, f32::max);
        assert!(largest > 0.0);
        let error = largest_error(&values(map), &layer.values) / largest;
        println!("layer {index}: largest error {error:e} of {largest}");
        assert!(error <= TOLERANCE, "layer {index}: largest error {error}");
    }
}

/// A model on the training device, whose batch statistics are another batch's, is explained as it
/// judges.
#[test]
fn training_mode_plays_no_part() {
    let (_, resnet) = golden();
    let images = formula::images(64, 64);
    let map = |network: &ResNet| {
        let images = images.clone().autodiff();
        values(grad_cam(3, |tap| logits(network, images, tap)).unwrap())
    };
    let expected = map(&resnet);
    assert!(expected.iter().any(|value| *value > 0.0));
    assert_eq!(map(&resnet.clone().train()), expected);
}

fn images(size: usize) -> Tensor<4> {
    let values = formula::uniform("images", 2 * 3 * size * size).map(|u| (4.0 * u - 2.0) as f32);
    let data = burn::tensor::TensorData::new(values.collect::<Vec<_>>(), [2, 3, size, size]);
    Tensor::from_data(data, &Device::flex())
}

/// The forward pass that is explained is the one that judges, and every layer has a map.
#[test]
fn detectors_are_explained_where_they_judge() {
    let device = Device::flex();
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let narrow = ResNetConfig {
        depth: ResNetDepth::ResNet18,
        base_width: 4,
        ..ResNetConfig::default()
    };
    let pcl = PclConfig {
        backbone: narrow.clone(),
        input_size: 64,
        ..PclConfig::default()
    };
    let adm = AdmConfig {
        backbone: backbones::BackboneConfig::ResNet(narrow),
        input_size: 112,
        map_stride: 16,
        ..AdmConfig::default()
    };
    let detectors: [(Box<dyn Detector>, usize); 2] = [
        (Box::new(pcl.init(&device, &mut rng).unwrap().valid()), 5),
        (Box::new(adm.init(&device, &mut rng).unwrap().valid()), 4),
    ];
    for (detector, layers) in detectors {
        let images = images(detector.input_spec().size);
        let specs = detector.layers();
        assert_eq!(specs.len(), layers);
        let (features, logits) = pooled_maps(|tap| detector.class_logits(images.clone(), tap));
        for (features, spec) in features.iter().zip(&specs) {
            assert_eq!(features.dims(), [2, spec.channels], "{}", spec.name);
        }
        let odds = values(forged_log_odds(logits));
        let judged = values(detector.detect(images.clone()).forged_probability);
        for (odds, judged) in odds.iter().zip(judged) {
            assert!((1.0 / (1.0 + (-odds).exp()) - judged).abs() < 1e-5);
        }
        for layer in 0..layers {
            let images = images.clone().autodiff();
            let map = grad_cam(layer, |tap| detector.class_logits(images, tap)).unwrap();
            let map = values(map);
            assert!(map.iter().all(|value| *value >= 0.0 && value.is_finite()));
        }
        let past = grad_cam(layers, |tap| {
            detector.class_logits(images.clone().autodiff(), tap)
        });
        let expected = ExplainError::NoSuchLayer {
            layer: layers,
            layers,
        };
        assert_eq!(past.unwrap_err(), expected);
        let plain = grad_cam(0, |tap| detector.class_logits(images.clone(), tap));
        assert_eq!(plain.unwrap_err(), ExplainError::NoAutodiff);
    }
}

/// The class activation map by the classifier's weights (Zhou et al., CVPR 2016), divided by the
/// number of positions, is Grad-CAM of the last map.
#[test]
fn the_last_layer_is_the_class_activation_map() {
    let (_, resnet) = golden();
    let images = formula::images(64, 64);
    let last = resnet.feature_maps(images.clone()).pop().unwrap();
    let [batch, channels, height, width] = last.dims();
    // The head's response to one feature alone, without its bias.
    let unit = |channel: usize| {
        let mut values = vec![0.0f32; channels];
        values[channel] = 1.0;
        let features = Tensor::from_data(
            burn::tensor::TensorData::new(values, [1, channels]),
            &Device::flex(),
        );
        forged_log_odds(resnet.head(features))
    };
    let bias = forged_log_odds(resnet.head(Tensor::zeros([1, channels], &Device::flex())));
    let weights: Vec<_> = (0..channels).map(|c| unit(c) - bias.clone()).collect();
    let weights = Tensor::cat(weights, 0).reshape([1, channels, 1, 1]);
    let positions = (height * width) as f64;
    let expected = relu((last * weights).sum_dim(1).div_scalar(positions));
    let map = grad_cam(4, |tap| logits(&resnet, images.autodiff(), tap)).unwrap();
    assert_eq!(map.dims(), [batch, height, width]);
    assert!(largest_error(&values(map), &values(expected)) <= 1e-5);
}
