//! ADM: the artifact detection module on the backbone's map, and the classifier; without the module a plain
//! classifier.

use model_adm::{AdmConfig, Prior};
use onnx::{Axis, Value};

use crate::layers::{BATCH, Maps, Net, Window};

/// The class logits; with the module the outputs `boxes` and `box_confidences`.
pub(crate) fn adm(
    net: &mut Net<'_>,
    config: &AdmConfig,
    priors: &[Prior],
    features: &Maps,
) -> Value {
    let mut pooled = net.pooled(features);
    if config.artifact_detection {
        let levels = extra_layers(net, features);
        let end = net.graph.node("Flatten", &[&levels[3].value], &[]);
        pooled = net.graph.node("Add", &[&pooled, &end], &[]);
        boxes(net, config, priors, &levels);
    }
    net.linear("fc", &pooled)
}

/// The maps of the four extra layers.
fn extra_layers(net: &mut Net<'_>, features: &Maps) -> [Maps; 4] {
    let first = extra_block(net, 0, features);
    let second = extra_block(net, 1, &first);
    let third = extra_block(net, 2, &second);
    let end = end_block(net, &third);
    [first, second, third, end]
}

fn extra_block(net: &mut Net<'_>, layer: usize, maps: &Maps) -> Maps {
    let skip = conv_norm(net, layer, ["downsample.0", "downsample.1"], maps, 0);
    let inner = conv_norm(net, layer, ["conv1", "bn1"], maps, 0);
    let inner = net.relu(&inner);
    let inner = conv_norm(net, layer, ["conv2", "bn2"], &inner, 1);
    let sum = net.add(&inner, &skip);
    net.relu(&sum)
}

fn conv_norm(
    net: &mut Net<'_>,
    layer: usize,
    names: [&str; 2],
    maps: &Maps,
    padding: usize,
) -> Maps {
    let names = names.map(|name| format!("adm.adm_extra_layers.{layer}.0.{name}"));
    let [conv, norm] = &names;
    net.conv_norm([conv, norm], maps, Window::new(1, padding))
}

fn end_block(net: &mut Net<'_>, maps: &Maps) -> Maps {
    let layer = |name: &str| format!("adm.adm_extra_layers.3.{name}");
    let skip = net.conv(&layer("downsample"), maps, Window::PLAIN);
    let inner = net.conv(&layer("conv1"), maps, Window::PLAIN);
    let inner = net.relu(&inner);
    let inner = net.conv(&layer("conv2"), &inner, Window::PLAIN);
    let sum = net.add(&inner, &skip);
    net.relu(&sum)
}

/// What the heads say of every anchor, as boxes within the crop and how sure they are.
fn boxes(net: &mut Net<'_>, config: &AdmConfig, priors: &[Prior], levels: &[Maps]) {
    let offsets = heads(net, "ms_dets", 4, config.levels, levels);
    let mut sides = |name: &str, of: fn(&Prior) -> [f32; 2], times: f32| {
        let values: Vec<f32> = priors.iter().flat_map(of).map(|v| v * times).collect();
        let name = format!("priors.{name}");
        net.graph.floats(&name, &[1, priors.len(), 2], &values)
    };
    let centres = sides("centres", |prior| prior.centre, 1.0);
    let halves = sides("halves", |prior| prior.size, 0.5);
    let steps = sides("steps", |prior| prior.size, config.variances[0]);
    // Offsets of the centres are in steps, those of the sides logarithms.
    let [moved, grown] = [[0, 2], [2, 4]].map(|bounds| net.slice(&offsets, 2, bounds));
    let moved = net.graph.node("Mul", &[&moved, &steps], &[]);
    let centres = net.graph.node("Add", &[&moved, &centres], &[]);
    let grown = net.with_number("Mul", &grown, config.variances[1].into());
    let grown = net.graph.node("Exp", &[&grown], &[]);
    let halves = net.graph.node("Mul", &[&grown, &halves], &[]);
    let corners =
        ["Sub", "Add"].map(|operator| net.graph.node(operator, &[&centres, &halves], &[]));
    let [low, high] = &corners;
    let corners = net.concat(&[low, high], 2);
    let corners = net.clip(&corners, [0.0, 1.0]);
    let anchors = Axis::Fixed(priors.len());
    net.graph
        .output("boxes", &corners, &[BATCH, anchors, Axis::Fixed(4)]);

    let confidences = heads(net, "ms_cls", 2, config.levels, levels);
    let confidences = net.softmax(&confidences, 2);
    let forged = net.slice(&confidences, 2, [1, 2]);
    let forged = net.reshape(&forged, &[-1, priors.len() as i64]);
    net.graph
        .output("box_confidences", &forged, &[BATCH, anchors]);
}

/// The outputs of the heads of all levels in the order of the priors, `[batch, anchors, values]`.
fn heads(net: &mut Net<'_>, kind: &str, values: i64, levels: usize, maps: &[Maps]) -> Value {
    let outputs: Vec<Value> = maps[..levels]
        .iter()
        .enumerate()
        .map(|(level, map)| {
            let padding = usize::from(level < 3);
            let name = format!("adm.multi_scale_detection_module.{kind}.{level}");
            let output = net.conv(&name, map, Window::new(1, padding));
            let last = net.transpose(&output.value, &[0, 2, 3, 1]);
            net.reshape(&last, &[0, -1, values])
        })
        .collect();
    net.concat(&outputs.iter().collect::<Vec<_>>(), 1)
}
