//! PCL: the consistency of all pairs of patches, and the classifier.

use core_tensor_ops::MapSpec;
use model_pcl::{ClassHead, PclConfig};
use onnx::Value;

use super::resnet;
use crate::{
    layers::{Maps, Net, Window},
    verdict::heat_map,
};

/// The class logits; the output `heat_map`.
pub(crate) fn pcl(
    net: &mut Net<'_>,
    config: &PclConfig,
    specs: &[MapSpec],
    images: &Maps,
) -> Value {
    let maps = resnet::plain(net, "backbone.", images);
    let patches = specs.iter().rposition(|s| s.stride == config.patch_stride);
    let f = &maps[patches.expect("the network was built on a map of this stride")];
    consistency(net, config, f);
    let last = match config.class_head {
        ClassHead::Conv => {
            let conv = net.conv("class_conv", f, Window::new(1, 1));
            net.relu(&conv)
        }
        ClassHead::Layer4 => maps[maps.len() - 1].clone(),
    };
    let pooled = net.pooled(&last);
    net.linear("fc", &pooled)
}

/// The consistency volume (Eq. 1), fused.
fn consistency(net: &mut Net<'_>, config: &PclConfig, f: &Maps) {
    let theta = net.affine("theta");
    let embedding = theta.shape[0] as f64;
    let theta = net.convolve(theta.scaled(1.0 / embedding.sqrt()), f, Window::PLAIN);
    let phi = net.conv("phi", f, Window::PLAIN);
    let theta = net.rows(&theta);
    let theta = net.transpose(&theta, &[0, 2, 1]);
    let phi = net.rows(&phi);
    let logits = net.product(&theta, &phi);
    let volume = net.graph.node("Sigmoid", &[&logits], &[]);
    let weights = config.heat_map.weights(f.size);
    let weights = net
        .graph
        .floats("heat_map.weights", &[1, 1, weights.len()], &weights);
    let consistent = net.product(&weights, &volume);
    let forged = net.graph.node("Neg", &[&consistent], &[]);
    let forged = net.with_number("Add", &forged, 1.0);
    let forged = net.clip(&forged, [0.0, 1.0]);
    let map = net.maps(&forged, 1, f.size);
    heat_map(net, &map, [config.input_size; 2]);
}
