//! What must hold when the order of frames or snippets changes.

use backbones::{LoadOptions, ResNetConfig, ResNetDepth, load_weights, save_safetensors};
use burn::module::Module;
use burn::tensor::{Device, Distribution, Tensor};
use model_snippet::equations::{
    backward_difference, backward_snippet_difference, forward_difference,
    forward_snippet_difference,
};
use model_snippet::{
    InterConfig, IntraConfig, Modules, Placement, Snippet, SnippetConfig, SnippetConv, Turns,
    Weighting,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(5)
}

fn random<const D: usize>(shape: [usize; D]) -> Tensor<D> {
    Tensor::random(shape, Distribution::Normal(0.0, 1.0), &Device::flex())
}

fn distance<const D: usize>(one: Tensor<D>, other: Tensor<D>) -> f32 {
    (one - other).abs().max().into_scalar()
}

#[test]
fn reversing_time_swaps_the_directions_of_the_differences() {
    let [f, convolved] = [(); 2].map(|()| random([3, 4, 2, 5, 6]));
    let [f_reversed, convolved_reversed] = [&f, &convolved].map(|x| x.clone().flip([1]));
    let forward = forward_difference(f_reversed, convolved_reversed);
    let backward = backward_difference(f, convolved);
    assert_eq!(distance(forward, backward.flip([1])), 0.0);

    let [f, convolved] = [(); 2].map(|()| random([2, 3, 5, 4]));
    let [f_reversed, convolved_reversed] = [&f, &convolved].map(|x| x.clone().flip([2]));
    let forward = forward_snippet_difference(f_reversed, convolved_reversed);
    let backward = backward_snippet_difference(f, convolved);
    assert_eq!(distance(forward, backward.flip([2])), 0.0);
}

/// A copy of a module under other names of its weights, some of them reversed along an axis.
fn renamed<M: Module>(
    module: &M,
    rename: impl Fn(&str) -> String,
    reversed_axis: impl Fn(&str) -> Option<usize>,
) -> M {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("weights.safetensors");
    save_safetensors(module, &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let weights = SafeTensors::deserialize(&bytes).unwrap();
    let changed: Vec<(String, Vec<usize>, Vec<u8>)> = weights
        .iter()
        .map(|(name, view)| {
            let data = match reversed_axis(name) {
                Some(axis) => reversed(&view, axis),
                None => view.data().to_vec(),
            };
            (rename(name), view.shape().to_vec(), data)
        })
        .collect();
    let views = changed.iter().map(|(name, shape, data)| {
        let view = TensorView::new(Dtype::F32, shape.clone(), data).unwrap();
        (name, view)
    });
    safetensors::serialize_to_file(views, None, &path).unwrap();
    let mut copy = module.clone();
    load_weights(&mut copy, &path, &LoadOptions::default()).unwrap();
    copy
}

fn reversed(view: &TensorView, axis: usize) -> Vec<u8> {
    let length = view.shape()[axis];
    let row = 4 * view.shape()[axis + 1..].iter().product::<usize>();
    let rows: Vec<&[u8]> = view.data().chunks(row).collect();
    let blocks = rows.chunks(length);
    blocks
        .flat_map(|block| block.iter().rev().copied().flatten().copied())
        .collect()
}

/// Reversing a snippet reverses its attention if the two paths swap their weights and every kernel
/// over time is reversed; with one set of weights and kernels that are their own reverse, it does so
/// by itself.
#[test]
fn reversing_time_swaps_the_paths_of_intra_sim() {
    let config = IntraConfig {
        reduction: 2,
        separate_directions: true,
        ..IntraConfig::default()
    };
    let x2 = random([3, 4, 8, 5, 6]);
    let over_time = |name: &str| match name {
        _ if name.ends_with("attention.0.conv3x3.weight") => Some(3),
        _ if name.ends_with("attention.1.conv3x3.weight") => Some(2),
        _ => None,
    };
    let swap = |name: &str| match name.split_once("_path.") {
        Some(("forward", rest)) => format!("backward_path.{rest}"),
        Some(("backward", rest)) => format!("forward_path.{rest}"),
        _ => name.to_owned(),
    };
    let sim = config.init(16, 4, &Device::flex(), &mut rng()).unwrap();
    let mirrored = renamed(&sim, swap, over_time);
    let expected = sim.attention(x2.clone()).flip([1]);
    let attention = mirrored.attention(x2.clone().flip([1]));
    assert!(distance(attention, expected.clone()) < 1e-6);
    // Not without the swap, and not without the reversal.
    for other in [
        renamed(&sim, str::to_owned, over_time),
        renamed(&sim, swap, |_| None),
    ] {
        assert!(distance(other.attention(x2.clone().flip([1])), expected.clone()) > 1e-3);
    }
}

/// The whole module, too, when what Eq. 4 reads and gives is reversed.
#[test]
fn reversing_time_reverses_the_output_of_a_mirrored_intra_sim() {
    let config = IntraConfig {
        reduction: 2,
        separate_directions: true,
        ..IntraConfig::default()
    };
    let sim = config.init(16, 4, &Device::flex(), &mut rng()).unwrap();
    let swap = |name: &str| match name.split_once("_path.") {
        Some(("forward", rest)) => format!("backward_path.{rest}"),
        Some(("backward", rest)) => format!("forward_path.{rest}"),
        _ => name.to_owned(),
    };
    let mirrored = renamed(&sim, swap, |name| match name {
        "kernel.phi1.weight" => Some(1),
        "kernel.phi2.weight" => Some(0),
        _ if name.ends_with("attention.0.conv3x3.weight") => Some(3),
        _ if name.ends_with("attention.1.conv3x3.weight") => Some(2),
        _ => None,
    });
    let maps = random([12, 16, 5, 6]);
    let in_reverse = |maps: Tensor<4>| {
        maps.reshape([3, 4, 16, 5, 6])
            .flip([1])
            .reshape([12, 16, 5, 6])
    };
    let expected = in_reverse(sim.forward(maps.clone()));
    assert!(distance(mirrored.forward(in_reverse(maps)), expected) < 1e-5);
}

#[test]
fn reversing_the_snippets_reverses_the_output_of_a_mirrored_inter_sim() {
    for conv_u in [SnippetConv::Depthwise, SnippetConv::Full] {
        let config = InterConfig {
            reduction: 2,
            conv_u,
            ..InterConfig::default()
        };
        let sim = config.init(8, 3, &Device::flex(), &mut rng()).unwrap();
        let mirrored = renamed(&sim, str::to_owned, |name| {
            ["interaction.conv3x1.weight", "conv_u.weight"]
                .contains(&name)
                .then_some(2)
        });
        let maps = random([2 * 5 * 3, 8, 4, 6]);
        let in_reverse = |maps: Tensor<4>| {
            maps.reshape([2, 5, 3, 8, 4, 6])
                .flip([1])
                .reshape([30, 8, 4, 6])
        };
        let expected = in_reverse(sim.forward(maps.clone(), 5));
        assert!(distance(mirrored.forward(in_reverse(maps), 5), expected) < 1e-5);
    }
}

fn network(modules: Modules) -> Snippet {
    let config = SnippetConfig {
        backbone: ResNetConfig {
            depth: ResNetDepth::ResNet50,
            base_width: 8,
            blocks: Some([1, 1, 1, 1]),
            ..ResNetConfig::default()
        },
        placement: Placement {
            modules,
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
    };
    config.init(&Device::flex(), &mut rng()).unwrap()
}

/// Snippets 0, 1, 2 in the order 2, 0, 1.
fn permuted<const D: usize>(x: Tensor<D>) -> Tensor<D> {
    let last = x.clone().narrow(1, 2, 1);
    Tensor::cat(vec![last, x.narrow(1, 0, 2)], 1)
}

#[test]
fn without_inter_sim_the_order_of_snippets_does_not_matter() {
    let clips = random([2, 3, 4, 3, 32, 32]);
    for modules in [Modules::Intra, Modules::None] {
        let model = network(modules);
        let [one, other] = [clips.clone(), permuted(clips.clone())].map(|c| model.forward(c));
        assert!(distance(one.class_logits, other.class_logits) < 1e-5);
        assert!(distance(permuted(one.frame_logits), other.frame_logits) < 1e-5);
    }
}

#[test]
fn the_order_of_snippets_changes_what_inter_sim_sees_and_nothing_before() {
    let clips = random([2, 3, 4, 3, 32, 32]);
    let model = network(Modules::Both);
    let [one, other] =
        [clips.clone(), permuted(clips)].map(|clips| model.explain(clips, Weighting::Mean));
    // Blocks: Intra-SIM, Inter-SIM, Intra-SIM, Inter-SIM.
    let intra = |index: usize| {
        let [one, other] = [&one, &other].map(|maps| maps.intra[index].map.clone());
        distance(permuted(one), other)
    };
    assert!(intra(0) < 1e-6, "before any Inter-SIM");
    let inter = [&one, &other].map(|maps| maps.inter[0].map.clone());
    let [first, second] = inter;
    assert!(distance(permuted(first), second) > 1e-4);
    assert!(intra(1) > 1e-6, "after an Inter-SIM");
    assert!(distance(one.forged_probability, other.forged_probability) > 1e-7);
}

/// The 2-D network is the same on every frame: without modules, frames do not see each other.
#[test]
fn without_modules_frames_do_not_see_each_other() {
    let clips = random([1, 2, 4, 3, 32, 32]);
    for (modules, expected) in [(Modules::None, true), (Modules::Both, false)] {
        let model = network(modules);
        let changed = Tensor::cat(
            vec![random([1, 1, 4, 3, 32, 32]), clips.clone().narrow(1, 1, 1)],
            1,
        );
        let [one, other] =
            [clips.clone(), changed].map(|clips| model.forward(clips).frame_logits.narrow(1, 1, 1));
        assert_eq!(distance(one, other) < 1e-6, expected);
    }
}
