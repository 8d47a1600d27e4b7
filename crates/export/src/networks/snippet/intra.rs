//! Intra-SIM: the inconsistency within a snippet (Eq. 1 to 6).

use model_snippet::IntraConfig;
use onnx::Value;

use super::time::Along;
use crate::{
    affine::Affine,
    layers::{Maps, Net, Window},
    verdict::channels,
};

/// `O_intra` of Eq. 6.
pub(super) fn intra(
    net: &mut Net<'_>,
    name: &str,
    config: &IntraConfig,
    frames: usize,
    maps: &Maps,
) -> Maps {
    let half = maps.channels / 2;
    let i1 = channels(net, maps, 0..half);
    let x2 = channels(net, maps, half..maps.channels);
    let attention = attention(net, name, config, frames, &x2);
    let attended = net.times(&x2, &attention);
    let attended = net.add(&attended, &x2);
    let o2 = match config.learned_kernel {
        true => {
            let taps = kernel_taps(net, name, config, frames, &x2);
            let clips = in_snippets(net, &attended, frames);
            let convolved = along(frames).convolve(net, &clips, &taps);
            net.maps(&convolved, half, maps.size)
        }
        false => attended,
    };
    net.stack([&i1, &o2])
}

/// The frames of `[snippets, T, channels, height, width]`.
fn along(frames: usize) -> Along {
    Along {
        axis: 1,
        axes: 5,
        length: frames,
    }
}

/// `[snippets * T, channels, height, width]` as `[snippets, T, channels, height, width]`.
fn in_snippets(net: &mut Net<'_>, maps: &Maps, frames: usize) -> Value {
    let [channels, height, width] = [maps.channels, maps.size[0], maps.size[1]].map(|n| n as i64);
    net.reshape(&maps.value, &[-1, frames as i64, channels, height, width])
}

/// Intra-SMA: the product of the attentions, in the shape of `x2`.
fn attention(
    net: &mut Net<'_>,
    name: &str,
    config: &IntraConfig,
    frames: usize,
    x2: &Maps,
) -> Value {
    let (squeeze, norm) = (format!("{name}.squeeze"), format!("{name}.squeeze_norm"));
    let f = match config.extra_norm {
        true => net.conv_norm([&squeeze, &norm], x2, Window::PLAIN),
        false => net.conv(&squeeze, x2, Window::PLAIN),
    };
    let forward = format!("{name}.forward_path");
    let backward = format!("{name}.backward_path");
    let g = net.conv(&format!("{forward}.conv"), &f, Window::new(1, 1));
    let next = difference(net, frames, [&f, &g], 1);
    let planes = if config.coordinate_attention { 2 } else { 1 };
    let separate = config.bidirectional && config.separate_directions;
    let mean = |net: &mut Net<'_>, a: &Maps, b: &Maps| {
        let sum = net.add(a, b);
        let value = net.with_number("Mul", &sum.value, 0.5);
        sum.with(value)
    };
    let previous = config.bidirectional.then(|| {
        let g = match separate {
            true => net.conv(&format!("{backward}.conv"), &f, Window::new(1, 1)),
            false => g,
        };
        difference(net, frames, [&f, &g], -1)
    });
    let seen = match &previous {
        Some(previous) if !separate => mean(net, &next, previous),
        _ => next,
    };
    let mut product: Option<Maps> = None;
    for plane in 0..planes {
        let mut scales = multi_scale(net, &forward, plane, planes, frames, &seen);
        if let Some(previous) = previous.as_ref().filter(|_| separate) {
            let other = multi_scale(net, &backward, plane, planes, frames, previous);
            scales = mean(net, &scales, &other);
        }
        let gate = net.each("Sigmoid", &scales);
        product = Some(match product {
            Some(product) => net.times(&product, &gate.value),
            None => gate,
        });
    }
    product.map_or_else(|| x2.value.clone(), |product| product.value)
}

/// The differences to the next convolved frame or, with `offset` -1, to the one before (Eq. 1).
fn difference(net: &mut Net<'_>, frames: usize, maps: [&Maps; 2], offset: i64) -> Maps {
    let [f, g] = maps.map(|maps| in_snippets(net, maps, frames));
    let d = along(frames).difference(net, [&f, &g], offset);
    net.maps(&d, maps[0].channels, maps[0].size)
}

/// The layers of Eq. 2, 3, or of the whole frame: a 3x3 convolution over a plane, and the recovery.
fn multi_scale(
    net: &mut Net<'_>,
    path: &str,
    plane: usize,
    planes: usize,
    frames: usize,
    d: &Maps,
) -> Maps {
    let layer = format!("{path}.attention.{plane}");
    let conv = net.affine(&format!("{layer}.conv3x3"));
    let convolved = match (planes, plane) {
        (1, _) => net.convolve(conv, d, Window::new(1, 1)),
        // The kernel's time axis stands beside its input channels, to meet the three neighbouring frames
        // stacked there.
        (_, 0) => over_neighbours(net, conv, [0, 3, 1, 2], frames, d),
        _ => over_neighbours(net, conv, [0, 2, 1, 3], frames, d),
    };
    let scales = net.add(&convolved, d);
    net.conv(&format!("{layer}.conv1x1"), &scales, Window::PLAIN)
}

/// A convolution of a kernel whose axes in this order are outputs, time, inputs and the axis of the frame: the
/// last but one of the kernel's where that is height, else its last.
fn over_neighbours(
    net: &mut Net<'_>,
    conv: Affine,
    order: [usize; 4],
    frames: usize,
    d: &Maps,
) -> Maps {
    let clips = in_snippets(net, d, frames);
    let stacked = along(frames).neighbours(net, &clips, 2);
    let stacked = net.maps(&stacked, 3 * d.channels, d.size);
    let (kernel, pads) = match order[1] {
        3 => ([3, 1], [1, 0, 1, 0]),
        _ => ([1, 3], [0, 1, 0, 1]),
    };
    let conv = conv.permuted(order, [d.channels, 3 * d.channels, kernel[0], kernel[1]]);
    net.convolve(conv, &stacked, Window { stride: 1, pads })
}

/// The temporal kernel of each channel (Eq. 4), one value for each tap, `[snippets, 1, channels, 1, 1]`.
fn kernel_taps(
    net: &mut Net<'_>,
    name: &str,
    config: &IntraConfig,
    frames: usize,
    x2: &Maps,
) -> Vec<Value> {
    let channels = x2.channels as i64;
    let pooled = net.pooled(x2);
    let pooled = net.reshape(&pooled, &[-1, frames as i64, channels]);
    let over_time = net.transpose(&pooled, &[0, 2, 1]);
    let over_time = net.reshape(&over_time, &[-1, frames as i64]);
    let (phi1, norm) = (format!("{name}.kernel.phi1"), format!("{name}.kernel.norm"));
    let hidden = match config.extra_norm {
        true => net.linear_norm([&phi1, &norm], &over_time),
        false => net.linear(&phi1, &over_time),
    };
    let hidden = net.graph.node("Relu", &[&hidden], &[]);
    let kernel = net.linear(&format!("{name}.kernel.phi2"), &hidden);
    let kernel = net.softmax(&kernel, 1);
    (0..config.kernel_size as i64)
        .map(|tap| {
            let tap = net.slice(&kernel, 1, [tap, tap + 1]);
            net.reshape(&tap, &[-1, 1, channels, 1, 1])
        })
        .collect()
}
