//! Images of half precision: what is computed in it, and what is not.

use backbones::{
    AnyBackbone, BackboneConfig, EfficientNetConfig, EfficientNetVariant, ResNetConfig,
    ResNetDepth, XceptionConfig,
};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Distribution, Gradients, Tensor};
use core_tensor_ops::Backbone;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// All gradients, one after the other.
struct Flat<'a> {
    gradients: &'a Gradients,
    values: Vec<f32>,
}

impl ModuleVisitor for Flat<'_> {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if param.is_require_grad() {
            let gradient = param.val().grad(self.gradients).unwrap();
            assert_eq!(
                (param.val().dtype(), gradient.dtype()),
                (DType::F32, DType::F32)
            );
            let values: Vec<f32> = gradient.into_data().try_to_vec().unwrap();
            self.values.extend(values);
        }
    }
}

/// The last map, and the gradients of the mean of its squares.
fn outcome(backbone: &AnyBackbone, images: Tensor<4>) -> [Vec<f32>; 2] {
    let maps = backbone.training_maps(images, &mut ChaCha8Rng::seed_from_u64(3));
    assert!(maps.iter().all(|map| map.dtype() == DType::F32));
    let last = maps.last().unwrap().clone();
    let gradients = last.clone().square().mean().backward();
    let mut flat = Flat {
        gradients: &gradients,
        values: Vec::new(),
    };
    backbone.visit(&mut flat);
    [last.into_data().try_to_vec().unwrap(), flat.values]
}

/// The cosine of the angle between two vectors.
fn cosine(one: &[f32], other: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(one, other) / (dot(one, one) * dot(other, other)).sqrt()
}

#[test]
fn half_precision_points_the_same_way_and_gradients_are_single() {
    let device = Device::flex().autodiff();
    let configs = [
        BackboneConfig::ResNet(ResNetConfig {
            depth: ResNetDepth::ResNet50,
            base_width: 8,
            blocks: Some([1, 1, 1, 1]),
            ..ResNetConfig::default()
        }),
        BackboneConfig::Xception(XceptionConfig {
            width: 1.0 / 16.0,
            ..XceptionConfig::default()
        }),
        BackboneConfig::EfficientNet(EfficientNetConfig {
            variant: EfficientNetVariant::B0,
            ..EfficientNetConfig::default()
        }),
    ];
    device.seed(5);
    let images = Tensor::<4>::random([4, 3, 64, 64], Distribution::Normal(0.0, 1.0), &device);
    for config in configs {
        let backbone = config
            .init(&device, &mut ChaCha8Rng::seed_from_u64(1))
            .unwrap();
        let single = outcome(&backbone, images.clone());
        let half = outcome(&backbone, images.clone().cast(DType::BF16));
        // Where rounding decides on a ReLU's side, gradients of untrained networks turn the most.
        for ((single, half), least) in single.iter().zip(&half).zip([0.98, 0.8]) {
            assert_ne!(single, half, "{config:?}: it is another precision");
            let cosine = cosine(single, half);
            assert!(cosine > least, "{config:?}: {cosine}");
        }
    }
}
