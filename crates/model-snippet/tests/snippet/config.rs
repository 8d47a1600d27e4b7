//! What is built from a configuration, and which are refused.

use backbones::{ResNetConfig, ResNetDepth};
use burn::module::Module;
use burn::tensor::{Device, Tensor};
use core_tensor_ops::{ClipDetector, InputSpec};
use model_snippet::{SnippetConfig, SnippetConfigError, Weighting};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(0)
}

#[test]
fn the_default_is_the_papers_network() {
    let device = Device::flex();
    let config = SnippetConfig::default();
    assert_eq!(serde_json::from_str::<SnippetConfig>("{}").unwrap(), config);
    assert_eq!(
        (config.snippets, config.inference_snippets, config.frames),
        (4, 8, 4)
    );
    let model = config.init(&device, &mut rng()).unwrap();
    assert_eq!(model.input_spec(), InputSpec::imagenet(224));
    // The blocks of the four stages: two, two, three and two Intra-SIMs, one, two, three and one
    // Inter-SIMs.
    let maps = {
        let narrow = ResNetConfig {
            base_width: 2,
            ..config.backbone.clone()
        };
        let narrow = SnippetConfig {
            backbone: narrow,
            ..config
        };
        narrow
            .init(&device, &mut rng())
            .unwrap()
            .explain(Tensor::ones([1, 2, 4, 3, 32, 32], &device), Weighting::Mean)
    };
    let stages = |stages: Vec<usize>| {
        [0, 1, 2, 3].map(|stage| stages.iter().filter(|s| **s == stage).count())
    };
    assert_eq!(
        stages(maps.intra.iter().map(|map| map.place.stage).collect()),
        [2, 2, 3, 2]
    );
    assert_eq!(
        stages(maps.inter.iter().map(|map| map.place.stage).collect()),
        [1, 2, 3, 1]
    );

    // ResNet-50 without its head has 23,508,032 parameters and 53,120 running statistics, a head of
    // two classes 4,098 parameters.
    let intra = |channels: usize| {
        let (half, squeezed) = (channels / 2, channels / 2 / 16);
        let path = 9 * squeezed + 2 * (9 * squeezed * squeezed + half * squeezed + half);
        half * squeezed + path + 4 * 8 + 8 * 3
    };
    let inter = |channels: usize| {
        let squeezed = channels / 16;
        let norm = 4 * squeezed;
        let interaction = 3 * channels * squeezed + norm + channels * squeezed + channels;
        let motion = channels * squeezed + 3 * squeezed + channels * squeezed + channels;
        interaction + motion + 3 * channels
    };
    let modules = 2 * intra(64)
        + 2 * intra(128)
        + 3 * intra(256)
        + 2 * intra(512)
        + inter(64)
        + 2 * inter(128)
        + 3 * inter(256)
        + inter(512);
    assert_eq!(model.num_params(), 23_508_032 + 53_120 + 4_098 + modules);
}

#[test]
fn impossible_configurations_are_refused() {
    let backbone = |change: fn(&mut ResNetConfig)| {
        let mut config = SnippetConfig::default();
        change(&mut config.backbone);
        config
    };
    let with = |change: fn(&mut SnippetConfig)| {
        let mut config = SnippetConfig::default();
        change(&mut config);
        config
    };
    for (config, expected) in [
        (
            backbone(|b| b.depth = ResNetDepth::ResNet34),
            SnippetConfigError::NoBottleneck,
        ),
        (
            backbone(|b| b.base_width = 0),
            SnippetConfigError::Zero("backbone.base_width"),
        ),
        (
            backbone(|b| b.base_width = 7),
            SnippetConfigError::OddChannels(7),
        ),
        (backbone(|b| b.stages = 5), SnippetConfigError::Stages(5)),
        (
            backbone(|b| b.blocks = Some([1, 0, 1, 1])),
            SnippetConfigError::Zero("backbone.blocks"),
        ),
        (
            backbone(|b| b.classes = Some(2)),
            SnippetConfigError::BackboneHead,
        ),
        (with(|c| c.frames = 0), SnippetConfigError::Zero("frames")),
        (
            with(|c| c.snippets = 0),
            SnippetConfigError::Zero("snippets"),
        ),
        (
            with(|c| c.intra.reduction = 0),
            SnippetConfigError::Zero("intra.reduction"),
        ),
        (
            with(|c| c.intra.kernel_size = 4),
            SnippetConfigError::EvenKernel(4),
        ),
        (
            with(|c| c.inter.reduction = 0),
            SnippetConfigError::Zero("inter.reduction"),
        ),
        (
            with(|c| c.placement.stages = Some(vec![5])),
            SnippetConfigError::NoSuchStage {
                stage: 5,
                stages: 4,
            },
        ),
    ] {
        let result = config.init(&Device::flex(), &mut rng());
        assert_eq!(result.unwrap_err(), expected);
    }
    for wrong in [
        r#"{"frame": 4}"#,
        r#"{"placement": {"modules": "all"}}"#,
        r#"{"intra": {"squeeze": 16}}"#,
        r#"{"inter": {"conv_u": "grouped"}}"#,
    ] {
        assert!(
            serde_json::from_str::<SnippetConfig>(wrong).is_err(),
            "{wrong}"
        );
    }
}
