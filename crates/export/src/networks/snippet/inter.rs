//! Inter-SIM: the interaction across snippets (Eq. 7 to 11).

use onnx::Value;

use super::time::Along;
use crate::layers::{Maps, Net, Window};

/// `O_inter` of Eq. 11.
pub(super) fn inter(
    net: &mut Net<'_>,
    name: &str,
    [snippets, frames]: [usize; 2],
    maps: &Maps,
) -> Maps {
    let channels = maps.channels as i64;
    let pooled = net.pooled(maps);
    let pooled = net.reshape(&pooled, &[-1, snippets as i64, frames as i64, channels]);
    let pooled = Maps {
        value: net.transpose(&pooled, &[0, 3, 1, 2]),
        channels: maps.channels,
        size: [snippets, frames],
    };
    let attention = attention(net, name, &pooled);
    let gate = net.transpose(&attention.value, &[0, 2, 3, 1]);
    let gate = net.maps(&gate, maps.channels, [1, 1]);
    let attended = net.times(maps, &gate.value);
    let attended = net.add(&attended, maps);
    over_snippets(net, name, [snippets, frames], &attended)
}

/// The attention of snippets and frames, of Eq. 7 and 10, in the shape of `pooled`, whose maps are of `U` and
/// `T`.
fn attention(net: &mut Net<'_>, name: &str, pooled: &Maps) -> Maps {
    let layer = |part: &str| format!("{name}.{part}");
    let along_u = Window {
        stride: 1,
        pads: [1, 0, 1, 0],
    };
    let along_t = Window {
        stride: 1,
        pads: [0, 1, 0, 1],
    };
    let names = ["conv3x1", "norm"].map(|part| layer(&format!("interaction.{part}")));
    let [conv, norm] = &names;
    let interaction = net.conv_norm([conv, norm], pooled, along_u);
    let interaction = net.conv(&layer("interaction.conv1x1"), &interaction, Window::PLAIN);
    let interaction = net.each("Sigmoid", &interaction);

    let f = net.conv(&layer("motion.squeeze"), pooled, Window::PLAIN);
    let convolved = net.conv(&layer("motion.conv1x3"), &f, along_t);
    let over = Along {
        axis: 2,
        axes: 4,
        length: pooled.size[0],
    };
    let [forward, backward] =
        [1, -1].map(|offset| over.difference(net, [&f.value, &convolved.value], offset));
    let motion = net.graph.node("Add", &[&forward, &backward], &[]);
    let motion = net.conv(&layer("motion.conv1x1"), &f.with(motion), Window::PLAIN);
    let motion = net.each("Sigmoid", &motion);
    net.times(&interaction, &motion.value)
}

/// `Conv_U`, each channel by itself or all with all.
fn over_snippets(
    net: &mut Net<'_>,
    name: &str,
    [snippets, frames]: [usize; 2],
    maps: &Maps,
) -> Maps {
    let conv = net.affine(&format!("{name}.conv_u"));
    let channels = maps.channels;
    let shape = [snippets, frames, channels, maps.positions()].map(|n| n as i64);
    let [u, t, c, positions] = shape;
    let clips = net.reshape(&maps.value, &[-1, u, t, c, positions]);
    let over = Along {
        axis: 1,
        axes: 5,
        length: snippets,
    };
    if conv.shape[1] == 1 {
        let taps: Vec<Value> = (0..3)
            .map(|tap| {
                let values: Vec<f32> = conv.weight.iter().skip(tap).step_by(3).copied().collect();
                let name = format!("{name}.conv_u.{tap}");
                net.graph.floats(&name, &[1, 1, 1, channels, 1], &values)
            })
            .collect();
        let convolved = over.convolve(net, &clips, &taps);
        return net.maps(&convolved, channels, maps.size);
    }
    let stacked = over.neighbours(net, &clips, 3);
    let stacked = net.maps(&stacked, 3 * channels, maps.size);
    let conv = conv.permuted([0, 2, 1, 3], [channels, 3 * channels, 1, 1]);
    net.convolve(conv, &stacked, Window::PLAIN)
}
