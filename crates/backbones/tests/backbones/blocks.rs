//! Shallower networks, and operations plugged into the blocks.

use backbones::{ResNet, ResNetConfig, ResNetDepth};
use burn::tensor::{Device, Distribution, Tensor};
use core_tensor_ops::Backbone;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn shallow() -> ResNetConfig {
    ResNetConfig {
        depth: ResNetDepth::ResNet50,
        base_width: 4,
        blocks: Some([1, 2, 1, 3]),
        ..ResNetConfig::default()
    }
}

fn build(config: &ResNetConfig) -> ResNet {
    config.init(&Device::flex(), &mut ChaCha8Rng::seed_from_u64(7))
}

fn images() -> Tensor<4> {
    Tensor::random(
        [2, 3, 32, 32],
        Distribution::Normal(0.0, 1.0),
        &Device::flex(),
    )
}

#[test]
fn the_number_of_blocks_is_a_choice() {
    let resnet = build(&shallow());
    let blocks: Vec<usize> = resnet.stages().map(<[_]>::len).collect();
    assert_eq!(blocks, [1, 2, 1, 3]);
    assert_eq!(
        ResNetConfig::default().stage_blocks(),
        [3, 4, 6, 3],
        "the default is the depth's"
    );
}

#[test]
#[should_panic(expected = "a stage must have blocks")]
fn a_stage_without_blocks_is_refused() {
    build(&ResNetConfig {
        blocks: Some([1, 0, 1, 1]),
        ..shallow()
    });
}

#[test]
fn plugs_see_the_inner_maps_and_identities_change_nothing() {
    let resnet = build(&shallow());
    let images = images();
    let expected = resnet.feature_maps(images.clone()).pop().unwrap();
    let run = |factor: f64, shapes: &mut Vec<[usize; 4]>| {
        let mut maps = ResNet::pool(resnet.stem(images.clone()));
        for block in resnet.stages().flatten() {
            maps = block.forward_with(maps, |inner| {
                shapes.push(inner.dims());
                // What conv1-bn1-ReLU gives.
                assert!(inner.clone().min().into_scalar::<f32>() >= 0.0);
                inner.mul_scalar(factor)
            });
        }
        maps.into_data()
    };
    let mut shapes = Vec::new();
    let plain = run(1.0, &mut shapes);
    plain.assert_eq(&expected.into_data(), true);
    // The first block of a stage strides in its 3x3 convolution, after the plug.
    assert_eq!(
        shapes,
        [
            [2, 4, 8, 8],
            [2, 8, 8, 8],
            [2, 8, 4, 4],
            [2, 16, 4, 4],
            [2, 32, 2, 2],
            [2, 32, 1, 1],
            [2, 32, 1, 1]
        ]
    );
    assert_ne!(run(0.5, &mut Vec::new()), plain);
}
