//! The snippet model: a ResNet whose bottlenecks look along time, on clips of `U` snippets of `T` frames.

mod inter;
mod intra;
mod time;

use metrics::Decision;
use model_snippet::{Slot, SnippetConfig};
use onnx::{Attribute, Axis, Value};

use super::resnet;
use crate::{
    layers::{BATCH, Maps, Net},
    verdict::probability,
};

/// The class logits of `clips`, `[batch, U, T, 3, height, width]`; the output `frame_probability`.
pub(crate) fn snippet(
    net: &mut Net<'_>,
    config: &SnippetConfig,
    slots: &[Vec<Slot>],
    frame: &Decision,
    clips: &Value,
) -> Value {
    let [snippets, frames] = [config.inference_snippets, config.frames];
    let images = net.maps(clips, 3, [config.input_size; 2]);
    let (mut intras, mut inters) = (0.., 0..);
    let named = |kind: &str, numbers: &mut std::ops::RangeFrom<usize>| {
        format!("{kind}.{}", numbers.next().unwrap_or_default())
    };
    let maps = resnet::resnet(
        net,
        "backbone.",
        &images,
        |net, [stage, block], inner| match slots[stage][block] {
            Slot::Plain => inner,
            Slot::Intra => {
                let name = named("intra", &mut intras);
                intra::intra(net, &name, &config.intra, frames, &inner)
            }
            Slot::Inter => {
                let name = named("inter", &mut inters);
                inter::inter(net, &name, [snippets, frames], &inner)
            }
        },
    );
    classify(net, [snippets, frames], frame, &maps[maps.len() - 1])
}

/// The classifier on every frame, and the mean of what it says.
fn classify(
    net: &mut Net<'_>,
    [snippets, frames]: [usize; 2],
    frame: &Decision,
    maps: &Maps,
) -> Value {
    let pooled = net.pooled(maps);
    let logits = net.linear("fc", &pooled);
    let logits = net.reshape(&logits, &[-1, (snippets * frames) as i64, 2]);
    let each = probability(net, &logits, 2, frame);
    let each = net.reshape(&each, &[-1, snippets as i64, frames as i64]);
    let shape = [BATCH, Axis::Fixed(snippets), Axis::Fixed(frames)];
    net.graph.output("frame_probability", &each, &shape);
    let mean = [
        ("axes", Attribute::Ints(vec![1])),
        ("keepdims", Attribute::Int(0)),
    ];
    net.graph.node("ReduceMean", &[&logits], &mean)
}
