//! ResNet, basic blocks and bottlenecks.

use crate::layers::{Maps, Net, Window};

/// The maps of the stem and of each stage.
pub(crate) fn plain(net: &mut Net<'_>, prefix: &str, images: &Maps) -> Vec<Maps> {
    resnet(net, prefix, images, |_, _, inner| inner)
}

/// The same with `before_conv2`, which takes the stage and the block, both from 0, and the block's inner
/// maps, and says which to go on with.
pub(crate) fn resnet<'a>(
    net: &mut Net<'a>,
    prefix: &str,
    images: &Maps,
    mut before_conv2: impl FnMut(&mut Net<'a>, [usize; 2], Maps) -> Maps,
) -> Vec<Maps> {
    let named = |part: &str| format!("{prefix}{part}");
    let stem = net.conv_norm([&named("conv1"), &named("bn1")], images, Window::new(2, 3));
    let stem = net.relu(&stem);
    let mut map = net.max_pool(&stem, 2);
    let mut maps = vec![stem];
    for stage in 0..4 {
        let block_of = |block: usize| named(&format!("layer{}.{block}", stage + 1));
        let mut block = 0;
        while net.has(&format!("{}.conv1.weight", block_of(block))) {
            let stride = if stage > 0 && block == 0 { 2 } else { 1 };
            map = residual(net, &block_of(block), &map, stride, |net, inner| {
                before_conv2(net, [stage, block], inner)
            });
            block += 1;
        }
        if block > 0 {
            maps.push(map.clone());
        }
    }
    maps
}

fn residual<'a>(
    net: &mut Net<'a>,
    block: &str,
    maps: &Maps,
    stride: usize,
    before_conv2: impl FnOnce(&mut Net<'a>, Maps) -> Maps,
) -> Maps {
    let layer = |conv: &str, norm: &str| [conv, norm].map(|part| format!("{block}.{part}"));
    let conv_norm = |net: &mut Net<'a>, [conv, norm]: [String; 2], maps: &Maps, window| {
        net.conv_norm([&conv, &norm], maps, window)
    };
    let [project, norm] = layer("downsample.0", "downsample.1");
    let skip = match net.has(&format!("{project}.weight")) {
        true => net.conv_norm([&project, &norm], maps, Window::new(stride, 0)),
        false => maps.clone(),
    };
    let bottleneck = net.has(&format!("{block}.conv3.weight"));
    let first = match bottleneck {
        true => Window::PLAIN,
        false => Window::new(stride, 1),
    };
    let inner = conv_norm(net, layer("conv1", "bn1"), maps, first);
    let inner = net.relu(&inner);
    let inner = before_conv2(net, inner);
    let stride = if bottleneck { stride } else { 1 };
    let mut inner = conv_norm(net, layer("conv2", "bn2"), &inner, Window::new(stride, 1));
    if bottleneck {
        let relu = net.relu(&inner);
        inner = conv_norm(net, layer("conv3", "bn3"), &relu, Window::PLAIN);
    }
    let sum = net.add(&inner, &skip);
    net.relu(&sum)
}
