//! EfficientNet and EfficientNet-Lite.

use backbones::{EfficientNetConfig, SamePadding};
use core_tensor_ops::MapSpec;

use crate::layers::{Maps, Net, Window};

/// What the layers of one network have in common.
struct Layers<'a> {
    config: &'a EfficientNetConfig,
    /// What static padding takes for the edge of the next layer's input.
    counted: usize,
}

/// The maps of the stem, of each stage and of the last convolution, as `specs` have them.
pub(crate) fn efficientnet(
    net: &mut Net<'_>,
    prefix: &str,
    config: &EfficientNetConfig,
    specs: &[MapSpec],
    images: &Maps,
) -> Vec<Maps> {
    let named = |part: &str| format!("{prefix}{part}");
    let counted = match config.padding {
        SamePadding::Static(size) => size,
        SamePadding::Same | SamePadding::Symmetric | SamePadding::Uniform(_) => 1,
    };
    let mut layers = Layers { config, counted };
    let window = match config.padded_stem {
        true => layers.window(3, 2, images),
        false => Window::new(2, 0),
    };
    let mut map = layers.conv(net, [&named("conv_stem"), &named("bn1")], images, window);
    layers.stride(2);
    map = layers.activation(net, &map);
    let mut maps = vec![map.clone()];
    for stage in 0..config.stages {
        let block_of = |block: usize| named(&format!("blocks.{stage}.{block}"));
        let mut block = 0;
        while net.has(&format!("{}.conv_dw.weight", block_of(block))) {
            let stride = match block {
                0 => specs[stage + 1].stride / specs[stage].stride,
                _ => 1,
            };
            map = layers.block(net, &block_of(block), &map, stride);
            block += 1;
        }
        maps.push(map.clone());
    }
    let [conv, norm] = [named("conv_head"), named("bn2")];
    if net.has(&format!("{conv}.weight")) {
        map = layers.conv(net, [&conv, &norm], &map, Window::PLAIN);
        maps.push(layers.activation(net, &map));
    }
    maps
}

impl Layers<'_> {
    fn conv(&self, net: &mut Net<'_>, names: [&str; 2], maps: &Maps, window: Window) -> Maps {
        let [conv, norm] = names;
        let layer = net.normalized(conv, norm, self.config.norm_epsilon);
        net.convolve(layer, maps, window)
    }

    /// Where a kernel is laid that pads as is configured.
    fn window(&self, kernel: usize, stride: usize, maps: &Maps) -> Window {
        let edges = maps.size.map(|edge| {
            let edge = match self.config.padding {
                SamePadding::Static(_) => self.counted,
                _ => edge,
            };
            self.config.padding.edges(kernel, stride, edge)
        });
        let [[above, below], [left, right]] = edges;
        Window {
            stride,
            pads: [above, left, below, right],
        }
    }

    /// A layer was passed.
    fn stride(&mut self, stride: usize) {
        self.counted = self.counted.div_ceil(stride);
    }

    /// ReLU6 of a Lite network, else the swish.
    fn activation(&self, net: &mut Net<'_>, maps: &Maps) -> Maps {
        if self.config.variant.is_lite() {
            let value = net.clip(&maps.value, [0.0, 6.0]);
            return maps.with(value);
        }
        let gate = net.each("Sigmoid", maps);
        net.times(maps, &gate.value)
    }

    fn block(&mut self, net: &mut Net<'_>, block: &str, maps: &Maps, stride: usize) -> Maps {
        let named = |part: &str| format!("{block}.{part}");
        let expands = net.has(&named("conv_pwl.weight"));
        let [depthwise_norm, last, last_norm] = match expands {
            true => ["bn2", "conv_pwl", "bn3"],
            false => ["bn1", "conv_pw", "bn2"],
        }
        .map(named);
        let mut inner = maps.clone();
        if expands {
            let names = [named("conv_pw"), named("bn1")];
            let [conv, norm] = &names;
            inner = self.conv(net, [conv, norm], &inner, Window::PLAIN);
            inner = self.activation(net, &inner);
        }
        let depthwise = named("conv_dw");
        let (shape, _) = net.parameter(&format!("{depthwise}.weight"));
        let window = self.window(shape[2], stride, &inner);
        inner = self.conv(net, [&depthwise, &depthwise_norm], &inner, window);
        self.stride(stride);
        inner = self.activation(net, &inner);
        if net.has(&named("se.conv_reduce.weight")) {
            let means = net.means(&inner);
            let reduced = net.conv(&named("se.conv_reduce"), &means, Window::PLAIN);
            let reduced = self.activation(net, &reduced);
            let expanded = net.conv(&named("se.conv_expand"), &reduced, Window::PLAIN);
            let gate = net.each("Sigmoid", &expanded);
            inner = net.times(&inner, &gate.value);
        }
        let outputs = self.conv(net, [&last, &last_norm], &inner, Window::PLAIN);
        match stride == 1 && outputs.channels == maps.channels {
            true => net.add(&outputs, maps),
            false => outputs,
        }
    }
}
