//! The network: its edges, its gradients, its weights, and the detector's contract.

use backbones::{LoadOptions, ResNetConfig, ResNetDepth, load_weights, save_safetensors};
use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{DType, Device, Distribution, Gradients, Int, Tensor};
use core_tensor_ops::ClipDetector;
use model_snippet::{
    BlindSpot, InterConfig, IntraConfig, Modules, Placement, Snippet, SnippetConfig, SnippetConv,
    SnippetConvInit, Turns, Weighting,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A network small enough for a test, with both modules.
fn small() -> SnippetConfig {
    SnippetConfig {
        backbone: ResNetConfig {
            depth: ResNetDepth::ResNet50,
            base_width: 8,
            blocks: Some([2, 1, 1, 1]),
            ..ResNetConfig::default()
        },
        input_size: 32,
        placement: Placement {
            turns: Turns::WholeNetwork,
            ..Placement::default()
        },
        intra: IntraConfig {
            reduction: 2,
            ..IntraConfig::default()
        },
        inter: InterConfig {
            reduction: 2,
            ..InterConfig::default()
        },
        ..SnippetConfig::default()
    }
}

fn build(config: &SnippetConfig, device: &Device) -> Snippet {
    config
        .init(device, &mut ChaCha8Rng::seed_from_u64(1))
        .unwrap()
}

fn clips(batch: usize, snippets: usize, frames: usize, device: &Device) -> Tensor<6> {
    let shape = [batch, snippets, frames, 3, 32, 32];
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), device)
}

fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap()
}

fn distance<const D: usize>(one: Tensor<D>, other: Tensor<D>) -> f32 {
    (one - other).abs().max().into_scalar()
}

#[test]
fn one_frame_or_one_snippet_runs_and_says_what_it_cannot_see() {
    let device = Device::flex();
    for (snippets, frames, blind) in [
        (3, 4, vec![]),
        (1, 4, vec![BlindSpot::OneSnippet]),
        (3, 1, vec![BlindSpot::OneFrame]),
        (1, 1, vec![BlindSpot::OneFrame, BlindSpot::OneSnippet]),
        (2, 2, vec![]),
    ] {
        let model = build(&SnippetConfig { frames, ..small() }, &device);
        let detection = model.detect_clips(clips(2, snippets, frames, &device));
        assert_eq!(detection.frame_probability.dims(), [2, snippets, frames]);
        let all = [
            values(detection.forged_probability),
            values(detection.frame_probability),
        ];
        assert!(
            all.iter().flatten().all(|p| (0.0..=1.0).contains(p)),
            "{all:?}"
        );
        assert_eq!(model.blind_spots(snippets), blind);
    }
    for (modules, blind) in [
        (Modules::Intra, vec![BlindSpot::NoInter]),
        (Modules::Inter, vec![BlindSpot::NoIntra]),
        (Modules::None, vec![BlindSpot::NoIntra, BlindSpot::NoInter]),
    ] {
        let placement = Placement {
            modules,
            ..small().placement
        };
        let model = build(
            &SnippetConfig {
                placement,
                ..small()
            },
            &device,
        );
        assert_eq!(model.blind_spots(4), blind);
    }
    let texts = [
        BlindSpot::OneFrame,
        BlindSpot::OneSnippet,
        BlindSpot::NoIntra,
        BlindSpot::NoInter,
    ];
    for text in texts.map(|spot| spot.to_string()) {
        assert!(
            text.contains("not seen") || text.contains("alone"),
            "{text}"
        );
    }
}

#[test]
#[should_panic(expected = "built for snippets of 4 frames")]
fn another_number_of_frames_is_refused() {
    let device = Device::flex();
    build(&small(), &device).forward(clips(1, 2, 3, &device));
}

/// The gradient is finite and not zero in which parameters, and in which it is not.
fn learning(model: &Snippet, gradients: &Gradients) -> [Vec<String>; 2] {
    struct Visitor<'a>(&'a Gradients, Vec<String>, [Vec<String>; 2]);
    impl ModuleVisitor for Visitor<'_> {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.1.push(name.to_owned());
        }
        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.1.pop();
        }
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            if !param.is_require_grad() {
                return; // a running statistic
            }
            let largest: f32 = param
                .val()
                .grad(self.0)
                .map_or(0.0, |gradient| gradient.abs().max().into_scalar());
            assert!(largest.is_finite(), "{}", self.1.join("."));
            self.2[usize::from(largest == 0.0)].push(self.1.join("."));
        }
    }
    let mut visitor = Visitor(gradients, vec![], [vec![], vec![]]);
    model.visit(&mut visitor);
    visitor.2
}

fn learned(config: &SnippetConfig, snippets: usize) -> [Vec<String>; 2] {
    let device = Device::flex().autodiff();
    let model = build(config, &device);
    let output = model.forward(clips(4, snippets, config.frames, &device));
    let labels = Tensor::<1, Int>::from_ints([0, 1, 1, 0], &device);
    let gradients = model.loss(&output, labels).backward();
    learning(&model, &gradients)
}

#[test]
fn every_parameter_learns() {
    let elements = IntraConfig {
        separate_directions: true,
        extra_norm: true,
        ..small().intra
    };
    let full = InterConfig {
        conv_u: SnippetConv::Full,
        conv_u_init: SnippetConvInit::Identity,
        ..small().inter
    };
    let other = SnippetConfig {
        intra: elements,
        inter: full,
        ..small()
    };
    for config in [small(), other] {
        let [learning, idle] = learned(&config, 2);
        assert!(learning.len() > 60);
        assert!(idle.is_empty(), "{idle:?}");
    }
}

/// What sees differences learns nothing where there are none; all else does.
#[test]
fn without_neighbours_only_the_differences_are_idle() {
    let config = SnippetConfig {
        frames: 1,
        intra: IntraConfig {
            // The two hidden units of one frame may both be below the ReLU without it.
            extra_norm: true,
            ..small().intra
        },
        ..small()
    };
    let [_, idle] = learned(&config, 1);
    let of_differences = |name: &str| {
        let weights = [
            "forward_path",
            "squeeze",
            "conv1x3",
            "motion.conv1x1.weight",
        ];
        weights.iter().any(|weight| name.contains(weight))
    };
    assert!(!idle.is_empty());
    assert!(idle.iter().all(|name| of_differences(name)), "{idle:?}");
}

#[test]
fn the_backbones_published_weights_fit() {
    let device = Device::flex();
    let config = small();
    let trained = ResNetConfig {
        classes: Some(7),
        ..config.backbone.clone()
    };
    let trained = trained.init(&device, &mut ChaCha8Rng::seed_from_u64(9));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("resnet.safetensors");
    save_safetensors(&trained, &path).unwrap();
    let placement = Placement {
        modules: Modules::None,
        ..config.placement.clone()
    };
    let mut model = build(
        &SnippetConfig {
            placement,
            ..config
        },
        &device,
    );
    let options = LoadOptions::default().without_head();
    let report = load_weights(&mut model.backbone, &path, &options).unwrap();
    assert_eq!(report.ignored, ["fc.bias", "fc.weight"]);
    assert!(report.kept.is_empty());

    // And without modules the network is the backbone on every frame.
    let frames = clips(1, 1, 4, &device);
    let maps = model.explain(frames.clone(), Weighting::Mean);
    assert!(maps.intra.is_empty() && maps.inter.is_empty());
    let other = small();
    let mut with_modules = build(&other, &device);
    load_weights(&mut with_modules.backbone, &path, &options).unwrap();
    let features = [&model, &with_modules].map(|model| {
        model
            .backbone
            .features(frames.clone().reshape([4, 3, 32, 32]))
    });
    let expected = trained.features(frames.reshape([4, 3, 32, 32]));
    for features in features {
        assert_eq!(distance(features, expected.clone()), 0.0);
    }
}

#[test]
fn a_clip_is_the_mean_of_its_frames_and_does_not_depend_on_the_batch() {
    let device = Device::flex();
    let model = build(&small(), &device);
    let frames = clips(3, 2, 4, &device);
    let output = model.forward(frames.clone());
    let means = output
        .frame_logits
        .clone()
        .reshape([3, 8, 2])
        .mean_dim(1)
        .squeeze_dim(1);
    assert!(distance(output.class_logits.clone(), means) < 1e-6);
    let alone = model.forward(frames.narrow(0, 1, 1));
    assert!(distance(output.class_logits.narrow(0, 1, 1), alone.class_logits) < 1e-5);
    assert!(distance(output.frame_logits.narrow(0, 1, 1), alone.frame_logits) < 1e-5);
}

#[test]
fn an_identical_start_leaves_snippets_to_themselves() {
    let device = Device::flex();
    for conv_u in [SnippetConv::Depthwise, SnippetConv::Full] {
        let config = InterConfig {
            reduction: 2,
            conv_u,
            conv_u_init: SnippetConvInit::Identity,
        };
        let sim = config
            .init(6, 2, &device, &mut ChaCha8Rng::seed_from_u64(3))
            .unwrap();
        let maps = Tensor::random([8, 6, 3, 3], Distribution::Normal(0.0, 1.0), &device);
        let pooled = core_tensor_ops::global_average_pool(maps.clone())
            .reshape([1, 4, 2, 6])
            .permute([0, 3, 1, 2]);
        let gate = sim
            .attention(pooled)
            .permute([0, 2, 3, 1])
            .reshape([8, 6, 1, 1]);
        let expected = maps.clone() * gate.add_scalar(1.0);
        assert!(distance(sim.forward(maps, 4), expected) < 1e-6);
    }
}

/// Explaining neither trains the normalisations nor depends on whether a model can be trained.
#[test]
fn explanations_are_the_same_during_training() {
    let device = Device::flex();
    let model = build(&small(), &device.clone().autodiff());
    let frames = clips(1, 2, 4, &device);
    let before = values(model.valid().forward(frames.clone()).class_logits);
    for weighting in [Weighting::Mean, Weighting::Gradient] {
        let trained = model.explain(frames.clone().autodiff(), weighting);
        let plain = model.valid().explain(frames.clone(), weighting);
        assert_eq!(
            distance(trained.frame_probability, plain.frame_probability),
            0.0
        );
        assert_eq!(
            distance(trained.class_activation, plain.class_activation),
            0.0
        );
        for (one, other) in trained.intra.into_iter().zip(plain.intra) {
            assert_eq!(distance(one.map.clone(), other.map), 0.0);
            assert!(values(one.map).iter().all(|value| *value >= 0.0));
        }
        for (one, other) in trained.inter.into_iter().zip(plain.inter) {
            assert_eq!(distance(one.map, other.map), 0.0);
        }
    }
    assert_eq!(values(model.valid().forward(frames).class_logits), before);
}

#[test]
fn clips_of_half_precision_are_judged_alike_and_every_parameter_learns() {
    let device = Device::flex().autodiff();
    device.seed(4);
    let model = build(&small(), &device);
    let clips = clips(2, 3, 4, &device);
    let [single, half] = [clips.clone(), clips.cast(DType::BF16)].map(|clips| model.forward(clips));
    let logits = half.class_logits.clone();
    assert_eq!(logits.dtype(), DType::F32);
    let far = distance(single.class_logits.clone(), logits.clone());
    assert!(far > 0.0 && far < 0.1, "{far}");
    let labels = Tensor::from_ints([0, 1], &device);
    let [with, without] = learning(&model, &model.loss(&half, labels).backward());
    assert!(with.len() > 50, "{with:?}");
    assert_eq!(without, Vec::<String>::new());
}
