//! What the golden tests share: weights by formula, through a state dictionary, and sampled values.

use std::collections::BTreeMap;

use backbones::{LoadOptions, ResNetConfig, ResNetDepth, load_weights};
use burn::module::Module;
use burn::tensor::Tensor;
use model_snippet::{InterConfig, IntraConfig, Placement, SnippetConfig, Turns};
use test_support::{Sample, formula, write_state_dict};

/// Activations of the order of one to ten, sums of up to some hundred products in another order
/// than PyTorch's.
pub(crate) const TOLERANCE: f32 = 1e-4;

/// For values far from one, such as gradients: within a thousandth of the largest, which a wrong
/// weight or a wrong sign anywhere exceeds.
pub(crate) fn assert_close_in_scale<const D: usize>(
    golden: &Sample,
    what: &str,
    tensor: Tensor<D>,
) {
    golden.assert_close(what, tensor, 1e-3 * golden.largest());
}

/// Gives a module the weights of these names and shapes, which must be exactly its own.
pub(crate) fn fill<M: Module>(module: &mut M, parameters: &BTreeMap<String, Vec<usize>>) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("weights.safetensors");
    write_state_dict(parameters, formula::parameter, &path);
    load_weights(module, &path, &LoadOptions::default()).unwrap();
}

/// Four stages of one, two, one and one blocks, Intra-SIM and Inter-SIM in turns, of that width.
pub(crate) fn shallow(width: usize) -> SnippetConfig {
    SnippetConfig {
        backbone: ResNetConfig {
            depth: ResNetDepth::ResNet50,
            base_width: width,
            blocks: Some([1, 2, 1, 1]),
            ..ResNetConfig::default()
        },
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
