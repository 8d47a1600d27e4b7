//! Xception.

use core_tensor_ops::MapSpec;

use crate::layers::{Maps, Net, Window};

/// The blocks whose maps are given, behind the stem's.
const GIVEN: [usize; 6] = [1, 2, 3, 4, 11, 12];

/// The maps of the stem, of some blocks and of the tail, as `specs` have them.
pub(crate) fn xception(
    net: &mut Net<'_>,
    prefix: &str,
    specs: &[MapSpec],
    images: &Maps,
) -> Vec<Maps> {
    let named = |part: &str| format!("{prefix}{part}");
    let mut map = images.clone();
    for (layer, stride) in [(1, 2), (2, 1)] {
        let names = ["conv", "bn"].map(|part| named(&format!("{part}{layer}")));
        let [conv, norm] = &names;
        map = net.conv_norm([conv, norm], &map, Window::new(stride, 0));
        map = net.relu(&map);
    }
    let mut maps = vec![map.clone()];
    for number in 1..=12 {
        // Between two maps that are given, the first block strides if one does.
        let spec = maps.len();
        let first = number == 1 || GIVEN.contains(&(number - 1));
        let stride = match first {
            true => specs[spec].stride / specs[spec - 1].stride,
            false => 1,
        };
        map = block(net, &named(&format!("block{number}")), &map, stride);
        if GIVEN.contains(&number) {
            maps.push(map.clone());
        }
    }
    if net.has(&named("conv3.conv1.weight")) {
        for layer in [3, 4] {
            let names = ["conv", "bn"].map(|part| named(&format!("{part}{layer}")));
            let [conv, norm] = &names;
            map = separable(net, [conv, norm], &map);
            map = net.relu(&map);
        }
        maps.push(map);
    }
    maps
}

/// A separable convolution and its normalisation.
fn separable(net: &mut Net<'_>, [conv, norm]: [&str; 2], maps: &Maps) -> Maps {
    let depthwise = net.conv(&format!("{conv}.conv1"), maps, Window::new(1, 1));
    let pointwise = format!("{conv}.pointwise");
    net.conv_norm([&pointwise, norm], &depthwise, Window::PLAIN)
}

fn block(net: &mut Net<'_>, block: &str, maps: &Maps, stride: usize) -> Maps {
    let [skip, norm] = ["skip", "skipbn"].map(|part| format!("{block}.{part}"));
    let skip = match net.has(&format!("{skip}.weight")) {
        true => net.conv_norm([&skip, &norm], maps, Window::new(stride, 0)),
        false => maps.clone(),
    };
    let step = |number: usize| format!("{block}.rep.{number}");
    let convolves = |net: &Net<'_>, number| net.has(&format!("{}.conv1.weight", step(number)));
    let (mut inner, mut number) = (maps.clone(), 0);
    loop {
        if convolves(net, number) {
            inner = separable(net, [&step(number), &step(number + 1)], &inner);
            number += 2;
        } else if convolves(net, number + 1) {
            inner = net.relu(&inner);
            number += 1;
        } else {
            break;
        }
    }
    if stride > 1 {
        inner = net.max_pool(&inner, stride);
    }
    net.add(&inner, &skip)
}
